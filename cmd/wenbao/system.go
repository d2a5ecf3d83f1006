package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// common are the flags of every command that answers.
type common struct {
	Config string `placeholder:"FILE" help:"Settings file."`
	Corpus string `placeholder:"PATH" help:"Folder of reports, .jsonl file or .txt file (default: the reports in the program)."`
	Lang   string `enum:",zh,en" default:"" placeholder:"zh|en" help:"Language of messages."`
}

// settings returns the settings in effect, these flags over all others.
func (c common) settings(env *environment) (*configs.Config, error) {
	cfg, err := configs.Load(c.Config, env.Environ)
	if err != nil {
		return nil, misuse("%w", err)
	}
	if c.Corpus != "" {
		cfg.Corpus = c.Corpus
	}
	switch {
	case c.Lang != "":
		cfg.Lang = c.Lang
	case cfg.Origin("lang").Source == "default":
		cfg.Lang = string(env.language())
	}
	return cfg, nil
}

func lang(cfg *configs.Config) text.Lang { return text.Pick(cfg.Lang, text.Zh) }

// system is everything that answers, wired.
type system struct {
	search  *retrieval.Engine
	answers *answers.Engine
}

// open loads corpus and lexicon, and indexes in memory. Documents that cannot
// be used are logged.
func open(ctx context.Context, cfg *configs.Config, log *slog.Logger) (*system, error) {
	type loaded struct {
		lexicon *lexicon.Lexicon
		err     error
	}
	lexicons := make(chan loaded, 1)
	go func() {
		l, err := loadLexicon(cfg.Lexicon)
		lexicons <- loaded{l, err}
	}()
	c, err := loadCorpus(cfg.Corpus)
	l := <-lexicons
	if err := errors.Join(err, l.err); err != nil {
		return nil, err
	}
	for _, p := range c.Problems {
		log.Warn("document not used", "file", p.File, "line", p.Line, "problem", p.Message)
	}
	g, err := retrieval.NewGeneration(ctx, "", c, l.lexicon, nil)
	if err != nil {
		return nil, fmt.Errorf("index the corpus: %w", err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	return &system{search, answers.New(search, answers.Options{Log: log, PublicURL: cfg.PublicURL})}, nil
}

func (s *system) Close() error { return s.search.Close() }

// loadCorpus loads the reports at path, the program's own where it is empty.
func loadCorpus(path string) (*corpus.Corpus, error) {
	if path == "" {
		return corpus.Load(seeds.FS)
	}
	c, err := corpus.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, misuse("there is no corpus at %s; give a folder with .txt reports, or a .jsonl file", path)
	case err != nil:
		return nil, misuse("%w", err)
	}
	return c, nil
}

// loadLexicon decodes the program's lexicon and merges the operator's folder
// over it, where there is one.
func loadLexicon(folder string) (*lexicon.Lexicon, error) {
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil || folder == "" {
		return l, err
	}
	if l, err = lexicon.Extend(l, os.DirFS(folder)); err != nil {
		return nil, misuse("lexicon folder %s: %w", folder, err)
	}
	return l, nil
}

// logger logs to stderr as the settings say; at least says from which level.
func logger(env *environment, cfg *configs.Config, least slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: max(cfg.Log.SlogLevel(), least)}
	if cfg.Log.Format == configs.FormatJSON {
		return slog.New(redacted(cfg, slog.NewJSONHandler(env.Stderr, o)))
	}
	return slog.New(redacted(cfg, slog.NewTextHandler(env.Stderr, o)))
}

// parseDay reads a flag's YYYY-MM-DD; "" is no day.
func parseDay(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day, misuse("%s: %q is not a day like 2022-01-21", flag, s)
	}
	return day, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"wenbao/answers"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// engineParts is everything that answers, wired.
type engineParts struct {
	Corpus  *corpus.Corpus // as it was opened; Search may have moved on
	Search  *retrieval.Engine
	Answers *answers.Engine
	Prober  *answers.Engine // like Answers, for the program's own questions: nothing is measured
}

// openEngine loads the corpus and the lexicon that the settings name, and
// indexes in memory. An empty path is the program's own reports; folders of the
// lexicon and of indicators are merged over the program's own. Documents that
// cannot be used are logged.
func openEngine(ctx context.Context, cfg *configs.Config, log *slog.Logger) (*engineParts, error) {
	type loaded struct {
		lexicon *lexicon.Lexicon
		err     error
	}
	lexicons := make(chan loaded, 1)
	go func() {
		l, err := loadLexicon(cfg.Lexicon)
		lexicons <- loaded{l, err}
	}()
	c, err := readCorpus(cfg)
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
	a := answers.New(search, answers.Options{Log: log, PublicURL: cfg.PublicURL})
	return &engineParts{c, search, a, a}, nil
}

// open is openEngine as the settings say.
func open(ctx context.Context, cfg *configs.Config, log *slog.Logger) (*engineParts, error) {
	return openEngine(ctx, cfg, log)
}

// Close drops the live generation.
func (p *engineParts) Close() error { return p.Search.Close() }

// corpusReader is what documents are read into reports with: the program's own
// indicators, and the operator's folder over them, where there is one.
func corpusReader(folder string) (corpus.Reader, error) {
	list, err := indicators.Decode(configs.Indicators)
	if err != nil {
		return corpus.Reader{}, fmt.Errorf("the program's own list of indicators: %w", err)
	}
	if folder != "" {
		if list, err = indicators.Extend(list, os.DirFS(folder)); err != nil {
			return corpus.Reader{}, misuse("indicators folder %s: %w", folder, err)
		}
	}
	return corpus.Reader{Indicators: list}, nil
}

// readCorpus reads the reports that the settings name, the program's own where
// they name none.
func readCorpus(cfg *configs.Config) (*corpus.Corpus, error) {
	rd, err := corpusReader(cfg.Indicators)
	if err != nil {
		return nil, err
	}
	return loadCorpus(rd, cfg.Corpus, nil)
}

// loadCorpus reads with rd the reports at path, the program's own where it is
// empty. What before, which may be nil, holds unchanged is taken from it.
func loadCorpus(rd corpus.Reader, path string, before *corpus.Corpus) (*corpus.Corpus, error) {
	if path == "" {
		return rd.Load(seeds.FS, before)
	}
	c, err := rd.Open(path, before)
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

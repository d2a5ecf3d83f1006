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

// openEngine loads the corpus and the lexicon, and indexes in memory. An empty
// path is the program's own reports; a lexicon folder is merged over the
// program's own lexicon. Documents that cannot be used are logged.
func openEngine(ctx context.Context, corpusPath, lexiconDir string, log *slog.Logger, publicURL string) (*engineParts, error) {
	type loaded struct {
		lexicon *lexicon.Lexicon
		err     error
	}
	lexicons := make(chan loaded, 1)
	go func() {
		l, err := loadLexicon(lexiconDir)
		lexicons <- loaded{l, err}
	}()
	c, err := loadCorpus(corpusPath)
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
	a := answers.New(search, answers.Options{Log: log, PublicURL: publicURL})
	return &engineParts{c, search, a, a}, nil
}

// open is openEngine as the settings say.
func open(ctx context.Context, cfg *configs.Config, log *slog.Logger) (*engineParts, error) {
	return openEngine(ctx, cfg.Corpus, cfg.Lexicon, log, cfg.PublicURL)
}

// Close drops the live generation.
func (p *engineParts) Close() error { return p.Search.Close() }

// loadCorpus loads the reports at path, the program's own where it is empty.
func loadCorpus(path string) (*corpus.Corpus, error) { return reloadCorpus(nil, path) }

// reloadCorpus is loadCorpus, but takes what has not changed from before.
func reloadCorpus(before *corpus.Corpus, path string) (*corpus.Corpus, error) {
	if path == "" {
		return before.Reload(seeds.FS)
	}
	c, err := before.Reopen(path)
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

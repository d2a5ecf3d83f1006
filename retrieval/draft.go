package retrieval

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"wenbao/retrieval/corpus"
	"wenbao/retrieval/index"
	"wenbao/retrieval/lexicon"
)

// Names of what a generation on disk is made of, within its folder.
const (
	indexFolder  = "index"
	snapshotFile = "corpus.jsonl"
	lexiconFile  = "lexicon.txt"
)

// A Draft is a generation that is being made beside the live one. Write, or
// Build, comes first, then Open.
type Draft struct {
	g       *Generation
	reports []index.Report
	before  string // folder of the generation whose index is taken over, "" for none
}

// NewDraft prepares c for ranking. before is the generation whose work is
// taken over where reports are the same, kept open by the caller, and folder
// the one that holds it; both may be left out.
func NewDraft(c *corpus.Corpus, l *lexicon.Lexicon, before *Generation, folder string) *Draft {
	d := &Draft{g: newGeneration(c, l, before), before: folder}
	d.reports = d.g.documents()
	return d
}

// ID is that of the generation to come.
func (d *Draft) ID() string { return d.g.ID }

// Paragraphs is how many there are to index, those taken over included.
func (d *Draft) Paragraphs() int { return len(d.g.paras) }

// Build indexes in memory.
func (d *Draft) Build(ctx context.Context, progress func(done int)) (*Generation, error) {
	ix, err := index.Build(ctx, "", d.reports, progress)
	if err != nil {
		return nil, err
	}
	d.g.index = ix
	return d.g, nil
}

// Write makes snapshots of corpus and lexicon and an index in folder, which is
// empty. It returns
// how many reports were indexed: the others' part of the index was there. An
// index that cannot be taken over is made anew.
func (d *Draft) Write(ctx context.Context, folder string, progress func(done int)) (indexed int, err error) {
	if err := d.writeSnapshots(folder); err != nil {
		return 0, err
	}
	path := filepath.Join(folder, indexFolder)
	if d.before != "" {
		indexed, err = d.takeOver(ctx, path, progress)
		if err == nil || ctx.Err() != nil {
			return indexed, err
		}
		if err := os.RemoveAll(path); err != nil {
			return 0, fmt.Errorf("write index: %w", err)
		}
	}
	ix, err := index.Build(ctx, path, d.reports, progress)
	if err != nil {
		return 0, err
	}
	return len(d.reports), ix.Close()
}

func (d *Draft) takeOver(ctx context.Context, path string, progress func(int)) (int, error) {
	if err := index.Clone(filepath.Join(d.before, indexFolder), path); err != nil {
		return 0, err
	}
	return index.Update(ctx, path, d.reports, progress)
}

func (d *Draft) writeSnapshots(folder string) error {
	if err := os.WriteFile(filepath.Join(folder, lexiconFile), []byte(d.g.lexicon.Encode()), 0o600); err != nil {
		return fmt.Errorf("write lexicon: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, snapshotFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write corpus: %w", err)
	}
	return errors.Join(d.g.Corpus.Write(f), f.Close())
}

// Open opens what Write wrote, wherever its folder is now.
func (d *Draft) Open(folder string) (*Generation, error) {
	if err := d.g.open(filepath.Join(folder, indexFolder)); err != nil {
		return nil, err
	}
	return d.g, nil
}

// OpenFolder opens the generation that a Draft wrote into folder, and reads its
// reports with rd. What before, which may be nil, knows of the same reports is
// taken from it.
func OpenFolder(folder string, rd corpus.Reader, before *Generation) (*Generation, error) {
	raw, err := os.ReadFile(filepath.Join(folder, lexiconFile))
	if err != nil {
		return nil, fmt.Errorf("open generation: %w", err)
	}
	l, err := lexicon.Decode(string(raw))
	if err != nil {
		return nil, fmt.Errorf("open generation: %w", err)
	}
	var known *corpus.Corpus
	if before != nil {
		known = before.Corpus
	}
	c, err := ReadSnapshot(folder, rd, known)
	if err != nil {
		return nil, err
	}
	return NewDraft(c, l, before, "").Open(folder)
}

// ReadSnapshot reads, with rd, the reports that the generation in folder was
// made of; those that known, which may be nil, holds are taken from it.
func ReadSnapshot(folder string, rd corpus.Reader, known *corpus.Corpus) (*corpus.Corpus, error) {
	f, err := os.Open(filepath.Join(folder, snapshotFile))
	if err != nil {
		return nil, fmt.Errorf("open generation: %w", err)
	}
	defer f.Close()
	c, err := rd.Snapshot(f, known)
	if err != nil {
		return nil, fmt.Errorf("open generation: %w", err)
	}
	return c, nil
}

// SchemaVersion is that of the indexes this program writes and reads.
const SchemaVersion = index.SchemaVersion

// LexiconDigest names the lexicon that the generation is searched with.
func (g *Generation) LexiconDigest() string { return g.lexicon.Digest() }

// Lexicon returns the lexicon that the generation is searched with.
func (g *Generation) Lexicon() *lexicon.Lexicon { return g.lexicon }

// IndexBytes returns what the index takes, on disk or in memory.
func (g *Generation) IndexBytes() uint64 { return g.index.Bytes() }

// Beside returns an engine like e over another generation, which it owns.
func (e *Engine) Beside(g *Generation) *Engine {
	return NewEngine(g, Options{Weights: &e.weights, Dictionary: e.dictionary})
}

// Detach drops the live generation without closing it: it is the caller's.
// It is nil where the engine is closed.
func (e *Engine) Detach() *Generation { return e.live.Swap(nil) }

// Release gives a generation back that was never an engine's, or that Detach
// returned.
func (g *Generation) Release() error { return g.release() }

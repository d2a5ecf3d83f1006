package reindex

import (
	"context"
	"errors"
	"log/slog"

	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/shelf"
)

// First returns the generation to start with: the one that went live last, as
// it is on the shelf; one before it where its files are damaged; one made anew
// where there is none, where the source is another, or where this program
// reads and writes indexes differently. s may be nil: then it is made in
// memory.
func First(ctx context.Context, s *shelf.Shelf, source Source, keep int, log *slog.Logger) (*retrieval.Generation, error) {
	if s == nil {
		return makeFirst(ctx, nil, source)
	}
	for _, e := range s.List() {
		if e.Source != source.Name() {
			continue
		}
		g, err := openEntry(ctx, s, source, e)
		if err == nil {
			log.Info("generation opened", "generation", g.ID, "reports", len(g.Corpus.Reports))
			return g, tidy(s, g, keep)
		}
		if ctx.Err() != nil {
			return nil, err
		}
		log.Warn("a generation cannot be used", "generation", e.ID, "error", err)
	}
	g, err := makeFirst(ctx, s, source)
	if err != nil {
		return nil, err
	}
	log.Info("generation made", "generation", g.ID, "reports", len(g.Corpus.Reports))
	return g, tidy(s, g, keep)
}

// tidy removes what is not kept.
func tidy(s *shelf.Shelf, g *retrieval.Generation, keep int) error {
	for _, id := range s.Surplus(keep, g.ID) {
		if err := s.Remove(id); err != nil {
			return errors.Join(err, g.Release())
		}
	}
	return nil
}

// openEntry opens a generation; one of another version is made anew of its own
// reports.
func openEntry(ctx context.Context, s *shelf.Shelf, source Source, e shelf.Entry) (*retrieval.Generation, error) {
	if err := s.Verify(e.ID); err != nil {
		return nil, err
	}
	if e.Schema == retrieval.SchemaVersion {
		if g, err := retrieval.OpenFolder(s.Folder(e.ID), source.Reader(), nil); err == nil && g.ID == e.ID {
			return g, nil
		} else if err == nil {
			_ = g.Release() // opened for reading only: nothing is lost
		}
	}
	return makeFirst(ctx, s, snapshot{source, s.Folder(e.ID)})
}

// snapshot is a source whose reports are those of a generation.
type snapshot struct {
	Source
	folder string
}

func (s snapshot) Corpus(before *corpus.Corpus) (*corpus.Corpus, error) {
	return retrieval.ReadSnapshot(s.folder, s.Reader(), before)
}

// makeFirst makes a generation that goes live at once.
func makeFirst(ctx context.Context, s *shelf.Shelf, source Source) (*retrieval.Generation, error) {
	c, err := source.Corpus(nil)
	if err != nil {
		return nil, err
	}
	l, err := source.Lexicon()
	if err != nil {
		return nil, err
	}
	draft := retrieval.NewDraft(c, l, nil, "")
	if s == nil {
		return draft.Build(ctx, nil)
	}
	if _, unusable := s.Entry(draft.ID()); unusable {
		if err := s.Remove(draft.ID()); err != nil {
			return nil, err
		}
	}
	g, _, err := write(ctx, s, draft, manifestOf(draft.ID(), source.Name(), c, l), nil)
	if err != nil {
		return nil, err
	}
	if err := s.MarkLive(g.ID); err != nil {
		return nil, errors.Join(err, g.Release())
	}
	return g, nil
}

// Source states, beside that of the live generation.
const (
	sourceLive   = iota // it is what is live
	sourceKept          // another generation that is kept was made of it
	sourceUnseen        // it changed while nobody looked
)

// standing compares the source with the generations.
func (r *Reindexer) standing() (int, error) {
	live, release, err := r.search.Acquire()
	if err != nil || r.Shelf == nil {
		return sourceLive, err
	}
	defer release()
	c, l, err := r.read(live)
	if err != nil {
		return sourceLive, err
	}
	switch id := retrieval.GenerationID(c, l); {
	case id == live.ID:
		return sourceLive, nil
	default:
		if _, kept := r.Shelf.Entry(id); kept {
			return sourceKept, nil
		}
		return sourceUnseen, nil
	}
}

// Unseen reports whether the source is neither what is live nor what another
// generation that is kept was made of: it changed while nobody looked.
func (r *Reindexer) Unseen() (bool, error) {
	s, err := r.standing()
	return s == sourceUnseen, err
}

package reindex

import (
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/document"
)

func differences(before, after *corpus.Corpus) Reports {
	d := Reports{Total: len(after.Reports)}
	for _, r := range after.Reports {
		switch old := before.Report(r.ID); {
		case old == nil:
			d.Added = append(d.Added, r.ID)
		case old.Digest != r.Digest:
			d.Changed = append(d.Changed, r.ID)
		}
	}
	for _, r := range before.Reports {
		if after.Report(r.ID) == nil {
			d.Removed = append(d.Removed, r.ID)
		}
	}
	return d
}

// newProblems returns the problems with documents that had none when the
// live generation was made.
func newProblems(before, after *corpus.Corpus) []document.Problem {
	type place struct {
		file string
		line int
	}
	known := map[place]bool{}
	for _, p := range before.Problems {
		known[place{p.File, p.Line}] = true
	}
	var found []document.Problem
	for _, p := range after.Problems {
		if !known[place{p.File, p.Line}] {
			found = append(found, p)
		}
	}
	return found
}

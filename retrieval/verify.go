package retrieval

import (
	"context"
	"fmt"
	"unicode/utf8"

	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// probeRunes is how much of a paragraph Verify searches for.
const probeRunes = 12

// Verify searches for words of every report, in that report, and fails where
// one is not found.
func (e *Engine) Verify(ctx context.Context, progress func(done int)) error {
	g, release, err := e.Acquire()
	if err != nil {
		return err
	}
	defer release()
	for i, r := range g.Corpus.Reports {
		words := probeOf(r)
		if words == "" {
			continue
		}
		res, err := e.SearchIn(ctx, g, Query{Question: question.Parse(words), Report: r.ID, Limit: 1})
		if err != nil {
			return fmt.Errorf("verify %s: search: %w", r.ID, err)
		}
		if len(res.Hits) == 0 || g.Corpus.Reports[res.Hits[0].Report] != r {
			return fmt.Errorf("verify %s: a search for its own words found nothing", r.ID)
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return nil
}

// probeOf is the beginning of the report's longest paragraph.
func probeOf(r *report.Report) string {
	longest := ""
	for i := range r.Paragraphs {
		if t := r.Paragraphs[i].Text; len(t) > len(longest) {
			longest = t
		}
	}
	end := 0
	for n := 0; n < probeRunes && end < len(longest); n++ {
		_, size := utf8.DecodeRuneInString(longest[end:])
		end += size
	}
	return longest[:end]
}

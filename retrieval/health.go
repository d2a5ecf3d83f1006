package retrieval

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"wenbao/retrieval/question"
)

// probeRunes is how much of a paragraph Check searches for.
const probeRunes = 12

// Check searches the live generation for words that it holds, and returns the
// generation's id; it fails when they are not found.
func (e *Engine) Check(ctx context.Context) (generation string, err error) {
	g, release, err := e.Acquire()
	if err != nil {
		return "", err
	}
	defer release()
	words := g.probe()
	if words == "" {
		return g.ID, errors.New("the corpus holds no text")
	}
	res, err := e.SearchIn(ctx, g, Query{Question: question.Parse(words), Limit: 1})
	if err != nil {
		return g.ID, fmt.Errorf("search: %w", err)
	}
	if len(res.Hits) == 0 {
		return g.ID, errors.New("a search for the corpus's own words found nothing")
	}
	return g.ID, nil
}

// probe is the beginning of the longest paragraph of the first report.
func (g *Generation) probe() string {
	longest := ""
	for _, r := range g.Corpus.Reports[:min(1, len(g.Corpus.Reports))] {
		for i := range r.Paragraphs {
			if t := r.Paragraphs[i].Text; len(t) > len(longest) {
				longest = t
			}
		}
	}
	end := 0
	for n := 0; n < probeRunes && end < len(longest); n++ {
		_, size := utf8.DecodeRuneInString(longest[end:])
		end += size
	}
	return longest[:end]
}

package answers

import (
	"context"
	"errors"
	"fmt"

	"wenbao/retrieval"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// A Place is where an answer was chosen to stand: a paragraph, or a span of it.
type Place struct {
	Report    string `json:"report"`
	Paragraph string `json:"paragraph"` // id
	// Start and End are a span in bytes of the paragraph; both 0: what of it
	// answers the question best.
	Start int `json:"start,omitempty"`
	End   int `json:"end,omitempty"`
}

// ErrNoPlace says that the reports do not hold a Place (any more).
var ErrNoPlace = errors.New("the reports hold no such place")

// Quote answers r with the excerpt at a place and nothing else, whatever it
// has to do with the question. It fails with ErrNoPlace where the live
// generation has no such paragraph, or r keeps to another report.
func (e *Engine) Quote(ctx context.Context, r Request, at Place) (Answer, error) {
	if r.Report != "" && r.Report != at.Report {
		return Answer{}, fmt.Errorf("%w: the question keeps to another report", ErrNoPlace)
	}
	g, release, err := e.search.Acquire()
	if err != nil {
		return Answer{}, err
	}
	defer release()
	r = withDefaults(r)
	res, err := e.search.SearchIn(ctx, g, retrieval.Query{Question: question.Parse(r.Question), Report: at.Report, Now: r.Now, Stage: e.stage,
		At: &retrieval.Place{Report: at.Report, Paragraph: at.Paragraph}})
	if errors.Is(err, retrieval.ErrUnknownPlace) || errors.Is(err, retrieval.ErrUnknownReport) {
		return Answer{}, fmt.Errorf("%w: %w", ErrNoPlace, err)
	}
	if err != nil {
		return Answer{}, err
	}
	h := &res.Hits[0]
	x, ok := e.excerptAt(ctx, res, h, r.MaxQuote, at)
	if !ok {
		return Answer{}, fmt.Errorf("%w: %s#%s has no text from byte %d to %d", ErrNoPlace, at.Report, at.Paragraph, at.Start, at.End)
	}
	return Answer{ID: r.ID, Question: r.Question, Status: Answered, Generation: g.ID, Excerpts: []Excerpt{x}, Figure: figureOf(res, h, x)}, nil
}

// excerptAt is excerpt with the span that a place gives, where it gives one.
func (e *Engine) excerptAt(ctx context.Context, res *retrieval.Result, h *retrieval.Hit, maxQuote int, at Place) (Excerpt, bool) {
	if at.Start == 0 && at.End == 0 {
		return e.excerpt(ctx, res, h, maxQuote)
	}
	of := res.Report(h)
	p := &of.Paragraphs[h.Paragraph]
	if !spans(p, at.Start, at.End) {
		return Excerpt{}, false
	}
	x := Excerpt{Quote: p.Text[at.Start:at.End], Text: p.Text, Start: at.Start, End: at.End, Score: h.Score,
		Citation: e.cite(of, p, at.Start, at.End), Marks: marks(p, h, at.Start, at.End)}
	return x, verbatim(of, p, x)
}

// spans reports whether a paragraph has text from start to end.
func spans(p *report.Paragraph, start, end int) bool {
	return 0 <= start && start < end && end <= len(p.Text)
}

package answers

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// extendTo is the longest quote, in runes, that neighbouring sentences are
// added to: beyond it they bury the answer.
const extendTo = 100

// excerpt quotes the sentence of h that answers. ok is false when the quote
// does not stand in the source as it is, which is counted and logged.
func (e *Engine) excerpt(ctx context.Context, res *retrieval.Result, h *retrieval.Hit, maxQuote int) (Excerpt, bool) {
	of := res.Report(h)
	p := &of.Paragraphs[h.Paragraph]
	start, end := quoteSpan(res, h, p, maxQuote, e.limits.Extend)
	x := Excerpt{Quote: p.Text[start:end], Text: p.Text, Start: start, End: end, Score: h.Score}
	x.Citation = e.cite(of, p, start, end)
	x.Marks = marks(p, h, start, end)
	if !verbatim(of, p, x) {
		e.dropped.Add(1)
		e.log.ErrorContext(ctx, "quote is not in the source and was withheld", "report", of.ID, "paragraph", p.Number)
		return Excerpt{}, false
	}
	return x, true
}

// verbatim checks every byte of a quote against the source text.
func verbatim(r *report.Report, p *report.Paragraph, x Excerpt) bool {
	from, to := p.Offset+x.Start, p.Offset+x.End
	return x.Start < x.End && x.End <= len(p.Text) && to <= len(r.Text) && r.Text[from:to] == x.Quote && utf8.ValidString(x.Quote)
}

// quoteSpan chooses what of the paragraph to quote: a glossary entry whole, a
// sentence with those neighbours that say nearly as much, or the best ；-parts
// of a sentence that is too long.
func quoteSpan(res *retrieval.Result, h *retrieval.Hit, p *report.Paragraph, maxQuote int, extend float64) (int, int) {
	if p.Term >= 0 {
		return 0, len(p.Text)
	}
	best := quoted(h)
	s := p.Sentences[best]
	if runes(p.Text[s.Start:s.End]) > maxQuote {
		return softSpan(p, h, s, maxQuote)
	}
	from, to := best, best
	limit := min(maxQuote, extendTo)
	for {
		grown := false
		left, right := from-1, to+1
		l, r := choice(h, left), choice(h, right)
		for range 2 {
			next, side := left, l
			if r > l {
				next, side = right, r
			}
			if side < 0 {
				break
			}
			lo, hi := min(from, next), max(to, next)
			if side >= extend*h.Sentences[best].Choice && runes(p.Text[p.Sentences[lo].Start:p.Sentences[hi].End]) <= limit {
				from, to, grown = lo, hi, true
				break
			}
			if next == left {
				l = -1
			} else {
				r = -1
			}
		}
		if !grown {
			return p.Sentences[from].Start, p.Sentences[to].End
		}
	}
}

// quoted is the sentence to quote: within a paragraph the choice score rules.
func quoted(h *retrieval.Hit) int { return h.Best }

func choice(h *retrieval.Hit, i int) float64 {
	if i < 0 || i >= len(h.Sentences) {
		return -1
	}
	return h.Sentences[i].Choice
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// softSpan chooses among the ；-parts of a long sentence: the part with most
// finds, and its neighbours while they fit.
func softSpan(p *report.Paragraph, h *retrieval.Hit, s report.Sentence, maxQuote int) (int, int) {
	parts := report.SoftParts(p.Text, s)
	finds := findBytes(p, h)
	score := make([]int, len(parts))
	best := 0
	for i, part := range parts {
		for _, f := range finds {
			if f.Start >= part.Start && f.End <= part.End {
				score[i] += f.End - f.Start
			}
		}
		if score[i] > score[best] {
			best = i
		}
	}
	from, to := best, best
	for {
		switch {
		case to+1 < len(parts) && (from == 0 || score[to+1] >= score[from-1]) && runes(p.Text[parts[from].Start:parts[to+1].End]) <= maxQuote:
			to++
		case from > 0 && runes(p.Text[parts[from-1].Start:parts[to].End]) <= maxQuote:
			from--
		default:
			return parts[from].Start, parts[to].End
		}
	}
}

// findBytes maps the finds of a hit to bytes of the paragraph.
func findBytes(p *report.Paragraph, h *retrieval.Hit) []Mark {
	f := analysis.Fold(p.Text)
	var out []Mark
	for _, s := range h.Sentences {
		for _, x := range s.Finds {
			if x.Start < x.End && x.End <= len(f.Runes) {
				a, b := f.Source(x.Start, x.End)
				out = append(out, Mark{a, b})
			}
		}
	}
	return out
}

// marks returns the matched words inside the quote, merged; single characters
// that matched alone are left out, they would pepper the quote.
func marks(p *report.Paragraph, h *retrieval.Hit, start, end int) []Mark {
	var in []Mark
	for _, f := range findBytes(p, h) {
		if f.Start >= start && f.End <= end && runes(p.Text[f.Start:f.End]) > 1 {
			in = append(in, Mark{f.Start - start, f.End - start})
		}
	}
	slices.SortFunc(in, func(a, b Mark) int { return a.Start - b.Start })
	var out []Mark
	for _, m := range in {
		if n := len(out); n > 0 && m.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, m.End)
			continue
		}
		out = append(out, m)
	}
	return out
}

func (e *Engine) cite(r *report.Report, p *report.Paragraph, start, end int) Citation {
	c := Citation{Report: r.ID, Title: r.Title, Section: r.Path(p.Section), Paragraph: p.Number, ParagraphID: p.ID}
	if p.Term >= 0 {
		c.Term = r.Terms[p.Term].Name
	}
	for _, s := range p.Sentences {
		if s.Start <= start && start < s.End {
			c.Period = s.Period.String()
		}
	}
	c.Label = label(c)
	c.URL = fmt.Sprintf("%s/r/%s/p/%s?s=%d-%d", e.publicURL, url.PathEscape(r.Slug()), url.PathEscape(p.ID), start, end)
	return c
}

// label names a place for people: 《title》section·subsection 第N段.
func label(c Citation) string {
	var b strings.Builder
	title := c.Title
	if title == "" {
		title = c.Report
	}
	b.WriteString("《" + title + "》")
	b.WriteString(strings.Join(c.Section, "·"))
	if c.Term != "" && len(c.Section) == 0 {
		b.WriteString("名词解释")
	}
	fmt.Fprintf(&b, " 第%d段", c.Paragraph)
	return b.String()
}

package answers

import (
	"slices"
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// figureOf returns the figure in the quote that the question asked for, nil
// where it asked for none or the quote holds none that binds: a figure leads
// only where what is measured, how, when and whether it was done or is planned
// are what was asked.
func figureOf(res *retrieval.Result, h *retrieval.Hit, x Excerpt) *Figure {
	if res.Question.Want != question.Figure && res.Question.Want != question.Duration {
		return nil
	}
	of := res.Report(h)
	p := &of.Paragraphs[h.Paragraph]
	finds := slices.DeleteFunc(findBytes(p, h), func(m Mark) bool { return runes(p.Text[m.Start:m.End]) < 2 }) // 业 alone says little
	b := newBinding(res)
	var best *report.Figure
	bestScore := 0.0
	for i := range of.Figures {
		f := &of.Figures[i]
		if f.Paragraph != h.Paragraph || f.Start < x.Start || f.End > x.End || !kindFits(&res.Question, f) || !b.binds(f) {
			continue
		}
		s := figureScore(&res.Question, p, f, finds)
		if b.named && f.Measure == b.measure && s > 0 {
			s += measureGain
		}
		if best == nil || s > bestScore || b.named && s == bestScore && f.Measure == b.measure && best.Measure != b.measure {
			best, bestScore = f, s
		}
	}
	if best == nil || bestScore == 0 {
		return nil // a figure that has nothing to do with the question must not lead
	}
	return &Figure{best.Wire(), &FigureCitation{of.ID, p.ID, best.Start, best.End}}
}

// measureGain is how much a figure gains that measures in the way asked for:
// more than one that differs in its unit only.
const measureGain = 0.6

var (
	asksGrowth = lists.Set("asks-growth")
	asksLevel  = lists.Set("asks-level")
	asksShare  = lists.Set("asks-share")
)

// measureAsked is the measure that the question names: growth, where it asks
// how much or by how many per cent something grew or fell, or a share. ok is
// false where it names none.
func measureAsked(q *question.Question) (m report.Measure, ok bool) {
	if q.Want != question.Figure || q.Unit != "" && q.Unit != "%" && q.Unit != "个百分点" {
		return report.Other, false
	}
	text := string(q.Folded.Runes)
	if asksShare.In(text) {
		return report.Share, true
	}
	for rest := text; ; {
		i, w := asksGrowth.Find(rest)
		if i < 0 {
			return report.Other, false
		}
		rest = rest[i+len(w):]
		if !asksLevel.At(rest) {
			return report.Growth, true
		}
	}
}

// kindFits reports whether a figure is of the dimension asked for.
func kindFits(q *question.Question, f *report.Figure) bool {
	d := f.Dimension
	if q.Want == question.Duration {
		return d == report.Duration || d == report.Date
	}
	switch q.Dimension {
	case report.NoDimension:
		return true
	case report.Percent, report.Points:
		return d == report.Percent || d == report.Points // 增长几个百分点 asks for a growth
	case report.Things:
		return d == report.Things || d == report.Households || d == report.NoDimension
	}
	return d == q.Dimension
}

// figureScore rates a figure by how much of its indicator and verb the
// question names, by its unit, and by the nearest find before it.
func figureScore(q *question.Question, p *report.Paragraph, f *report.Figure, finds []Mark) float64 {
	asked := askedGrams(q)
	score := overlap(asked, f.Indicator)*2 + overlap(asked, f.Verb)*0.5
	score += 0.05 * float64(min(len([]rune(f.Indicator)), 10)) * overlap(asked, f.Indicator) // of two that fit, the one that says more
	if f.Unit != "" && f.Unit == q.Unit {
		score += 0.5
	}
	clause := clauseStart(p, f)
	near := 0.0
	for _, m := range finds {
		if m.Start >= clause-48 && m.End <= f.Start {
			w := 0.4
			if m.Start >= clause {
				w = 1
			}
			near += w * float64(m.End-m.Start) / 6
		}
		if m.Start >= f.End && m.Start < f.End+30 && !strings.ContainsAny(p.Text[f.End:m.Start], "、，；。") {
			near += 0.8 * float64(m.End-m.Start) / 6
		}
	}
	return score + min(near, 3)*0.5
}

// askedGrams are the grams of what a question says.
func askedGrams(q *question.Question) map[analysis.Gram]bool {
	asked := map[analysis.Gram]bool{}
	for _, s := range q.Content {
		analysis.Grams(q.Folded.Runes[s.Start:s.End], func(g analysis.Gram, _, _ int) { asked[g] = true })
	}
	return asked
}

// leastPairs is how many pairs of characters a name has that says what is
// measured: 园区 alone fits many figures.
const leastPairs = 2

// overlap is the share of s's bigrams that are asked for.
func overlap(asked map[analysis.Gram]bool, s string) float64 {
	n, hit := 0.0, 0.0
	analysis.Grams(analysis.Fold(s).Runes, func(g analysis.Gram, _, _ int) {
		if g.IsUnigram() {
			return
		}
		n++
		if asked[g] {
			hit++
		}
	})
	return hit / max(n, leastPairs)
}

// clauseStart returns where the clause of a figure starts.
func clauseStart(p *report.Paragraph, f *report.Figure) int {
	s := p.Sentences[f.Sentence]
	for _, c := range report.Clauses(p.Text, report.Span{Start: s.Start, End: s.End}) {
		if f.Start < c.End {
			return c.Start
		}
	}
	return s.Start
}

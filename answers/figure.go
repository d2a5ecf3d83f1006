package answers

import (
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/question"
)

// figureOf returns the figure in the quote that the question asked for, nil
// where it asked for none or the quote holds none that fits.
func figureOf(res *retrieval.Result, h *retrieval.Hit, x Excerpt) *Figure {
	if res.Question.Want != question.Figure && res.Question.Want != question.Duration {
		return nil
	}
	report := res.Report(h)
	p := &report.Paragraphs[h.Paragraph]
	finds := findBytes(p, h)
	var best *corpus.Figure
	bestScore := 0.0
	for i := range report.Figures {
		f := &report.Figures[i]
		if f.Paragraph != h.Paragraph || f.Start < x.Start || f.End > x.End || !kindFits(&res.Question, f) {
			continue
		}
		if s := figureScore(&res.Question, p, f, finds); best == nil || s > bestScore {
			best, bestScore = f, s
		}
	}
	if best == nil || bestScore == 0 {
		return nil // a figure that has nothing to do with the question must not lead
	}
	out := &Figure{Value: best.Value, Indicator: best.Indicator, Period: best.Period}
	switch best.Kind {
	case corpus.Achieved:
		out.Kind = "achieved"
	case corpus.Target:
		out.Kind = "target"
	}
	return out
}

// kindFits reports whether a figure is of the dimension asked for.
func kindFits(q *question.Question, f *corpus.Figure) bool {
	d := analysis.DimensionOf(f.Unit)
	if q.Want == question.Duration {
		return d == analysis.Duration || d == analysis.Date
	}
	switch q.Dimension {
	case analysis.NoDimension:
		return true
	case analysis.Percent:
		return d == analysis.Percent || d == analysis.Points
	case analysis.Count:
		return d == analysis.Count || d == analysis.Households || d == analysis.NoDimension
	}
	return d == q.Dimension
}

// figureScore rates a figure by how much of its indicator and verb the
// question names, by its unit, and by the nearest find before it.
func figureScore(q *question.Question, p *corpus.Paragraph, f *corpus.Figure, finds []Mark) float64 {
	asked := map[analysis.Gram]bool{}
	for _, s := range q.Content {
		analysis.Grams(q.Folded.Runes[s.Start:s.End], func(g analysis.Gram, _, _ int) { asked[g] = true })
	}
	score := overlap(asked, f.Indicator)*2 + overlap(asked, f.Verb)*0.5
	score += 0.05 * float64(min(len([]rune(f.Indicator)), 10)) * overlap(asked, f.Indicator) // of two that fit, the one that says more
	if f.Unit != "" && f.Unit == q.Unit {
		score += 0.5
	}
	clause := clauseStart(p.Text, f.Start)
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
	return score + min(near, 4)*0.5
}

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
	if n == 0 {
		return 0
	}
	return hit / n
}

// clauseStart returns the offset behind the last ，；。： before at.
func clauseStart(s string, at int) int {
	start := 0
	for i, r := range s[:at] {
		switch r {
		case '，', '；', '。', '：', ',', ';':
			start = i + len(string(r))
		}
	}
	return start
}

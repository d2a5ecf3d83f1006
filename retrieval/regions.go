package retrieval

import (
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// Regions returns where a question names regions that have reports of their
// own, each region once, in the order of the question; positions are those of
// its folded text.
func (g *Generation) Regions(text string) []question.Span {
	own := map[int]bool{}
	for _, r := range g.regions {
		if r >= 0 {
			own[r] = true
		}
	}
	rs := analysis.Fold(text).Runes
	var out []question.Span
	end, seen := 0, map[int]bool{}
	for _, m := range g.lexicon.Find(rs) {
		if m.Place < 0 || m.Start < end || g.chance(rs, m.Start, m.End) {
			continue
		}
		end = m.End // what is inside a longer name is not that place
		if own[m.Place] && !seen[m.Place] {
			seen[m.Place] = true
			out = append(out, question.Span{Start: m.Start, End: m.End})
		}
	}
	return out
}

package retrieval

import (
	"slices"
	"strings"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// when is the time a question asks about, in years.
type when struct {
	years     []int // asked for, absolute; empty where the question names none
	named     bool  // the asker gave a number, not a word relative to today
	tense     question.Tense
	fiveYears bool
}

// whenOf resolves 去年 and 今年 against base, the year reports are about.
func whenOf(q *question.Question, base int) when {
	w := when{tense: q.Tense, fiveYears: q.FiveYears}
	w.years = append(w.years, q.Years...)
	w.named = len(q.Years) > 0
	if base > 0 {
		for _, d := range q.Relative {
			w.years = append(w.years, base+d)
		}
	}
	if w.tense == question.AnyTense && len(w.years) == 1 && base > 0 {
		if w.years[0] < base {
			w.tense = question.Past
		} else if w.years[0] >= base && len(q.Relative) > 0 {
			w.tense = question.Planned
		}
	}
	return w
}

// factor rates how well a sentence fits the time asked about.
func (t when) factor(w *Weights, s *report.Sentence) float64 {
	f := 1.0
	if len(t.years) > 0 && s.Period.Known() {
		if fits, whole := t.matches(s.Period); whole {
			f += w.Period
		} else if fits {
			f += w.Period * w.Span
		} else {
			f -= w.WrongPeriod
		}
	}
	if t.fiveYears && s.Period.Several() {
		f += w.Period
	}
	switch {
	case t.tense == question.AnyTense || s.Kind == report.Unknown || len(t.years) > 1:
	case (t.tense == question.Past) == (s.Kind == report.Achieved):
		f += w.Tense
	default:
		f -= w.WrongTense
	}
	return max(f, 0.1)
}

// matches reports whether a period holds a year asked for, and whether it is
// no longer than that: what five years came to is not what one did.
func (t when) matches(p report.Period) (fits, whole bool) {
	if !slices.ContainsFunc(t.years, p.Holds) {
		return false, false
	}
	return true, !p.Several() || t.fiveYears || len(t.years) > 1
}

// where is a place a question names.
type where struct {
	place      int
	start, end int
	home       bool // the region of the reports in scope: says nothing about a sentence
	own        bool // there are reports of it, which say what is to be said of it
	forms      [][]rune
	abbr       []string
}

// wheresOf lists the places that q names, the longest form at each position.
func (g *Generation) wheresOf(q *question.Question, scope []int) []where {
	var out []where
	taken := make([]bool, len(q.Folded.Runes))
	for _, m := range g.lexicon.Find(q.Folded.Runes) {
		if m.Place < 0 || taken[m.Start] || taken[m.End-1] || !inContent(q, m.Start) || g.chance(q.Folded.Runes, m.Start, m.End) {
			continue
		}
		for i := m.Start; i < m.End; i++ {
			taken[i] = true
		}
		p := g.lexicon.Places[m.Place]
		w := where{place: m.Place, start: m.Start, end: m.End, abbr: p.Abbr}
		for _, f := range append([]string{p.Name}, p.Short...) {
			w.forms = append(w.forms, []rune(f))
		}
		w.home = len(scope) > 0
		for _, r := range scope {
			if g.regions[r] != m.Place {
				w.home = false
			}
		}
		w.own = slices.Contains(g.regions, m.Place) && !quoted(q.Folded.Runes, m.Start, m.End)
		out = append(out, w)
	}
	return out
}

// chance reports whether the name of a place stands in a text by chance, across
// two words that the corpus knows better: 增城 in 新增城镇就业.
func (g *Generation) chance(rs []rune, start, end int) bool {
	if end-start != 2 || start == 0 || end >= len(rs) {
		return false
	}
	own := g.bigrams.count(rs[start], rs[end-1])
	return g.bigrams.count(rs[start-1], rs[start]) > 3*own && g.bigrams.count(rs[end-1], rs[end]) > 3*own
}

// quoted reports whether a span is part of something longer in quotation marks:
// “技能内蒙古” is no region.
func quoted(rs []rune, start, end int) bool {
	const opening, closing = "“‘「『《\"", "”’」』》\""
	from, to := start, end
	for from > 0 && !strings.ContainsRune(opening+closing, rs[from-1]) {
		from--
	}
	for to < len(rs) && !strings.ContainsRune(opening+closing, rs[to]) {
		to++
	}
	return from > 0 && to < len(rs) && to-from > end-start && strings.ContainsRune(opening, rs[from-1]) && strings.ContainsRune(closing, rs[to])
}

func inContent(q *question.Question, at int) bool {
	for _, s := range q.Content {
		if at >= s.Start && at < s.End {
			return true
		}
	}
	return false
}

// mentions reports whether folded text names the place.
func (w where) mentions(g *Generation, region int, rs []rune) bool {
	for _, f := range w.forms {
		if indexRunes(rs, f) >= 0 {
			return true
		}
	}
	if region < 0 {
		return false
	}
	// 京蒙协作: two abbreviations side by side stand for the places.
	for _, own := range g.lexicon.Places[region].Abbr {
		for _, a := range w.abbr {
			if indexRunes(rs, []rune(a+own)) >= 0 || indexRunes(rs, []rune(own+a)) >= 0 {
				return true
			}
		}
	}
	return false
}

func indexRunes(rs, sub []rune) int {
	for i := 0; i+len(sub) <= len(rs); i++ {
		if rs[i] == sub[0] && matchForm(sub, rs[i:]) > 0 {
			return i
		}
	}
	return -1
}

// placed returns the factor for the places of the question that a paragraph
// does not name, and notes on h whether all are.
func (r *ranking) placed(p *paragraph, of *report.Report, h *Hit) float64 {
	f := 1.0
	region := r.g.regions[p.report]
	for _, w := range r.wheres {
		if region == w.place || w.mentions(r.g, region, p.runes) {
			continue
		}
		if of.Region == "" && w.mentions(r.g, region, analysis.Fold(of.Title).Runes) {
			continue
		}
		h.Places = false
		if w.own {
			f *= r.w.OwnPlace
		} else {
			f *= r.w.OtherPlace
		}
	}
	return f
}

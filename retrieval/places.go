package retrieval

import (
	"cmp"
	"slices"

	"wenbao/retrieval/question"
)

// placed hits are looked at again when a question asks where: how many of the
// best, and what naming a place gains.
const whereDepth = 10

// preferPlaces moves hits that name a place forward where the question asks
// where something is; looking for places in every candidate would cost more
// than the ranking itself.
func (r *ranking) preferPlaces(hits []Hit) {
	if r.q.Want != question.Where {
		return
	}
	for i := range hits[:min(whereDepth, len(hits))] {
		h := &hits[i]
		p := &r.g.paras[r.g.first[h.Report]+h.Paragraph]
		if r.namesOther(p.runes[sentenceStart(p, h.Best):p.ends[h.Best]], h.Report) {
			h.Score *= 1 + r.w.Where
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
}

// namesOther reports whether text names a place that is neither the report's
// region nor named in the question.
func (r *ranking) namesOther(rs []rune, report int) bool {
	for _, m := range r.g.lexicon.Find(rs) {
		if m.Place < 0 || m.Place == r.g.regions[report] {
			continue
		}
		if !slices.ContainsFunc(r.wheres, func(w where) bool { return w.place == m.Place }) {
			return true
		}
	}
	return false
}

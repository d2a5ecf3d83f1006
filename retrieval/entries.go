package retrieval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// laterLine is how much the later lines of an entry count beside the line that
// its definition begins in.
const laterLine = 0.5

// joinEntries notes where a term stands alone on the line above its definition.
func (g *Generation) joinEntries(of int) {
	r := g.Corpus.Reports[of]
	for i := range r.Terms {
		if t := &r.Terms[i]; namedAbove(r, t) {
			at := g.first[of] + t.Paragraphs[0]
			g.paras[at].bare, g.paras[at+1].named = true, true
		}
	}
}

// namedAbove reports whether the first line of an entry is its term and nothing
// else.
func namedAbove(r *report.Report, t *report.Term) bool {
	if len(t.Paragraphs) < 2 || t.Paragraphs[1] != t.Paragraphs[0]+1 {
		return false
	}
	_, rest, found := strings.Cut(r.Paragraphs[t.Paragraphs[0]].Text, t.Name)
	return found && !strings.ContainsFunc(rest, unicode.IsLetter)
}

// entry scores the paragraph at n. A term alone on its line says nothing by
// itself: what it is found by counts for the definition below it, which stands
// in its place.
func (r *ranking) entry(n int) (Hit, bool) {
	h, ok := r.score(n)
	if ok && r.g.paras[n].named {
		if name, ok := r.score(n - 1); ok {
			h.Score = max(h.Score, name.Score)
			h.Places = h.Places || name.Places
		}
	}
	return h, ok
}

// together gives the later lines of an entry that is asked for their part of
// the score of its first: they belong behind it, before what only mentions the
// term.
func (r *ranking) together(hits []Hit) {
	first := map[*report.Term]float64{}
	for i := range hits {
		if t := r.lineOf(&hits[i]); t != nil && r.begins(&hits[i]) {
			first[t] = hits[i].Score
		}
	}
	for i := range hits {
		if t := r.lineOf(&hits[i]); t != nil && !r.begins(&hits[i]) {
			hits[i].Score = max(hits[i].Score, laterLine*first[t])
		}
	}
}

// lineOf is the entry asked for that h is a line of, nil where it is none or
// the question asks for something else than its meaning.
func (r *ranking) lineOf(h *Hit) *report.Term {
	of := r.g.Corpus.Reports[h.Report]
	p := &of.Paragraphs[h.Paragraph]
	if p.Term < 0 || !h.Term || r.termGain(1) < r.w.Term/2 {
		return nil
	}
	return &of.Terms[p.Term]
}

// begins reports whether a line of an entry is the one that its definition
// begins in.
func (r *ranking) begins(h *Hit) bool {
	of := r.g.Corpus.Reports[h.Report]
	lines := of.Terms[of.Paragraphs[h.Paragraph].Term].Paragraphs
	return lines[0] == h.Paragraph || r.g.paras[r.g.first[h.Report]+h.Paragraph].named
}

// nameHits are the finds in the term that stands above the definition at n.
func (r *ranking) nameHits(n int) []hit {
	if !r.g.paras[n].named {
		return nil
	}
	return r.e.scan(r.g.paras[n-1].runes, nil)
}

// nameEntry notes how surely the lines of an entry are asked for.
func (r *ranking) nameEntry(ref TermRef, weight float64) {
	lines := r.g.Corpus.Reports[ref.Report].Terms[ref.Term].Paragraphs
	for k, p := range lines {
		if k > 0 && !r.g.paras[r.g.first[ref.Report]+p].named {
			weight = min(weight, laterLine*ref.Weight)
		}
		at := [2]int{ref.Report, p}
		r.aliases[at] = max(r.aliases[at], weight)
	}
}

// apart weighs the entries that one name is found by. Where the question names
// the place or the year of some of their reports, the others' count less.
func (r *ranking) apart(a aliasMatch) []float64 {
	fits := make([]int, len(a.refs))
	for i, ref := range a.refs {
		of := r.g.Corpus.Reports[ref.Report]
		fits[i] = 2 * r.regionAsked(ref.Report, a)
		if of.Year > 0 && slices.Contains(r.when.years, of.Year) {
			fits[i]++
		}
	}
	best := slices.Max(fits)
	weights := make([]float64, len(a.refs))
	for i, ref := range a.refs {
		weights[i] = ref.Weight
		if fits[i] < best {
			weights[i] *= r.w.OwnPlace
		}
	}
	return weights
}

// regionAsked is 2 where the question names the region of a report, outside
// what it names the term by, 1 where it names it without its kind (鹿台 for
// 鹿台市), else 0.
func (r *ranking) regionAsked(of int, a aliasMatch) int {
	for _, w := range r.wheres {
		if w.place == r.g.regions[of] && (w.end <= a.start || a.end <= w.start) {
			return 2
		}
	}
	region := r.g.Corpus.Reports[of].Region
	if region == "" {
		return 0
	}
	beside := func(name string) bool {
		rs := []rune(name)
		return indexRunes(r.q.Folded.Runes[:a.start], rs) >= 0 || indexRunes(r.q.Folded.Runes[a.end:], rs) >= 0
	}
	name := analysis.FoldString(region)
	if beside(name) {
		return 2
	}
	if short := withoutKind(name); utf8.RuneCountInString(short) >= 2 && beside(short) {
		return 1
	}
	return 0
}

// withoutKind is the name of a region without the word for what it is.
func withoutKind(region string) string {
	for _, kind := range []string{"特别行政区", "自治区", "自治州", "自治县", "省", "市", "县", "区", "州", "旗", "盟"} {
		if short, ok := strings.CutSuffix(region, kind); ok {
			return short
		}
	}
	return region
}

// regionRunes are the runes of a question that name the region of a report in
// full.
func (g *Generation) regionRunes(q *question.Question) []bool {
	out := make([]bool, len(q.Folded.Runes))
	seen := ""
	for _, r := range g.Corpus.Reports {
		if r.Region == "" || r.Region == seen {
			continue
		}
		seen = r.Region
		name := []rune(analysis.FoldString(r.Region))
		if at := indexRunes(q.Folded.Runes, name); at >= 0 {
			for i := at; i < min(at+len(name), len(out)); i++ {
				out[i] = true
			}
		}
	}
	return out
}

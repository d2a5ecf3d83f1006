package retrieval

import (
	"cmp"
	"context"
	"math"
	"slices"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/index"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// candidates is how many paragraphs the index hands to ranking.
const candidates = 80

// A Hit is a paragraph that may answer, with its sentences scored.
type Hit struct {
	Report    int // index into the corpus
	Paragraph int // index into the report
	Score     float64
	Mass      float64         // Score in units of what a pair of characters gives that one paragraph alone has
	Best      int             // index of the sentence that answers best
	Sentences []SentenceScore // one for each sentence of the paragraph
	Coverage  float64         // share of the question that the best sentence, with its context at part weight, accounts for
	Term      bool            // a glossary entry that the question names
	Places    bool            // every place the question names is mentioned
}

// A SentenceScore is what ranking found in one sentence.
type SentenceScore struct {
	Score    float64 // comparable between paragraphs
	Choice   float64 // comparable within the paragraph only
	Coverage float64 // by the sentence alone
	Quantity bool    // holds a quantity of the kind asked for
	Bound    bool    // holds it in the best clause or the one after
	Stated   Span    // the clause that holds that quantity, else Clause
	Date     bool    // holds a date or a duration
	Clause   Span    // the clause that matches best, in runes of the folded paragraph
	Finds    []Span  // what matched, in runes of the folded paragraph
}

// A Span is a range of runes.
type Span struct{ Start, End int }

// ranking is one search under way.
type ranking struct {
	g       *Generation
	q       *question.Question
	w       *Weights
	e       *evidence
	when    when
	wheres  []where
	aliases map[[2]int]float64 // (report, paragraph) of a glossary entry named → weight
	share   float64            // aliasShare, once shared
	shared  bool
	sent    *scratch
	head    *scratch
	para    *scratch
	buf     []hit
	heads   map[[2]int][]float64 // (report, section) → credit of its titles
}

// rank scores every candidate and returns the best, best first; limit 0 means
// all.
func (r *ranking) rank(ctx context.Context, matches []index.Match, limit int) ([]Hit, error) {
	r.begin()
	seen := map[int]bool{}
	var hits []Hit
	consider := func(n int) {
		if r.g.paras[n].bare {
			n++ // the definition
		}
		if !seen[n] {
			seen[n] = true
			if h, ok := r.entry(n); ok {
				hits = append(hits, h)
			}
		}
	}
	for i, m := range matches {
		if i%16 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		consider(m.Document)
	}
	for at := range r.aliases {
		consider(r.g.first[at[0]] + at[1])
	}
	r.together(hits)
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Report, b.Report), cmp.Compare(a.Paragraph, b.Paragraph))
	})
	r.preferPlaces(hits)
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	for i := range hits {
		r.detail(&hits[i])
	}
	return hits, nil
}

// begin makes what scoring works with.
func (r *ranking) begin() {
	r.sent, r.head, r.para = newScratch(r.e.positions), newScratch(r.e.positions), newScratch(r.e.positions)
	r.heads = map[[2]int][]float64{}
}

func (r *ranking) score(n int) (Hit, bool) {
	p := &r.g.paras[n]
	of := r.g.Corpus.Reports[p.report]
	para := &of.Paragraphs[p.at]
	if para.Role == report.Furniture || len(p.ends) == 0 {
		return Hit{}, false
	}
	r.buf = r.e.scan(p.runes, r.buf[:0])
	hits := r.buf
	heads := r.headCredit(int(p.report), para.Section)
	norm := 1 - r.w.B + r.w.B*float64(p.length)/r.g.tokens
	r.e.credit(r.para, hits, func(n int32) float64 {
		tf := float64(n)
		return tf * (r.w.K1 + 1) / (tf + r.w.K1*norm)
	})
	whole := r.para.sum(nil, 0)
	survey(hits, p.ends[0])
	h := Hit{Report: int(p.report), Paragraph: int(p.at), Best: -1, Sentences: make([]SentenceScore, len(p.ends)), Places: true}
	alias := r.aliases[[2]int{h.Report, h.Paragraph}]
	h.Term = alias > 0
	placed := r.placed(p, of, &h)
	start, from, top := 0, 0, 0.0
	for i, end := range p.ends {
		to := from
		for to < len(hits) && hits[to].end <= end {
			to++
		}
		s := r.sentence(p, of, i, start, int(end), hits[from:to], heads, whole)
		top = math.Max(top, s.Score)
		if h.Best < 0 || s.Choice > h.Sentences[h.Best].Choice {
			h.Best = i
		}
		h.Sentences[i] = s
		start, from = int(end), to
	}
	h.Score = top * placed
	h.Score *= 1 + r.termGain(alias)
	h.Score *= r.roleFactor(para.Role, h.Term)
	return h, true
}

// roleFactor keeps headings from standing for what is under them.
func (r *ranking) roleFactor(role report.Role, term bool) float64 {
	switch role {
	case report.Heading:
		return r.w.Heading
	case report.Preamble:
		return r.w.Preamble
	case report.Glossary:
		if !term {
			return 1 - r.w.Glossary
		}
	}
	return 1
}

// termGain is how much a glossary entry gains when the question names it: all
// of it on a question for a definition, little where a figure is asked for.
func (r *ranking) termGain(alias float64) float64 {
	if alias == 0 {
		return 0
	}
	gain := r.w.Term * alias
	switch r.q.Want {
	case question.Definition:
		if r.q.Weak {
			return gain * (0.5 + 0.5*r.aliasShare())
		}
		return gain
	case question.Figure, question.When, question.Duration:
		return 0
	}
	return gain * r.aliasShare()
}

// aliasShare is the share of the question's content that names glossary terms,
// the names of the reports' regions left out.
func (r *ranking) aliasShare() float64 {
	if !r.shared {
		r.share, r.shared = r.g.aliasShare(r.q, r.e), true
	}
	return r.share
}

func (g *Generation) aliasShare(q *question.Question, e *evidence) float64 {
	in := make([]bool, e.positions)
	for _, a := range g.literalAliases(q) {
		for i := a.start; i < a.end; i++ {
			in[i] = true
		}
	}
	out := g.regionRunes(q)
	got, total := 0.0, 0.0
	for i, p := range e.weighty {
		switch {
		case in[i]:
			got, total = got+p, total+p
		case !out[i]:
			total += p
		}
	}
	if total == 0 {
		return 1
	}
	return got / total
}

// sentence scores one sentence, whose runes are [start,end) and finds hits.
func (r *ranking) sentence(p *paragraph, of *report.Report, i, start, end int, hits []hit, heads []float64, whole float64) SentenceScore {
	s := SentenceScore{}
	meta := &of.Paragraphs[p.at].Sentences[i]
	r.e.credit(r.sent, hits, r.repeated)
	own := r.sent.sum(heads, r.w.Head)
	length := float64(end - start)
	own /= 1 + r.w.Length*math.Max(0, length/60-1)*0.2
	clause, at, quantity := r.bestClause(p, start, end, hits)
	s.Clause = at
	s.Score = r.w.Paragraph*whole + r.w.Sentence*own + r.w.Clause*clause
	s.Choice = r.e.choose(r.sent, hits) + r.w.ChoiceClause*clause
	if r.q.Want == question.Figure || r.q.Want == question.When || r.q.Want == question.Duration {
		s.Choice += r.w.ChoiceNumber * r.numbers(p, start, end)
	}
	factor := r.when.factor(r.w, meta)
	factor *= r.answerFactor(p, i, meta, start, end, hits, quantity, &s)
	s.Score *= factor
	s.Choice *= factor
	return s
}

// repeated is the saturation of a sentence: finding again adds little.
func (r *ranking) repeated(n int32) float64 {
	if n == 1 {
		return 1
	}
	return 1 + r.w.Repeat*math.Log2(float64(n))
}

// bestClause returns the credit of the best clause or pair of neighbouring
// clauses (at part weight), and whether a quantity of the kind asked for
// stands in it.
func (r *ranking) bestClause(p *paragraph, start, end int, hits []hit) (credit float64, at Span, quantity bool) {
	if len(hits) == 0 {
		return 0, Span{start, start}, false
	}
	best, at := 0.0, Span{start, start}
	from, clauseStart := 0, start
	for i := start; i <= end; i++ {
		if i < end && !endsClause(p.runes, i) {
			continue
		}
		to := from
		for to < len(hits) && int(hits[to].end) <= i+1 {
			to++
		}
		if to > from {
			r.e.credit(r.para, hits[from:to], once)
			if c := r.para.sum(nil, 0); c > best {
				best, at = c, Span{clauseStart, min(i+1, end)}
			}
		}
		from, clauseStart = to, i+1
	}
	return best, at, r.hasQuantity(p, at.Start, at.End)
}

// measures reports whether a figure of sentence i measures what the question
// names in full.
func (r *ranking) measures(p *paragraph, i int) bool {
	for _, x := range p.indicators {
		if int(x.sentence) == i && indexRunes(r.q.Folded.Runes, x.runes) >= 0 {
			return true
		}
	}
	return false
}

// bound reports whether a clause with a quantity of the kind asked for holds
// anything else that the question asks about.
func (r *ranking) bound(p *paragraph, start, end int, hits []hit, other Span) (Span, bool) {
	for from := start; from < end; {
		to := clauseEnd(p.runes, from, end)
		if r.hasQuantity(p, from, to) {
			for _, h := range hits {
				if int(h.start) >= from && int(h.end) <= to && r.tells(h) {
					return Span{from, to}, true
				}
			}
		}
		from = to
	}
	return other, false
}

// tells reports whether a find is about the subject of the question rather
// than its time or manner.
func (r *ranking) tells(h hit) bool {
	if h.form != nil {
		return true
	}
	for _, at := range h.gram.at {
		for _, s := range r.q.Content {
			if s.Weight == 1 && int(at) >= s.Start && int(at) < s.End {
				return h.gram.weight > 0
			}
		}
	}
	return false
}

// clauseEnd returns the end of the clause that begins at start.
func clauseEnd(rs []rune, start, end int) int {
	for i := start; i < end; i++ {
		if endsClause(rs, i) {
			return i + 1
		}
	}
	return end
}

// numbers is 1 where a sentence holds a quantity or date, else 0.
func (r *ranking) numbers(p *paragraph, start, end int) float64 {
	for _, q := range p.quantities {
		if int(q.at) >= start && int(q.end) <= end {
			return 1
		}
	}
	return 0
}

// endsClause reports whether a clause of folded text ends behind rune i, which
// is not so at a sign within a number: 1,206, 1:3.
func endsClause(rs []rune, i int) bool {
	within := i > 0 && i+1 < len(rs) && analysis.IsDigit(rs[i-1]) && analysis.IsDigit(rs[i+1])
	return report.EndsClause(rs[i]) && !within
}

func (r *ranking) hasQuantity(p *paragraph, start, end int) bool {
	for _, q := range p.quantities {
		if int(q.at) >= start && int(q.end) <= end && r.fits(q) {
			return true
		}
	}
	return false
}

// fits reports whether a quantity is of the kind asked for.
func (r *ranking) fits(q quantity) bool {
	if q.dimension == report.Date {
		return false
	}
	if q.dimension == report.NoDimension && r.q.Dimension != report.NoDimension {
		// 2300万省外劳动力: large numbers of people and things need no unit.
		return q.large && (r.q.Dimension == report.People || r.q.Dimension == report.Things || r.q.Dimension == report.Households)
	}
	switch r.q.Dimension {
	case report.NoDimension:
		return true
	case report.Percent, report.Points:
		return q.dimension == report.Percent || q.dimension == report.Points
	case report.Things:
		return q.dimension == report.Things || q.dimension == report.Households
	}
	return q.dimension == r.q.Dimension
}

// answerFactor rates a sentence as an answer of the type asked for.
func (r *ranking) answerFactor(p *paragraph, i int, meta *report.Sentence, start, end int, hits []hit, inClause bool, s *SentenceScore) float64 {
	w := r.w
	switch r.q.Want {
	case question.Figure:
		any, unit := false, false
		for _, q := range p.quantities {
			if int(q.at) >= start && int(q.end) <= end && r.fits(q) {
				any = true
				unit = unit || q.unit == r.q.Unit && q.unit != ""
			}
		}
		s.Quantity = any
		s.Stated, s.Bound = s.Clause, inClause
		if any && !inClause {
			next := Span{s.Clause.End, clauseEnd(p.runes, s.Clause.End, end)}
			if r.hasQuantity(p, next.Start, next.End) {
				s.Stated, s.Bound = next, true
			} else {
				s.Stated, s.Bound = r.bound(p, start, end, hits, s.Clause)
			}
		}
		f := 1.0
		if !any && r.q.Weak {
			return f
		}
		if !any {
			return f - w.NoQuantity
		}
		if inClause {
			f += w.Dimension
		}
		if unit {
			f += w.Unit
		}
		if r.measures(p, i) {
			f += w.Indicator
		}
		return f
	case question.When, question.Duration:
		for _, q := range p.quantities {
			if int(q.at) >= start && int(q.end) <= end && (q.dimension == report.Date || q.dimension == report.Duration) {
				s.Date = true
				return 1 + w.Shape
			}
		}
	case question.List:
		for _, r := range p.runes[start:end] {
			if r == '、' {
				return 1 + w.Shape
			}
		}
	case question.Measure, question.YesNo:
		if meta.Kind == report.Target {
			return 1 + w.Shape
		}
	}
	return 1
}

// headCredit is the credit of the titles above a section.
func (r *ranking) headCredit(of, section int) []float64 {
	if section < 0 {
		return nil
	}
	key := [2]int{of, section}
	if c, ok := r.heads[key]; ok {
		return c
	}
	var hits []hit
	for s := section; s >= 0; s = r.g.Corpus.Reports[of].Sections[s].Parent {
		hits = r.e.scan(r.g.titles[of][s], hits)
	}
	r.e.credit(r.head, hits, once)
	credit := make([]float64, r.e.positions)
	for i := range credit {
		credit[i] = math.Max(r.head.literal[i], r.head.stood[i])
	}
	r.heads[key] = credit
	return credit
}

// detail works out what only the hits that are returned need: where the finds
// are, and what share of the question the best sentence accounts for, its
// paragraph and section counting in part.
func (r *ranking) detail(h *Hit) {
	p := &r.g.paras[r.g.first[h.Report]+h.Paragraph]
	r.buf = r.e.scan(p.runes, r.buf[:0])
	var inside []hit
	sentence := 0
	for _, x := range r.buf {
		for sentence < len(p.ends)-1 && x.start >= p.ends[sentence] {
			sentence++
		}
		if x.end > p.ends[sentence] {
			continue
		}
		s := &h.Sentences[sentence]
		s.Finds = append(s.Finds, Span{int(x.start), int(x.end)})
		if sentence == h.Best {
			inside = append(inside, x)
		}
	}
	name := r.nameHits(r.g.first[h.Report] + h.Paragraph)
	inside, r.buf = append(inside, name...), append(r.buf, name...)
	own := r.e.coverage(inside, nil)
	h.Sentences[h.Best].Coverage = r.e.covered(own)
	context := r.e.coverage(r.buf, nil)
	heads := r.headCredit(h.Report, r.g.Corpus.Reports[h.Report].Paragraphs[h.Paragraph].Section)
	for i := range own {
		around := contextShare * context[i]
		if heads != nil && r.e.potential[i] > 0 {
			around = math.Max(around, contextShare*math.Min(1, heads[i]/r.e.potential[i]))
		}
		own[i] = math.Max(own[i], around)
	}
	h.Coverage = r.e.covered(own)
	h.Mass = h.Score / r.w.idf(1, len(r.g.paras))
}

// contextShare is how much the paragraph and the section count beside the
// sentence itself in coverage.
const contextShare = 0.6

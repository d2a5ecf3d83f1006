package retrieval

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/index"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/question"
)

// An expansion is a phrase that stands for a span of the question.
type expansion struct {
	start, end int
	text       string
	share      float64
	at         []bool // of a near concept: the runes it stands for, nil for all
}

// generalField holds concepts that fit any subject (rise, build, total): they
// tell sentences apart less than what is asked about.
const generalField = "general"

// maxExpansions bounds the work of one question.
const maxExpansions = 160

// A Dictionary knows words that no report may hold.
type Dictionary interface {
	// Lookup gives Chinese words for an English word or phrase, best first.
	Lookup(english string) []cedict.Entry
	// Pair reports whether b follows a within a Chinese word.
	Pair(a, b rune) bool
}

// expand lists what may stand for spans of q.
func (g *Generation) expand(q *question.Question, matches []lexicon.Match, w *Weights, tr Dictionary) []expansion {
	rs := q.Folded.Runes
	var out []expansion
	known := make([]bool, len(rs))
	add := func(m lexicon.Match, forms []string, share float64) {
		literal := string(rs[m.Start:m.End])
		for _, f := range forms {
			if f != literal && len(out) < maxExpansions {
				out = append(out, expansion{m.Start, m.End, f, share, nil})
			}
		}
	}
	for _, m := range matches {
		for i := m.Start; i < m.End; i++ {
			known[i] = true
		}
		if m.Place >= 0 {
			p, share := g.lexicon.Places[m.Place], 1.0
			if slices.Contains(g.regions, m.Place) && !quoted(rs, m.Start, m.End) {
				share = w.OwnName
			}
			add(m, append([]string{p.Name}, p.Short...), share)
			continue
		}
		c := g.lexicon.Concepts[m.Concept]
		share := w.Said
		if c.Field == generalField {
			share *= w.General
		}
		add(m, c.Terms, share)
		add(m, c.Abbr, share)
	}
	for _, m := range matches {
		if m.Concept >= 0 {
			for _, r := range g.lexicon.Concepts[m.Concept].Related {
				add(m, g.lexicon.Concepts[r].Terms, w.Related)
			}
		}
	}
	if tr != nil {
		out = append(out, translate(q, known, w, tr)...)
	}
	return append(out, g.near(q, w)...)
}

// nearest is how many concepts a question may mean without naming them.
const nearest = 4

// talkative is how many characters of content a question has that describes a
// thing rather than naming it.
const talkative = 8

// near lists the terms of the concepts whose forms have most of what a
// question says: people say a thing in more ways than a lexicon holds.
func (g *Generation) near(q *question.Question, w *Weights) []expansion {
	rs := q.Folded.Runes
	content, n := make([]bool, len(rs)), 0
	for _, s := range q.Content {
		for i := s.Start; i < s.End; i++ {
			content[i] = s.Weight == 1 && !question.IsFunction(rs[i])
			if content[i] {
				n++
			}
		}
	}
	sure := w.Near * math.Min(1, float64(n)/talkative)
	switch q.Want {
	case question.Anything, question.Measure, question.YesNo:
	case question.Definition, question.Figure:
		return nil // a term and what is measured are asked for by their names
	default:
		if !q.Weak {
			sure *= w.NearNamed
		}
	}
	var out []expansion
	found := g.lexicon.Near(rs, content, nearest, func(c int) bool { return slices.ContainsFunc(g.lexicon.Concepts[c].Terms, g.occurs) })
	for _, n := range found {
		share := sure * math.Pow(n.Score/found[0].Score, w.NearFall) * math.Min(1, n.Explained/w.NearSure)
		start, end := slices.Index(n.At, true), len(rs)
		for end > start && !n.At[end-1] {
			end--
		}
		for _, t := range g.lexicon.Concepts[n.Concept].Terms {
			if g.occurs(t) {
				out = append(out, expansion{start, end, t, share, n.At})
			}
		}
	}
	return out
}

// occurs reports whether the corpus has all pairs of characters of a form, and
// so may have the form.
func (g *Generation) occurs(form string) bool {
	var prev rune
	for _, r := range form {
		if !analysis.IsHan(r) {
			prev = 0
			continue
		}
		if prev != 0 && g.bigrams.count(prev, r) == 0 {
			return false
		}
		prev = r
	}
	return true
}

// translate looks up the Latin words of the content that the lexicon does not
// know, pairs of words first.
func translate(q *question.Question, known []bool, w *Weights, tr Dictionary) []expansion {
	var out []expansion
	rs := q.Folded.Runes
	for _, s := range q.Content {
		words := latinWords(rs, s, known)
		for i := 0; i < len(words); i++ {
			if i+1 < len(words) {
				if ts := tr.Lookup(string(rs[words[i].Start:words[i].End]) + " " + string(rs[words[i+1].Start:words[i+1].End])); len(ts) > 0 {
					for _, t := range ts {
						out = append(out, expansion{words[i].Start, words[i+1].End, t.Chinese, w.English * t.Weight, nil})
					}
					i++
					continue
				}
			}
			for _, t := range tr.Lookup(string(rs[words[i].Start:words[i].End])) {
				out = append(out, expansion{words[i].Start, words[i].End, t.Chinese, w.English * t.Weight, nil})
			}
		}
	}
	return out
}

func latinWords(rs []rune, s question.Span, known []bool) []question.Span {
	var out []question.Span
	for i := s.Start; i < s.End; {
		if !('a' <= rs[i] && rs[i] <= 'z') {
			i++
			continue
		}
		j := analysis.WordEnd(rs[:s.End], i)
		if !known[i] && j-i >= 3 {
			out = append(out, question.Span{Start: i, End: j})
		}
		i = max(j, i+1)
	}
	return out
}

// padding is said between the parts of a phrase without changing it: 看病太贵了
// is 看病贵.
const padding = "太很真的了得着过点些就都也还又给可挺特最 "

// concepts finds the forms of the lexicon in a folded question, padding inside
// them or not.
func (g *Generation) concepts(rs []rune) []lexicon.Match {
	out := g.lexicon.Find(rs)
	bare := make([]rune, 0, len(rs))
	at := make([]int, 0, len(rs))
	for i, r := range rs {
		if !strings.ContainsRune(padding, r) {
			bare, at = append(bare, r), append(at, i)
		}
	}
	if len(bare) == len(rs) {
		return out
	}
	for _, m := range g.lexicon.Find(bare) {
		start, end := at[m.Start], at[m.End-1]+1
		if end-start == m.End-m.Start || m.Place >= 0 || !analysis.IsHan(rs[start]) {
			continue // stands there without padding, or is no phrase
		}
		m.Start, m.End = start, end
		out = append(out, m)
	}
	return out
}

// compile makes the evidence for q and the index terms that find candidates.
func (g *Generation) compile(ctx context.Context, q *question.Question, w *Weights, tr Dictionary, homes []where) (*evidence, []index.Term, error) {
	rs := q.Folded.Runes
	e := &evidence{weights: w, positions: len(rs), grams: map[analysis.Gram]*gram{}, forms: map[analysis.Gram][]*form{}, potential: make([]float64, len(rs)), whole: make([]float64, len(rs)), weighty: make([]float64, len(rs))}
	b := compiler{g: g, e: e, w: w, rs: rs, at: map[index.Term]int{}}
	for _, s := range b.lighter(q.Content, homes) {
		b.literal(s)
	}
	b.bridges(q.Content)
	matches := g.concepts(rs)
	expansions := g.expand(q, matches, w, tr)
	for _, x := range expansions {
		b.form(x)
	}
	if err := b.weigh(ctx); err != nil {
		return nil, nil, err
	}
	b.weighPositions(matches, expansions, homes)
	return e, b.terms(), nil
}

// lighter makes the names of places that have reports of their own count less:
// whose report a paragraph is of is judged by itself, and in that report the
// name tells paragraphs apart by chance.
func (b *compiler) lighter(content []question.Span, places []where) []question.Span {
	for _, w := range places {
		if !w.own {
			continue
		}
		var rest []question.Span
		for _, s := range content {
			if w.end <= s.Start || s.End <= w.start {
				rest = append(rest, s)
				continue
			}
			if s.Start < w.start {
				rest = append(rest, question.Span{Start: s.Start, End: w.start, Weight: s.Weight})
			}
			rest = append(rest, question.Span{Start: max(s.Start, w.start), End: min(s.End, w.end), Weight: s.Weight * b.w.OwnName})
			if w.end < s.End {
				rest = append(rest, question.Span{Start: w.end, End: s.End, Weight: s.Weight})
			}
		}
		content = rest
	}
	return content
}

// compiler gathers grams and forms, then weighs them with one look at the
// index.
type compiler struct {
	g     *Generation
	e     *evidence
	w     *Weights
	rs    []rune
	asked []index.Term // terms whose frequency is needed
	at    map[index.Term]int
	lits  []literalGram
	xs    []compiledForm
	freqs []int
}

type literalGram struct {
	gram  *gram
	term  int // into asked
	base  float64
	field index.Field
	extra bool // counts where found, and is not missed where not
}

type compiledForm struct {
	form  *form
	terms []int
	bases []float64
	grams []analysis.Gram
}

func (b *compiler) ask(field index.Field, text string) int {
	t := index.Term{Field: field, Text: text}
	i, ok := b.at[t]
	if !ok {
		i = len(b.asked)
		b.at[t] = i
		b.asked = append(b.asked, t)
	}
	return i
}

// base is the weight of a gram before its rarity counts.
func (b *compiler) base(g analysis.Gram, rs []rune, start, end int) (float64, index.Field) {
	switch {
	case g.IsUnigram():
		if question.IsFunction(rs[start]) {
			return 0, index.Unigrams
		}
		return b.w.Unigram, index.Unigrams
	case g.IsWord():
		return b.w.Word, index.Bigrams
	}
	if question.IsFunction(rs[start]) || question.IsFunction(rs[end-1]) {
		return b.w.Function, index.Bigrams
	}
	return 1, index.Bigrams
}

func (b *compiler) literal(s question.Span) {
	part := b.rs[s.Start:s.End]
	analysis.Grams(part, func(g analysis.Gram, start, end int) {
		base, field := b.base(g, part, start, end)
		if base == 0 {
			return
		}
		q := b.e.grams[g]
		if q == nil {
			q = &gram{first: g}
			b.e.grams[g] = q
			b.lits = append(b.lits, literalGram{q, b.ask(field, index.GramTerm(g, part, start, end)), base * s.Weight, field, false})
		}
		q.at = append(q.at, int32(s.Start+start))
		if g.IsBigram() {
			q.second = append(q.second, int32(s.Start+end-1))
		}
		for _, r := range part[start:end] {
			b.e.heat(r)
		}
	})
}

func (b *compiler) form(x expansion) {
	rs := []rune(x.text)
	f := &form{runes: rs, start: x.start, end: x.end, share: x.share, size: x.end - x.start, at: x.at}
	if x.at != nil {
		f.size = 0
		for _, in := range x.at {
			if in {
				f.size++
			}
		}
	}
	c := compiledForm{form: f}
	analysis.Grams(rs, func(g analysis.Gram, start, end int) {
		base, field := b.base(g, rs, start, end)
		if g.IsUnigram() {
			return
		}
		c.grams = append(c.grams, g)
		c.terms = append(c.terms, b.ask(field, index.GramTerm(g, rs, start, end)))
		c.bases = append(c.bases, base+b.w.Unigram/2)
	})
	if len(c.grams) > 0 {
		b.xs = append(b.xs, c)
	}
}

func (b *compiler) weigh(ctx context.Context) error {
	freqs, err := b.g.index.Frequencies(ctx, b.asked)
	if err != nil {
		return err
	}
	b.freqs = freqs
	for _, l := range b.lits {
		idf := b.idf(freqs[l.term])
		l.gram.weight = l.base * idf
		l.gram.cover = b.coverBase(l) * idf
		l.gram.choice = l.base * math.Pow(idf, b.w.QuoteIDF/b.w.IDFPower)
		for k, at := range l.gram.at {
			if l.extra {
				break
			}
			if l.gram.second != nil {
				second := l.gram.second[k]
				b.e.potential[at] += l.gram.weight / 2
				b.e.potential[second] += l.gram.weight / 2
				b.e.whole[at] += l.gram.cover / 2
				b.e.whole[second] += l.gram.cover / 2
			} else {
				b.e.potential[at] += l.gram.weight
				b.e.whole[at] += l.gram.cover
			}
		}
	}
	for _, c := range b.xs {
		b.weighForm(c)
	}
	return nil
}

// Single characters agree by chance: in the coverage they count this much of
// what a bigram does, whatever their weight in the ranking.
const coverUnigram = 0.15

// coverBase is the weight of a literal gram in the coverage before its rarity
// counts.
func (b *compiler) coverBase(l literalGram) float64 {
	if l.gram.first.IsUnigram() && b.w.Unigram > 0 {
		return l.base / b.w.Unigram * coverUnigram
	}
	return l.base
}

// extent is how many bigrams a span of the question is worth: a form that is
// longer than what it stands for must not outweigh the rest of the question.
func (b *compiler) extent(f *form) float64 {
	n := 0.0
	for i := f.start; i < f.end; i++ {
		switch {
		case !f.standsFor(i):
		case analysis.IsHan(b.rs[i]):
			n++
		case analysis.IsWordRune(b.rs[i]) && (i == f.start || !analysis.IsWordRune(b.rs[i-1])):
			n += 2
		}
	}
	return math.Max(1, n-1)
}

// weighForm gives a form the mass of its grams, and drops one that cannot
// occur.
func (b *compiler) weighForm(c compiledForm) {
	mass := 0.0
	for i, t := range c.terms {
		if b.freqs[t] == 0 {
			return
		}
		mass += c.bases[i] * b.idf(b.freqs[t])
	}
	own := float64(len(c.terms))
	asked := b.extent(c.form)
	c.form.mass = b.w.FormMass * c.form.share * mass / own * math.Pow(own, b.w.FormOwn) * math.Pow(asked, 1-b.w.FormOwn)
	b.e.forms[c.grams[0]] = append(b.e.forms[c.grams[0]], c.form)
	for _, r := range c.form.runes {
		b.e.heat(r)
	}
}

// bridges adds the bigram between two runs of content of which one is a single
// character: 种了多少亩草 asks for 种草. It is evidence where it occurs, and
// nothing is missing where it does not.
func (b *compiler) bridges(content []question.Span) {
	for i := 1; i < len(content); i++ {
		l, r := content[i-1], content[i]
		if l.Weight < 1 || r.Weight < 1 || l.End-l.Start > 1 && r.End-r.Start > 1 {
			continue
		}
		x, y := b.rs[l.End-1], b.rs[r.Start]
		if !analysis.IsHan(x) || !analysis.IsHan(y) || question.IsFunction(x) || question.IsFunction(y) {
			continue
		}
		g := analysis.Bigram(x, y)
		if b.e.grams[g] != nil {
			continue
		}
		q := &gram{first: g, at: []int32{int32(l.End - 1)}, second: []int32{int32(r.Start)}}
		b.e.grams[g] = q
		b.lits = append(b.lits, literalGram{q, b.ask(index.Bigrams, string([]rune{x, y})), b.bridgeBase(l, r), index.Bigrams, true})
		b.e.heat(x)
		b.e.heat(y)
	}
}

// placeShare is what a place counts in the coverage: whether it is mentioned
// is judged by itself, and must not make up for what is asked about it.
const placeShare = 0.1

// bridgeBase is the weight of a bridge: between two single characters it is a
// word taken apart.
func (b *compiler) bridgeBase(l, r question.Span) float64 {
	if l.End-l.Start == 1 && r.End-r.Start == 1 {
		return 1
	}
	return b.w.Bridge
}

// weighPositions sets what each position counts in the coverage: characters
// that neither the corpus nor the lexicon knows count little, they are how
// people talk; the region that the reports are about anyway counts nothing.
func (b *compiler) weighPositions(matches []lexicon.Match, expansions []expansion, homes []where) {
	supported := make([]bool, len(b.rs))
	for _, l := range b.lits {
		if b.freqs[l.term] == 0 || l.gram.first.IsUnigram() {
			continue
		}
		for k, at := range l.gram.at {
			supported[at] = true
			if l.gram.second != nil {
				supported[l.gram.second[k]] = true
			}
		}
	}
	for _, m := range matches {
		for i := m.Start; i < m.End; i++ {
			supported[i] = true
		}
	}
	for _, x := range expansions {
		for i := x.start; i < x.end && x.at == nil; i++ {
			supported[i] = true // a word that is understood and not found is missing
		}
	}
	for i, p := range b.e.whole {
		b.e.weighty[i] = p
		if !supported[i] {
			b.e.weighty[i] *= b.w.Unknown
		}
	}
	for _, h := range homes {
		share := placeShare
		if h.home {
			share = 0
		}
		for i := h.start; i < h.end; i++ {
			b.e.weighty[i] *= share
		}
	}
	for _, p := range b.e.weighty {
		b.e.total += p
	}
}

func (b *compiler) idf(df int) float64 {
	return b.w.idf(df, len(b.g.paras))
}

// idf is the rarity of what df of n paragraphs have, as BM25 has it.
func (w *Weights) idf(df, n int) float64 {
	return math.Pow(math.Log(1+(float64(n-df)+0.5)/(float64(df)+0.5)), w.IDFPower)
}

// terms lists the index terms that find candidates; each once, at its
// greatest boost.
func (b *compiler) terms() []index.Term {
	boosts := map[int]float64{}
	for _, l := range b.lits {
		boosts[l.term] = math.Max(boosts[l.term], l.base)
	}
	for _, c := range b.xs {
		if c.form.mass == 0 {
			continue
		}
		for i, t := range c.terms {
			boosts[t] = math.Max(boosts[t], 0.7*c.form.share*c.bases[i])
		}
	}
	var order []int
	for i := range b.asked {
		if boosts[i] > 0 && b.freqs[i] > 0 {
			order = append(order, i)
		}
	}
	worth := func(i int) float64 { return boosts[i] * b.idf(b.freqs[i]) }
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(worth(y), worth(x)) })
	var out []index.Term
	for n, i := range order {
		if n >= fewTerms && (n >= mostTerms || b.common(i)) {
			continue
		}
		t := b.asked[i]
		t.Boost = boosts[i]
		out = append(out, t)
		if t.Field == index.Bigrams && n < fewTerms {
			out = append(out, index.Term{Field: index.Head, Text: t.Text, Boost: boosts[i] * b.w.Head})
		}
	}
	return out
}

// What a search costs follows the share of paragraphs that its terms hit. The
// fewTerms that tell most are always searched, of the others those that are
// not common, and no more than mostTerms: ranking looks for all of them in the
// candidates anyway.
const (
	fewTerms  = 12
	mostTerms = 40
)

// common reports whether a term is in so many paragraphs of a large corpus
// that it finds no candidates of its own.
func (b *compiler) common(i int) bool {
	n := len(b.g.paras)
	return n > 500 && b.freqs[i] > n/20
}

// literalAliases finds the glossary terms a question names, the longest alias
// at each position, none inside a longer one.
func (g *Generation) literalAliases(q *question.Question) []aliasMatch {
	var clean []rune
	var at []int
	for i, r := range q.Folded.Runes {
		if analysis.IsHan(r) || analysis.IsWordRune(r) {
			clean = append(clean, r)
			at = append(at, i)
		}
	}
	var out []aliasMatch
	for i := 0; i < len(clean); i++ {
		for n := min(maxAlias, len(clean)-i); n >= 2; n-- {
			refs := g.aliases[string(clean[i:i+n])]
			if len(refs) == 0 || isWeakWord(string(clean[i:i+n]), refs) {
				continue
			}
			out = append(out, aliasMatch{at[i], at[i+n-1] + 1, refs})
			i += n - 1
			break
		}
	}
	return out
}

const maxAlias = 30

// isWeakWord keeps an alias of little weight from standing for its term: a
// part that is an everyday word.
func isWeakWord(_ string, refs []TermRef) bool {
	for _, r := range refs {
		if r.Weight >= 0.3 {
			return false
		}
	}
	return true
}

type aliasMatch struct {
	start, end int // runes of the folded question
	refs       []TermRef
}

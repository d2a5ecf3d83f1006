package lexicon

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"wenbao/retrieval/analysis"
)

// A Near is a concept whose forms are made of the same characters as a text,
// though none of them may stand in it as a whole.
type Near struct {
	Concept int
	Score   float64 // comparable within one text
	// Explained is the share of the text, rare characters counting more, that
	// the forms of the concept have: 0–1.
	Explained float64
	At        []bool // per rune of the text, whether the forms have it
}

// nearIndex holds which concepts have a gram in how many of their forms.
type nearIndex struct {
	once     sync.Once
	postings []posting // by gram, then concept
	worth    []float32 // of each, what its gram says of its concept
	lengths  []float32 // per concept, grams in all its forms
	mean     float64
	count    int // concepts that count
}

// posting packs a gram (15 bits for each of its characters, the first 0 for a
// single one), a concept and how often it has the gram.
type posting uint64

const (
	charBits    = 15
	conceptBits = 14
	timesBits   = 16
)

func newPosting(a, b rune, concept int) posting {
	x, y := posting(0), posting(b-firstHan+1)
	if a != 0 {
		x = posting(a - firstHan + 1)
	}
	return (x<<charBits|y)<<(conceptBits+timesBits) | posting(concept)<<timesBits | 1
}

func (p posting) gram() posting { return p >> (conceptBits + timesBits) }
func (p posting) concept() int  { return int(p>>timesBits) & (1<<conceptBits - 1) }
func (p posting) times() int    { return int(p & (1<<timesBits - 1)) }

// Characters outside the block of everyday ones have no grams.
const firstHan, lastHan = 0x4e00, 0x9fff

func everyday(r rune) bool { return r >= firstHan && r <= lastHan }

// Saturation and length normalisation of a gram in a concept, as BM25 has
// them. Everyday speech shares single characters with a form more often than
// pairs, so they weigh the same.
const (
	nearK1 = 1.2
	nearB  = 0.4
)

// general is the field of concepts that fit any subject: near is a question
// of what a text is about.
const general = "general"

// build gathers the grams of all forms, when first asked for.
func (x *nearIndex) build(concepts []Concept) {
	x.once.Do(func() {
		x.lengths = make([]float32, len(concepts))
		raw := make([]posting, 0, perConcept*len(concepts))
		total := 0.0
		for i, c := range concepts {
			if c.Field == general || i >= 1<<conceptBits {
				continue
			}
			from := len(raw)
			for _, forms := range [][]string{c.Terms, c.Said, c.Abbr} {
				for _, f := range forms {
					raw = appendGrams(raw, f, i)
				}
			}
			x.lengths[i] = float32(len(raw) - from)
			total += float64(len(raw) - from)
			x.count++
		}
		x.mean = total / float64(max(x.count, 1))
		raw = byGram(raw)
		for _, p := range raw {
			if n := len(x.postings); n > 0 && x.postings[n-1]>>timesBits == p>>timesBits {
				if x.postings[n-1].times() < 1<<timesBits-1 {
					x.postings[n-1]++
				}
				continue
			}
			x.postings = append(x.postings, p)
		}
		x.worth = make([]float32, len(x.postings))
		for i, p := range x.postings {
			x.worth[i] = float32(x.saturated(p))
		}
	})
}

// perConcept is about how many grams a concept's forms have.
const perConcept = 160

// byGram sorts postings that are in the order of their concepts by gram:
// character after character, as often as there are postings.
func byGram(ps []posting) []posting {
	other := make([]posting, len(ps))
	for _, shift := range []int{conceptBits + timesBits, conceptBits + timesBits + charBits} {
		var starts [1<<charBits + 1]int32
		for _, p := range ps {
			starts[(p>>shift)&(1<<charBits-1)+1]++
		}
		for i := 1; i < len(starts); i++ {
			starts[i] += starts[i-1]
		}
		for _, p := range ps {
			at := &starts[(p>>shift)&(1<<charBits-1)]
			other[*at] = p
			*at++
		}
		ps, other = other, ps
	}
	return ps
}

func appendGrams(out []posting, form string, concept int) []posting {
	var prev rune
	for _, r := range form {
		if !everyday(r) {
			prev = 0
			continue
		}
		if prev != 0 {
			out = append(out, newPosting(prev, r, concept))
		}
		out = append(out, newPosting(0, r, concept))
		prev = r
	}
	return out
}

// of returns the range of the postings of a gram.
func (x *nearIndex) of(a, b rune) (from, to int) {
	gram := newPosting(a, b, 0).gram()
	at := func(g posting) int {
		i, _ := slices.BinarySearchFunc(x.postings, g, func(p, g posting) int { return cmp.Compare(p.gram(), g) })
		return i
	}
	return at(gram), at(gram + 1)
}

// textGram is a gram of a text with its weight.
type textGram struct {
	start, end int // in the text
	from, to   int // its postings
	weight     float64
}

// Near returns the concepts nearest to folded text, nearest first: at most
// limit of those that fits accepts. Only the runes that content marks count.
func (l *Lexicon) Near(rs []rune, content []bool, limit int, fits func(concept int) bool) []Near {
	x := &l.near
	x.build(l.Concepts)
	grams, whole := x.grams(rs, content)
	scores := make([]float64, len(l.Concepts))
	var found []int
	for _, g := range grams {
		for i := g.from; i < g.to; i++ {
			c := x.postings[i].concept()
			if scores[c] == 0 {
				found = append(found, c)
			}
			scores[c] += g.weight * float64(x.worth[i])
		}
	}
	var out []Near
	for _, c := range best(found, scores, tries*limit) {
		if len(out) < limit && fits(c) {
			out = append(out, x.describe(c, scores[c], whole, grams, len(rs)))
		}
	}
	return out
}

// tries is how many times as many concepts are looked at as are wanted.
const tries = 10

// best returns the n of found with the highest scores, best first.
func best(found []int, scores []float64, n int) []int {
	better := func(a, b int) bool { return scores[a] > scores[b] || scores[a] == scores[b] && a < b }
	out := make([]int, 0, n+1)
	for _, c := range found {
		if len(out) == n && !better(c, out[n-1]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(out, c, func(e, c int) int {
			if better(e, c) {
				return -1
			}
			return 1
		})
		out = slices.Insert(out, at, c)
		out = out[:min(len(out), n)]
	}
	return out
}

// saturated is what a gram's occurrences in the forms of a concept say.
func (x *nearIndex) saturated(p posting) float64 {
	n := float64(p.times())
	return n * (nearK1 + 1) / (n + nearK1*(1-nearB+nearB*float64(x.lengths[p.concept()])/x.mean))
}

// grams lists the different grams of the content and their weights' sum.
func (x *nearIndex) grams(rs []rune, content []bool) (out []textGram, whole float64) {
	seen := map[[2]rune]bool{}
	add := func(a, b rune, start, end int) {
		if seen[[2]rune{a, b}] {
			return
		}
		seen[[2]rune{a, b}] = true
		from, to := x.of(a, b)
		df, n := float64(to-from), float64(x.count)
		w := math.Log(1 + (n-df+0.5)/(df+0.5))
		whole += w
		if to > from {
			out = append(out, textGram{start, end, from, to, w})
		}
	}
	prev := -1
	for i, r := range rs {
		if !content[i] || !everyday(r) {
			if !analysis.Transparent(r) {
				prev = -1
			}
			continue
		}
		if prev >= 0 {
			add(rs[prev], r, prev, i+1)
		}
		add(0, r, i, i+1)
		prev = i
	}
	return out, whole
}

func (x *nearIndex) describe(concept int, score, whole float64, grams []textGram, runes int) Near {
	n := Near{Concept: concept, Score: score, At: make([]bool, runes)}
	got := 0.0
	for _, g := range grams {
		_, has := slices.BinarySearchFunc(x.postings[g.from:g.to], concept, func(p posting, c int) int { return cmp.Compare(p.concept(), c) })
		if !has {
			continue
		}
		got += g.weight
		n.At[g.start], n.At[g.end-1] = true, true
	}
	n.Explained = got / whole
	return n
}

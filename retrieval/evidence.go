package retrieval

import (
	"math"

	"wenbao/retrieval/analysis"
)

// evidence is a question compiled against one generation: what to look for in
// a paragraph and how much each find says. A find gives credit to the
// positions of the question it stands for; at each position the best find
// counts, so that a synonym never adds to the word itself.
type evidence struct {
	weights   *Weights
	positions int
	grams     map[analysis.Gram]*gram
	forms     map[analysis.Gram][]*form // by their first bigram or word
	hot       [1 << 10]uint64           // characters that occur in any gram or form
	potential []float64                 // per position, what a literal match of everything gives
	whole     []float64                 // per position, the coverage weight of a literal match
	weighty   []float64                 // per position, what it counts in the coverage
	total     float64                   // of weighty
}

// gram is a literal gram of the question.
type gram struct {
	at     []int32 // positions where it starts
	second []int32 // position of the second character of a bigram, as at
	weight float64
	first  analysis.Gram
	count  int32 // occurrences in the span under way

	cover   float64 // weight in the coverage
	choice  float64 // weight when choosing among the sentences of one paragraph
	whole   int32   // occurrences in the paragraph
	opening bool    // occurs in the paragraph's first sentence
}

// form is a phrase that stands for a span of the question.
type form struct {
	runes      []rune
	start, end int
	share      float64 // 0–1: how sure it is to mean the span
	size       int     // how many runes it stands for
	at         []bool  // of the question, those it stands for; nil for the whole span
	mass       float64 // credit of a match, before saturation
	count      int32
	whole      int32
	opening    bool
}

// hit is a find at a rune of a paragraph.
type hit struct {
	start, end int32
	gram       *gram
	form       *form
}

// standsFor reports whether f means the rune at i of its span.
func (f *form) standsFor(i int) bool { return f.at == nil || f.at[i] }

func (e *evidence) heat(r rune) { e.hot[(r>>6)&1023] |= 1 << (r & 63) }

func (e *evidence) isHot(r rune) bool { return e.hot[(r>>6)&1023]&(1<<(r&63)) != 0 }

// scan appends the finds in folded text to hits, in order of their end.
func (e *evidence) scan(rs []rune, hits []hit) []hit {
	prev := -1
	for i := 0; i < len(rs); {
		r := rs[i]
		switch {
		case analysis.IsHan(r):
			if e.isHot(r) {
				if prev >= 0 && e.isHot(rs[prev]) {
					hits = e.take(analysis.Bigram(rs[prev], r), rs, prev, i+1, hits)
				}
				hits = e.take(analysis.Unigram(r), rs, i, i+1, hits)
			}
			prev = i
			i++
		case analysis.IsWordRune(r):
			j := analysis.WordEnd(rs, i)
			if e.isHot(r) {
				hits = e.take(analysis.Word(rs[i:j]), rs, i, j, hits)
			}
			prev = -1
			i = j
		default:
			if !analysis.Transparent(r) {
				prev = -1
			}
			i++
		}
	}
	return hits
}

func (e *evidence) take(g analysis.Gram, rs []rune, start, end int, hits []hit) []hit {
	if q := e.grams[g]; q != nil {
		hits = append(hits, hit{int32(start), int32(end), q, nil})
	}
	for _, f := range e.forms[g] {
		if n := matchForm(f.runes, rs[start:]); n > 0 {
			hits = append(hits, hit{int32(start), int32(start + n), nil, f})
		}
	}
	return hits
}

// matchForm returns how many runes of rs the form takes, quotes and spaces
// inside skipped; 0 when rs does not start with it.
func matchForm(form, rs []rune) int {
	i := 0
	for _, f := range form {
		for i < len(rs) && rs[i] != f && i > 0 && analysis.Transparent(rs[i]) {
			i++
		}
		if i >= len(rs) || rs[i] != f {
			return 0
		}
		i++
	}
	return i
}

// scratch holds the credit per position while spans are scored.
type scratch struct {
	literal, stood []float64
	seenGrams      []*gram
	seenForms      []*form
}

func newScratch(positions int) *scratch {
	return &scratch{literal: make([]float64, positions), stood: make([]float64, positions)}
}

// tally counts the finds of a span and returns with s holding each once.
func (s *scratch) tally(hits []hit) {
	s.seenGrams, s.seenForms = s.seenGrams[:0], s.seenForms[:0]
	for i := range hits {
		if g := hits[i].gram; g != nil {
			if g.count == 0 {
				s.seenGrams = append(s.seenGrams, g)
			}
			g.count++
		} else {
			f := hits[i].form
			if f.count == 0 {
				s.seenForms = append(s.seenForms, f)
			}
			f.count++
		}
	}
}

// credit fills s with the credit of hits; saturate maps a count to the factor
// of a find that occurs so often.
func (e *evidence) credit(s *scratch, hits []hit, saturate func(n int32) float64) {
	clear(s.literal)
	clear(s.stood)
	s.tally(hits)
	for _, g := range s.seenGrams {
		w := g.weight * saturate(g.count)
		g.count = 0
		for k, at := range g.at {
			if g.second != nil {
				s.literal[at] += w / 2
				s.literal[g.second[k]] += w / 2
			} else {
				s.literal[at] += w
			}
		}
	}
	for _, f := range s.seenForms {
		w := f.mass * saturate(f.count) / float64(f.size)
		f.count = 0
		for i := f.start; i < f.end; i++ {
			if f.standsFor(i) {
				s.stood[i] = math.Max(s.stood[i], w)
			}
		}
	}
}

// survey notes what the paragraph as a whole says of each find: how often it
// occurs and whether the first sentence, which ends at rune first, has it.
func survey(hits []hit, first int32) {
	for _, h := range hits {
		if h.gram != nil {
			h.gram.whole, h.gram.opening = 0, false
		} else {
			h.form.whole, h.form.opening = 0, false
		}
	}
	for _, h := range hits {
		opening := h.end <= first
		if h.gram != nil {
			h.gram.whole++
			h.gram.opening = h.gram.opening || opening
		} else {
			h.form.whole++
			h.form.opening = h.form.opening || opening
		}
	}
}

// choose is the credit of a sentence against the others of its paragraph:
// what the paragraph keeps saying, and what its first sentence introduced,
// tells its sentences apart less.
func (e *evidence) choose(s *scratch, hits []hit) float64 {
	clear(s.literal)
	clear(s.stood)
	s.tally(hits)
	discount := func(whole int32, opening bool) float64 {
		d := 1 / (1 + e.weights.Frequent*float64(whole-1))
		if opening {
			d *= e.weights.First
		}
		return d
	}
	for _, g := range s.seenGrams {
		g.count = 0
		w := g.choice * discount(g.whole, g.opening)
		for k, at := range g.at {
			if g.second != nil {
				s.literal[at] += w / 2
				s.literal[g.second[k]] += w / 2
			} else {
				s.literal[at] += w
			}
		}
	}
	for _, f := range s.seenForms {
		f.count = 0
		w := f.mass * discount(f.whole, f.opening) / float64(f.size)
		for i := f.start; i < f.end; i++ {
			if f.standsFor(i) {
				s.stood[i] = math.Max(s.stood[i], w)
			}
		}
	}
	return s.sum(nil, 0)
}

// sum adds up the credit, heads (may be nil) giving what s lacks.
func (s *scratch) sum(heads []float64, headWeight float64) float64 {
	total := 0.0
	for i, l := range s.literal {
		c := math.Max(l, s.stood[i])
		if heads != nil {
			c = math.Max(c, headWeight*heads[i])
		}
		total += c
	}
	return total
}

// once is the saturation of a sentence: a find counts or does not.
func once(int32) float64 { return 1 }

// standIn scales a form's share up to what it covers: a sure synonym is nearly
// as good as the word.
const standIn = 1.3

// coverage returns the share of the question that hits account for, 0–1: a
// literal find covers its positions, a form as far as it is sure.
func (e *evidence) coverage(hits []hit, covered []float64) []float64 {
	if covered == nil {
		covered = make([]float64, e.positions)
	}
	lit := make([]float64, e.positions)
	counted := make(map[*gram]bool, len(hits))
	for _, h := range hits {
		if h.form != nil {
			share := math.Min(1, standIn*h.form.share)
			if h.form.at != nil {
				share = e.weights.NearCover * h.form.share
			}
			for i := h.form.start; i < h.form.end; i++ {
				if h.form.standsFor(i) {
					covered[i] = math.Max(covered[i], share)
				}
			}
			continue
		}
		if counted[h.gram] {
			continue
		}
		counted[h.gram] = true
		for k, at := range h.gram.at {
			if h.gram.second != nil {
				lit[at] += h.gram.cover / 2
				lit[h.gram.second[k]] += h.gram.cover / 2
			} else {
				lit[at] += h.gram.cover
			}
		}
	}
	for i, l := range lit {
		if e.whole[i] > 0 {
			covered[i] = math.Max(covered[i], math.Min(1, l/e.whole[i]))
		}
	}
	return covered
}

// covered sums a coverage vector up to a share of the question, 0–1.
func (e *evidence) covered(v []float64) float64 {
	if e.total == 0 {
		return 0
	}
	got := 0.0
	for i, c := range v {
		got += c * e.weighty[i]
	}
	return got / e.total
}

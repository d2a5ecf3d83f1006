package retrieval

import (
	"sync"

	"wenbao/retrieval/analysis"
)

// vocabulary knows which characters stand next to each other in a text: the
// ground on which typos are mended.
type vocabulary struct {
	bigrams map[uint64]uint32 // both characters → how often
	after   map[rune][]rune   // character → those that follow it
	precede map[rune][]rune   // character → those that stand before it
}

func newVocabulary() *vocabulary {
	return &vocabulary{bigrams: map[uint64]uint32{}, after: map[rune][]rune{}, precede: map[rune][]rune{}}
}

func pair(a, b rune) uint64 { return uint64(a)<<32 | uint64(b) }

func (v *vocabulary) learn(rs []rune) {
	var prev rune
	for _, r := range rs {
		switch {
		case analysis.IsHan(r):
			if prev != 0 {
				k := pair(prev, r)
				if v.bigrams[k] == 0 {
					v.after[prev] = append(v.after[prev], r)
					v.precede[r] = append(v.precede[r], prev)
				}
				v.bigrams[k]++
			}
			prev = r
		case !analysis.Transparent(r):
			prev = 0
		}
	}
}

// count returns how often b follows a.
func (v *vocabulary) count(a, b rune) uint32 { return v.bigrams[pair(a, b)] }

// sounds lists the characters of a corpus by reading, made when first asked
// for: most questions need it never.
type sounds struct {
	once  sync.Once
	table map[analysis.Syllable][]rune
}

// sounding returns the characters of the corpus and of everyday questions
// that may be read as s.
func (g *Generation) sounding(s analysis.Syllable) []rune {
	g.sounds.once.Do(func() {
		g.sounds.table = map[analysis.Syllable][]rune{}
		seen := map[rune]bool{}
		for _, v := range []*vocabulary{g.bigrams, g.spoken} {
			for _, side := range []map[rune][]rune{v.after, v.precede} {
				for _, r := range sortedRunes(side) {
					if seen[r] {
						continue
					}
					seen[r] = true
					for _, x := range analysis.Readings(r) {
						g.sounds.table[x] = append(g.sounds.table[x], r)
					}
				}
			}
		}
	})
	return g.sounds.table[s]
}

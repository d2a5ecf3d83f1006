// Package lexicon knows how people say what reports say: concepts with the
// reports' terms, everyday phrasings, abbreviations and English, and a
// gazetteer of places.
package lexicon

import (
	"math/bits"
	"strings"

	"wenbao/retrieval/analysis"
)

// A Concept is one thing reports speak of. All forms are folded.
type Concept struct {
	ID      string
	Field   string
	Terms   []string // as reports say it
	Said    []string // as people say it
	Abbr    []string // short forms used by either
	English []string
	Related []int // concepts whose terms are weaker evidence
}

// A Place is an administrative unit, region or country.
type Place struct {
	ID      string
	Name    string
	Short   []string
	Weak    []string // short names that are everyday words too: they do not name the place on their own
	Abbr    []string // one-character abbreviations (蒙)
	English []string
	Parent  int   // index of the place it belongs to, -1 for none
	Members []int // of a region: the places it is made of or lies in
	Level   string
}

// Lexicon is immutable once built.
type Lexicon struct {
	Concepts []Concept
	Places   []Place

	forms  map[string][]ref
	starts map[uint64]uint64 // first two characters → the lengths of forms that begin so, as bits
	near   nearIndex
	source string // the compact form it was decoded from, "" where there is none
}

// ref says which concept or place a form belongs to.
type ref struct {
	index int32
	place bool
}

// A Match is a form found in a text.
type Match struct {
	Start, End int // runes of the text that Find was given
	Concept    int // -1 for a place
	Place      int // -1 for a concept
}

// longestForm is the longest form in characters.
const longestForm = 63

// New builds a lexicon of concepts and places, whose indices must be valid.
func New(concepts []Concept, places []Place) *Lexicon {
	l := &Lexicon{Concepts: concepts, Places: places, starts: make(map[uint64]uint64, 8*len(concepts)), forms: make(map[string][]ref, 20*len(concepts)+3*len(places))}
	for i, c := range concepts {
		for _, forms := range [][]string{c.Terms, c.Said, c.Abbr, c.English} {
			l.add(forms, ref{int32(i), false})
		}
	}
	for i, p := range places {
		l.add([]string{p.Name}, ref{int32(i), true})
		l.add(p.Short, ref{int32(i), true})
		l.add(p.English, ref{int32(i), true})
	}
	return l
}

func (l *Lexicon) add(forms []string, r ref) {
	for _, f := range forms {
		rs := []rune(f)
		if len(rs) < 2 || len(rs) > longestForm {
			continue // Load refuses these; an older compact file may hold them
		}
		l.forms[f] = append(l.forms[f], r)
		l.starts[start(rs[0], rs[1])] |= 1 << len(rs)
	}
}

// Find returns every form in folded text, by start and then longest first. A
// Latin form must stand as whole words.
func (l *Lexicon) Find(rs []rune) []Match {
	var out []Match
	for i := 0; i+1 < len(rs); i++ {
		lengths := l.starts[start(rs[i], rs[i+1])]
		if lengths == 0 || i > 0 && isLatin(rs[i-1]) && isLatin(rs[i]) {
			continue
		}
		for n := min(bits.Len64(lengths)-1, len(rs)-i); n >= 2; n-- {
			if lengths&(1<<n) == 0 || isLatin(rs[i+n-1]) && i+n < len(rs) && isLatin(rs[i+n]) {
				continue
			}
			for _, r := range l.forms[string(rs[i:i+n])] {
				m := Match{Start: i, End: i + n, Concept: int(r.index), Place: -1}
				if r.place {
					m.Concept, m.Place = -1, int(r.index)
				}
				out = append(out, m)
			}
		}
	}
	return out
}

// start is the key of a form's first two characters.
func start(a, b rune) uint64 { return uint64(a)<<32 | uint64(b) }

func isLatin(r rune) bool { return r < 0x80 && analysis.IsWordRune(r) }

// Has reports whether form (folded) is known.
func (l *Lexicon) Has(form string) bool { return len(l.forms[form]) > 0 }

// Within reports whether place a lies in place b, at least in part, or is it.
func (l *Lexicon) Within(a, b int) bool {
	for _, m := range l.Places[b].Members {
		if l.Within(a, m) {
			return true
		}
	}
	for steps := 0; a >= 0 && steps < 10; steps++ {
		if a == b {
			return true
		}
		a = l.Places[a].Parent
	}
	return false
}

// FindPlace returns the index of the place that name stands for, -1 for none.
func (l *Lexicon) FindPlace(name string) int {
	for _, r := range l.forms[analysis.FoldString(strings.TrimSpace(name))] {
		if r.place {
			return int(r.index)
		}
	}
	return -1
}

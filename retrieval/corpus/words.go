package corpus

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// words is a set of words found fast by their first character.
type words struct {
	by   map[rune][]string // longest first
	mask [8]uint64         // which first characters there are, by their low bits
}

func newWords(list string) *words {
	w := &words{by: map[rune][]string{}}
	for _, s := range strings.Fields(list) {
		r, _ := utf8.DecodeRuneInString(s)
		w.by[r] = append(w.by[r], s)
		w.mask[r>>6&7] |= 1 << (r & 63)
	}
	for _, l := range w.by {
		if len(l) > 1 {
			slices.SortStableFunc(l, func(a, b string) int { return len(b) - len(a) })
		}
	}
	return w
}

// from returns the words that start with r.
func (w *words) from(r rune) []string {
	if w.mask[r>>6&7]&(1<<(r&63)) == 0 {
		return nil
	}
	return w.by[r]
}

// prefix returns the longest word that s starts with, or "".
func (w *words) prefix(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	for _, word := range w.from(r) {
		if strings.HasPrefix(s, word) {
			return word
		}
	}
	return ""
}

// at holds if s starts with a word of the set.
func (w *words) at(s string) bool { return w.prefix(s) != "" }

// in holds if s contains a word of the set.
func (w *words) in(s string) bool {
	i, _ := w.find(s)
	return i >= 0
}

// find returns the first word of the set in s and where, or -1.
func (w *words) find(s string) (int, string) {
	for i, r := range s {
		for _, word := range w.from(r) {
			if strings.HasPrefix(s[i:], word) {
				return i, word
			}
		}
	}
	return -1, ""
}

// suffix returns the longest word that s ends with, or "".
func (w *words) suffix(s string) string {
	best := ""
	for i := len(s); i > 0 && len(s)-i < 30; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		for _, word := range w.from(r) {
			if s[i:] == word {
				best = word
			}
		}
	}
	return best
}

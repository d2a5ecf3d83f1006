// Package words holds lists of words: read from data files, found at the
// start, at the end or inside of a text; and counts characters as people do.
package words

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lists are the lists of one data file, by name.
type Lists map[string]*Set

// Parse reads a data file: one word a line, a line [name] begins a list, a
// line that begins with # is a remark. It panics where the file has no such
// shape, names a list twice or a word twice in one list: the files are part of
// the program.
func Parse(data string) Lists {
	words := map[string][]string{}
	name := ""
	for i, line := range strings.Split(data, "\n") {
		line = strings.TrimRight(line, "\r")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			name = line[1 : len(line)-1]
			if _, ok := words[name]; ok {
				panic(fmt.Sprintf("word list, line %d: %q is given twice", i+1, name))
			}
			words[name] = nil
		case name == "":
			panic(fmt.Sprintf("word list, line %d: a word before the first [name]", i+1))
		default:
			words[name] = append(words[name], line)
		}
	}
	lists := make(Lists, len(words))
	for name, list := range words {
		lists[name] = New(list...)
		if n := lists[name].size; n != len(list) {
			panic(fmt.Sprintf("word list %q: %d words are given twice", name, len(list)-n))
		}
	}
	return lists
}

// Set returns the list with this name; it panics where there is none.
func (l Lists) Set(name string) *Set {
	s := l[name]
	if s == nil {
		panic(fmt.Sprintf("no word list %q", name))
	}
	return s
}

// A Set is a set of words found fast by their first character. It is immutable.
type Set struct {
	by   map[rune][]string // longest first
	mask [8]uint64         // which first characters there are, by their low bits
	size int
	long int // bytes of the longest word
}

// New makes a set of words, each counted once.
func New(list ...string) *Set {
	w := &Set{by: map[rune][]string{}}
	for _, s := range list {
		r, _ := utf8.DecodeRuneInString(s)
		if slices.Contains(w.by[r], s) {
			continue
		}
		w.by[r] = append(w.by[r], s)
		w.mask[r>>6&7] |= 1 << (r & 63)
		w.long = max(w.long, len(s))
		w.size++
	}
	for _, l := range w.by {
		slices.SortStableFunc(l, func(a, b string) int { return len(b) - len(a) })
	}
	return w
}

// from returns the words that start with r.
func (w *Set) from(r rune) []string {
	if w.mask[r>>6&7]&(1<<(r&63)) == 0 {
		return nil
	}
	return w.by[r]
}

// Begins holds if a word of the set begins with r.
func (w *Set) Begins(r rune) bool { return len(w.from(r)) > 0 }

// Prefix returns the longest word that s starts with, or "".
func (w *Set) Prefix(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	for _, word := range w.from(r) {
		if strings.HasPrefix(s, word) {
			return word
		}
	}
	return ""
}

// At holds if s starts with a word of the set.
func (w *Set) At(s string) bool { return w.Prefix(s) != "" }

// Has holds if s is a word of the set.
func (w *Set) Has(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && slices.Contains(w.from(r), s)
}

// In holds if s contains a word of the set.
func (w *Set) In(s string) bool {
	i, _ := w.Find(s)
	return i >= 0
}

// Find returns the first word of the set in s and where, or -1.
func (w *Set) Find(s string) (int, string) {
	for i, r := range s {
		for _, word := range w.from(r) {
			if strings.HasPrefix(s[i:], word) {
				return i, word
			}
		}
	}
	return -1, ""
}

// Suffix returns the longest word that s ends with, or "".
func (w *Set) Suffix(s string) string {
	best := ""
	for i := len(s); i > 0 && len(s)-i < w.long; {
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

// Count counts the characters of s that are not white space.
func Count(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// AtMost holds if s has no more than n characters that are not white space.
func AtMost(s string, n int) bool {
	if len(s) <= n {
		return true
	}
	for _, r := range s {
		if !unicode.IsSpace(r) {
			if n--; n < 0 {
				return false
			}
		}
	}
	return true
}

// AllHan holds for a text that is Chinese characters and nothing else.
func AllHan(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return s != ""
}

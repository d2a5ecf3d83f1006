package cedict

import (
	_ "embed"
	"sort"
)

// pairs holds the neighbouring characters of CC-CEDICT's words of up to four
// characters, sorted, four bytes a pair.
//
//go:embed pairs.bin
var pairs string

// Pair reports whether b follows a within a Chinese word of the dictionary.
func (d *Dict) Pair(a, b rune) bool {
	if a > 0xffff || b > 0xffff {
		return false
	}
	want := uint32(a)<<16 | uint32(b)
	at := func(i int) uint32 {
		return uint32(pairs[4*i])<<24 | uint32(pairs[4*i+1])<<16 | uint32(pairs[4*i+2])<<8 | uint32(pairs[4*i+3])
	}
	n := len(pairs) / 4
	i := sort.Search(n, func(i int) bool { return at(i) >= want })
	return i < n && at(i) == want
}

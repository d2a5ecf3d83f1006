package analysis

import (
	_ "embed"
	"slices"
	"strings"
)

// readings holds, for each character from U+4E00 to U+9FFF, up to three
// syllable numbers of two bytes each, 0 for none.
//
//go:embed pinyin.bin
var readings string

// A Syllable is a toneless Pinyin syllable; 0 is none.
type Syllable uint16

const readingsPerRune = 3

// Readings returns the syllables r may be read as, the commonest first.
func Readings(r rune) []Syllable {
	if r < 0x4e00 || r > 0x9fff {
		return nil
	}
	var out []Syllable
	at := int(r-0x4e00) * readingsPerRune * 2
	for i := range readingsPerRune {
		s := Syllable(readings[at+2*i])<<8 | Syllable(readings[at+2*i+1])
		if s != 0 {
			out = append(out, s)
		}
	}
	return out
}

// SoundsLike reports whether a, as it is commonly read, could be typed for b.
func SoundsLike(a, b rune) bool {
	ra := Readings(a)
	if len(ra) == 0 {
		return false
	}
	return slices.Contains(Readings(b), ra[0])
}

// syllables maps a syllable's letters to its number.
var syllables = func() map[string]Syllable {
	m := make(map[string]Syllable)
	for i, s := range strings.Fields(syllableNames) {
		m[s] = Syllable(i + 1)
	}
	return m
}()

const longestSyllable = 6

// ParsePinyin splits a lower-case Latin word into syllables, as few as
// possible; nil when it is not Pinyin throughout.
func ParsePinyin(word string) []Syllable {
	const none = 1 << 20
	n := len(word)
	if n > 40 {
		return nil
	}
	cost := make([]int, n+1)
	take := make([]int, n+1)
	for i := n - 1; i >= 0; i-- {
		cost[i] = none
		for l := 1; l <= longestSyllable && i+l <= n; l++ {
			part := word[i : i+l]
			if syllables[part] == 0 || l == 1 && !strings.Contains("aeo", part) || part == "ng" || part == "hm" || part == "hng" {
				continue
			}
			if c := cost[i+l] + 1; c < cost[i] || c == cost[i] && l > take[i] {
				cost[i], take[i] = c, l
			}
		}
	}
	if n == 0 || cost[0] >= none {
		return nil
	}
	var out []Syllable
	for i := 0; i < n; i += take[i] {
		out = append(out, syllables[word[i:i+take[i]]])
	}
	return out
}

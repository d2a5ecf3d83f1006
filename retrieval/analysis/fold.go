package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folded is text folded for matching: half width, lower case, simplified
// characters, Chinese years and large numerals as digits, 百分之六 as 6%.
// Rune i of the folded text stands for source bytes [Start(i), End(i)).
type Folded struct {
	Runes  []rune
	starts []int32
	ends   []int32
}

// String returns the folded text.
func (f Folded) String() string { return string(f.Runes) }

// Source returns the byte range of the source text that folded runes
// [from, to) stand for. from < to must hold.
func (f Folded) Source(from, to int) (start, end int) {
	return int(f.starts[from]), int(f.ends[to-1])
}

// Index returns the first folded rune whose source ends after byte offset at,
// len(f.Runes) when there is none.
func (f Folded) Index(at int) int {
	lo, hi := 0, len(f.ends)
	for lo < hi {
		mid := (lo + hi) / 2
		if int(f.ends[mid]) > at {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// Join returns the folding of a's source, a space and b's source, whose length
// in bytes is given by aLen for a.
func Join(a Folded, aLen int, b Folded) Folded {
	out := Folded{Runes: append([]rune{}, a.Runes...), starts: append([]int32{}, a.starts...), ends: append([]int32{}, a.ends...)}
	out.add(' ', aLen, aLen+1)
	for i, r := range b.Runes {
		out.add(r, aLen+1+int(b.starts[i]), aLen+1+int(b.ends[i]))
	}
	return out
}

func (f *Folded) add(r rune, start, end int) {
	f.Runes = append(f.Runes, r)
	f.starts = append(f.starts, int32(start))
	f.ends = append(f.ends, int32(end))
}

// Fold folds s. Invalid UTF-8 folds to U+FFFD rune by rune.
func Fold(s string) Folded {
	n := utf8.RuneCountInString(s)
	f := Folded{Runes: make([]rune, 0, n), starts: make([]int32, 0, n), ends: make([]int32, 0, n)}
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case needsCompat(r):
			for _, c := range norm.NFKC.String(string(r)) {
				f.add(foldRune(c), i, i+size)
			}
		default:
			f.add(foldRune(r), i, i+size)
		}
	}
	return foldNumerals(f)
}

// FoldString folds s and returns only the text.
func FoldString(s string) string { return Fold(s).String() }

// needsCompat names the blocks whose characters stand for others: for several
// (①, ㎡, ㈠), or, where text comes out of a PDF file, radicals for the
// characters that look like them (⼤). Everything else folds one to one.
func needsCompat(r rune) bool {
	return r >= 0x2460 && r <= 0x24ff || r >= 0x2f00 && r <= 0x2fd5 || r >= 0x3200 && r <= 0x33ff ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfb00 && r <= 0xfb06
}

func foldRune(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r >= 0xff01 && r <= 0xff5e:
		return foldRune(r - 0xfee0)
	case r == 0x3000 || r == 0xa0 || r == 0xfeff || unicode.IsSpace(r):
		return ' '
	case r == '〇':
		return '零'
	case r >= 0x3400 && r <= 0x9fff:
		if to := simplified[r-0x3400]; to != 0 {
			return rune(to)
		}
		return r
	}
	return unicode.ToLower(r)
}

// simplified maps r-0x3400 to the simplified form of r, 0 where r is one.
var simplified = func() *[0x9fff - 0x3400 + 1]uint16 {
	var table [0x9fff - 0x3400 + 1]uint16
	var from rune
	for _, r := range simplifiedPairs {
		if from == 0 {
			from = r
			continue
		}
		table[from-0x3400] = uint16(r)
		from = 0
	}
	return &table
}()

// IsTraditional reports whether s holds characters that only the traditional
// script uses.
func IsTraditional(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x3400 && r <= 0x9fff && simplified[r-0x3400] != 0
	})
}

// Simplify returns s with traditional characters made simplified, as long in
// bytes as s: a character whose other form is not is left as it is, and so is
// text that is not UTF-8.
func Simplify(s string) string {
	if !IsTraditional(s) || !utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r >= 0x3400 && r <= 0x9fff {
			if to := rune(simplified[r-0x3400]); to != 0 && utf8.RuneLen(to) == utf8.RuneLen(r) {
				r = to
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

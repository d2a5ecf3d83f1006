package analysis

import "unicode"

// A Gram identifies a unigram, a bigram or a word of folded text.
type Gram uint64

const wordBit Gram = 1 << 63

// Unigram returns the gram of one character.
func Unigram(r rune) Gram { return Gram(r) }

// Bigram returns the gram of two adjacent characters.
func Bigram(a, b rune) Gram { return Gram(a)<<32 | Gram(b) }

// Word returns the gram of a run of Latin letters and digits (FNV-1a).
func Word(rs []rune) Gram {
	h := uint64(14695981039346656037)
	for _, r := range rs {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return Gram(h) | wordBit
}

// IsUnigram reports whether g is a single character.
func (g Gram) IsUnigram() bool { return g&wordBit == 0 && g>>32 == 0 }

// IsBigram reports whether g is two characters.
func (g Gram) IsBigram() bool { return g&wordBit == 0 && g>>32 != 0 }

// IsWord reports whether g is a Latin word or a number.
func (g Gram) IsWord() bool { return g&wordBit != 0 }

// IsHan reports whether r is a Chinese character.
func IsHan(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x3134f || r == '々'
}

// IsWordRune reports whether r belongs to a Latin word or a number.
func IsWordRune(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return !IsHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// Transparent reports whether r neither stands for something nor ends a phrase: quotes
// and spaces may or may not be typed.
func Transparent(r rune) bool {
	switch r {
	case ' ', '“', '”', '‘', '’', '"', '\'', '「', '」', '『', '』', '《', '》', '〈', '〉', '·', '•', '‧', '・':
		return true
	}
	return false
}

// Grams calls emit for each unigram, bigram and word of folded text, in order,
// with its rune range. Quotes and spaces between Chinese characters do not
// break a bigram; other punctuation does.
func Grams(rs []rune, emit func(g Gram, start, end int)) {
	prev := -1 // index of the character a bigram may start with
	for i := 0; i < len(rs); {
		r := rs[i]
		switch {
		case IsHan(r):
			if prev >= 0 {
				emit(Bigram(rs[prev], r), prev, i+1)
			}
			emit(Gram(r), i, i+1)
			prev = i
			i++
		case IsWordRune(r):
			j := WordEnd(rs, i)
			emit(Word(rs[i:j]), i, j)
			prev = -1
			i = j
		default:
			if !Transparent(r) {
				prev = -1
			}
			i++
		}
	}
}

// WordEnd returns the end of the word at i; a point between digits belongs to
// it (3.0, 21.1).
func WordEnd(rs []rune, i int) int {
	j := i
	for j < len(rs) && (IsWordRune(rs[j]) || rs[j] == '.' && j > i && isASCIIDigit(rs[j-1]) && j+1 < len(rs) && isASCIIDigit(rs[j+1])) {
		j++
	}
	return j
}

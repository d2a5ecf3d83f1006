package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A span is a part of a text, in bytes.
type span struct{ start, end int }

// wrap cuts text into lines of at most columns columns, as Chinese is set: a
// line breaks between any two characters, but not before closing punctuation,
// behind opening punctuation, or within a number or Latin word, unless that
// alone is longer than a line. Line breaks of the text stay; columns below 1
// adds none.
func wrap(text string, columns int) []span {
	var lines []span
	start, used := 0, 0
	for i := 0; i < len(text); {
		if text[i] == '\n' {
			lines = append(lines, span{start, i})
			i++
			start, used = i, 0
			continue
		}
		n := unit(text[i:])
		w := columnsOf(text[i : i+n])
		if columns > 0 && used > 0 && used+columnsOf(strings.TrimRight(text[i:i+n], " ")) > columns {
			lines = append(lines, span{start, i})
			start, used = i, 0
		}
		i += n
		used += w
	}
	return append(lines, span{start, len(text)})
}

// unit returns the bytes that stay together at the beginning of text: opening
// punctuation, a word or one character, closing punctuation, spaces. It ends
// before a line break.
func unit(text string) int {
	i := skip(text, 0, opening)
	if r, n := utf8.DecodeRuneInString(text[i:]); inWord(r) {
		i = skip(text, i, inWord)
	} else if n > 0 && r != '\n' && r != ' ' {
		i += n
	}
	return skip(text, skip(text, i, closing), func(r rune) bool { return r == ' ' })
}

func skip(text string, i int, in func(rune) bool) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !in(r) {
			break
		}
		i += n
	}
	return i
}

func inWord(r rune) bool {
	return r > ' ' && r < 0x7f || unicode.Is(unicode.Latin, r) || r == '％'
}

func opening(r rune) bool { return strings.ContainsRune("“‘（《〈【「『〔［｛", r) }

func closing(r rune) bool {
	return r != 0 && strings.ContainsRune("”’）》〉】」』〕］｝，。、；：！？·—…％", r)
}

// columnsOf is how wide a terminal shows text, at most: characters that are
// wide in Chinese fonts only count as wide.
func columnsOf(text string) int {
	n := 0
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
			n += 2
		default:
			if !unicode.Is(unicode.Mn, r) && !unicode.IsControl(r) {
				n++
			}
		}
	}
	return n
}

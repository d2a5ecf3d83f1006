package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
)

// cutParagraphs returns the non-empty lines of text, trimmed, with their
// sentences. Every other field is for the later steps to fill in.
func cutParagraphs(text string) []Paragraph {
	var out []Paragraph
	seen := map[string]int{}
	for i := 0; i <= len(text); {
		end := strings.IndexAny(text[i:], "\n\r")
		if end < 0 {
			end = len(text)
		} else {
			end += i
		}
		s := trimSpan(text, Span{i, end})
		i = end + 1
		if s.Start >= s.End {
			continue
		}
		line := text[s.Start:s.End]
		p := Paragraph{
			Number:    len(out) + 1,
			ID:        paragraphID(line, seen),
			Text:      line,
			Offset:    s.Start,
			Section:   -1,
			Term:      -1,
			Sentences: cutSentences(line),
		}
		out = append(out, p)
	}
	return out
}

// paragraphID derives the id from the text alone, so that it survives edits
// elsewhere; only a text that recurs gets its ordinal.
func paragraphID(text string, seen map[string]int) string {
	sum := sha256.Sum256([]byte(text))
	id := hex.EncodeToString(sum[:5])
	seen[id]++
	if n := seen[id]; n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// runes counts the characters of s that are not white space.
func runes(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// atMost holds if s has no more than n characters that are not white space.
func atMost(s string, n int) bool {
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

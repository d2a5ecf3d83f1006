package outline

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"wenbao/retrieval/report"
)

// cutParagraphs returns the non-empty lines of text, trimmed, with their
// sentences. Every other field is for the later steps to fill in.
func cutParagraphs(text string) []report.Paragraph {
	var out []report.Paragraph
	seen := map[string]int{}
	for i := 0; i <= len(text); {
		end := strings.IndexAny(text[i:], "\n\r")
		if end < 0 {
			end = len(text)
		} else {
			end += i
		}
		s := report.Trim(text, report.Span{Start: i, End: end})
		i = end + 1
		if s.Start >= s.End {
			continue
		}
		line := text[s.Start:s.End]
		p := report.Paragraph{
			Number:    len(out) + 1,
			ID:        paragraphID(line, seen),
			Text:      line,
			Offset:    s.Start,
			Section:   -1,
			Term:      -1,
			Sentences: report.Sentences(line),
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

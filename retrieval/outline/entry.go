package outline

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// An entryStyle is a way of numbering a glossary's entries.
type entryStyle uint8

const (
	styleNone    entryStyle = iota
	styleDot                // 1. 1． 1、 ⒈
	styleSquare             // ［1］ [1] 〔1〕 【1】
	styleParen              // （1） ⑴
	styleCircled            // ①
	styleHan                // （一）
	styleChapter            // 一、
	styleNote               // 注1：
)

// An entryMark is the number that a glossary's entry begins with.
type entryMark struct {
	style entryStyle
	n     int
	size  int // bytes of the line it takes
}

// readEntryMark reads an entry's number. last is the number of the entry
// before: after entry 2, “3．10种有色金属” is entry 3 and no 3.10.
func readEntryMark(text string, last int) entryMark {
	r, size := utf8.DecodeRuneInString(text)
	if style, n := enclosedNumber(r); style != styleNone {
		return entryMark{style, n, size}
	}
	if strings.ContainsRune("［[〔【", r) {
		return readSquare(text, size)
	}
	if rest, ok := strings.CutPrefix(text, "注"); ok {
		return readNote(text, rest)
	}
	if n, size := analysis.Digits(text); size > 0 && n == last+1 {
		if r, dot := utf8.DecodeRuneInString(text[size:]); r == '.' || r == '．' || r == '、' {
			return entryMark{styleDot, n, size + dot}
		}
	}
	switch m := readMark(text); m.kind {
	case markArab:
		return entryMark{styleDot, m.n, m.size}
	case markParenArab:
		return entryMark{styleParen, m.n, m.size}
	case markParenHan:
		return entryMark{styleHan, m.n, m.size}
	case markHan:
		return entryMark{styleChapter, m.n, m.size}
	}
	return entryMark{}
}

// readNote reads 注1： and the like; rest is the text behind 注.
func readNote(text, rest string) entryMark {
	n, size := analysis.Digits(rest)
	r, stop := utf8.DecodeRuneInString(rest[size:])
	if size == 0 || !strings.ContainsRune("：:.．、", r) {
		return entryMark{}
	}
	return entryMark{styleNote, n, len(text) - len(rest) + size + stop}
}

// enclosedNumber reads a character that is a number in a circle, in brackets
// or with its stop.
func enclosedNumber(r rune) (entryStyle, int) {
	for _, block := range []struct {
		from, to rune
		first    int
		style    entryStyle
	}{
		{'①', '⑳', 1, styleCircled}, {'㉑', '㉟', 21, styleCircled}, {'㊱', '㊿', 36, styleCircled},
		{'❶', '❿', 1, styleCircled}, {'⑴', '⒇', 1, styleParen}, {'⒈', '⒛', 1, styleDot},
	} {
		if block.from <= r && r <= block.to {
			return block.style, int(r-block.from) + block.first
		}
	}
	return styleNone, 0
}

// readSquare reads a number in square brackets, 注 before it or not.
func readSquare(text string, opener int) entryMark {
	rest := strings.TrimLeft(text[opener:], " 　")
	rest = strings.TrimPrefix(rest, "注")
	n, size := analysis.Digits(rest)
	if size == 0 {
		return entryMark{}
	}
	rest = strings.TrimLeft(rest[size:], " 　")
	r, closer := utf8.DecodeRuneInString(rest)
	if !strings.ContainsRune("］]〕】", r) {
		return entryMark{}
	}
	return entryMark{styleSquare, n, len(text) - len(rest) + closer}
}

// bullets stand before the entries of a glossary that has no numbers.
const bullets = "●■◆▪•★▲◇□○* 　"

// An entry is a name with what the same line says of it.
type entry struct {
	name, definition string
	colon            bool // a colon parts them
}

var (
	defines      = lists.Set("defines")       // a name ends before these
	definesQuote = lists.Set("defines-quote") // and before these behind a quotation
	dashes       = lists.Set("dashes")        // between name and definition, part of neither
)

// splitEntry divides a line into name and definition at the first colon, dash
// or 是指 outside brackets. The definition may be on the next line; name is ""
// where the line has no such shape.
func splitEntry(text string) entry {
	shut := report.Enclosed(text)
	for i := 0; i < len(text); {
		behind := false
		for len(shut) > 0 && i >= shut[0].Start {
			i, behind, shut = max(i, shut[0].End), true, shut[1:]
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch r {
		case '：', ':':
			if !betweenDigits(text, i, n) {
				return entryOf(text[:i], text[i+n:], maxTermName, true)
			}
		case '。', '；', '！', '？':
			return entry{}
		}
		if d := dashes.Prefix(text[i:]); d != "" && i > 0 {
			return entryOf(text[:i], text[i+len(d):], 24, false)
		}
		if defines.At(text[i:]) || behind && definesQuote.At(text[i:]) {
			if e := entryOf(text[:i], strings.TrimPrefix(text[i:], "，"), 24, false); e.name != "" {
				return e
			}
		}
		i += max(n, 1)
	}
	return entry{}
}

// betweenDigits holds for the colon of a ratio or a time.
func betweenDigits(text string, i, n int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+n:])
	return analysis.IsDigit(before) && analysis.IsDigit(after)
}

// entryOf is the entry of a name of at most so many characters.
func entryOf(name, definition string, most int, colon bool) entry {
	name = bareName(name)
	if words.Count(name) < 2 && !(colon && name != "") || !words.AtMost(name, most) {
		return entry{}
	}
	return entry{name, strings.TrimSpace(definition), colon}
}

// boldLead reads 【NAME】, alone on its line or before the definition.
func boldLead(text string) entry {
	rest, ok := strings.CutPrefix(text, "【")
	if !ok {
		return entry{}
	}
	name, rest, ok := strings.Cut(rest, "】")
	if !ok || words.Count(name) < 2 || !words.AtMost(name, maxLineName) {
		return entry{}
	}
	return entry{name: strings.TrimSpace(name), definition: strings.TrimLeft(rest, "：: 　"), colon: true}
}

// bareName is a name without what sets it off: the colon behind it, the marks
// of bold type, a footnote's mark.
func bareName(text string) string {
	name := strings.Trim(text, "：:* 　\t")
	if inner, ok := strings.CutPrefix(name, "【"); ok && strings.HasSuffix(inner, "】") {
		name = strings.TrimSuffix(inner, "】")
	}
	return name[:len(name)-footnoteMark(name)]
}

// footnoteMark is the size of the footnote mark (［3］, ①) that text ends with,
// 0 for none.
func footnoteMark(text string) int {
	r, n := utf8.DecodeLastRuneInString(text)
	if style, _ := enclosedNumber(r); style == styleCircled {
		return n
	}
	at := strings.LastIndexAny(text, "［[〔")
	if at > 0 && !strings.ContainsRune("］]〕", r) {
		return 0
	}
	if at > 0 && readEntryMark(text[at:], 0).size == len(text)-at {
		return len(text) - at
	}
	return 0
}

func opensQuoted(name string) bool {
	return strings.HasPrefix(name, "“") || strings.HasPrefix(name, "「")
}

package outline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// A markKind is a way of numbering or otherwise marking the lines of an
// outline. Its order is the usual nesting, outermost first.
type markKind uint8

const (
	markNone      markKind = iota
	markAnnex              // 附件1, the glossary's heading
	markPart               // an unnumbered heading above any 一、
	markTitle              // the title line that follows 附件
	markChapter            // 第一章
	markArticle            // 第一节
	markHan                // 一、
	markBare               // an unnumbered heading below 一、
	markParenHan           // （一） (一)
	markArab               // 1. 1．1、
	markDotted             // 1.1
	markParenArab          // （1） ①
	markYear               // 这是…的五年。
	markDash               // ——
	markItem               // 一是 一要
	markLead               // a bold-like lead sentence
)

// A mark is what a line opens with.
type mark struct {
	kind markKind
	n    int // its ordinal, 0 where the kind has none
	size int // bytes of the line it takes
}

// readMark recognises the numbering at the start of a line.
func readMark(line string) mark {
	r, n := utf8.DecodeRuneInString(line)
	switch {
	case r == '第':
		return readChapter(line)
	case r == '（' || r == '(' || r == '〔':
		return readParen(line, n)
	case r == '—' || r == '-' || r == '－' || r == '–':
		return readDash(line)
	case r >= '①' && r <= '⑳':
		return mark{markParenArab, int(r-'①') + 1, n}
	case analysis.IsDigit(r):
		return readArab(line)
	case isHanDigit(r):
		return readHan(line)
	}
	return mark{}
}

func readChapter(line string) mark {
	num := len("第")
	ord, size := hanOrArab(line[num:])
	if size == 0 {
		return mark{}
	}
	rest := line[num+size:]
	for _, c := range []struct {
		word string
		kind markKind
	}{{"章", markChapter}, {"编", markChapter}, {"篇", markChapter}, {"部分", markChapter}, {"节", markArticle}} {
		if after, ok := strings.CutPrefix(rest, c.word); ok {
			// 第一章 stands apart from its title; 第二节省… would be a word.
			if after == "" || strings.HasPrefix(after, " ") || strings.HasPrefix(after, "　") || strings.HasPrefix(after, "：") || strings.HasPrefix(after, "、") || words.AtMost(line, 40) && !strings.ContainsAny(line, "，。；") {
				return mark{c.kind, ord, num + size + len(c.word)}
			}
		}
	}
	return mark{}
}

func readParen(line string, opener int) mark {
	for opener < len(line) && line[opener] == ' ' {
		opener++
	}
	ord, size := hanOrArab(line[opener:])
	if size == 0 {
		return mark{}
	}
	at := opener + size
	for at < len(line) && line[at] == ' ' {
		at++
	}
	closer, n := utf8.DecodeRuneInString(line[at:])
	if closer != '）' && closer != ')' && closer != '〕' {
		return mark{}
	}
	kind := markParenHan
	if r, _ := utf8.DecodeRuneInString(line[opener:]); analysis.IsDigit(r) {
		kind = markParenArab
	}
	return mark{kind, ord, at + n}
}

// readDash recognises ——, and a single dash only before Chinese text.
func readDash(line string) mark {
	i, count := 0, 0
	for i < len(line) {
		r, n := utf8.DecodeRuneInString(line[i:])
		if r != '—' && r != '-' && r != '－' && r != '–' && r != ' ' {
			break
		}
		if r != ' ' {
			count++
		}
		i += n
	}
	if r, _ := utf8.DecodeRuneInString(line[i:]); count < 2 || !unicode.Is(unicode.Han, r) && report.CloserOf(r) == 0 {
		return mark{}
	}
	return mark{markDash, 0, i}
}

// readArab recognises 1. 1．1、 and 1.1; 2.5万 and 3月 are text.
func readArab(line string) mark {
	ord, size := analysis.Digits(line)
	if size == 0 || ord > 200 {
		return mark{}
	}
	r, n := utf8.DecodeRuneInString(line[size:])
	if r != '.' && r != '．' && r != '、' {
		return mark{}
	}
	at := size + n
	sub, subSize := analysis.Digits(line[at:])
	if subSize == 0 {
		return mark{markArab, ord, at}
	}
	if r == '、' {
		return mark{}
	}
	for subSize > 0 { // 1.1.1 and on: the last number is the ordinal
		at += subSize
		next, n := utf8.DecodeRuneInString(line[at:])
		if next != '.' {
			break
		}
		last, size := analysis.Digits(line[at+n:])
		if size == 0 {
			at += n
			break
		}
		sub, subSize = last, size
		at += n
	}
	if next, _ := utf8.DecodeRuneInString(line[at:]); sub == 0 || !unicode.IsSpace(next) && next != '、' {
		return mark{}
	}
	return mark{markDotted, sub, at}
}

// readHan recognises 一、 and 一是 一要; 一、二、三产业 is text.
func readHan(line string) mark {
	ord, size := hanOrArab(line)
	if size == 0 || ord > 99 {
		return mark{}
	}
	r, n := utf8.DecodeRuneInString(line[size:])
	at := size + n
	next, _ := utf8.DecodeRuneInString(line[at:])
	switch r {
	case '、', '．', '.':
		if _, s := hanOrArab(line[at:]); s > 0 && strings.HasPrefix(line[at+s:], "、") || at == len(line) {
			return mark{}
		}
		return mark{markHan, ord, at}
	case '）', ')': // the opening bracket was torn off
		if at < len(line) && unicode.Is(unicode.Han, next) {
			return mark{markParenHan, ord, at}
		}
	case '是', '要':
		if ord <= 20 && at < len(line) && unicode.In(next, unicode.Han) || report.CloserOf(next) != 0 || next == '，' {
			return mark{markItem, ord, at}
		}
	}
	return mark{}
}

// hanOrArab reads an ordinal in either script: 12, 十二, 二十.
func hanOrArab(s string) (value, size int) {
	if value, size = analysis.Digits(s); size > 0 {
		return value, size
	}
	for size < len(s) {
		r, n := utf8.DecodeRuneInString(s[size:])
		if !isHanDigit(r) {
			break
		}
		size += n
	}
	f, ok := analysis.ParseNumeral(s[:size])
	if !ok || f < 1 || f > 999 {
		return 0, 0
	}
	return int(f), size
}

// isHanDigit holds for the numerals that ordinals are written in.
func isHanDigit(r rune) bool {
	switch r {
	case '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百', '零', '〇':
		return true
	}
	return false
}

// ItemMark is the size of the numbering or dash of a list item at the start of
// a line, 0 for none.
func ItemMark(line string) int {
	switch m := readMark(line); m.kind {
	case markItem, markParenArab, markArab, markParenHan, markDash:
		return m.size
	}
	return 0
}

package quantities

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
)

// decimal reads an unsigned decimal of either width at i, with separators of
// thousands, and with the spaces that scraping left around its point.
func decimal(text string, i int) (value float64, size int) {
	var b strings.Builder
	at := i
	point := false
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		switch {
		case analysis.IsDigit(r):
			b.WriteByte(byte('0' + analysis.ArabicValue(r)))
		case (r == '.' || r == '．') && b.Len() > 0 && !point && startsDigit(text[at+n:]):
			point = true
			b.WriteByte('.')
		case r == ',' && b.Len() > 0 && !point && groupOfThree(text[at+n:]):
		case (r == ' ' || r == '.' || r == '．') && b.Len() > 0 && !point && i > 0 && torn(text[at:]) > 0:
			n = torn(text[at:])
			point = true
			b.WriteByte('.')
		default:
			value, _ = strconv.ParseFloat(b.String(), 64)
			return value, at - i
		}
		at += n
	}
	value, _ = strconv.ParseFloat(b.String(), 64)
	return value, at - i
}

// torn is the size of a decimal point with spaces beside it where an amount
// goes on behind it: 12. 5 %, 3 .2万.
func torn(text string) int {
	rest := strings.TrimLeft(text, " ")
	r, n := utf8.DecodeRuneInString(rest)
	if r != '.' && r != '．' {
		return 0
	}
	tail := strings.TrimLeft(rest[n:], " ")
	size := len(text) - len(tail)
	if size == n || size > n+2 || !startsDigit(tail) {
		return 0
	}
	k := 0
	for k < len(tail) && startsDigit(tail[k:]) {
		_, n := utf8.DecodeRuneInString(tail[k:])
		k += n
	}
	if k == 0 || k > 6 {
		return 0
	}
	goes := strings.TrimLeft(tail[k:], " ")
	if _, m := multiplier(goes); m > 0 {
		return size
	}
	if u, _ := analysis.UnitPrefix(goes); u == "%" || u == "％" || u == "个百分点" || u == "元" || u == "吨" {
		return size
	}
	return 0
}

func startsDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return analysis.IsDigit(r)
}

// groupOfThree holds where exactly three digits follow.
func groupOfThree(s string) bool {
	if len(s) < 3 {
		return false
	}
	for i := range 3 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 3 || s[3] < '0' || s[3] > '9'
}

// multiplier reads 万, 亿, 万亿, 千, 百 … before a unit that does not itself
// begin so (千瓦).
func multiplier(s string) (value float64, size int) {
	value = 1
	for size < len(s) {
		r, n := utf8.DecodeRuneInString(s[size:])
		u := analysis.UnitValue(r)
		if u == 0 || u == 10 {
			break
		}
		if w, _ := analysis.UnitPrefix(s[size:]); w != "" {
			break
		}
		value *= u
		size += n
	}
	return value, size
}

// round takes away what binary fractions leave behind.
func round(f float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 12, 64), 64)
	if err != nil {
		return f
	}
	return v
}

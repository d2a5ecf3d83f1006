package quantities

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// A numeral is a number with its multiplier and unit, before it is judged.
type numeral struct {
	value   float64 // of the digits
	factor  float64 // 万, 亿
	scaled  bool    // a multiplier stands there
	more    string  // 多, 余, 几 within
	unit    analysis.Unit
	written string // the unit as it stands
	numEnd  int    // behind the digits and the multiplier
	end     int    // behind the unit
}

// numeral reads the multiplier and the unit behind digits that end at at.
func (s *scanner) numeral(start int, value float64, at int) numeral {
	text := s.text
	m := numeral{value: value, factor: 1, numEnd: at, end: at}
	skip := func() int {
		n := len(text[at:]) - len(strings.TrimLeft(text[at:], " "))
		if n > 2 {
			n = 0
		}
		return n
	}
	gap := skip()
	if f, n := multiplier(text[at+gap:]); n > 0 {
		m.factor, m.scaled = f, true
		at += gap + n
		m.numEnd, m.end = at, at
	}
	for _, w := range []string{"多", "余", "几", "来"} {
		if rest, ok := strings.CutPrefix(text[at:], w); ok {
			if f, n := multiplier(rest); n > 0 {
				m.factor *= f
				m.scaled = true
				at += n
			} else if u, _ := analysis.UnitPrefix(rest); u == "" && !m.scaled {
				break
			}
			m.more = w
			at += len(w)
			m.numEnd, m.end = at, at
			break
		}
	}
	at += skip()
	written, unit := compound(text[at:])
	if written == "" && at < len(text) && text[at] >= utf8.RuneSelf {
		written, unit = spread(text[at:])
	}
	if notUnits.At(text[at:]) {
		written, unit = "", analysis.Unit{} // 900多万个体工商户, 1200亿台阶
	}
	if unit.Asked && unit.Dimension != report.Date && (m.scaled || m.more != "" || !startsDigit(text[start:])) {
		written, unit = "", analysis.Unit{} // 2300万省外劳动力
	}
	for _, w := range []string{"多", "余"} {
		if tail := w + "百分点"; unit.Name == "个" && strings.HasPrefix(text[at+len(written):], tail) { // 2个多百分点
			_, unit = analysis.UnitPrefix("个百分点")
			written, m.more = written+tail, w
		}
	}
	m.written, m.unit = written, unit
	if written != "" {
		m.end = at + len(written)
	}
	return m
}

// compound reads a unit with what it is divided by, or with the other measure
// word in brackets: 元/人, 吨标准煤/万元, 立方米/日, 台（套）, 元/月·人.
func compound(text string) (written string, u analysis.Unit) {
	written, u = analysis.UnitPrefix(text)
	if written == "" {
		return "", u
	}
	base := u
	end := len(written)
	for {
		r, n := utf8.DecodeRuneInString(text[end:])
		switch r {
		case '/', '／', '·', '•':
			if r != '/' && r != '／' && end == len(written) {
				return text[:end], u
			}
			rest := text[end+n:]
			_, m := multiplier(rest)
			w, below := analysis.UnitPrefix(rest[m:])
			if w == "" {
				for _, other := range []string{"班", "床", "学生"} {
					if strings.HasPrefix(rest[m:], other) {
						w, below = other, analysis.Unit{Name: other}
					}
				}
			}
			if w == "" {
				return text[:end], u
			}
			u = analysis.Unit{Name: u.Name + sep(r) + rest[:m] + below.Name, Dimension: base.Dimension}
			if base.Counter && below.Counter && base.Dimension == report.Things && below.Dimension == report.Things {
				u = base // 台/套: either
			}
			end += n + m + len(w)
		case '（', '(':
			closer := strings.IndexAny(text[end:min(len(text), end+60)], "）)")
			if closer < 0 || !base.Counter {
				return text[:end], u
			}
			inner := text[end+n : end+closer]
			if w, v := analysis.UnitPrefix(inner); w == "" || !v.Counter || w != inner && !strings.HasPrefix(inner[len(w):], "、") {
				return text[:end], u
			}
			_, n = utf8.DecodeRuneInString(text[end+closer:])
			end += closer + n
		default:
			return text[:end], u
		}
	}
}

// spread reads a unit with spaces between its characters: 平 方 米.
func spread(text string) (string, analysis.Unit) {
	var bare strings.Builder
	var ends []int // in text, by byte of bare
	spaced := false
	for i, r := range text {
		if r == ' ' || r == '　' {
			spaced = true
			continue
		}
		if bare.Len() >= 18 {
			break
		}
		bare.WriteRune(r)
		for len(ends) < bare.Len() {
			ends = append(ends, i+utf8.RuneLen(r))
		}
	}
	w, u := analysis.UnitPrefix(bare.String())
	if !spaced || w == "" || utf8.RuneCountInString(w) < 2 {
		return "", analysis.Unit{}
	}
	return text[:ends[len(w)-1]], u
}

// sep is the sign between the parts of a compound unit as figures write it.
func sep(r rune) string {
	if r == '/' || r == '／' {
		return "/"
	}
	return "·"
}

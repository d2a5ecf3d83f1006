package quantities

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// half reads a share or multiple that is a word of its own.
func (s *scanner) half(i int, w string) (Number, int) {
	end := i + len(w)
	q := report.Quantity{Value: w, Number: 0.5}
	switch {
	case strings.Contains(w, "两番"):
		q.Number, q.Unit, q.Dimension = 2, "番", report.Percent
	case strings.Contains(w, "番"):
		q.Number, q.Unit, q.Dimension = 1, "番", report.Percent
	case w == "倍增":
		q.Number, q.Unit, q.Dimension = 2, "倍", report.Percent
	}
	if w == "倍增" && (i == 0 || !unicode.Is(unicode.Han, lastRune(s.text[:i])) || !endsOrQualified(s.text[end:])) {
		return Number{}, end // 倍增计划
	}
	return Number{Quantity: q, Start: i, End: end, From: i, To: end}, end
}

// chinese reads what is written in characters: 两万亿元, 百分之六, 三分之一, 近千亿元,
// 三成, 一百零八公里. Small counts (三大, 两个) are manners of speaking.
func (s *scanner) chinese(i int) (Number, int) {
	text := s.text
	size := chineseRun(text[i:])
	end := i + size
	if size == 0 {
		return Number{}, i
	}
	run := text[i:end]
	prev := lastRune(text[:i])
	if prev == '第' || prev == '“' || prev == '初' || prev == '周' {
		return Number{}, end
	}
	if strings.HasPrefix(text[end:], "分之") {
		return s.parts(i, end)
	}
	value, ok := analysis.ParseNumeral(run)
	if !ok {
		return Number{}, end
	}
	m := s.numeral(i, value, end)
	if m.unit.Dimension == report.Date {
		return Number{}, m.end
	}
	rest := text[m.end:]
	next, _ := utf8.DecodeRuneInString(rest)
	if m.written == "" && strings.ContainsAny(run, "万亿") && (endsOrQualified(rest) && before.Suffix(text[:i]) != "" || analysis.UnitValue(rune0(run)) > 10 && (prev == '上' || before.Suffix(text[:i]) != "")) {
		n := Number{Start: i, End: end}
		n.fill(text, value, m)
		return n, end // 突破千万
	}
	if m.written == "" || next == '级' || strings.ContainsRune("大小些", next) && rest != "" && !strings.HasPrefix(rest, "大关") && !strings.HasPrefix(rest, "大台阶") {
		return Number{}, end
	}
	n := Number{Start: i, End: m.end}
	first, _ := utf8.DecodeRuneInString(run)
	loose := analysis.UnitValue(first) > 0
	done := endsOrQualified(rest)
	if w := after.Prefix(rest); loose && w != "" { // 亿元以上项目
		done = endsOrQualified(rest[len(w):])
	}
	switch {
	case m.written == "倍" || m.written == "番":
		ok = value <= 100
	case m.written == "成":
		if d := analysis.DigitValue(next); d > 0 { // 九成五
			if after, size := utf8.DecodeRuneInString(rest); endsOrQualified(rest[size:]) && after == next {
				m.end += size
				n.End = m.end
				value += float64(d) / 10
				done = true
			}
		}
		ok = value < 10 && (done || next == '左' || next == '用' || prev == '的' || before.Suffix(text[:i]) != "")
	case m.written == "折":
		ok = done
	case m.unit.Spec:
		ok = false
	case strings.ContainsAny(run, "万亿"), strings.ContainsAny(run, "百千") && m.unit.Dimension == report.Money, m.scaled:
		// 万亿元 by itself is a mark to pass, or a manner of speaking.
		ok = !loose || done || m.more != "" || (prev == '上' || before.Suffix(text[:i]) != "") && next != '的'
	case value >= 100:
		ok = strings.ContainsAny(run, "百千") && (!loose || m.more != "")
	case value >= 11:
		ok = done && !loose && strings.ContainsAny(run, "十")
	default: // 两平方公里 is measured, 两个 and 最后一公里 are not
		ok = value >= 2 && (done || next == '的') && measured(m.unit.Dimension)
	}
	if !ok {
		if loose {
			return Number{}, m.end
		}
		return Number{}, end
	}
	n.fill(text, value*m.factor, m)
	return n, m.end
}

// measured holds for what is measured or paid rather than counted.
func measured(d report.Dimension) bool {
	switch d {
	case report.Money, report.Points, report.Surface, report.Length, report.Weight, report.Power, report.Energy, report.Volume:
		return true
	}
	return false
}

// chineseRun is the length of the numeral that text starts with.
func chineseRun(text string) int {
	size := 0
	for size < len(text) {
		r, n := utf8.DecodeRuneInString(text[size:])
		if analysis.DigitValue(r) < 0 && analysis.UnitValue(r) == 0 && (r != '点' || size == 0) {
			break
		}
		if r == '点' {
			if d, _ := utf8.DecodeRuneInString(text[size+n:]); analysis.DigitValue(d) < 0 {
				break
			}
		}
		if size > 0 && analysis.UnitValue(r) == 1000 { // 三千瓦: the unit's own 千
			if u, _ := analysis.UnitPrefix(text[size:]); len(u) > n {
				break
			}
		}
		size += n
	}
	return size
}

// parts reads 百分之六, 百分之12.5, 三分之一: what stands over 分之 ends at end.
func (s *scanner) parts(i, end int) (Number, int) {
	whole, ok := analysis.ParseNumeral(s.text[i:end])
	at := end + len("分之")
	part, size := 0.0, 0
	if startsDigit(s.text[at:]) {
		part, size = decimal(s.text, at)
	} else {
		size = chineseRun(s.text[at:])
		var good bool
		part, good = analysis.ParseNumeral(s.text[at : at+size])
		ok = ok && good
	}
	to := at + size
	if !ok || whole == 0 || size == 0 {
		return Number{}, max(to, end)
	}
	q := report.Quantity{Value: s.text[i:to], Number: round(part / whole)}
	switch s.text[i:end] {
	case "百":
		q.Number, q.Unit, q.Dimension = round(part), "%", report.Percent
	case "千":
		q.Number, q.Unit, q.Dimension = round(part), "‰", report.Percent
	case "万":
		q.Number, q.Unit, q.Dimension = round(part/100), "%", report.Percent
	}
	if rest := s.text[to:]; strings.HasPrefix(rest, "个百分点") {
		return Number{}, to
	}
	return Number{Quantity: q, Start: i, End: to, From: i, To: to}, to
}

func rune0(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// manyOf holds for a number that begins with a multiplier: 千万, 百亿元.
func manyOf(value string) bool {
	return analysis.UnitValue(rune0(value)) > 10
}

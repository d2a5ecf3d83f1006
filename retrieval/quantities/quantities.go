// Package quantities recognises the numbers of a Chinese text: amounts with
// their units, bounds and qualifiers, told apart from dates, ordinals and the
// numbers in names. Reports and questions are read by the same rules.
package quantities

import (
	_ "embed"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

//go:embed words.txt
var wordFile string

var (
	lists       = words.Parse(wordFile)
	before      = lists.Set("before")
	after       = lists.Set("after")
	least       = lists.Set("least")
	most        = lists.Set("most")
	halves      = lists.Set("halves")
	valueWords  = lists.Set("value")
	nameFollows = lists.Set("name-follows")
	namePrecede = lists.Set("name-precedes")
	specValue   = lists.Set("spec-value")
	bareName    = lists.Set("bare-name-precedes")
	sized       = lists.Set("sized")
	notUnits    = lists.Set("not-units")
	changesTo   = lists.Set("changes-to")
)

// Role says what a number is.
type Role uint8

const (
	Amount Role = iota
	Date        // 2021年, 5月, 1—11月, 3日
	Name        // 331国道, 第3, “1+3”, 3岁以下 of 3岁以下幼儿, 百万千瓦级
	Bare        // a number without a unit that nothing says to be a value
)

// A Number is a number as it stands in a text.
type Number struct {
	report.Quantity
	Role       Role
	Start, End int // of Value
	From, To   int // of Value with its qualifiers
	// Counter says that the unit stands before what it counts or amounts to.
	Counter bool
}

// Find returns the amounts of text in order.
func Find(text string) []Number {
	var out []Number
	for _, n := range Scan(text) {
		if n.Role == Amount {
			out = append(out, n)
		}
	}
	return out
}

// Scan returns all numbers of text in order: those in digits, and those in
// characters that are amounts.
func Scan(text string) []Number {
	s := scanner{text: text}
	var out []Number
	defer func() { s.lend(out) }()
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf && (c < '0' || c > '9') {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !mayBegin(r) {
			i += size
			continue
		}
		n, end := s.read(i)
		if n.End > 0 {
			if s.quoted(i) {
				n.Role = Name
			}
			s.qualify(&n, out)
			s.bounds(&n)
			out = append(out, n)
		}
		i = max(end, i+size)
	}
	return out
}

// lend gives numbers without a unit the one of the number they stand beside:
// 分别提高20.9、36.2、54个百分点.
func (s *scanner) lend(numbers []Number) {
	for k := len(numbers) - 2; k >= 0; k-- {
		n, next := &numbers[k], &numbers[k+1]
		if n.Role != Bare || next.Role != Amount || next.Unit == "" || next.Value == "" {
			continue
		}
		switch strings.TrimSpace(s.text[n.End:next.From]) {
		case "、", "和", "与", "及":
		default:
			continue
		}
		n.Role, n.Unit, n.Dimension, n.Counter = Amount, next.Unit, next.Dimension, false
	}
}

// starters are the characters that a number in characters begins with.
var starters = words.New(strings.Split("零一二两兩三四五六七八九壹贰叁肆伍陆柒捌玖十百千万亿拾佰仟萬億翻过半倍", "")...)

func mayBegin(r rune) bool {
	if r >= 0x4e00 && r <= 0x9fff && !starters.Begins(r) {
		return false
	}
	return analysis.IsDigit(r) || analysis.DigitValue(r) >= 0 || analysis.UnitValue(r) > 0 || r == '翻' || r == '过' || r == '半' || r == '倍'
}

// A scanner reads the numbers of one text.
type scanner struct {
	text  string
	names []report.Span // quotations and titles whose numbers are parts of names
	known bool
}

// longestName is how long a quotation may be, in characters, to be a name.
const longestName = 8

// quoted reports whether i lies in a short quotation or a title.
func (s *scanner) quoted(i int) bool {
	if !s.known {
		s.known = true
		for _, e := range report.Enclosed(s.text) {
			r, _ := utf8.DecodeRuneInString(s.text[e.Start:])
			if r == '《' || (r == '“' || r == '「') && words.AtMost(s.text[e.Start:e.End], longestName*3) {
				s.names = append(s.names, e)
			}
		}
	}
	k := sort.Search(len(s.names), func(k int) bool { return i < s.names[k].End })
	return k < len(s.names) && s.names[k].Start <= i
}

// read reads the number at i. n.End is 0 if there is none; end is where to go
// on.
func (s *scanner) read(i int) (n Number, end int) {
	rest := s.text[i:]
	if w := halves.Prefix(rest); w != "" {
		return s.half(i, w)
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if analysis.IsDigit(r) {
		return s.arabic(i)
	}
	return s.chinese(i)
}

func endsOrQualified(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || !unicode.Is(unicode.Han, r) && !unicode.IsLetter(r) || after.At(s)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// arabic reads 3074个, 2万亿元, 1,205.5亿元, 4.5%—5%, -3.93‰, 152977元/人.
func (s *scanner) arabic(i int) (Number, int) {
	text := s.text
	digits, size := decimal(text, i)
	first := s.numeral(i, digits, i+size)
	start, negative := i, false
	if prev, n := utf8.DecodeLastRuneInString(text[:i]); isMinus(prev) {
		switch p := lastRune(text[:i-n]); {
		case analysis.IsDigit(p), p < utf8.RuneSelf && unicode.IsLetter(p), p == '%', p == '％', isMinus(p):
		default:
			start, negative = i-n, true
		}
	}
	out := Number{Start: start, End: first.end, Role: s.role(i, start, first)}
	second, ok := s.second(i, &first)
	switch {
	case ok:
		out.End = second.end
		if out.Role != Date || second.written == "月" {
			out.Role = s.role(i, start, second)
		}
		low, high := first.value*first.factor, second.value*second.factor
		if first.written == "" && !first.scaled {
			low = first.value * second.factor // 1.2至1.3万亿元
		}
		if high > low && (first.written == "" || first.unit == second.unit) {
			out.Low, out.High = &low, &high
		}
		out.fill(text, low, second)
	case ratio(text, first) > 0 && start == i:
		n := ratio(text, first)
		q := report.Quantity{Value: text[i : first.end+n], Number: first.value}
		return Number{Quantity: q, Start: i, End: first.end + n, From: i, To: first.end + n}, first.end + n
	case fraction(text, i, first):
		return s.fractionOf(i, first)
	default:
		v := first.value * first.factor
		if negative {
			v = -v
		}
		out.fill(text, v, first)
	}
	return out, max(out.End, first.numEnd)
}

// fill sets what the number is in base units.
func (n *Number) fill(text string, value float64, m numeral) {
	if m.written == "" {
		n.End = n.Start + len(strings.TrimRight(text[n.Start:n.End], " "))
	}
	n.Value, n.Number = text[n.Start:n.End], round(value)
	n.Unit, n.Dimension, n.Counter = m.unit.Name, m.unit.Dimension, m.unit.Counter
	n.From, n.To = n.Start, n.End
	if n.Low != nil {
		*n.Low, *n.High = round(*n.Low), round(*n.High)
	}
	if m.more != "" {
		n.Qualifier = strings.Replace(m.more, "几", "多", 1)
	}
}

func isMinus(r rune) bool { return r == '-' || r == '−' || r == '－' }

// second reads the upper bound of a range whose lower one is first: 5%—5.5%,
// 100至120万吨, 1.2万亿元至1.3万亿元.
func (s *scanner) second(i int, first *numeral) (numeral, bool) {
	at := first.end
	d, word := dash(s.text[at:])
	if d == 0 {
		return numeral{}, false
	}
	if word && s.moves(i) {
		return numeral{}, false // 由5%到6%
	}
	v, size := decimal(s.text, at+d)
	if size == 0 {
		return numeral{}, false
	}
	m := s.numeral(at+d, v, at+d+size)
	switch {
	case first.written == "年" || m.written == "年":
		return m, true
	case first.written != "" && first.unit.Name != m.unit.Name && !(first.written == "%" && m.written == ""):
		return numeral{}, false
	case m.written == "" && first.written == "" && !m.scaled && !first.scaled && word:
		return numeral{}, false
	}
	return m, true
}

// moves reports whether the text before i says that a value changed from the
// number at i: 由, 从, 自.
func (s *scanner) moves(i int) bool {
	head := s.text[max(0, i-36):i]
	if k := strings.LastIndexAny(head, "，。；：、"); k >= 0 {
		head = head[k:]
	}
	return strings.Contains(head, "由") || strings.Contains(head, "从") || strings.Contains(head, "自")
}

// dash is the size of what stands between the bounds of a range; word says
// that it is a word, which may also tell a change.
func dash(text string) (size int, word bool) {
	rest := strings.TrimLeft(text, " ")
	gap := len(text) - len(rest)
	if gap > 1 {
		return 0, false
	}
	for _, d := range []string{"——", "—", "－", "～", "~", "-", "–", "−", "至", "到"} {
		tail, ok := strings.CutPrefix(rest, d)
		if !ok {
			continue
		}
		bare := strings.TrimLeft(tail, " ")
		if startsDigit(bare) && len(tail)-len(bare) <= 1 {
			return gap + len(d) + len(tail) - len(bare), d == "至" || d == "到"
		}
		return 0, false
	}
	return 0, false
}

// ratio is the size of the second part of a ratio to one: 2.5∶1; 0 for none.
func ratio(text string, m numeral) int {
	if m.written != "" || m.scaled {
		return 0
	}
	for _, colon := range []string{"∶", "：", ":"} {
		if rest, ok := strings.CutPrefix(text[m.end:], colon); ok && strings.HasPrefix(rest, "1") && endsOrValue(rest[1:]) {
			return len(colon) + 1
		}
	}
	return 0
}

func endsOrValue(s string) bool { return !startsDigit(s) && (endsOrQualified(s) || valueVerb(s)) }

// fraction holds for 1/4, not for 24/7.
func fraction(text string, i int, m numeral) bool {
	if m.written != "" || m.scaled || m.value != float64(int(m.value)) || m.value >= 10 {
		return false
	}
	rest, ok := strings.CutPrefix(text[m.end:], "/")
	if !ok {
		return false
	}
	v, size := decimal(rest, 0)
	return size > 0 && v > m.value && v <= 100 && endsOrQualified(rest[size:])
}

func (s *scanner) fractionOf(i int, m numeral) (Number, int) {
	v, size := decimal(s.text, m.end+1)
	end := m.end + 1 + size
	q := report.Quantity{Value: s.text[i:end], Number: round(m.value / v)}
	return Number{Quantity: q, Start: i, End: end, From: i, To: end}, end
}

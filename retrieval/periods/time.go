package periods

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

//go:embed words.txt
var wordFile string

var (
	lists         = words.Parse(wordFile)
	relatives     = readRules(wordFile, "relative")
	parts         = readRules(wordFile, "parts")
	relativeWords = words.New(names(relatives)...)
	partWords     = words.New(names(parts)...)
)

// rules are words with two numbers each: years from the report's own, or
// months.
type rules map[string][2]int

// readRules reads the list of a data file whose lines are “word from to”.
func readRules(data, list string) rules {
	out := rules{}
	_, rest, _ := strings.Cut(data, "\n["+list+"]\n")
	for line := range strings.Lines(rest) {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "[") {
			break
		}
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		from, err := strconv.Atoi(f[1])
		to, bad := strconv.Atoi(f[2])
		if err != nil || bad != nil {
			panic("periods: " + line)
		}
		out[f[0]] = [2]int{from, to}
	}
	return out
}

func names(r rules) []string {
	out := make([]string, 0, len(r))
	for w := range r {
		out = append(out, w)
	}
	return out
}

// A Tense is what a statement is about: which time, and whether it was done or
// is planned. Equal tenses are ==.
type Tense struct {
	Period report.Period
	Kind   report.Kind
	mixed  bool // the chapter both reviews and plans
}

// A Clock reads the time words of one report.
type Clock struct {
	// Year is the report's: 今年 in it. 0 leaves relative words without a year.
	Year int
}

func (c Clock) past() Tense   { return Tense{Period: report.Year(c.Year - 1), Kind: report.Achieved} }
func (c Clock) future() Tense { return Tense{Period: report.Year(c.Year), Kind: report.Target} }

// Find finds the first time words of s and what they mean; at is -1 where
// there are none. A year counts where a phrase begins, or anywhere. What a
// value is compared with (较2019年, 是2010年的2.2倍) and the name of a plan date
// nothing.
func (c Clock) Find(s string, base Tense, anywhere bool) (at, end int, got Tense) {
	var prev rune
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		size := 0
		switch {
		case r == '“' || r == '十':
			got, size = c.plan(s, i)
		case r == '到':
			got, size = c.until(s[i:])
		case analysis.IsDigit(r) && !analysis.IsDigit(prev):
			if got, size = c.months(s, i, base); size == 0 && (anywhere || phraseStart(prev) || strings.HasSuffix(s[:i], "其中") || strings.HasSuffix(s[:i], "截至") || strings.HasSuffix(s[:i], "截止")) {
				got, size = c.absolute(s, i)
			}
		case r == '二' && prev == 0:
			got, size = c.absolute(s, i)
		case r == '自':
			got, size = c.since(s[i:])
		}
		if size == 0 && relativeWords.Begins(r) {
			got, size = c.relative(s, i)
		}
		if size == 0 && partWords.Begins(r) {
			got, size = c.part(s, i, base)
		}
		if size > 0 {
			return i, i + size, got
		}
		prev = r
		i += n
	}
	return -1, -1, Tense{}
}

func phraseStart(r rune) bool {
	return r == 0 || strings.ContainsRune("，；：。！？、（“ 　在的是,;:(", r)
}

// compares reports whether the text before a year says that something is
// compared with it.
func compares(before string) bool {
	before = strings.TrimRight(before, " 　")
	return lists.Set("compared").Suffix(before) != ""
}

// relative reads 去年, 过去五年 and the like.
func (c Clock) relative(s string, i int) (Tense, int) {
	w := relativeWords.Prefix(s[i:])
	if w == "" || c.Year == 0 {
		return Tense{}, 0
	}
	rest := s[i+len(w):]
	y := relatives[w]
	switch w {
	case "去年", "上年", "上一年", "前年":
		if compares(s[:i]) || strings.HasPrefix(rest, "同期") || strings.HasPrefix(rest, "度") {
			return Tense{}, 0
		}
	case "今年", "本年", "明年":
		if strings.HasPrefix(rest, "度") {
			return Tense{}, 0
		}
	}
	t := Tense{Period: report.Years(c.Year+y[0], c.Year+y[1]), Kind: report.Achieved}
	if y[1] >= 0 {
		t.Kind = report.Target
	}
	size := len(w)
	if p := partWords.Prefix(strings.TrimPrefix(rest, "的")); p != "" && !t.Period.Several() {
		t.Period = report.Months(t.Period.From, parts[p][0], parts[p][1])
		size += len(rest) - len(strings.TrimPrefix(rest, "的")) + len(p)
	}
	return t, size
}

// part reads 上半年, 一季度 of the year that is spoken of.
func (c Clock) part(s string, i int, base Tense) (Tense, int) {
	w := partWords.Prefix(s[i:])
	if w == "" || !base.Period.Known() || base.Period.Several() || compares(s[:i]) {
		return Tense{}, 0
	}
	base.Period = report.Months(base.Period.From, parts[w][0], parts[w][1])
	return base, len(w)
}

// months reads 1—11月, 5月, 5月份 of the year that is spoken of; a day of a month
// is no such part.
func (c Clock) months(s string, i int, base Tense) (Tense, int) {
	from, n := analysis.Digits(s[i:])
	if n == 0 || n > 3 || from < 1 || from > 12 || !base.Period.Known() || base.Period.Several() || i > 0 && !phraseStart(lastRune(s[:i])) && !strings.HasSuffix(s[:i], "年") {
		return Tense{}, 0
	}
	at, to := i+n, from
	for _, d := range []string{"—", "－", "-", "–", "至", "到", "~", "～"} {
		if rest, ok := strings.CutPrefix(s[at:], d); ok {
			v, m := analysis.Digits(rest)
			if m == 0 || v <= from || v > 12 {
				return Tense{}, 0
			}
			to, at = v, at+len(d)+m
			break
		}
	}
	rest, ok := strings.CutPrefix(s[at:], "月")
	if !ok {
		return Tense{}, 0
	}
	if d, m := analysis.Digits(rest); m > 0 && d > 0 || strings.HasPrefix(rest, "底") || strings.HasPrefix(rest, "末") {
		return Tense{}, 0
	}
	base.Period = report.Months(base.Period.From, from, to)
	return base, at + len("月") - i
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// plan reads “十四五”时期, “十四五”以来 and the like; 十四五 by itself names the
// plan, not the years, and so does what was completed of it.
func (c Clock) plan(s string, i int) (Tense, int) {
	rest := strings.TrimPrefix(s[i:], "“")
	size := 0
	for size < len(rest) {
		r, n := utf8.DecodeRuneInString(rest[size:])
		if analysis.DigitValue(r) < 0 && r != '十' {
			break
		}
		size += n
	}
	if size < len("十五") || !strings.HasPrefix(rest, "十") || !strings.HasSuffix(rest[:size], "五") {
		return Tense{}, 0
	}
	f, ok := analysis.ParseNumeral(strings.TrimSuffix(rest[:size], "五"))
	if !ok || f < 10 || f > 30 {
		return Tense{}, 0
	}
	start := 2021 + (int(f)-14)*5
	rest = strings.TrimPrefix(rest[size:], "”")
	w := lists.Set("plan-span").Prefix(rest)
	if w == "" || lists.Set("met").Suffix(s[:i]) != "" || compares(s[:i]) {
		return Tense{}, 0
	}
	end := len(s) - len(rest) + len(w) - i
	switch {
	case c.Year == 0 || start+4 < c.Year:
		return Tense{Period: report.Years(start, start+4), Kind: report.Achieved}, end
	case start >= c.Year && w != "以来":
		return Tense{Period: report.Years(start, start+4), Kind: report.Target}, end
	}
	return Tense{Period: report.Years(start, c.Year-1), Kind: report.Achieved}, end
}

// until reads 到2025年, 到“十五五”末.
func (c Clock) until(s string) (Tense, int) {
	rest := strings.TrimPrefix(s, "到")
	y, n := analysis.IntegerAt(rest)
	if n == 0 || y < 1949 || y > 2100 || !strings.HasPrefix(rest[n:], "年") {
		if name, ok := strings.CutPrefix(rest, "“十"); ok {
			for i, r := range name {
				if r == '”' && strings.HasPrefix(name[i+len("”"):], "末") {
					if f, ok := analysis.ParseNumeral("十" + strings.TrimSuffix(name[:i], "五")); ok && f >= 10 && f < 30 {
						return c.dated(report.Year(2025 + (int(f)-14)*5)), len("到“十") + i + len("”末")
					}
				}
			}
		}
		return Tense{}, 0
	}
	return c.dated(report.Year(y)), len("到") + n + len("年")
}

// since reads 自2015年以来, 自2020年起.
func (c Clock) since(s string) (Tense, int) {
	rest := strings.TrimPrefix(s, "自")
	y, n := analysis.IntegerAt(rest)
	if n < 4 || y < 1949 || y > 2100 {
		return Tense{}, 0
	}
	for _, w := range []string{"年以来", "年起", "年开始"} {
		if strings.HasPrefix(rest[n:], w) {
			return Tense{Period: report.Since(y), Kind: report.Achieved}, len("自") + n + len(w)
		}
	}
	return Tense{}, 0
}

// dated is the tense of a statement that names its time. Without a year of its
// own a report says in its words what was done.
func (c Clock) dated(p report.Period) Tense {
	if c.Year > 0 && p.To >= c.Year {
		return Tense{Period: p, Kind: report.Target}
	}
	return Tense{Period: p, Kind: report.Achieved}
}

// absolute reads 2021年, 2021—2024年, 2021年1—11月, 2021年上半年. 2021年度, a day
// and a year that something is compared with are about something else.
func (c Clock) absolute(s string, i int) (Tense, int) {
	y, n := analysis.IntegerAt(s[i:])
	if n == 0 || y < 1949 || y > 2100 {
		return Tense{}, 0
	}
	at := i + n
	rest := strings.TrimLeft(s[at:], " ")
	for _, d := range []string{"——", "—", "－", "-", "–", "至", "到", "~", "～", "年至", "年到"} {
		tail, ok := strings.CutPrefix(rest, d)
		if !ok {
			continue
		}
		z, m := analysis.IntegerAt(tail)
		if m == 0 || z <= y || z > 2100 || !strings.HasPrefix(tail[m:], "年") || compares(s[:i]) {
			return Tense{}, 0
		}
		return c.dated(report.Years(y, z)), len(s) - len(tail) + m + len("年") - i
	}
	if !strings.HasPrefix(rest, "年") || compares(s[:i]) {
		return Tense{}, 0
	}
	after := rest[len("年"):]
	for _, w := range []string{"代", "同期", "前", "版"} {
		if strings.HasPrefix(after, w) {
			return Tense{}, 0
		}
	}
	if strings.HasPrefix(after, "度") && !strings.HasPrefix(after, "度，") {
		return Tense{}, 0
	}
	size := len(s) - len(after) - i
	if strings.HasPrefix(after, "以来") {
		return Tense{Period: report.Since(y), Kind: report.Achieved}, size + len("以来")
	}
	t := c.dated(report.Year(y))
	if p := partWords.Prefix(after); p != "" {
		t.Period = report.Months(y, parts[p][0], parts[p][1])
		return t, size + len(p)
	}
	if m, used := c.months(s, i+size, Tense{Period: report.Year(y)}); used > 0 {
		t.Period = m.Period
		return t, size + used
	}
	return t, size
}

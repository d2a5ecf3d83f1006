package corpus

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A tense is what a statement is about: which year or years, and whether
// they are reviewed or planned for.
type tense struct {
	period string
	kind   Kind
	mixed  bool // the chapter both reviews and plans
}

// A timer reads the time words of one report.
type timer struct{ year int }

// years writes a period; from 0 means the one year.
func years(from, to int) string {
	if from == 0 || from >= to {
		return fmt.Sprint(to)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

// findPeriods fills in the Period and Kind of every sentence of a report
// whose year is known and that has the parts of a work report: a review, and
// what it sets out to do.
func findPeriods(r *Report) {
	t := timer{r.Year}
	if r.Year == 0 || !isWorkReport(r, t) {
		return
	}
	section, base := -1, tense{}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role != Body && p.Role != Heading {
			continue
		}
		if top := t.governing(r, p.Section); top != section {
			section, base = top, t.sectionTense(r, top)
		}
		problems := listsProblems(p.Text)
		for j := range p.Sentences {
			s := &p.Sentences[j]
			text := p.Text[s.Start:s.End]
			base = t.shift(text, base)
			got := t.sentenceTense(text, base, problems)
			s.Period, s.Kind = got.period, got.kind
		}
	}
}

// isWorkReport holds if a heading speaks of a review or of tasks, or the
// preamble of the report to the house.
func isWorkReport(r *Report, t timer) bool {
	for _, s := range r.Sections {
		if s.Level == 1 {
			if _, ok := t.titleTense(s.Title); ok {
				return true
			}
		}
	}
	for i := range r.Paragraphs {
		if r.Paragraphs[i].Role == Preamble && isOpening(r.Paragraphs[i].Text) {
			return true
		}
	}
	return false
}

// governing returns the section whose title tells the tense of what is in
// section i: its chapter, or the part of it below if only that speaks of time.
func (t timer) governing(r *Report, i int) int {
	chapter, part := i, -1
	for ; i >= 0; i = r.Sections[i].Parent {
		if r.Sections[i].Level == 2 {
			part = i
		}
		chapter = i
	}
	if chapter < 0 || part < 0 {
		return chapter
	}
	if _, ok := t.titleTense(r.Sections[chapter].Title); ok {
		return chapter
	}
	if _, ok := t.titleTense(r.Sections[part].Title); ok && t.annexed(r, chapter) {
		return part
	}
	return chapter
}

func (t timer) annexed(r *Report, i int) bool {
	return isAnnexLabel(r.Paragraphs[r.Sections[i].Paragraph].Text)
}

// sectionTense is the tense a section starts in. Where its title does not
// say, the first chapter reviews and the others plan.
func (t timer) sectionTense(r *Report, i int) tense {
	if i < 0 {
		return tense{}
	}
	if got, ok := t.titleTense(r.Sections[i].Title); ok {
		return got
	}
	for first := range r.Sections {
		if r.Sections[first].Level == 1 {
			if first == i {
				return tense{period: years(0, t.year-1), kind: Achieved}
			}
			break
		}
	}
	return tense{period: years(0, t.year), kind: Target}
}

// titleTense reads a heading: 2021年工作回顾, “十五五”时期主要目标任务.
func (t timer) titleTense(title string) (tense, bool) {
	review, target := reviewTitle.in(title), targetTitle.in(title)
	at, got := t.timeIn(title, true)
	year := firstYear(title)
	switch {
	case review && target && year == 0:
		// Both in one chapter: its paragraphs say which.
		return tense{got.period, Unknown, true}, true
	case review && year < t.year:
		if at < 0 {
			got.period = years(0, t.year-1)
		}
		return tense{period: got.period, kind: Achieved}, true
	case target || year == t.year:
		if at < 0 || got.kind == Achieved {
			got.period = years(0, t.year)
		}
		return tense{period: got.period, kind: Target}, true
	}
	return tense{}, false
}

// shift is the tense that the opening words of a sentence change to, for it
// and those that follow in the section.
func (t timer) shift(text string, base tense) tense {
	for _, w := range []string{"各位代表！", "各位代表，", "各位代表!", "——", "一是", "同时，"} {
		text = strings.TrimPrefix(text, w)
	}
	if strings.HasPrefix(text, "这是") && strings.Contains(text, "的五年") {
		return tense{years(t.year-5, t.year-1), Achieved, base.mixed}
	}
	at, got := t.timeIn(text[:min(len(text), 60)], false)
	if at < 0 || !atMost(text[:at], 3) || strings.HasPrefix(text[at:], "到") {
		return base
	}
	got.mixed = base.mixed
	// In a review of years, 2012年占… is one figure's year; 2012年是… begins the
	// account of that year.
	if isDigit(rune(text[at])) && strings.Contains(base.period, "-") {
		if _, after, _ := strings.Cut(text[at:], "年"); !strings.HasPrefix(after, "是") && !strings.HasPrefix(after, "，") {
			return base
		}
	}
	// A date within the period is about its sentence only.
	if m := strings.Index(text, "月"); m >= 0 && m < at+24 && !strings.HasPrefix(text, "刚刚过去") {
		return base
	}
	if base.mixed || base.kind == Unknown || got.kind == base.kind {
		return got
	}
	if base.kind == Target || !strings.Contains(text, "今年") || !plans.in(text) {
		return base
	}
	return got
}

var (
	plans      = newWords("要 将 力争 确保 预期目标 必须 争取 计划 安排")
	done       = newWords("已 目前 现有")
	problem    = newWords("困难 挑战 问题 短板 不足 压力 风险 弱项 矛盾 制约 脆弱")
	thanks     = newWords("衷心感谢 衷心的感谢 崇高的敬意 崇高敬意 诚挚感谢 表示感谢")
	pastMarked = newWords("达到 实现 完成 增长 建成 下降 获 超过 突破 新增 了")
)

// listsProblems holds for the paragraph that admits what is wanting.
func listsProblems(text string) bool {
	end := min(len(text), 240)
	opening := text[:end]
	for _, w := range []string{"清醒", "问题也不容忽视", "把问题说透", "也要看到", "不少困难", "困难和问题", "面临着困难", "面临不少", "面临诸多", "还存在"} {
		if i := strings.Index(opening, w); i >= 0 && i < 150 {
			return true
		}
	}
	return false
}

// sentenceTense is the tense of one sentence in its paragraph's.
func (t timer) sentenceTense(s string, base tense, problems bool) tense {
	if thanks.in(s) || isSalutation(s) || runes(s) < 4 || strings.HasPrefix(s, "各位代表") && atMost(s, 6) {
		return tense{period: base.period, kind: Unknown}
	}
	got := base
	at, told := t.timeIn(s, false)
	if at >= 0 {
		got = t.merge(s[at:], base, told)
	}
	planned := plans.in(s)
	if base.kind == Achieved && got.kind == Achieved && (strings.Contains(s, "我们将") || strings.Contains(s, "下一步")) {
		return tense{period: years(0, t.year), kind: Target}
	}
	if problems && !planned && problem.in(s) {
		return tense{period: got.period, kind: Unknown}
	}
	if problems && base.kind == Achieved && !pastMarked.in(s) {
		return tense{period: got.period, kind: Unknown}
	}
	if got.kind == Target && !planned {
		switch {
		case strings.Contains(s, "之年") && strings.Contains(s, "是"), problem.in(s) && strings.Contains(s, "面临"), strings.Contains(s, "依然突出"):
			return tense{period: got.period, kind: Unknown}
		case done.in(s) && at < 0 && !imperative.at(s):
			return tense{period: years(0, t.year-1), kind: Achieved}
		}
	}
	return got
}

// merge is the tense of a statement whose time words say told, in a
// paragraph of tense base. rest is the text from those words on.
func (t timer) merge(rest string, base, told tense) tense {
	switch {
	case base.kind == Achieved && told.kind == Target:
		// 今年 in a review is a date, unless something is planned.
		if !plans.in(rest) && !strings.HasPrefix(rest, "到") {
			told.kind = Achieved
		}
	case base.kind == Target && told.kind == Achieved:
		if strings.Contains(rest, "今年") && plans.in(rest) {
			return tense{period: years(0, t.year), kind: Target}
		}
	}
	return told
}

// timeIn finds the first time words of s and what they mean. A year counts
// only where a clause begins, unless anywhere.
func (t timer) timeIn(s string, anywhere bool) (at int, got tense) {
	var prev rune
	for i, r := range s {
		at, ok := i, false
		switch r {
		case '去', '上', '过', '一', '刚', '今', '本', '五', '这', '近', '未':
			got, ok = t.relative(s[i:], prev)
		case '“', '十':
			got, ok = t.plan(s[i:])
		case '到':
			got, ok = t.until(s[i:])
		default:
			if isDigit(r) && !isDigit(prev) && (anywhere || clauseStart(prev)) || (r == '二' || r == '一') && prev == 0 {
				got, ok = t.absolute(s[i:])
			}
		}
		if ok {
			return at, got
		}
		prev = r
	}
	return -1, tense{}
}

func clauseStart(r rune) bool {
	return r == 0 || strings.ContainsRune("，；：。！？、（“ 　在的是", r)
}

var relativeWords = newWords("去年 上年 上一年 过去一年 过去的一年 过去这一年 一年来 刚刚过去的一年 刚刚过去的 今年 本年 五年来 过去五年 过去的五年 这五年 近五年 今后五年 未来五年")

func (t timer) relative(s string, prev rune) (tense, bool) {
	w := relativeWords.prefix(s)
	switch w {
	case "":
		return tense{}, false
	case "去年", "上年", "上一年":
		if prev != 0 && strings.ContainsRune("比较与同于超过达", prev) {
			return tense{}, false // a comparison
		}
		return tense{period: years(0, t.year-1), kind: Achieved}, true
	case "今年", "本年":
		if strings.HasPrefix(s[len(w):], "度") {
			return tense{}, false
		}
		return tense{period: years(0, t.year), kind: Target}, true
	case "五年来", "过去五年", "过去的五年", "这五年", "近五年":
		return tense{period: years(t.year-5, t.year-1), kind: Achieved}, true
	case "今后五年", "未来五年":
		return tense{period: years(t.year, t.year+4), kind: Target}, true
	}
	return tense{period: years(0, t.year-1), kind: Achieved}, true
}

// plan reads “十四五”时期, “十四五”以来 and the like; 十四五 by itself names
// the plan, not the years.
func (t timer) plan(s string) (tense, bool) {
	rest := strings.TrimPrefix(s, "“")
	size := 0
	for size < len(rest) {
		r, n := utf8.DecodeRuneInString(rest[size:])
		if !isHanDigit(r) {
			break
		}
		size += n
	}
	if size < len("十五") || !strings.HasPrefix(rest, "十") || !strings.HasSuffix(rest[:size], "五") {
		return tense{}, false
	}
	f, ok := parseHan(strings.TrimSuffix(rest[:size], "五"))
	if !ok || f < 10 || f > 30 {
		return tense{}, false
	}
	start := 2021 + (int(f)-14)*5
	rest = strings.TrimPrefix(rest[size:], "”")
	span := false
	for _, w := range []string{"时期", "以来", "期间", "发展成", "发展主", "发展回顾", "发展的主要", "五年"} {
		span = span || strings.HasPrefix(rest, w)
	}
	switch {
	case !span:
		return tense{}, false
	case start+4 < t.year:
		return tense{period: years(start, start+4), kind: Achieved}, true
	case start >= t.year && !strings.HasPrefix(rest, "以来"):
		return tense{period: years(start, start+4), kind: Target}, true
	}
	return tense{period: years(start, t.year-1), kind: Achieved}, true
}

// until reads 到2025年, 到“十五五”末.
func (t timer) until(s string) (tense, bool) {
	rest := strings.TrimPrefix(s, "到")
	y, n := numberAfter(rest)
	if n == 0 || y < 1949 || y > 2100 || !strings.HasPrefix(rest[n:], "年") {
		return tense{}, false
	}
	if y >= t.year {
		return tense{period: years(0, y), kind: Target}, true
	}
	return tense{period: years(0, y), kind: Achieved}, true
}

// absolute reads 2021年; 2021年度 and 2021年以来 are about something else.
func (t timer) absolute(s string) (tense, bool) {
	y, n := numberAfter(s)
	if n == 0 || y < 1949 || y > 2100 {
		return tense{}, false
	}
	rest := strings.TrimLeft(s[n:], " ")
	if !strings.HasPrefix(rest, "年") || strings.HasPrefix(rest, "年度") || strings.HasPrefix(rest, "年以来") || strings.HasPrefix(rest, "年代") {
		return tense{}, false
	}
	if y >= t.year {
		return tense{period: years(0, y), kind: Target}, true
	}
	return tense{period: years(0, y), kind: Achieved}, true
}

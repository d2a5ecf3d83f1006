// Package periods reads the time of statements: the words that date a clause,
// and the tense of every sentence of a report from its chapters, leads and
// time words.
package periods

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

var (
	plans       = lists.Set("plans")
	done        = lists.Set("done")
	begun       = lists.Set("begun")
	problem     = lists.Set("problem")
	thanks      = lists.Set("thanks")
	pastMarked  = lists.Set("past-marked")
	reviewTitle = lists.Set("review-title")
	targetTitle = lists.Set("target-title")
	statement   = lists.Set("statement-title")
	imperative  = lists.Set("imperative")
)

// Mark fills in the Period and Kind of every sentence of a report. A document
// without the parts of a work report takes them from its title (a communiqué)
// and from its own time words.
func Mark(r *report.Report) {
	c := ClockOf(r)
	work := c.Year > 0
	var whole Tense
	if !work {
		whole = c.statementTense(r)
	}
	section, base, chapter, lookback := -2, whole, whole, false
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role != report.Body && p.Role != report.Heading {
			continue
		}
		if top := c.governing(r, p.Section); top != section {
			section, base, lookback = top, whole, false
			if work {
				base = c.sectionTense(r, top)
			}
		}
		problems := listsProblems(p.Text)
		if lookback {
			base, lookback = chapter, false
		}
		for j := range p.Sentences {
			s := &p.Sentences[j]
			text := p.Text[s.Start:s.End]
			if got, ok := c.looksBack(text, base); ok && j == 0 {
				chapter, base, lookback = base, got, true
			}
			if !whole.Period.Known() { // a communiqué is of its year throughout
				base = c.shift(text, base)
			}
			got := c.sentenceTense(text, base, problems)
			s.Period, s.Kind = got.Period, got.Kind
		}
	}
}

// ClockOf is the clock of a report. Only a work report has a year of its own:
// elsewhere 今年 may be any.
func ClockOf(r *report.Report) Clock {
	if c := (Clock{r.Year}); isWorkReport(r, c) {
		return c
	}
	return Clock{}
}

// statementTense is the tense of a document that states what was: the year, or
// the months, of its title.
func (c Clock) statementTense(r *report.Report) Tense {
	title := r.Title
	if len(r.Paragraphs) > 0 && !statement.In(title) {
		title = r.Paragraphs[0].Text
	}
	if !statement.In(title) || !words.AtMost(title, 60) {
		return Tense{}
	}
	y := yearIn(title)
	if y == 0 {
		return Tense{}
	}
	_, after, _ := strings.Cut(title, "年")
	t := Tense{Period: report.Year(y), Kind: report.Achieved}
	if got, used := (Clock{y}).months(after, 0, t); used > 0 {
		t.Period = got.Period
	} else if w := partWords.Prefix(after); w != "" {
		t.Period = report.Months(y, parts[w][0], parts[w][1])
	}
	return t
}

// yearIn finds the first YYYY年 in s.
func yearIn(s string) int {
	for i, r := range s {
		if r == '年' {
			if v, n := analysis.IntegerBefore(s[:i]); n >= 4 && v >= 1949 && v <= 2100 {
				return v
			}
		}
	}
	return 0
}

// isWorkReport holds if a heading speaks of a review or of tasks, or the
// preamble of the report to the house.
func isWorkReport(r *report.Report, c Clock) bool {
	if r.Year == 0 {
		return false
	}
	for _, s := range r.Sections {
		if s.Level == 1 {
			if _, ok := c.titleTense(s.Title); ok {
				return true
			}
		}
	}
	for i := range r.Paragraphs {
		if p := &r.Paragraphs[i]; p.Role == report.Preamble && words.AtMost(p.Text, 120) && strings.Contains(p.Text, "代表") && strings.Contains(p.Text, "报告") &&
			(strings.Contains(p.Text, "审议") || strings.Contains(p.Text, "向大会")) {
			return true
		}
	}
	return false
}

// governing returns the section whose title tells the tense of what is in
// section i: its chapter, or the part of it below if only that speaks of time.
func (c Clock) governing(r *report.Report, i int) int {
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
	if _, ok := c.titleTense(r.Sections[chapter].Title); ok {
		return chapter
	}
	if _, ok := c.titleTense(r.Sections[part].Title); ok && c.annexed(r, chapter) {
		return part
	}
	return chapter
}

func (c Clock) annexed(r *report.Report, i int) bool {
	return strings.HasPrefix(r.Paragraphs[r.Sections[i].Paragraph].Text, "附")
}

// sectionTense is the tense a section starts in. Where its title does not
// say, the first chapter reviews and the others plan.
func (c Clock) sectionTense(r *report.Report, i int) Tense {
	if i < 0 {
		return Tense{}
	}
	if got, ok := c.titleTense(r.Sections[i].Title); ok {
		return got
	}
	for first := range r.Sections {
		if r.Sections[first].Level == 1 {
			if first == i {
				return c.past()
			}
			break
		}
	}
	return c.future()
}

// titleTense reads a heading: 2021年工作回顾, “十五五”时期主要目标任务.
func (c Clock) titleTense(title string) (Tense, bool) {
	review, target := reviewTitle.In(title), targetTitle.In(title)
	at, _, got := c.Find(title, Tense{}, true)
	year := yearIn(title)
	switch {
	case review && target && year == 0:
		// Both in one chapter: its paragraphs say which.
		return Tense{got.Period, report.Unknown, true}, true
	case review && year < c.Year:
		if at < 0 {
			got.Period = report.Year(c.Year - 1)
		}
		return Tense{Period: got.Period, Kind: report.Achieved}, true
	case target || year == c.Year:
		if at < 0 || got.Kind == report.Achieved {
			got.Period = report.Year(c.Year)
		}
		return Tense{Period: got.Period, Kind: report.Target}, true
	}
	return Tense{}, false
}

// shift is the tense that the opening words of a sentence change to, for it
// and those that follow in the section.
func (c Clock) shift(text string, base Tense) Tense {
	for _, w := range []string{"各位代表！", "各位代表，", "各位代表!", "——", "一是", "同时，"} {
		text = strings.TrimPrefix(text, w)
	}
	if c.Year > 0 && strings.HasPrefix(text, "这是") && strings.Contains(text, "的五年") {
		return Tense{report.Years(c.Year-5, c.Year-1), report.Achieved, base.mixed}
	}
	at, end, got := c.Find(text[:min(len(text), 60)], base, false)
	if at < 0 || !words.AtMost(text[:at], 3) || strings.HasPrefix(text[at:], "到") || got.Period.Start > 0 || got.Period.To == 0 {
		return base
	}
	got.mixed = base.mixed
	if c.Year == 0 && Planned(text) {
		got.Kind = report.Target
	}
	// A year before the one reviewed is about its sentence only: 2021年获批….
	if analysis.IsDigit(rune(text[at])) && base.Period.Known() && !got.Period.Several() && got.Period.To < c.Year-1 {
		return base
	}
	// In a review of years, 2012年占… is one figure's year; 2012年是… begins the
	// account of that year.
	if analysis.IsDigit(rune(text[at])) && base.Period.Several() {
		if after := text[end:]; !strings.HasPrefix(after, "是") && !strings.HasPrefix(after, "，") {
			return base
		}
	}
	// A date within the period is about its sentence only.
	if m := strings.Index(text, "月"); m >= 0 && m < at+24 && !strings.HasPrefix(text, "刚刚过去") {
		return base
	}
	if base.mixed || base.Kind == report.Unknown || got.Kind == base.Kind {
		return got
	}
	if base.Kind == report.Target || got.Period != report.Year(c.Year) || !Planned(text) {
		return base
	}
	return got
}

// looksBack is the tense of a paragraph in a chapter of plans that opens with
// the years before: “十四五”时期，….
func (c Clock) looksBack(text string, base Tense) (Tense, bool) {
	at, _, got := c.Find(text[:min(len(text), 40)], base, false)
	return got, at == 0 && base.Kind == report.Target && got.Kind == report.Achieved && got.Period.Several()
}

// listsProblems holds for the paragraph that admits what is wanting.
func listsProblems(text string) bool {
	opening := text[:min(len(text), 240)]
	for _, w := range []string{"清醒", "问题也不容忽视", "把问题说透", "也要看到", "不少困难", "困难和问题", "面临着困难", "面临不少", "面临诸多", "还存在"} {
		if i := strings.Index(opening, w); i >= 0 && i < 150 {
			return true
		}
	}
	return false
}

// sentenceTense is the tense of one sentence in its paragraph's: that of its
// first clause with a time word, as long as nothing is counted before.
func (c Clock) sentenceTense(s string, base Tense, problems bool) Tense {
	if thanks.In(s) || words.Count(s) < 4 || strings.HasPrefix(s, "各位代表") && words.AtMost(s, 12) {
		return Tense{Period: base.Period, Kind: report.Unknown}
	}
	got := base
	at, _, told := c.Find(s, base, false)
	if at >= 0 && !counted(s[:at]) {
		got = c.merge(s[at:], base, told)
	} else {
		at = -1
	}
	planned := Planned(s)
	if base.Kind == report.Achieved && got.Kind == report.Achieved && c.Year > 0 && (strings.Contains(s, "我们将") || strings.Contains(s, "下一步")) {
		return c.future()
	}
	if problems && !planned && problem.In(s) {
		return Tense{Period: got.Period, Kind: report.Unknown}
	}
	if problems && base.Kind == report.Achieved && !pastMarked.In(s) {
		return Tense{Period: got.Period, Kind: report.Unknown}
	}
	if got.Kind == report.Target && !planned {
		switch {
		case strings.Contains(s, "之年") && strings.Contains(s, "是"), problem.In(s) && strings.Contains(s, "面临"), strings.Contains(s, "依然突出"):
			return Tense{Period: got.Period, Kind: report.Unknown}
		case done.In(s) && at < 0 && !imperative.At(s):
			return c.past()
		}
	}
	return got
}

// Planned reports whether a text says that something is set out to be done.
func Planned(text string) bool {
	for {
		i, w := plans.Find(text)
		if i < 0 {
			return false
		}
		if w != "要" || !aword(text, i) {
			return true
		}
		text = text[i+len(w):]
	}
}

// aword holds where the 要 at i is part of a word that plans nothing.
func aword(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+len("要"):])
	return i > 0 && strings.ContainsRune("主重需首必纪摘概紧", before) || i+len("要") < len(text) && strings.ContainsRune("素求点件害闻", after)
}

// counted reports whether text holds a digit: what comes after a figure does
// not date it.
func counted(text string) bool { return strings.ContainsFunc(text, analysis.IsDigit) }

// merge is the tense of a statement whose time words say told, in a
// paragraph of tense base. rest is the text from those words on.
func (c Clock) merge(rest string, base, told Tense) Tense {
	switch {
	case base.Kind == report.Achieved && told.Kind == report.Target:
		// 今年 in a review is what comes next, unless it says what was done already.
		if begun.In(rest) && !Planned(rest) && !strings.HasPrefix(rest, "到") && !told.Period.Several() {
			told.Kind = report.Achieved
		}
	case base.Kind == report.Target && told.Kind == report.Achieved:
		if strings.Contains(rest, "今年") && Planned(rest) {
			return c.future()
		}
	}
	return told
}

// Clauses gives the tense of each clause of a sentence whose own tense is
// base: a time word dates its clause and those behind it, up to the next.
// Unknown kinds stay unknown.
func (c Clock) Clauses(text string, clauses []report.Span, base Tense) []Tense {
	out := make([]Tense, len(clauses))
	now := base
	for i, clause := range clauses {
		now = c.At(text[clause.Start:clause.End], now)
		out[i] = now
	}
	return out
}

// At is the tense behind the time words of a clause's text so far, where the
// clause began with the tense now.
func (c Clock) At(clause string, now Tense) Tense {
	for {
		at, end, told := c.Find(clause, now, false)
		if at < 0 {
			return now
		}
		now = c.merge(clause[at:], now, told)
		clause = clause[end:]
	}
}

// Sense is how a figure stands for the years of its period: on average, all
// together, or at their end. before is the text of its clause up to it.
func Sense(before string) report.Sense {
	for _, s := range []struct {
		list  string
		sense report.Sense
	}{{"average", report.Average}, {"total", report.Total}, {"end", report.End}} {
		if lists.Set(s.list).In(before) {
			return s.sense
		}
	}
	return report.Plain
}

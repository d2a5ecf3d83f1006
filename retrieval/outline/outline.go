package outline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// maxTitle is how many characters a section's title may have before it is
// cut back to its first clause.
const maxTitle = 60

// maxDepth bounds how deep lists may nest against the usual order.
const maxDepth = 9

// An openSection is a section that the current line is still inside.
type openSection struct {
	index int // in Report.Sections
	kind  markKind
	n     int
	lines int // paragraphs so far, the opening one included
	// run counts this and its elder siblings if all of them had text on one
	// line only; 0 when one had more.
	run int
}

// An outliner finds a report's sections, line by line.
type outliner struct {
	r     *report.Report
	stack []openSection
	leads []bool // by paragraph
	han   bool   // a 一、 stood at the top, so unnumbered headings are below
}

// findOutline fills in Sections and each paragraph's Section and Role. The
// preamble, the furniture and the glossary must be marked by then.
func findOutline(r *report.Report) {
	if len(r.Paragraphs) < 2 {
		return // a passage, not a document with an outline
	}
	o := outliner{r: r, leads: findLeads(r)}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		switch p.Role {
		case report.Body:
			o.line(i)
			o.mergedHeading(i)
		case report.Preamble:
			o.mergedHeading(i)
		case report.Glossary:
			o.glossaryLine(i)
		}
	}
}

func (o *outliner) line(i int) {
	p := &o.r.Paragraphs[i]
	m := o.classify(i)
	switch {
	case m.kind != markNone:
		o.open(i, m)
	default:
		o.closeFor(p.Text)
		if len(o.stack) > 0 {
			top := &o.stack[len(o.stack)-1]
			top.lines++
		}
	}
	p.Section = o.current()
}

func (o *outliner) current() int {
	if len(o.stack) == 0 {
		return -1
	}
	return o.stack[len(o.stack)-1].index
}

// mergedHeading opens the section whose heading (一、…) was merged into the
// end of line i; the line itself stays where it was.
func (o *outliner) mergedHeading(i int) {
	p := &o.r.Paragraphs[i]
	last := len(p.Sentences) - 1
	if last < 1 {
		return
	}
	s := p.Sentences[last]
	text := p.Text[s.Start:s.End]
	m := readMark(text)
	if m.kind != markHan || !words.AtMost(text, 40) || strings.ContainsAny(text, "。，；：！") {
		return
	}
	if before, _ := utf8.DecodeLastRuneInString(p.Text[:s.Start]); !unicode.IsSpace(before) {
		return
	}
	o.push(i, m, report.Span{Start: s.Start, End: s.End})
}

// glossaryLine gives the glossary a section of its own, opened by its
// heading.
func (o *outliner) glossaryLine(i int) {
	p := &o.r.Paragraphs[i]
	if p.Term < 0 && (len(o.stack) == 0 || o.stack[len(o.stack)-1].kind != markTitle) && (i == 0 || o.r.Paragraphs[i-1].Role != report.Glossary) {
		kind := markAnnex
		if i > 0 && isAnnexLabel(o.r.Paragraphs[i-1].Text) {
			kind = markTitle
		}
		o.push(i, mark{kind: kind}, report.Span{Start: 0, End: len(strings.TrimRight(p.Text, "：:。"))})
	}
	p.Section = o.current()
}

// classify says what line i opens, if anything.
func (o *outliner) classify(i int) mark {
	text := o.r.Paragraphs[i].Text
	if m := readMark(text); m.kind != markNone {
		return m
	}
	switch {
	case isAnnexLabel(text):
		return mark{kind: markAnnex}
	case o.leads[i]:
		return mark{kind: markLead}
	case strings.HasPrefix(text, "这是") && words.AtMost(text, 40) && (strings.HasSuffix(text, "年。") || strings.HasSuffix(text, "年")):
		return mark{kind: markYear}
	case o.bareHeading(i):
		if len(o.stack) > 0 && o.stack[len(o.stack)-1].kind == markAnnex {
			return mark{kind: markTitle}
		}
		if o.han {
			return mark{kind: markBare}
		}
		return mark{kind: markPart}
	}
	return mark{}
}

// bareHeading holds for a short unpunctuated line that names a part of a
// report. Lines torn out of a sentence look alike, but what stands before or
// after them shows it.
func (o *outliner) bareHeading(i int) bool {
	text := o.r.Paragraphs[i].Text
	if !words.AtMost(text, 40) || strings.ContainsAny(text, "。！？；：，!?;:|") || !headingWords.In(text) {
		return false
	}
	if i+1 >= len(o.r.Paragraphs) {
		return false
	}
	for _, torn := range []string{"是", "为", "：", "，", "、", "。", "；"} {
		if strings.HasPrefix(o.r.Paragraphs[i+1].Text, torn) {
			return false
		}
	}
	if i == 0 {
		return true
	}
	prev := &o.r.Paragraphs[i-1]
	if prev.Role != report.Body {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(prev.Text)
	return strings.ContainsRune("。！？!?”）：;；", last)
}

// Titles of what reviews and of what sets out to do.
var (
	reviewTitle = lists.Set("review-title")
	targetTitle = lists.Set("target-title")
)

var headingWords = lists.Set("heading-words")

// isAnnexLabel holds for 附件, 附件1, 附：, 附表 on a line of its own.
func isAnnexLabel(text string) bool {
	if !words.AtMost(text, 30) || strings.ContainsAny(text, "。，；") {
		return false
	}
	rest, ok := strings.CutPrefix(text, "附件")
	if !ok {
		rest, ok = strings.CutPrefix(text, "附")
		if !ok || rest != "" && !strings.HasPrefix(rest, "：") && !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "表") && !strings.HasPrefix(rest, "录") {
			return false
		}
	}
	return rest == "" || !strings.HasPrefix(rest, "列")
}

// open starts the section that line i opens with mark m.
func (o *outliner) open(i int, m mark) {
	p := &o.r.Paragraphs[i]
	title := titleSpan(p, m)
	o.push(i, m, title)
	if rest := strings.Trim(p.Text[title.End:], "。：:；;！ "); rest == "" {
		p.Role = report.Heading
		o.stack[len(o.stack)-1].run = 0
	}
}

func (o *outliner) push(i int, m mark, title report.Span) {
	run := 1
	for len(o.stack) > 0 {
		top := o.stack[len(o.stack)-1]
		if top.kind < m.kind || o.nestsUnder(top, m, i) {
			break
		}
		if top.kind == m.kind {
			run = 0
			if top.run > 0 && top.lines == 1 {
				run = top.run + 1
			}
		}
		o.stack = o.stack[:len(o.stack)-1]
	}
	if m.kind == markHan && (len(o.stack) == 0) {
		o.han = true
	}
	s := report.Section{
		Title:     o.r.Paragraphs[i].Text[title.Start:title.End],
		Parent:    o.current(),
		Level:     len(o.stack) + 1,
		Paragraph: i,
		Start:     title.Start,
		End:       title.End,
	}
	o.r.Sections = append(o.r.Sections, s)
	o.stack = append(o.stack, openSection{index: len(o.r.Sections) - 1, kind: m.kind, n: m.n, lines: 1, run: run})
}

// nestsUnder holds where a list starts inside what usually is a part of a
// list: the line before announces it.
func (o *outliner) nestsUnder(top openSection, m mark, i int) bool {
	if m.n != 1 || top.kind == m.kind || i == 0 || len(o.stack) >= maxDepth {
		return false
	}
	before := o.r.Paragraphs[i-1].Text
	return o.r.Sections[top.index].Paragraph == i-1 && (strings.HasSuffix(before, "：") || strings.HasSuffix(before, ":"))
}

// closeFor ends the sections that an ordinary line shows to be over: a list
// of one-line items ends at the first line that is none, and the address to
// the house or a closing summary leaves every part of a chapter.
func (o *outliner) closeFor(text string) {
	if closing(text) {
		for len(o.stack) > 0 && o.stack[len(o.stack)-1].kind > markHan {
			o.stack = o.stack[:len(o.stack)-1]
		}
		return
	}
	for len(o.stack) > 0 {
		top := o.stack[len(o.stack)-1]
		if top.kind < markParenHan || top.run < 2 || top.lines > 1 {
			return
		}
		o.stack = o.stack[:len(o.stack)-1]
	}
}

// closing recognises how a paragraph that sums up, or turns to the house,
// begins.
func closing(text string) bool {
	for _, w := range []string{"各位代表", "各位委员", "同志们", "一年来，", "过去一年，", "过去的一年，", "五年来，", "过去五年，", "与此同时，", "此外，", "回顾过去", "回首", "这些成绩", "以上成绩", "总的看", "总起来", "在看到成绩", "在肯定成绩", "成绩固然", "同时，我们", "同时我们", "我们也清醒", "我们清醒", "也要清醒"} {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

// titleSpan delimits the title at the start of a paragraph opened by m: the
// whole line if it is short enough, else its first sentence, else its first
// clause. The full stop is no part of it.
func titleSpan(p *report.Paragraph, m mark) report.Span {
	end := len(p.Text)
	if len(p.Sentences) > 0 {
		end = p.Sentences[0].End
		// Numbering may itself look like a sentence.
		if end <= m.size && len(p.Sentences) > 1 {
			end = p.Sentences[1].End
		}
	}
	title := strings.TrimRight(p.Text[:end], "。！？；：，!?;: 　")
	if !words.AtMost(title, maxTitle) || m.kind == markItem && len(p.Sentences) == 1 && !words.AtMost(title, 30) {
		if c := firstClause(title, m.size); c > m.size+6 {
			title = title[:c]
		}
	}
	if len(title) <= m.size {
		title = p.Text
	}
	return report.Span{Start: 0, End: len(title)}
}

// firstClause returns where the first clause after from ends, without its mark.
func firstClause(s string, from int) int {
	c := report.Clauses(s, report.Span{Start: from, End: len(s)})[0]
	if r, n := utf8.DecodeLastRuneInString(s[:c.End]); report.EndsClause(r) {
		return c.End - n
	}
	return c.End
}

package outline

import (
	"strings"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// findLeads says which paragraphs open with a bold-like lead sentence: short,
// without figures, followed by the text it heads. An imperative is enough by
// itself; other short sentences only side by side with paragraphs alike.
func findLeads(r *report.Report) []bool {
	strength := make([]int, len(r.Paragraphs))
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role == report.Body && readMark(p.Text).kind == markNone {
			strength[i] = leadStrength(p)
		}
	}
	leads := make([]bool, len(r.Paragraphs))
	for i, s := range strength {
		if s > 0 && onlyContent(r, i) {
			continue
		}
		beside := i > 0 && strength[i-1] > 0 || i+1 < len(strength) && strength[i+1] > 0
		leads[i] = s == 2 || s == 1 && beside
	}
	return leads
}

// onlyContent holds for the one paragraph below a heading: it has no other
// part beside it that a lead would set it off from.
func onlyContent(r *report.Report, i int) bool {
	if i == 0 || i+1 >= len(r.Paragraphs) {
		return false
	}
	before, after := &r.Paragraphs[i-1], &r.Paragraphs[i+1]
	return readMark(before.Text).kind != markNone && len(before.Sentences) == 1 && words.Count(before.Text) <= maxTitle && readMark(after.Text).kind != markNone
}

// leadStrength is 2 for an imperative lead, 1 for a possible one, 0 for none.
func leadStrength(p *report.Paragraph) int {
	if len(p.Sentences) < 2 {
		return 0
	}
	s := p.Text[:p.Sentences[0].End]
	n := words.Count(s)
	if n < 5 || n > 34 || !strings.HasSuffix(s, "。") || strings.ContainsAny(s, "；：") || strings.Count(s, "，") > 1 || hasDigit(s) || notLead.In(s) || notLeadStart.At(s) || strings.Contains(s, "是") || closing(s) {
		return 0
	}
	if imperative.At(s) {
		return 2
	}
	if n > 26 {
		return 0
	}
	return 1
}

func hasDigit(s string) bool {
	return strings.ContainsFunc(s, analysis.IsDigit)
}

var (
	notLead      = lists.Set("not-lead")
	notLeadStart = lists.Set("not-lead-start")
	imperative   = lists.Set("imperative")
)

// markLeads gives each sentence the lead or list item it stands under within
// its paragraph. opened is the title with which the paragraph opens a
// section, "" for none.
func markLeads(p *report.Paragraph, opened string) {
	items := paragraphItems(p)
	lead := opened
	for i := range p.Sentences {
		s := &p.Sentences[i]
		if item, ok := items[i]; ok {
			lead = item
		} else if i > 0 {
			s.Lead = lead
		}
	}
}

// paragraphItems finds list items (一是…, （1）…) and short bold-like
// sentences inside a paragraph, by sentence.
func paragraphItems(p *report.Paragraph) map[int]string {
	var items map[int]string
	var short []int
	add := func(i int, title string) {
		if items == nil {
			items = map[int]string{}
		}
		items[i] = title
	}
	for i, s := range p.Sentences {
		text := p.Text[s.Start:s.End]
		bare := strings.TrimRight(text, "。；！")
		switch m := readMark(text); {
		case i > 0 && (m.kind == markItem || m.kind == markParenArab):
			add(i, bare[:min(len(bare), firstClause(bare, m.size))])
		case i > 0 && i+1 < len(p.Sentences) && strings.HasSuffix(text, "。") && len(text) <= 16*3 && words.Count(bare) >= 4 &&
			!strings.ContainsAny(text, "，；：") && !hasDigit(text) && !notLead.In(text):
			short = append(short, i)
		}
	}
	if len(short) > 1 && len(items) == 0 {
		for _, i := range short {
			s := p.Sentences[i]
			add(i, strings.TrimRight(p.Text[s.Start:s.End], "。"))
		}
	}
	return items
}

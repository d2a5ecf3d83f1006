package outline

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// Parse makes the outline of a document: everything of a report but its
// digest, the time of its sentences and its figures. It never fails: a text without
// headings, date or glossary is a report of paragraphs. id is also where the
// year and the region are looked for when neither meta nor the text has them.
func Parse(id, text string, meta report.Metadata) *report.Report {
	text = strings.TrimPrefix(text, "\uFEFF")
	r := &report.Report{
		ID: id, Title: meta.Title, Region: meta.Region, Year: meta.Year,
		DeliveredOn: meta.DeliveredOn, Speaker: meta.Speaker,
		SourceURL: meta.SourceURL, Language: meta.Language,
		Text: text, Name: id, Given: meta,
	}
	if meta.ID != "" {
		r.ID = meta.ID
	}
	r.Paragraphs = cutParagraphs(text)
	var pre preamble
	if len(r.Paragraphs) > 1 {
		pre = findPreamble(r)
		markTail(r)
	}
	if len(r.Paragraphs) > 0 {
		findGlossary(r)
	}
	findOutline(r)
	infer(r, id, pre)
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role != report.Body {
			continue
		}
		opened := ""
		if p.Section >= 0 && r.Sections[p.Section].Paragraph == i {
			opened = r.Sections[p.Section].Title
		}
		markLeads(p, opened)
	}
	warn(r)
	return r
}

// infer fills in what the metadata left open, from the preamble, the
// headings and the id, in this order.
func infer(r *report.Report, id string, pre preamble) {
	report := len(r.Sections) > 0 || pre.speaker != "" || pre.title != ""
	if r.DeliveredOn != "" && r.Year == 0 {
		r.Year, _ = strconv.Atoi(r.DeliveredOn[:4])
	}
	if r.Year == 0 && report {
		for _, y := range []int{pre.year, headingYear(r), yearInPath(id)} {
			if y > 0 {
				r.Year = y
				break
			}
		}
	}
	if r.DeliveredOn == "" && (pre.year == 0 || pre.year == r.Year) {
		r.DeliveredOn = dateString(r.Year, pre.month, pre.day)
	}
	if r.Speaker == "" {
		r.Speaker = pre.speaker
	}
	if r.Region == "" && report {
		if r.Region = pre.region; r.Region == "" {
			r.Region = regionInPath(id)
		}
	}
	if r.Title == "" {
		r.Title = inferTitle(r, id, pre)
	}
	if r.Language == "" {
		r.Language = language(r.Text)
	}
}

func inferTitle(r *report.Report, id string, pre preamble) string {
	if pre.title != "" && (firstYear(pre.title) > 0 || r.Year == 0) {
		return pre.title
	}
	if r.Year > 0 && (pre.title != "" || pre.speaker != "" || pre.month > 0 || r.Region != "") {
		region := r.Region
		if region == report.Nationwide || strings.Contains(pre.title, region) {
			region = ""
		}
		title := pre.title
		if title == "" {
			title = "政府工作报告"
		}
		return fmt.Sprintf("%d年%s%s", r.Year, region, title)
	}
	if len(r.Sections) > 0 && r.Sections[0].Level == 1 && r.Paragraphs[r.Sections[0].Paragraph].Number == 1 {
		return r.Sections[0].Title
	}
	return path.Base(id)
}

// language tells traditional from simplified Chinese by characters that
// exist in only one of them.
func language(text string) string {
	traditional, simplified, han, latin := 0, 0, 0, 0
	for i, r := range text {
		if i > 6000 { // the beginning tells
			break
		}
		switch {
		case r < utf8.RuneSelf:
			if r >= 'a' && r <= 'z' {
				latin++
			}
		case r >= 0x4E00 && r <= 0x9FFF:
			han++
			if strings.ContainsRune(onlyTraditional, r) {
				traditional++
			} else if strings.ContainsRune(onlySimplified, r) {
				simplified++
			}
		}
	}
	switch {
	case traditional > simplified:
		return "zh-TW"
	case han == 0 && latin > 0 || latin > 10*han:
		return "en"
	}
	return "zh-CN"
}

const (
	onlyTraditional = "這國會個來時對發經與為學過還種點問們產業開關長實現後進動義務農區機體應無黨"
	onlySimplified  = "这国会个来时对发经与为学过还种点问们产业开关长实现后进动义务农区机体应无党"
)

// warn notes what a person should look at.
func warn(r *report.Report) {
	add := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if len(r.Paragraphs) < 10 {
		return // a passage: nothing of a report is to be expected
	}
	if len(r.Sections) == 0 {
		add("no headings were recognised")
	}
	if r.Year == 0 {
		add("the year is unknown")
	}
	if r.Region == "" {
		add("the region is unknown")
	}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role == report.Glossary && p.Term >= 0 {
			continue
		}
		if p.Role == report.Body && p.Section >= 0 && r.Sections[p.Section].Paragraph != i && words.AtMost(p.Text, 12) && !endsLine(p.Text) && !strings.HasSuffix(p.Text, "：") {
			add("paragraph %d looks like a line torn out of another: %q", p.Number, p.Text)
		}
		if n := report.Unbalanced(p.Text); n != 0 && p.Role != report.Furniture {
			add("paragraph %d has unbalanced quotation marks or brackets", p.Number)
		}
	}
	for _, t := range r.Terms {
		if t.Definition == "" {
			add("the term %s has no definition", t.Name)
		}
	}
	for i := 1; i < len(r.Sections); i++ {
		s := &r.Sections[i]
		if r.Paragraphs[s.Paragraph].Role == report.Heading && i+1 < len(r.Sections) && r.Sections[i+1].Paragraph == s.Paragraph {
			add("paragraph %d opens two sections", r.Paragraphs[s.Paragraph].Number)
		}
	}
}

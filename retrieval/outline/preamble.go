package outline

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// A preamble is what the lines before a report's first section say of it.
type preamble struct {
	title   string
	region  string
	year    int
	month   int
	day     int
	speaker string
}

// findPreamble marks the opening lines (Preamble, Furniture) and reads them.
func findPreamble(r *report.Report) preamble {
	var pre preamble
	end := preambleEnd(r)
	title := -1
	for i := range end {
		p := &r.Paragraphs[i]
		p.Role = report.Preamble
		if isTitle(p.Text) && (title < 0 || words.Count(p.Text) > words.Count(r.Paragraphs[title].Text)) {
			title = i
		}
	}
	for i := range end {
		p := &r.Paragraphs[i]
		afterLabel := i > 0 && r.Paragraphs[i-1].Role == report.Furniture && strings.HasSuffix(strings.TrimRight(r.Paragraphs[i-1].Text, "："), ":") && words.AtMost(p.Text, 10)
		if furniture(p.Text) || afterLabel || i < title && !isTitle(p.Text) && !isOccasion(p.Text) && words.AtMost(p.Text, 12) && !officeWords.In(p.Text) {
			p.Role = report.Furniture
			continue
		}
		pre.read(p.Text)
	}
	if title >= 0 {
		pre.title = strings.Trim(r.Paragraphs[title].Text, "《》 　")
		if pre.speaker == "" { // a bare name below the title
			for i := title + 1; i < end && i <= title+2; i++ {
				if name := r.Paragraphs[i].Text; r.Paragraphs[i].Role == report.Preamble && words.Count(name) >= 2 && words.AtMost(name, 4) && words.AllHan(strings.ReplaceAll(name, " ", "")) {
					pre.speaker = joinName(name)
				}
			}
		}
	}
	return pre
}

// preambleEnd is the index of the first paragraph that is no preamble.
func preambleEnd(r *report.Report) int {
	limit := min(len(r.Paragraphs), 30)
	for i := range limit {
		text := r.Paragraphs[i].Text
		if i > 0 && readMark(text).kind != markNone && readMark(text).kind != markDash {
			limit = i
			break
		}
	}
	for i := range limit { // the salutation, and the sentence that asks for approval
		text := r.Paragraphs[i].Text
		if !isSalutation(text) {
			continue
		}
		if i+1 < len(r.Paragraphs) && isOpening(r.Paragraphs[i+1].Text) {
			return i + 2
		}
		return i + 1
	}
	end := 0
	for i := range limit {
		text := r.Paragraphs[i].Text
		if !isTitle(text) && !isOccasion(text) && !isSpeakerLine(text) && !furniture(text) && !isOpening(text) {
			break
		}
		end = i + 1
	}
	if end == len(r.Paragraphs) {
		return 0 // nothing would be left to report
	}
	return end
}

func isSalutation(text string) bool {
	if i := strings.Index(text[:min(len(text), 80)], "各位代表"); i >= 0 {
		rest := strings.TrimLeft(text[i+len("各位代表"):], " 　")
		return words.AtMost(text[:i], 12) && (rest == "" || strings.HasPrefix(rest, "：") || strings.HasPrefix(rest, ":") ||
			strings.HasPrefix(rest, "、") || strings.HasPrefix(rest, "，") && words.Count(rest) < 12)
	}
	return words.AtMost(text, 20) && (strings.HasPrefix(text, "同志们") || strings.HasPrefix(text, "各位委员") || strings.HasPrefix(text, "主席、")) && (strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":"))
}

func isOpening(text string) bool {
	return words.AtMost(text, 120) && strings.Contains(text, "代表") && strings.Contains(text, "报告") &&
		(strings.Contains(text, "审议") || strings.Contains(text, "向大会"))
}

func isTitle(text string) bool {
	return words.AtMost(text, 40) && strings.HasSuffix(strings.TrimRight(text, "》 　"), "报告") && !strings.ContainsAny(text, "。，；：") && !isOccasion(text)
}

// isOccasion holds for the line that says when and before whom a report was
// given.
func isOccasion(text string) bool {
	return words.AtMost(text, 80) && (strings.Contains(text, "次会议") || strings.Contains(text, "人民代表大会") || strings.Contains(text, "大会上")) &&
		(strings.Contains(text, "月") || strings.HasPrefix(text, "—") || strings.HasPrefix(text, "-") || strings.HasPrefix(text, "人民代表大会"))
}

var officeWords = lists.Set("office-words")

// isSpeakerLine holds for a short line with an office and a name.
func isSpeakerLine(text string) bool {
	return words.AtMost(text, 24) && officeWords.In(text) && !strings.ContainsAny(text, "。，；：")
}

// furniture holds for lines that a web page or a newspaper adds.
func furniture(text string) bool {
	n := words.Count(text)
	if n > 60 {
		return false
	}
	if n <= 30 {
		if furnitureWords.At(strings.TrimLeft(text, "【[（( 　》>|")) {
			return true
		}
		if isTimestamp(text) || !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || analysis.IsDigit(r) }) {
			return true
		}
		if isHex(text) {
			return true
		}
	}
	return strings.Contains(text, "记者") && (strings.HasSuffix(text, "摄") || strings.Contains(text, " 摄")) ||
		strings.Contains(text, "新华社") && strings.Contains(text, "电") && n <= 20
}

var furnitureWords = lists.Set("furniture-words")

// isTimestamp holds for a line that is only a date with or without a time.
func isTimestamp(text string) bool {
	digit := false
	for _, r := range text {
		switch {
		case analysis.IsDigit(r):
			digit = true
		case strings.ContainsRune("年月日时分秒-/:： .", r):
		default:
			return false
		}
	}
	return digit && words.Count(text) >= 8
}

func isHex(text string) bool {
	text = strings.TrimRight(text, ":：")
	if len(text) < 16 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// read takes from one line of the preamble what it tells.
func (pre *preamble) read(text string) {
	y, m, d := findDate(text)
	if m > 0 && pre.month == 0 && (isOccasion(text) || y > 0) {
		pre.month, pre.day = m, d
	}
	if y > 0 && (pre.year == 0 || m > 0 && isOccasion(text)) {
		pre.year = y
	}
	if pre.speaker == "" {
		pre.speaker = findSpeaker(text)
	}
	if pre.region == "" || isOccasion(text) {
		if region := findRegion(text); region != "" {
			pre.region = region
		}
	}
}

// findDate finds the first date in s: 2022年1月21日, 二〇二六年二月三日, or a
// day without its year. What is missing is 0.
func findDate(s string) (year, month, day int) {
	for i, r := range s {
		if r != '年' && r != '月' {
			continue
		}
		v, size := analysis.IntegerBefore(s[:i])
		if size == 0 {
			continue
		}
		if r == '年' && v >= 1949 && v <= 2100 {
			year = v
			rest := strings.TrimLeft(s[i+len("年"):], " 　")
			m, n := analysis.IntegerAt(rest)
			if after, ok := strings.CutPrefix(rest[n:], "月"); ok && n > 0 && m >= 1 && m <= 12 {
				month = m
				after = strings.TrimLeft(after, " 　")
				if d, n := analysis.IntegerAt(after); n > 0 && strings.HasPrefix(after[n:], "日") && d >= 1 && d <= 31 {
					day = d
				}
			}
			return year, month, day
		}
		if r == '月' && v >= 1 && v <= 12 {
			rest := s[i+len("月"):]
			if d, n := analysis.IntegerAt(rest); n > 0 && strings.HasPrefix(rest[n:], "日") && d >= 1 && d <= 31 {
				return 0, v, d
			}
		}
	}
	return 0, 0, 0
}

// findSpeaker finds the name beside an office: 自治区主席 王莉霞, 省长毛伟明作…,
// 龚正市长在….
func findSpeaker(text string) string {
	at, office := officeWords.Find(text)
	if at < 0 {
		return ""
	}
	after := strings.TrimLeft(text[at+len(office):], " 　")
	if name := leadingName(after); name != "" {
		return name
	}
	before := text[:at]
	start := len(before)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(before[:start])
		if !unicode.Is(unicode.Han, r) && r != '·' || r == '日' {
			break
		}
		start -= n
	}
	if name := before[start:]; words.Count(name) >= 2 && words.AtMost(name, 4) && !strings.ContainsAny(name, "省市区国代") {
		return name
	}
	return ""
}

// leadingName reads a personal name at the start of s, up to what such a
// name is followed by.
func leadingName(s string) string {
	end := len(s)
	for _, stop := range []string{"同志", "作", "在", "代表", "向", "做", "各位", "，", "。", "：", "、", "（", "("} {
		if i := strings.Index(s, stop); i >= 0 && i < end {
			end = i
		}
	}
	name := joinName(s[:end])
	n := words.Count(name)
	if n < 2 || !strings.Contains(name, "·") && n > 5 || n > 16 {
		return ""
	}
	for _, r := range name {
		if !unicode.Is(unicode.Han, r) && r != '·' {
			return ""
		}
	}
	return name
}

// joinName drops the wide spaces that set a two-character name to the width
// of three, and a second name after a longer gap.
func joinName(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 2 && (words.Count(fields[0]) == 1 || words.Count(fields[1]) == 1) {
		return fields[0] + fields[1]
	}
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// findRegion finds where a report was given: before which congress, for
// which government, by whose head.
func findRegion(text string) string {
	for _, anchor := range []string{"第", "人民代表大会", "人民政府", "政府工作报告", "省长", "市长"} {
		i := strings.Index(text, anchor)
		if anchor == "第" && (i < 0 || !strings.Contains(text[i:], "届")) || i <= 0 {
			continue
		}
		start := i
		for start > 0 {
			r, n := utf8.DecodeLastRuneInString(text[:start])
			if !unicode.Is(unicode.Han, r) || strings.ContainsRune("在向表日年月", r) {
				break
			}
			start -= n
		}
		if region := regionFrom(text[start:i]); region != "" {
			return region
		}
	}
	if strings.Contains(text, "国务院") {
		return report.Nationwide
	}
	return ""
}

// headingYear infers the year of a report from its headings: the review of
// 2021 and the tasks of 2022 stand in a report of 2022.
func headingYear(r *report.Report) int {
	for _, s := range r.Sections {
		y := firstYear(s.Title)
		if y == 0 {
			continue
		}
		if reviewTitle.In(s.Title) {
			return y + 1
		}
		if targetTitle.In(s.Title) {
			return y
		}
	}
	return 0
}

// firstYear finds the first YYYY年 in s.
func firstYear(s string) int {
	for i, r := range s {
		if r == '年' {
			if v, n := analysis.IntegerBefore(s[:i]); n >= 4 && v >= 1949 && v <= 2100 {
				return v
			}
		}
	}
	return 0
}

func dateString(y, m, d int) string {
	if y == 0 || m == 0 || d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

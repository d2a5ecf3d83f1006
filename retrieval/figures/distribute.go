package figures

import (
	"slices"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// distribute handles what one clause says of several things: 工业投资、民间投资分别
// 增长21.1％、14.4％, and 城乡居民收入增长7.3％和10.7％ without 分别.
func (r *reader) distribute(clause string, f, prev *report.Figure, joined bool) bool {
	i := strings.Index(clause, "分别")
	if i < 0 {
		return r.continued(clause, f, prev, joined) || r.paired(clause, f)
	}
	subject := stripLead(strings.TrimSpace(clause[:i]))
	after := strings.TrimSpace(clause[i+len("分别"):])
	verb, rest := tailVerb(trimTail(after))
	if verb == "" {
		verb, rest = headVerb(rest)
	}
	if verb == "" && after != "" && trimTail(after) == "" {
		verb = strings.TrimSpace(after) // 分别为
	}
	if subject = trimTail(subject); subject != "" {
		if v, tail := tailVerb(subject); v != "" && tail != "" { // 产量增长分别达到
			subject = tail
			if verb == "" || reachedOnly(verb) {
				verb = v
			}
		}
		if v, obj := headVerb(subject); v != "" && obj != "" && strings.ContainsAny(obj, "、和") && !nounVerbs.Has(v) {
			subject = obj
			if verb == "" || verb == "达到" || verb == "达" {
				verb = v
			}
		}
		r.group = r.subjects(subject)
	} else if g := r.listed(); len(g) > 1 {
		r.group = g
	}
	if len(r.group) == 0 {
		return false
	}
	if rest != "" && words.AllHan(rest) && words.AtMost(rest, 8) && !planWords.Has(strings.TrimSuffix(rest, "的")) { // 分别完成投资…
		for k := range r.group {
			r.group[k] += rest
		}
	}
	f.Indicator, f.Verb = r.group[0], verb
	r.groupAt = 1
	r.share(f)
	if len(r.group) == 1 {
		r.group = append(r.group, r.group[0], r.group[0])
	}
	return true
}

// reachedOnly holds for verbs that say no more than that a value was reached.
func reachedOnly(verb string) bool { return verb == "达到" || verb == "达" || verb == "为" }

// continued is the next of the things that a group of numbers is of.
func (r *reader) continued(clause string, f, prev *report.Figure, joined bool) bool {
	if !joined || r.groupAt == 0 || r.groupAt >= len(r.group) {
		return false
	}
	verb, rest := tailVerb(trimTail(clause))
	if rest != "" {
		return false
	}
	f.Indicator, f.Verb = r.group[r.groupAt], prev.Verb
	if r.qualifier != "" {
		f.Qualifier = r.qualifier
	}
	if verb != "" {
		f.Verb = verb
	}
	r.groupAt++
	return true
}

// listed are the things that the numbers just before this clause were of: A a、B
// b，分别增长c、d. There must be as many as numbers side by side from here on.
func (r *reader) listed() []string {
	n := r.run()
	if n > r.at {
		return nil
	}
	var out []string
	for k := r.at - n; k < r.at; k++ {
		out = append(out, r.done[k].Indicator)
	}
	return out
}

// paired handles two numbers for two things in one: 城乡居民收入增长7.3％和10.7％,
// 内外资…; the numbers stand side by side.
func (r *reader) paired(clause string, f *report.Figure) bool {
	if r.at+1 >= len(r.numbers) {
		return false
	}
	mid := strings.TrimSpace(r.text[r.numbers[r.at].To:r.numbers[r.at+1].From])
	if mid != "和" && mid != "、" && mid != "与" && mid != "及" {
		return false
	}
	p := trimTail(stripLead(strings.TrimSpace(clause)))
	verb, subject := tailVerb(p)
	if verb == "" {
		subject = p
	}
	if v, obj := headVerb(subject); v != "" && obj != "" && !nounVerbs.Has(v) {
		subject = obj
		if verb == "" {
			verb = v
		}
	}
	group := r.subjects(subject)
	if subject == "" {
		group = r.listed() // A a、B b，增长c和d
	}
	if n := r.run(); len(group) != n {
		return false
	}
	r.group, r.groupAt = group, 1
	f.Indicator, f.Verb = group[0], verb
	r.share(f)
	return true
}

// share notes the qualifier that numbers side by side have in common: what
// stands before the first and behind the last holds for all.
func (r *reader) share(f *report.Figure) {
	r.qualifier = ""
	n := r.run()
	last := &r.numbers[r.at+n-1]
	front, back := "", ""
	if own := &r.numbers[r.at]; own.From < own.Start {
		front, _, _ = strings.Cut(own.Qualifier, "…")
	}
	if last.To > last.End {
		if _, after, ok := strings.Cut(last.Qualifier, "…"); ok {
			back = after
		} else if last.From == last.Start {
			back = last.Qualifier
		}
	}
	if front == "" {
		back = "" // a、b左右: of the last only
	}
	r.qualifier = strings.Trim(front+"…"+back, "…")
	if r.qualifier != "" && n > 1 {
		f.Qualifier = r.qualifier
	}
}

// mostAbreast bounds how many numbers side by side are looked at together.
const mostAbreast = 24

// run is how many numbers stand side by side from the one under way on.
func (r *reader) run() int {
	n := 1
	for k := r.at; k+1 < len(r.numbers) && n < mostAbreast; k++ {
		mid := strings.TrimSpace(r.text[r.numbers[k].To:r.numbers[k+1].From])
		if joints.Prefix(mid) != mid || mid == "" || mid == "，" {
			break
		}
		n++
	}
	return n
}

// subjects divides what is said of the numbers side by side: 城乡居民收入 is two. A 和
// divides no item of a list that 、 divides into as many as there are numbers:
// 租赁和商务服务业、邮政业.
func (r *reader) subjects(s string) []string {
	parts := divide(s, "、和与及")
	if n := r.run(); len(parts) > n && n > 1 {
		if listed := divide(s, "、"); len(listed) == n {
			parts = listed
		}
	}
	if len(parts) == 1 {
		return twoInOne(s)
	}
	if parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" }); len(parts) == 1 {
		return parts // 销售面积环比、同比分别…
	}
	last := parts[len(parts)-1]
	head := headNouns.Suffix(last)
	for k, p := range parts[:len(parts)-1] {
		if n := utf8.RuneCountInString(p); n == 1 && analysis.DigitValue([]rune(p)[0]) > 0 { // 一、二、三产业增加值
			_, size := utf8.DecodeRuneInString(last)
			parts[k] = "第" + p + last[size:]
		} else if head := sharedHead(p, last, head); head != "" {
			parts[k] = p + head
		}
	}
	if start := sharedStarts.Prefix(parts[0]); start != "" && len(start) < len(parts[0]) {
		for k := range parts[1:] {
			if headNouns.Suffix(parts[k+1]) != "" {
				parts[k+1] = start + parts[k+1]
			}
		}
	}
	if c, _ := utf8.DecodeRuneInString(last); len(parts) > 2 && analysis.DigitValue(c) > 0 && strings.HasPrefix(parts[0], "第") {
		parts[len(parts)-1] = "第" + last
	}
	return parts
}

// sharedHead is what the item p of a list has in common with the last one: 高铁 of
// 高铁、地铁运营里程 is 运营里程. head is the noun the last one is known to end with.
func sharedHead(p, last, head string) string {
	if head == "" || head == last {
		return ""
	}
	if own := headNouns.Suffix(p); own != "" && own != "进出口" && own != "就业" || strings.HasSuffix(p, "率") {
		return ""
	}
	if w := parallel.Prefix(last); w != "" && parallel.Suffix(p) != "" && len(last)-len(w) >= len(head) {
		return last[len(w):]
	}
	for {
		m := modifiers.Suffix(strings.TrimSuffix(last, head))
		if m == "" || m+head == last || strings.HasSuffix(p, m) || strings.HasSuffix(p, "业") && m == "行业" && p != "" && strings.HasSuffix(p, "产业") {
			return head
		}
		head = m + head
	}
}

// divide cuts s at the joints that are outside of brackets and of words.
func divide(s, joints string) []string {
	var parts []string
	start := 0
	for i, c := range report.Outside(s) {
		if strings.ContainsRune(joints, c) && i > start && (c == '、' || !insideWord(s, i)) {
			parts = append(parts, s[start:i])
			start = i + utf8.RuneLen(c)
		}
	}
	return append(parts, s[start:])
}

// insideWord holds for a joint that is part of a word: 和 in 呼和浩特, 及 in 普及.
func insideWord(s string, i int) bool {
	for from := max(0, i-9); from <= i; from++ {
		if utf8.RuneStart(s[from]) {
			if w := jointInside.Prefix(s[from:]); from+len(w) > i {
				return true
			}
		}
	}
	return false
}

// pairs are the words that name two things in one.
var pairs = []struct{ both, one, other string }{
	{"城乡", "城镇", "农村"}, {"内外资", "内资", "外资"}, {"进出口", "进口", "出口"}, {"产销量", "产量", "销量"}, {"存贷款", "存款", "贷款"}, {"收支", "收入", "支出"}, {"供销", "供给", "销售"},
}

// twoInOne divides 城乡居民收入 into its two; anything else is one.
func twoInOne(s string) []string {
	for _, p := range pairs {
		i := strings.Index(s, p.both)
		if i < 0 || !words.AtMost(s[i:], 20) || p.both == "进出口" {
			continue
		}
		rest := s[i+len(p.both):]
		return []string{s[:i] + p.one + rest, s[:i] + p.other + rest}
	}
	return []string{s}
}

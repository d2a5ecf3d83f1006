package corpus

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// findFigures finds the quantities of the report's own text and what they
// measure.
func findFigures(r *Report) []Figure {
	var out []Figure
	t := timer{r.Year}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role != Body {
			continue
		}
		for j := range p.Sentences {
			s := &p.Sentences[j]
			if !strings.ContainsFunc(p.Text[s.Start:s.End], mayCount) {
				continue
			}
			f := figureFinder{text: p.Text[s.Start:s.End], timer: t, sentence: s}
			for _, fig := range f.find() {
				fig.Paragraph, fig.Sentence = i, j
				fig.Start += s.Start
				fig.End += s.Start
				out = append(out, fig)
			}
		}
	}
	return out
}

func mayCount(r rune) bool {
	return isDigit(r) || r == '亿' || r == '万' || r == '翻' || r == '半' || r == '百' || r == '分' || r == '倍' || r == '成'
}

// A figureFinder reads one sentence.
type figureFinder struct {
	text     string
	timer    timer
	sentence *Sentence
	bounds   []int // where clauses start
	quants   []quantity
	read     int // clauses whose time words are in told
	told     tense
	toldAt   string   // the text from those words on, "" for none
	group    []string // what the 分别 in force distributes over
	groupAt  int      // how many of the group are used up
}

func (f *figureFinder) find() []Figure {
	f.quants = findQuantities(f.text)
	if len(f.quants) == 0 {
		return nil
	}
	f.bounds = clauseStarts(f.text)
	out := make([]Figure, 0, len(f.quants))
	for k, q := range f.quants {
		fig := Figure{
			Start: q.Start, End: q.End, Value: f.text[q.Start:q.End],
			Number: q.number, Unit: q.unit, Qualifier: q.before,
		}
		if q.after != "" {
			if fig.Qualifier != "" && fig.Qualifier != "预计" {
				fig.Qualifier += "…"
			} else {
				fig.Qualifier = ""
			}
			fig.Qualifier += q.after
		}
		f.measure(k, &fig, out)
		f.tense(q, &fig)
		out = append(out, fig)
	}
	return out
}

// clauseStarts returns where the clauses of a sentence start.
func clauseStarts(s string) []int {
	starts := []int{0}
	names := nameSpans(s)
	for i, r := range s {
		for len(names) > 0 && names[0].End <= i {
			names = names[1:]
		}
		if len(names) > 0 && i >= names[0].Start {
			continue
		}
		switch r {
		case '，', '；', '：', '。', '！', '？', ';', '—':
			starts = append(starts, i+utf8.RuneLen(r))
		case ',':
			if !groupOfThree(s[i+1:]) {
				starts = append(starts, i+1)
			}
		}
	}
	return starts
}

// clauseOf returns the index of the clause that at is in.
func (f *figureFinder) clauseOf(at int) int {
	return sort.SearchInts(f.bounds, at+1) - 1
}

// maxClause bounds how much of a clause is looked at.
const maxClause = 360

// tail returns text[from:to], at most its last maxClause bytes.
func (f *figureFinder) tail(from, to int) string {
	s := f.text[from:to]
	if len(s) > maxClause {
		s = s[len(s)-maxClause:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	return s
}

// measure finds the indicator and the verb of quantity k. done are the
// figures before it in the sentence.
func (f *figureFinder) measure(k int, fig *Figure, done []Figure) {
	q := f.quants[k]
	start := f.bounds[f.clauseOf(q.from)]
	clause := f.tail(start, q.from)
	var prev *Figure
	sameClause, joined := false, false
	if k > 0 {
		prev = &done[k-1]
		sameClause = f.quants[k-1].Start >= start
		if sameClause {
			mid := strings.TrimSpace(f.text[f.quants[k-1].to:q.from])
			if joint := jointWords.prefix(mid); joint != "" {
				joined = true
				clause = strings.TrimPrefix(mid, joint)
			} else if v, rest := tailVerb(trimTail(mid)); rest == "" {
				// 从54万亿元增加到82.7万亿元
				fig.Indicator, fig.Verb = prev.Indicator, v
				return
			} else if endsJoint(mid) { // 3个集聚区和9个乡村旅游重点村镇
				joined, clause = true, ""
			}
		} else if i := strings.LastIndex(clause, "、"); i >= 0 && strings.TrimSpace(clause[i+len("、"):]) == "" {
			clause = ""
		}
	}
	if f.distribute(clause, fig, prev, joined, q) {
		return
	}
	if !sameClause {
		f.group, f.groupAt = nil, 0
	}
	verb, indicator := f.parse(clause, q)
	if start := beforeFrom(clause); start >= 0 {
		_, indicator = f.parse(clause[:start], quantity{Span: Span{len(f.text), len(f.text)}, to: len(f.text)})
		verb = "从"
	}
	switch {
	case indicator != "":
		if verb == "" && joined && prev != nil && actionVerbs.prefix(prev.Verb) == prev.Verb {
			verb = prev.Verb // 完成营造林…、种草…
		}
	case prev != nil && (sameClause || f.follows(k)) && (verb == "" || !actionVerbs.at(verb) || changeVerbs.prefix(verb) == verb):
		indicator = prev.Indicator // 突破2万亿元、增长6.3％
		if verb == "" {
			verb = prev.Verb
		}
	}
	if indicator = strings.Trim(indicator, "、和与及 "); runes(indicator) < 2 {
		indicator = ""
	}
	fig.Verb, fig.Indicator = verb, indicator
}

// follows holds where the clause of quantity k comes right after that of the
// quantity before: 达到8374.2亿元，增长0.7%.
func (f *figureFinder) follows(k int) bool {
	between := f.text[f.quants[k-1].to:f.quants[k].from]
	return !strings.ContainsAny(between, "；。：") && atMost(between, 14)
}

// beforeFrom finds 从 or 由 at the end of a clause, with no more than a time
// or a share between it and the number: 由2020年的, 从上年; -1 if there is none.
func beforeFrom(clause string) int {
	i := max(strings.LastIndex(clause, "从"), strings.LastIndex(clause, "由"))
	if i < 0 || !atMost(clause[i:], 10) {
		return -1
	}
	rest := strings.Trim(clause[i+len("从"):], " 的")
	for _, w := range []string{"", "上年", "去年", "每人", "每人每月", "每月", "每年", "每人每年", "上年度", "五年前"} {
		if rest == w {
			return i
		}
	}
	if y, n := numberAfter(rest); n > 0 && y > 1900 && strings.HasPrefix(rest[n:], "年") && atMost(rest[n:], 2) {
		return i
	}
	return -1
}

func trimJoint(s string) string {
	for _, w := range []string{"、", "和", "及", "与", "以及"} {
		s = strings.TrimSuffix(s, w)
	}
	return s
}

func endsJoint(s string) bool {
	return strings.HasSuffix(s, "、") || strings.HasSuffix(s, "和") || strings.HasSuffix(s, "及") || strings.HasSuffix(s, "与")
}

var jointWords = newWords("、 和 及 与 或 以及 ，")

// distribute handles 工业投资、民间投资分别增长21.1％、14.4％.
func (f *figureFinder) distribute(clause string, fig, prev *Figure, joined bool, q quantity) bool {
	i := strings.Index(clause, "分别")
	if i < 0 {
		if !joined || f.groupAt == 0 || f.groupAt >= len(f.group) {
			return false
		}
		verb, rest := tailVerb(trimTail(clause))
		if rest != "" {
			return false
		}
		fig.Indicator, fig.Verb = f.group[f.groupAt], prev.Verb
		if verb != "" {
			fig.Verb = verb
		}
		f.groupAt++
		return true
	}
	subject := stripLead(strings.TrimSpace(clause[:i]))
	after := strings.TrimSpace(clause[i+len("分别"):])
	verb, rest := tailVerb(trimTail(after))
	if verb == "" {
		verb, rest = headVerb(rest)
	}
	if subject = trimTail(subject); subject != "" {
		if v, tail := tailVerb(subject); v != "" && tail != "" { // 产量增长分别达到
			subject = tail
		}
		if v, obj := headVerb(subject); v != "" && obj != "" && strings.ContainsAny(obj, "、和") {
			subject = obj
			if verb == "" || verb == "达到" || verb == "达" {
				verb = v
			}
		}
		f.group = subjects(subject)
	}
	if len(f.group) == 0 {
		return false
	}
	if rest != "" && allHan(rest) && atMost(rest, 8) { // 分别完成投资…
		for k := range f.group {
			f.group[k] += rest
		}
	}
	fig.Indicator, fig.Verb = f.group[0], verb
	f.groupAt = 1
	if len(f.group) == 1 {
		f.group = append(f.group, f.group[0], f.group[0])
	}
	return true
}

// subjects divides what 分别 distributes over: 城乡居民收入 is two.
func subjects(s string) []string {
	var parts []string
	start := 0
	shut := enclosed(s)
	for i := 0; i < len(s); {
		if len(shut) > 0 && i >= shut[0].Start {
			i = max(i, shut[0].End)
			shut = shut[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == '、' || r == '和' || r == '与' || r == '及') && i > start {
			parts = append(parts, s[start:i])
			start = i + n
		}
		i += n
	}
	parts = append(parts, s[start:])
	if len(parts) == 1 {
		if i := strings.Index(s, "城乡"); i >= 0 && atMost(s[i:], 20) {
			rest := s[i+len("城乡"):]
			return []string{s[:i] + "城镇" + rest, s[:i] + "农村" + rest}
		}
		return parts
	}
	last := parts[len(parts)-1]
	head := headNouns.suffix(last)
	for k, p := range parts[:len(parts)-1] {
		if n := utf8.RuneCountInString(p); n == 1 && hanDigit([]rune(p)[0]) > 0 { // 一、二、三产业增加值
			_, size := utf8.DecodeRuneInString(last)
			parts[k] = "第" + p + last[size:]
		} else if head != "" && head != last && headNouns.suffix(p) == "" {
			parts[k] = p + head
		}
	}
	if r, _ := utf8.DecodeRuneInString(last); len(parts) > 2 && hanDigit(r) > 0 && strings.HasPrefix(parts[0], "第") {
		parts[len(parts)-1] = "第" + last
	}
	return parts
}

// parse finds verb and indicator in the clause before a quantity, or after
// it: 引进15家头部企业.
func (f *figureFinder) parse(clause string, q quantity) (verb, indicator string) {
	p := trimTail(stripLead(strings.TrimSpace(clause)))
	object := nominal(f.text[q.to:])
	if object != "" && (strings.HasSuffix(strings.TrimSpace(clause), "的") || q.unit == "" && q.number >= 1000 && !strings.HasPrefix(f.text[q.to:], "的")) {
		verb, _ = headVerb(p) // 国家交付的18个省份…, 12.12万边远牧户
		return verb, object
	}
	if joint := trimJoint(p); joint != p {
		if object != "" {
			verb, _ = headVerb(joint)
			return verb, object
		}
		p = joint
	}
	if strings.HasPrefix(p, "占") && atMost(p, 8) {
		return p, "" // 占全国28.7%: of what was said before
	}
	if verb, rest := tailVerb(p); verb != "" {
		return parseChange(verb, rest, object, q)
	}
	if act, obj := headVerb(p); act != "" && !(strings.HasSuffix(q.before, "突破") && nounVerbs.prefix(act) == act) {
		return parseAction(act, obj, object)
	}
	if act := actionVerbs.suffix(p); act != "" && object != "" {
		return act, object
	}
	if p == "" || object != "" && q.counting && (atMost(p, 8) || strings.HasSuffix(p, "等")) {
		return "", object
	}
	if !atMost(p, 10) {
		if act, obj := lastVerb(p); act != "" && runes(obj) >= 2 {
			return act, shorten(obj)
		}
	}
	return "", shorten(p)
}

// parseChange reads a clause that ends with a verb of change: 地区生产总值增长.
func parseChange(verb, rest, object string, q quantity) (string, string) {
	if rest == "" && object != "" && actionVerbs.prefix(verb) == verb && !neverTransitive.at(verb) {
		return verb, object
	}
	if act, obj := headVerb(rest); act != "" && obj != "" {
		if verb == "达" || verb == "达到" || verb == "为" {
			verb = act
		}
		rest = obj
	}
	if object != "" && strings.HasSuffix(rest, "等") && q.counting {
		return verb, object
	}
	return verb, shorten(rest)
}

// parseAction reads a clause that starts with a verb of action: 新建绿色矿山,
// 引进…等(15家头部企业).
func parseAction(act, obj, object string) (string, string) {
	if obj == "" && object == "" && nounVerbs.prefix(act) == act {
		return "", act // 投资两万亿元
	}
	if obj == "" || strings.HasSuffix(obj, "等") && object != "" {
		return act, object
	}
	last, rest := lastVerb(obj)
	switch {
	case last != "" && object != "" && rest == "":
		return last, object // 在…建设10个…平台
	case last != "" && !atMost(obj, 10) && runes(rest) >= 2:
		return last, shorten(rest) // 提请…审议法规议案
	}
	return act, shorten(obj)
}

// tailVerb takes the verb of change off the end of s.
func tailVerb(s string) (verb, rest string) {
	v := changeVerbs.suffix(s)
	if act := actionVerbs.suffix(s); len(act) > len(v) && strings.HasSuffix(act, v) && v != "" {
		v = act // 新增, not 增
	}
	if v != "" {
		return v, trimTail(strings.TrimSuffix(s, v))
	}
	for _, w := range comparisons { // 高于全国, 快于全国平均水平
		if i := strings.LastIndex(s, w); i >= 0 && atMost(s[i:], 12) {
			return s[i:], trimTail(s[:i])
		}
	}
	return "", s
}

// headVerb takes the verb of action off the start of s.
func headVerb(s string) (verb, rest string) {
	v := actionVerbs.prefix(s)
	if v == "" {
		return "", s
	}
	rest = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(s[len(v):], "了"), "和"), " ")
	if next := actionVerbs.prefix(rest); next != "" && nounVerbs.prefix(next) != next { // 制定修改废止…
		rest = rest[len(next):]
	}
	if runes(rest) == 1 {
		return "", s // 办结率, 签约额
	}
	return v, rest
}

// lastVerb finds the last verb of action within s.
func lastVerb(s string) (verb, rest string) {
	shut := enclosed(s)
	for i := 0; i < len(s); {
		if len(shut) > 0 && i >= shut[0].Start {
			i = max(i, shut[0].End)
			shut = shut[1:]
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		if v := actionVerbs.prefix(s[i:]); runes(v) >= 2 && i > 0 && nounVerbs.prefix(v) != v {
			tail := s[i+len(v):]
			if runes(tail) != 1 { // 项目建设处 …
				verb, rest = v, tail
			}
			i += len(v)
			continue
		}
		i += n
	}
	return verb, rest
}

// stripLead drops the words before what is measured: scope, time, adverbs.
func stripLead(s string) string {
	for {
		s = strings.TrimLeft(s, " 　")
		if m := readMark(s); m.kind == markItem || m.kind == markParenArab || m.kind == markArab || m.kind == markParenHan || m.kind == markDash {
			s = s[m.size:]
			continue
		}
		if y, n := numberAfter(s); n > 0 && y >= 1900 && y <= 2100 && strings.HasPrefix(s[n:], "年") {
			s = s[n+len("年"):]
			for _, w := range []string{"全年", "底", "末", "度"} {
				s = strings.TrimPrefix(s, w)
			}
			continue
		}
		w := leadWords.prefix(s)
		if w == "" {
			return s
		}
		rest := s[len(w):]
		// 和林格尔, 要素市场: a character is a word of its own only before a word.
		if utf8.RuneCountInString(w) == 1 && !strings.ContainsAny(w, "、已将要再的　") {
			return s
		}
		if w == "要" && strings.HasPrefix(rest, "素") || w == "将" && strings.HasPrefix(rest, "军") {
			return s
		}
		s = rest
	}
}

// trimTail drops what stands between the indicator or verb and the number.
func trimTail(s string) string {
	for {
		s = strings.TrimRight(s, " 　")
		w := tailWords.suffix(s)
		if w == "" || (w == "为" || w == "到" || w == "至" || w == "比") && changeVerbs.suffix(s) != "" {
			return s
		}
		s = strings.TrimSuffix(s, w)
	}
}

// nominal reads the noun phrase after a quantity: 15家[头部企业].
func nominal(s string) string {
	s = strings.TrimPrefix(s, "的")
	end, list := 0, 0
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if r == '、' && end > 0 && list == 0 {
			next := s[end+n:]
			if startsDigit(next) || actionVerbs.at(next) || changeVerbs.at(next) {
				break
			}
			list = end
		} else if !unicode.Is(unicode.Han, r) && !(r < utf8.RuneSelf && unicode.IsLetter(r)) && r != '“' && r != '”' && r != '、' {
			break
		}
		if r == '”' && !strings.Contains(s[:end], "“") {
			break
		}
		if end >= 12 && strings.HasPrefix(s[end:], "支持") && !supportNouns.at(s[end+len("支持"):]) {
			break
		}
		if end > 0 && (stopWords.at(s[end:]) && !strings.HasPrefix(s[end:], "和") || strings.HasPrefix(s[end:], "和") && (startsDigit(s[end+n:]) || actionVerbs.at(s[end+n:]))) {
			break
		}
		end += n
	}
	if list > 0 && (!atMost(s[:end], 24) || unbalanced(s[:end]) != 0 || strings.HasSuffix(s[:end], "、")) {
		end = list
	}
	out := s[:end]
	if w := stopWords.prefix(out); w != "" && w != "和" {
		return ""
	}
	for _, w := range []string{"任务", "目标", "等", "的", "各", "、"} {
		out = strings.TrimSuffix(out, w)
	}
	if n := runes(out); n < 2 || n > 24 || unbalanced(out) != 0 {
		return ""
	}
	return out
}

// shorten keeps the nominal head of a long indicator.
func shorten(s string) string {
	s = strings.Trim(s, " 　、，的")
	if atMost(s, 24) {
		return s
	}
	for _, w := range []string{"的", "、", "，"} {
		if i := strings.LastIndex(s, w); i >= 0 && runes(s[i+len(w):]) >= 3 {
			s = s[i+len(w):]
			if atMost(s, 24) {
				return s
			}
		}
	}
	if !atMost(s, 40) {
		return ""
	}
	return s
}

// readTime takes note of the time words of a clause.
func (f *figureFinder) readTime(from, to int) {
	clause := f.tail(from, to)
	if at, told := f.timer.timeIn(clause, false); at >= 0 {
		f.told, f.toldAt = told, clause[at:]
	}
}

// tense gives the figure the tense of its clause, or of its sentence.
func (f *figureFinder) tense(q quantity, fig *Figure) {
	base := tense{period: f.sentence.Period, kind: f.sentence.Kind}
	fig.Period, fig.Kind = base.period, base.kind
	if f.timer.year == 0 || base.period == "" {
		return
	}
	own := f.clauseOf(q.from)
	for ; f.read < own; f.read++ {
		f.readTime(f.bounds[f.read], f.bounds[f.read+1])
	}
	told, rest := f.told, f.toldAt
	if clause := f.tail(f.bounds[own], q.from); clause != "" {
		if at, now := f.timer.timeIn(clause, false); at >= 0 {
			told, rest = now, clause[at:]
		}
	}
	if rest != "" {
		got := f.timer.merge(rest, base, told)
		fig.Period, fig.Kind = got.period, got.kind
	}
	if fig.Verb == "从" { // the value a change started from
		fig.Period, fig.Kind = "", Unknown
	}
}

package figures

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/quantities"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// parse finds verb and indicator in the clause before a number, or after it:
// 引进15家头部企业. Without a number the clause is read by itself.
func (r *reader) parse(clause string, n *quantities.Number) phrase {
	p := trimTail(stripLead(strings.TrimSpace(clause)))
	object, counting, unit := "", false, ""
	if n != nil {
		object, counting, unit = r.object(n), n.Counter, n.Unit
		if (n.Dimension == report.Percent || n.Dimension == report.Points) && words.Count(p) >= 2 && !strings.HasPrefix(r.text[n.To:], "的") {
			object = ""
		}
	}
	ofNumber := strings.HasSuffix(strings.TrimSpace(clause), "的") || n != nil && unit == "" && n.Number >= 1000 && !strings.HasPrefix(r.text[n.To:], "的")
	if object != "" && n.Dimension == report.Percent && strings.HasPrefix(r.text[n.To:], "的") && words.Count(p) >= 3 && actionVerbs.Prefix(p) == "" && changeVerbs.Suffix(p) == "" {
		return phrase{noun: p + object} // 三级公立医院50%的门诊预约号源
	}
	if object != "" && ofNumber {
		verb, _ := headVerb(p) // 国家交付的18个省份…, 12.12万边远牧户
		return phrase{verb: verb, noun: object}
	}
	if verb, noun, ok := planShare(p); ok && n != nil && n.Unit == "%" {
		return phrase{verb: verb, noun: noun}
	}
	if joint := trimJoint(p); joint != p {
		if object != "" {
			verb, _ := headVerb(joint)
			return phrase{verb: verb, noun: object}
		}
		p = joint
	}
	if at := shareAt(p); at >= 0 {
		return shareOf(p, at, n)
	}
	if v := r.degree(p, n); v != "" {
		return phrase{verb: v, noun: strings.TrimSuffix(p, v)}
	}
	if noun := resultOf(p); noun != "" {
		return phrase{verb: "完成", noun: noun}
	}
	if verb, rest := tailVerb(p); verb != "" {
		return r.change(verb, rest, object, counting, n)
	}
	if act, obj := headVerb(p); act != "" && !(n != nil && strings.HasSuffix(n.Qualifier, "突破") && nounVerbs.Has(act)) {
		return r.action(act, obj, object, counting)
	}
	return plain(p, object, counting, n)
}

// degree is the adjective that a comparison ends with before a number: 增速高0.8个
// 百分点, 比世界纪录慢0.14秒; "" for none.
func (r *reader) degree(p string, n *quantities.Number) string {
	v := degrees.Suffix(p)
	if n == nil || n.Dimension != report.Points && !r.compared {
		return ""
	}
	if strings.ContainsRune("提降加减增延缩放", lastRune(strings.TrimSuffix(p, v))) {
		return "" // 提高, 减少, 延长
	}
	return v
}

// plain reads a clause without a verb at its start or end.
func plain(p, object string, counting bool, n *quantities.Number) phrase {
	if act := actionVerbs.Suffix(p); act != "" && object != "" && !(n.Dimension == report.Percent) {
		return phrase{verb: act, noun: object}
	}
	if object != "" && counting && isGeneric(object) && words.AtMost(p, 20) {
		return phrase{noun: withGeneric(p, object)}
	}
	if p == "" || object != "" && counting && (words.AtMost(p, 8) || strings.HasSuffix(p, "等") || listsNames(p)) {
		return phrase{verb: "", noun: withGeneric(p, object)}
	}
	if !words.AtMost(p, 10) {
		if act, obj := lastVerb(p); act != "" && words.Count(obj) >= 2 {
			if object != "" && counting && (strings.HasSuffix(obj, "等") || listsNames(obj)) {
				return phrase{verb: act, noun: object}
			}
			return phrase{verb: act, noun: shorten(obj)}
		}
	}
	if act := trailingVerbs.Suffix(p); act != "" && words.Count(p)-words.Count(act) >= 2 {
		return phrase{verb: act, noun: shorten(trimTail(strings.TrimSuffix(p, act)))} // 社会保障卡发放2.6万张
	}
	return phrase{verb: "", noun: shorten(p)}
}

// resultOf reads what was completed of what stands before: 重点项目完成投资 is
// 重点项目投资; "" for anything else.
func resultOf(p string) string {
	w := results.Suffix(p)
	head, ok := strings.CutSuffix(strings.TrimSuffix(p, w), "完成")
	if !ok {
		head, ok = strings.CutSuffix(strings.TrimSuffix(p, w), "实现")
	}
	if w == "" || !ok || words.Count(head) < 2 || actionVerbs.At(head) {
		return ""
	}
	return shorten(trimTail(stripLead(head))) + w
}

// planShare reads the share of a plan: 为年初预算的, 完成年度任务的. Its noun is what
// stands before, "" where that was said already.
func planShare(p string) (verb, noun string, ok bool) {
	p = strings.TrimSuffix(p, "的")
	w := planWords.Suffix(p)
	if w == "" {
		return "", "", false
	}
	head := strings.TrimSuffix(p, w)
	for _, v := range []string{"超额完成", "完成", "占", "为", "是", "达到", "达", "相当于", "超"} {
		if noun, ok := strings.CutSuffix(head, v); ok {
			return v, nominalTail(noun), true
		}
	}
	return "", "", false
}

// listsNames holds for a list of names before a count of them: 满洲里、鄂尔多斯3个
// 综保区.
func listsNames(p string) bool { return strings.Contains(p, "、") }

// withGeneric puts what stands before a number in front of a noun that says
// little: 民营经济32条政策.
func withGeneric(before, object string) string {
	if isGeneric(object) && words.Count(before) >= 2 && !strings.HasSuffix(before, "等") {
		return before + object
	}
	return object
}

// isGeneric holds for a noun that says little, with a word before it or not: 举措,
// 提升举措.
func isGeneric(noun string) bool {
	w := genericNouns.Suffix(noun)
	return w != "" && words.Count(noun)-words.Count(w) <= 2
}

// shareAt finds 占 with the whole behind it: 民营经济占地区生产总值比重, 占全国28.7%; -1
// for none.
func shareAt(p string) int {
	i := strings.LastIndex(p, "占")
	if i < 0 {
		return -1
	}
	rest := p[i+len("占"):]
	if strings.HasPrefix(rest, "地") || strings.HasPrefix(rest, "用") || strings.HasPrefix(rest, "领") || strings.HasPrefix(rest, "有") {
		return -1
	}
	if before, _ := utf8.DecodeLastRuneInString(p[:i]); before == '抢' || before == '侵' {
		return -1
	}
	return i
}

// shareOf reads a share: 占比 and 占…比重 belong to the noun, 占 alone is a verb.
func shareOf(p string, at int, n *quantities.Number) phrase {
	head, rest := strings.TrimRight(p[:at], "约近 "), p[at+len("占"):]
	verb := ""
	if v, tail := tailVerb(p); v != "" && tail != "" && len(tail) > at {
		verb, rest = v, tail[at+len("占"):]
	}
	rest = strings.TrimSpace(rest)
	noun := stripAct(head)
	switch {
	case rest == "" || planWords.Has(rest) || wholeAreas.Has(strings.TrimSuffix(rest, "的")):
		if verb == "" {
			verb = "占"
		}
		return phrase{verb: verb, noun: noun}
	case shareNouns.Suffix(rest) != "" || strings.HasPrefix(rest, "比"):
		if noun == "" {
			return phrase{verb: verb, part: "占" + strings.TrimSuffix(rest, "的")}
		}
		return phrase{verb: verb, noun: noun + "占" + strings.TrimSuffix(rest, "的")}
	case noun == "":
		return phrase{verb: "占", part: "占" + strings.TrimSuffix(rest, "的")} // 占电力总装机的41.3%
	}
	if verb == "" {
		return phrase{verb: "占", noun: noun + "占" + strings.TrimSuffix(rest, "的")}
	}
	return phrase{verb: verb, noun: noun + "占" + strings.TrimSuffix(rest, "的")}
}

// stripAct takes the verb of action off the start of a noun phrase.
func stripAct(s string) string {
	s = trimTail(stripLead(s))
	if act, obj := headVerb(s); act != "" && obj != "" && !nounVerbs.Has(act) {
		s = obj
	}
	return shorten(s)
}

// change reads a clause that ends with a verb of change: 地区生产总值增长.
func (r *reader) change(verb, rest, object string, counting bool, n *quantities.Number) phrase {
	if rest == "" && object != "" && actionVerbs.Has(verb) && !intransitive.Has(verb) {
		return phrase{verb: verb, noun: object}
	}
	if act, obj := headVerb(rest); act != "" && obj != "" {
		if verb == "达" || verb == "达到" || verb == "为" {
			verb = act
		}
		rest = obj
	}
	if object != "" && counting && (strings.HasSuffix(rest, "等") || actionVerbs.Has(verb) && !intransitive.Has(verb)) {
		return phrase{verb: verb, noun: object} // 高校新增17个博士点
	}
	if act, obj := lastVerb(rest); act != "" && words.Count(obj) >= 3 && !words.AtMost(rest, 14) {
		rest = obj
	}
	return phrase{verb: verb, noun: shorten(rest)}
}

// action reads a clause that starts with a verb of action: 新建绿色矿山, 引进…等
// (15家头部企业).
func (r *reader) action(act, obj, object string, counting bool) phrase {
	if obj == "" && object == "" && nounVerbs.Has(act) {
		return phrase{verb: "", noun: act} // 投资两万亿元
	}
	if obj == "" {
		return phrase{verb: act, noun: object}
	}
	if object != "" && counting && actionVerbs.Has(obj) {
		return phrase{verb: act + obj, noun: object} // 提升发展12个集群
	}
	if object != "" && counting && (strings.HasSuffix(obj, "等") || listsNames(obj) && !headNouns.In(obj)) {
		return phrase{verb: act, noun: object}
	}
	last, rest := lastVerb(obj)
	switch {
	case last != "" && object != "" && rest == "":
		return phrase{verb: last, noun: object} // 在…建设10个…平台
	case last != "" && !words.AtMost(obj, 10) && words.Count(rest) >= 2:
		if object != "" && counting && isGeneric(object) {
			return phrase{verb: last, noun: withGeneric(rest, object)}
		}
		return phrase{verb: last, noun: shorten(rest)} // 提请…审议法规议案
	}
	if object != "" && counting && isGeneric(object) {
		return phrase{verb: act, noun: withGeneric(shorten(obj), object)}
	}
	return phrase{verb: act, noun: shorten(obj)}
}

// tailVerb takes the verb of change off the end of s.
func tailVerb(s string) (verb, rest string) {
	v := changeVerbs.Suffix(s)
	if act := actionVerbs.Suffix(s); len(act) > len(v) && strings.HasSuffix(act, v) && v != "" {
		v = act // 新增, not 增
	}
	if v != "" {
		return v, trimTail(strings.TrimSuffix(s, v))
	}
	if at, w := lastOf(comparisons, s); at >= 0 && words.AtMost(s[at:], 14) { // 高于全国, 快于全国平均水平
		return w, trimTail(s[:at])
	}
	return "", s
}

// lastOf finds the last word of a set in s, and returns s from there on.
func lastOf(set *words.Set, s string) (int, string) {
	at := -1
	for i := range s {
		if set.At(s[i:]) {
			at = i
		}
	}
	if at < 0 {
		return -1, ""
	}
	return at, s[at:]
}

// headVerb takes the verb of action off the start of s.
func headVerb(s string) (verb, rest string) {
	if fixedNouns.At(s) {
		return "", s
	}
	v := actionVerbs.Prefix(s)
	if v == "" {
		return "", s
	}
	rest = strings.TrimLeft(strings.TrimPrefix(s[len(v):], "了"), " ")
	if tail, ok := strings.CutPrefix(rest, "和"); ok && actionVerbs.At(tail) {
		rest = tail
	}
	if totals.Has(rest) {
		return "", s // 通车总里程, 发放总额
	}
	if tail := behindVerbs(rest); tail != rest {
		return s[:len(s)-len(tail)], tail
	}
	if (nounVerbs.Has(v) || sureMakers.At(rest)) && nounMakers.At(rest) || nounVerbs.Has(v) && totals.Has(rest) {
		return "", s // 服务业, 保障性住房
	}
	if next := actionVerbs.Prefix(rest); next != "" && (!nounVerbs.Has(next) || secondVerbs.Has(next) && nounVerbs.Has(v) && words.Count(rest[len(next):]) >= 2) && !nounMakers.At(rest[len(next):]) { // 制定修改废止…
		v, rest = s[:len(s)-len(rest)+len(next)], rest[len(next):]
	}
	if totals.Has(rest) {
		return "", s // 招商引资签约金额
	}
	if words.Count(rest) == 1 {
		return "", s // 办结率, 签约额
	}
	return v, rest
}

// behindVerbs is what stands behind the further verbs of a list, where s goes on
// with such: 、修订和废止省政府规章.
func behindVerbs(s string) string {
	for {
		joint := lastJoints.Prefix(s)
		if strings.HasPrefix(s, "、") {
			joint = "、"
		}
		next := actionVerbs.Prefix(s[len(joint):])
		if joint == "" || next == "" || words.Count(s)-words.Count(joint+next) < 2 {
			return s
		}
		s = s[len(joint)+len(next):]
	}
}

// lastVerb finds the last verb of action within s.
func lastVerb(s string) (verb, rest string) {
	next := 1 // a verb at the start is no last one
	for i := range report.Outside(s) {
		if i < next {
			continue
		}
		v := actionVerbs.Prefix(s[i:])
		if words.Count(v) < 2 || nounVerbs.Has(v) || fixedNouns.At(s[i:]) {
			continue
		}
		next = i + len(v)
		tail := s[next:]
		if strings.HasPrefix(tail, "等") {
			continue // 采购等合同
		}
		if joint := lastJoints.Prefix(tail); joint != "" && !jointInside.At(tail) {
			second := actionVerbs.Prefix(tail[len(joint):])
			if second == "" || nounVerbs.Has(second) && !secondVerbs.Has(second) {
				continue // 重大战略实施和重点领域安全能力建设
			}
			next += len(joint) + len(second)
			v, tail = s[i:next], s[next:] // 取消和调整
		}
		if words.Count(tail) != 1 && !totals.Has(tail) && !nounMakers.At(tail) && !strings.Contains(tail, "的") { // 项目建设处, 设立的项目
			verb, rest = v, tail
		}
	}
	return verb, rest
}

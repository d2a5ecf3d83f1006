package figures

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/quantities"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// A phrase is what a clause says around a number: the verb, what is measured,
// and how.
type phrase struct {
	verb, noun string
	part       string // to be put behind a noun said before: 占全国比重
}

// noun finds the indicator and the verb of the number under way.
func (r *reader) noun(n *quantities.Number, f *report.Figure) {
	start := r.clauses[r.clauseOf(n.From)].Start
	clause, opened := r.own(r.tail(start, n.From))
	var prev *report.Figure
	same, joined := false, false
	if k := r.earlierNumber(); k >= 0 {
		prev, r.prior = &r.done[k], &r.numbers[k]
		if same = r.prior.Start >= start && (!opened || r.brackets[k] == r.brackets[r.at]); same {
			mid := squeeze(withoutBrackets(r.text[r.prior.To:n.From]))
			joint := joints.Prefix(mid)
			switch {
			case mid == "的" && r.ofPlan(f, prev):
				return
			case joint != "":
				joined = true
				clause = strings.TrimPrefix(mid, joint)
			case endsJoint(mid) && words.AtMost(mid, 24): // 3个集聚区和9个乡村旅游重点村镇
				joined, clause = true, ""
			default:
				// 从54万亿元增加到82.7万亿元
				probe := *f
				if v, rest := tailVerb(trimTail(stripParts(mid, &probe))); rest == "" && v != "" {
					probe.Indicator, probe.Verb, probe.Sure = prev.Indicator, v, prev.Sure
					*f = probe
					return
				}
				clause = mid
				if w := countedPlaces.Prefix(mid); w != "" && actionVerbs.At(mid[len(w):]) { // 在13个国家投运海外仓36个
					clause = mid[len(w):]
				}
			}
		} else if i := strings.LastIndex(clause, "、"); i >= 0 && strings.TrimSpace(clause[i+len("、"):]) == "" {
			clause = ""
		}
	}
	clause = stripParts(clause, f)
	r.compared = f.Compared != ""
	if f.Basis == "" {
		f.Basis = basisBehind(r.text[n.To:min(len(r.text), n.To+longestClause)])
	}
	if r.distribute(clause, f, prev, joined) {
		return
	}
	if !same {
		r.group, r.groupAt = nil, 0
	}
	p := r.parse(clause, n)
	if old := startOf(clause); old >= 0 {
		p = phrase{verb: clause[old : old+len("从")], noun: r.parse(trimTail(clause[:old]), nil).noun}
		if p.noun == "" {
			p.noun = nominalTail(clause[:old])
		}
	}
	r.settle(n, f, prev, p, same, joined, opened)
}

// ofPlan reads the share of a plan whose amount was named just before: 完成预算数
// 257288万元的41.9％ is of what was completed.
func (r *reader) ofPlan(f, prev *report.Figure) bool {
	if f.Unit != "%" || len(r.done) < 2 || prev.Unit == "%" {
		return false
	}
	f.Indicator, f.Verb = r.done[len(r.done)-2].Indicator, prev.Verb
	return true
}

// settle takes the noun of the phrase, or the one said before it.
func (r *reader) settle(n *quantities.Number, f, prev *report.Figure, p phrase, same, joined, opened bool) {
	noun, verb, grows := clean(strings.NewReplacer("〔", "（", "〕", "）").Replace(p.noun))
	r.grows = grows
	f.Verb = p.verb
	if verb != "" && f.Verb == "" {
		f.Verb = verb
	}
	switch {
	case noun != "" && isTotal(noun):
		f.Indicator = noun
		if head := r.behind(n); head != "" {
			f.Indicator = join(head, noun) // 总投资890亿元的164个项目
			r.last = f.Indicator
			return
		}
		if head := r.before(prev, same); head != "" {
			f.Indicator = join(head, noun)
		}
		f.Sure = same || prev != nil && r.follows(n)
	case noun != "":
		if p.verb == "" && joined && prev != nil && actionVerbs.Has(prev.Verb) {
			f.Verb = prev.Verb // 完成营造林…、种草…
		}
		f.Indicator = noun
		if partWords.Has(noun) && prev != nil && prev.Dimension == f.Dimension && r.partOf(n) {
			f.Indicator = noun + prev.Indicator // 新建充电桩2万个，其中农村1万个
		}
	case prev != nil && (same || opened || r.follows(n)) && (p.verb == "" || !actionVerbs.Has(p.verb) || changeVerbs.Has(p.verb)):
		f.Indicator = prev.Indicator // 突破2万亿元、增长6.3％
		if p.part != "" && f.Indicator != "" {
			f.Indicator += p.part
		}
		f.Sure = prev.Sure && (same || r.follows(n))
		if f.Verb == "" && joined && prev.Dimension == f.Dimension {
			f.Verb = prev.Verb
		}
	default:
		f.Indicator, f.Sure = r.inherited(n), false
	}
	r.mendVerb(n, f, prev)
	if f.Indicator != "" {
		r.last = f.Indicator
	}
}

// partOf holds where the clause of a number says 其中.
func (r *reader) partOf(n *quantities.Number) bool {
	return strings.HasPrefix(r.tail(r.clauses[r.clauseOf(n.From)].Start, n.From), "其中")
}

// mendVerb gives a part the verb of its whole, and knows a rate of exchange.
func (r *reader) mendVerb(n *quantities.Number, f, prev *report.Figure) {
	clause := r.tail(r.clauses[r.clauseOf(n.From)].Start, n.From)
	if f.Verb == "" && prev != nil && r.partOf(n) && actionVerbs.Has(prev.Verb) && (!growthVerbs.Has(prev.Verb) || prev.Verb == "新增") {
		f.Verb = prev.Verb // 新增公路…，其中高速公路4.2万公里
	}
	if f.Verb != "" && strings.Contains(clause, "每"+f.Verb) {
		f.Sure = false // 每增长1个百分点: not a figure of the time
	}
}

// isTotal holds for a total, with a verb before it or not: 总里程, 通车总里程.
func isTotal(noun string) bool {
	if totals.Has(noun) {
		return true
	}
	v := actionVerbs.Prefix(noun)
	return v != "" && !nounVerbs.Has(v) && strings.HasPrefix(noun[len(v):], "总") && totals.Has(noun[len(v):])
}

// behind is the noun that a total is of where that follows: 总投资890亿元的164个项目;
// "" for none.
func (r *reader) behind(n *quantities.Number) string {
	if !strings.HasPrefix(r.text[n.To:], "的") {
		return ""
	}
	if k := r.at + 1; k < len(r.numbers) && strings.TrimSpace(r.text[n.To:r.numbers[k].From]) == "的" {
		return r.object(&r.numbers[k])
	}
	return r.object(n)
}

// before is the noun that a total in this clause is of: what the clause before
// names, else what the number before is of.
func (r *reader) before(prev *report.Figure, same bool) string {
	if own := r.clauseOf(r.numbers[r.at].From); !same && own > 0 {
		c := r.clauses[own-1]
		if clause := r.text[c.Start:c.End]; !strings.ContainsFunc(clause, analysis.IsDigit) && strings.HasSuffix(clause, "，") {
			if noun := r.aside(c); noun != "" {
				return noun
			}
		}
	}
	if prev != nil && prev.Indicator != "" {
		return prev.Indicator
	}
	return r.topic
}

// aside is the noun that a clause without figures is about, "" for none.
func (r *reader) aside(c report.Span) string {
	clause := strings.TrimRight(r.text[c.Start:c.End], "，；：。,;:")
	p := r.parse(clause, nil)
	if v := changeVerbs.Prefix(p.noun); v != "" {
		p.noun = strings.TrimPrefix(p.noun, v)
	}
	noun, _, _ := clean(p.noun)
	if words.AtMost(noun, 20) {
		return noun
	}
	return ""
}

// join puts a total behind what it is of: 高速公路 and 总里程.
func join(head, total string) string {
	if strings.HasSuffix(head, total) {
		return head
	}
	return head + total
}

// inherited is the noun of an earlier clause of the sentence, for a figure
// whose own names none.
func (r *reader) inherited(n *quantities.Number) string {
	own := r.clauseOf(n.From)
	for i := own - 1; i >= max(0, own-2); i-- {
		c := r.clauses[i]
		if end := r.text[c.Start:c.End]; strings.HasSuffix(end, "；") || strings.HasSuffix(end, ";") {
			break
		}
		if !strings.ContainsFunc(r.text[c.Start:c.End], analysis.IsDigit) {
			if noun := r.aside(c); noun != "" {
				return noun
			}
		}
	}
	if r.at > 0 {
		return r.done[r.at-1].Indicator
	}
	return r.topic
}

// own is the part of a clause that a number inside brackets stands in, with
// whatever brackets closed before it taken out; opened says that it stands in
// one.
func (r *reader) own(clause string) (string, bool) {
	opened := false
	if i := max(strings.LastIndex(clause, "（"), strings.LastIndex(clause, "(")); i >= 0 && !strings.ContainsAny(clause[i:], "）)") {
		_, n := utf8.DecodeRuneInString(clause[i:])
		clause, opened = clause[i+n:], true
	}
	return behindPredicate(squeeze(withoutBrackets(withoutNotes(clause)))), opened
}

// brackets finds where the round bracket that each number stands in opens, -1
// for none.
func brackets(text string, numbers []quantities.Number) []int {
	out := make([]int, len(numbers))
	opened, k := -1, 0
	for i, c := range text {
		for k < len(numbers) && numbers[k].Start <= i {
			out[k] = opened
			k++
		}
		switch c {
		case '（', '(':
			opened = i
		case '）', ')':
			opened = -1
		}
	}
	for ; k < len(numbers); k++ {
		out[k] = opened
	}
	return out
}

// mostBack is how many numbers back a figure may go on from.
const mostBack = 12

// earlierNumber is the index of the number that the one under way may go on
// from: the one before it inside the same bracket or outside of any, else the
// one that the bracket is of; -1 for none.
func (r *reader) earlierNumber() int {
	mine := r.brackets[r.at]
	for k := r.at - 1; k >= max(0, r.at-mostBack); k-- {
		theirs := r.brackets[k]
		if theirs == mine || theirs < 0 {
			return k
		}
	}
	return -1
}

// follows holds where the clause of the number comes right after that of the
// number before: 达到8374.2亿元，增长0.7%.
func (r *reader) follows(n *quantities.Number) bool {
	if r.prior == nil || r.prior.To > n.From {
		return false
	}
	between := withoutBrackets(r.text[r.prior.To:n.From])
	return !strings.ContainsAny(between, "；。：") && words.AtMost(between, 16)
}

// startOf finds 从 or 由 at the end of a clause, with no more than a time or a
// share between it and the number: 由2020年的, 从上年; -1 if there is none.
func startOf(clause string) int {
	i := max(strings.LastIndex(clause, "从"), strings.LastIndex(clause, "由"))
	if i < 0 || !words.AtMost(clause[i:], 12) {
		return -1
	}
	rest := strings.Trim(clause[i+len("从"):], " 的约")
	if rest == "" || oldTimes.Has(rest) || planEnd(rest) > 0 {
		return i
	}
	if y, n := analysis.IntegerAt(rest); n > 0 && y > 1900 && strings.HasPrefix(rest[n:], "年") && words.AtMost(rest[n:], 3) {
		return i
	}
	return -1
}

var (
	oldTimes = lists.Set("old-times")
	// sureMakers make a noun of any verb.
	sureMakers = words.New("率", "性", "额", "者", "费")
)

// planEnd is the last year of the plan that s names the end of: “十三五”末 is 2020;
// 0 for anything else.
func planEnd(s string) int {
	s = strings.NewReplacer("“", "", "”", "").Replace(s)
	name, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "末"), "期"), "五")
	if !ok || !strings.HasSuffix(s, "末") || !strings.HasPrefix(name, "十") {
		return 0
	}
	f, good := analysis.ParseNumeral(name)
	if !good || f < 10 || f > 30 {
		return 0
	}
	return 2025 + (int(f)-14)*5
}

// yearOf is the first YYYY年 in a clause, or the year at the end of the plan it
// names; 0 for none.
func yearOf(clause string) int {
	if i := strings.Index(clause, "“十"); i >= 0 {
		if j := strings.Index(clause[i:], "末"); j > 0 {
			if y := planEnd(clause[i : i+j+len("末")]); y > 0 {
				return y
			}
		}
	}
	for i, c := range clause {
		if c == '年' {
			if y, n := analysis.IntegerBefore(clause[:i]); n >= 4 && y >= 1949 && y <= 2100 {
				return y
			}
		}
	}
	return 0
}

func lastRune(s string) rune {
	c, _ := utf8.DecodeLastRuneInString(s)
	return c
}

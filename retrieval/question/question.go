// Package question reads what an asker wants: the type of answer, the time,
// the words that carry content.
package question

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// Want is the type of answer that a question asks for.
type Want uint8

const (
	Anything Want = iota
	Definition
	Figure
	Who
	Where
	When
	Duration
	List
	Which
	Measure
	YesNo
)

// Tense says whether a question asks for what was done or what is planned.
type Tense uint8

const (
	AnyTense Tense = iota
	Past
	Planned
)

// A Question is a question understood without reference to a corpus.
type Question struct {
	Text      string          // as asked; of a follow-up, what went before and a space before it
	Shown     string          // what a follow-up was taken to mean, for people; "" where Text says it
	Folded    analysis.Folded // what positions refer to
	Content   []Span          // runs of content, in order; no gram may cross a gap
	Want      Want
	Unit      string           // the unit asked for (多少亩 → 亩), "" when not said
	Dimension report.Dimension // of Unit, or implied (百分之几, 多少钱)
	Tense     Tense
	Years     []int // named years
	Relative  []int // relative to the report's year: 去年 is -1, 今年 is 0
	FiveYears bool
	Weak      bool // Want rests on a cue that says little (是什么)
	// AboutReport says that the question is about the report itself: who gave
	// it, when, what it is called.
	AboutReport bool
	Office      string // the office whose holder is asked for (市长), "" for none
	Talk        Talk
	English     bool // asked in Latin letters for the most part
}

// Talk is small talk that needs no report.
type Talk string

const (
	NoTalk   Talk = ""
	Greeting Talk = "greeting"
	Thanks   Talk = "thanks"
	Farewell Talk = "farewell"
	Identity Talk = "identity"
	// OffTopic is a request that no report answers: the weather, a poem.
	OffTopic Talk = "off_topic"
)

// A Span is a range of folded runes. Weight is 1 for content, less for words
// that mostly tell the time or type of what is asked.
type Span struct {
	Start, End int
	Weight     float64
}

const cueWeight = 0.25

// Parse reads a question. It never fails: what it does not understand is
// content.
func Parse(text string) Question {
	q := Question{Text: text, Folded: analysis.Fold(text)}
	p := parser{q: &q, rs: q.Folded.Runes}
	q.English = mostlyLatin(p.rs)
	p.run()
	p.finish()
	return q
}

func mostlyLatin(rs []rune) bool {
	latin, han := 0, 0
	for _, r := range rs {
		switch {
		case analysis.IsHan(r):
			han++
		case 'a' <= r && r <= 'z':
			latin++
		}
	}
	return latin > 3*han && latin > 0
}

// parser walks the folded question once. Strong and weak wants are kept apart
// since 什么 says less than 什么意思 wherever both stand.
type parser struct {
	q            *Question
	rs           []rune
	strong, weak Want
	several      bool // 几 and a unit: how many, or some
	whether      bool // asks whether or what to do, or wishes
	talk         smallTalk
	talkRunes    int // runes that small talk and fillers cover
	words        int // runes that are not punctuation
	done         bool
	start        int // of the content run under way
	open         bool
}

func (p *parser) run() {
	for i := 0; i < len(p.rs); {
		r := p.rs[i]
		if !analysis.IsHan(r) && !analysis.IsWordRune(r) {
			i++
			continue
		}
		c, n := p.cueAt(i)
		switch {
		case n > 0:
			n = p.apply(c, i, n)
			p.words += n
			i += n
		default:
			if n = p.yearAt(i) + p.countAt(i) + p.markerAt(i); n > 0 {
				p.closeRun(i)
			} else {
				p.openRun(i)
				n = p.step(i)
			}
			p.words += n
			i += n
		}
	}
	p.closeRun(len(p.rs))
}

// step returns how many runes of content to pass at i: a Latin word whole.
func (p *parser) step(i int) int {
	j := i
	for j < len(p.rs) && p.rs[j] < 0x80 && analysis.IsWordRune(p.rs[j]) {
		j++
	}
	return max(j-i, 1)
}

func (p *parser) openRun(i int) {
	if !p.open {
		p.start, p.open = i, true
	}
}

func (p *parser) closeRun(end int) {
	if p.open && end > p.start {
		p.q.Content = append(p.q.Content, Span{p.start, end, 1})
	}
	p.open = false
}

// cueAt returns the longest cue at i. A Latin cue must be whole words.
func (p *parser) cueAt(i int) (cue, int) {
	if p.rs[i] < 0x80 {
		if i > 0 && p.rs[i-1] < 0x80 && analysis.IsWordRune(p.rs[i-1]) {
			return cue{}, 0
		}
		if p.q.English || !isDigit(p.rs[i]) {
			if c, n := englishCues.at(p.rs, i, true); n > 0 && p.q.English {
				return c, n
			}
		}
	}
	c, n := phrases.at(p.rs, i, false)
	for n > 0 && p.inWord(i, n) {
		c, n = phrases.at(p.rs[:i+n-1], i, false)
	}
	if n > 1 && (c.want == Figure || c.want == Duration) && beginsNoun(p.rs[i+n-1:]) {
		if shorter, ok := phrases.cues[string(p.rs[i:i+n-1])]; ok {
			return shorter, n - 1 // 多少天然气, 多少个体工商户
		}
	}
	if n > 0 && p.rs[i] < 0x80 && i+n < len(p.rs) && p.rs[i+n] < 0x80 && analysis.IsWordRune(p.rs[i+n]) {
		return cue{}, 0
	}
	return c, n
}

// inWord reports whether the phrase of n runes at i is part of a word that
// means something else: 今年内蒙古 says nothing of 今年内.
func (p *parser) inWord(i, n int) bool {
	var before, behind rune
	if i > 0 {
		before = p.rs[i-1]
	}
	if i+n < len(p.rs) {
		behind = p.rs[i+n]
	}
	switch text := string(p.rs[i : i+n]); text {
	case "哈": // 哈尔滨
		return analysis.IsHan(behind) && behind != '哈'
	case "额": // 总额, 额济纳
		return analysis.IsHan(before) || analysis.IsHan(behind)
	case "请":
		return before != 0 && strings.ContainsRune("申邀聘", before)
	default:
		return behind != 0 && strings.ContainsRune(wordsBegun[text], behind)
	}
}

// apply takes note of a cue of n runes at i and returns how many runes it
// uses up, the unit after 多少 included.
func (p *parser) apply(c cue, i, n int) int {
	switch {
	case c.want == Figure && !c.weak && p.rs[i] == '几' && n <= 2:
		p.several = true
	case c.weak:
		p.weak = firstWant(p.weak, c.want)
		p.whether = p.whether || c.want == When || c.want == YesNo && n > 2 && c.time == noTime && !tells(p.rs[i+n:])
	case c.want != Anything:
		p.strong = strongerWant(p.strong, c.want)
		p.whether = p.whether || c.want == Measure && plea[string(p.rs[i:i+n])]
	}
	p.applyTime(c.time)
	if c.small != noTalk && p.talk != offTopic {
		p.talk = c.small
		p.talkRunes += n
	} else if c == (cue{}) || c.weak {
		p.talkRunes += n
	}
	if c.keep {
		p.closeRun(i)
		p.q.Content = append(p.q.Content, Span{i, i + n, cueWeight})
		return n
	}
	p.closeRun(i)
	if c.want == Figure || c.want == Duration {
		return n + p.unitAfter(i, n)
	}
	if c.want == YesNo && n == 1 && i > 0 {
		return n
	}
	return n
}

func (p *parser) applyTime(t timeCue) {
	switch t {
	case lastYear:
		p.q.Relative = append(p.q.Relative, -1)
	case thisYear:
		p.q.Relative = append(p.q.Relative, 0)
	case nextYear:
		p.q.Relative = append(p.q.Relative, 1)
	case beforeLast:
		p.q.Relative = append(p.q.Relative, -2)
	case fiveYears:
		p.q.FiveYears = true
	case achieved:
		if p.q.Tense == AnyTense {
			p.q.Tense = Past
		}
	case done:
		p.q.Tense, p.done = Past, true
	case target:
		if !p.done {
			p.q.Tense = Planned
		}
	}
}

// unitAfter notes the unit behind 多少 or 几. Only a unit that can hardly
// begin a noun is used up: 多少人口 asks for 人口.
func (p *parser) unitAfter(i, n int) int {
	cueText := string(p.rs[i : i+n])
	if strings.HasPrefix(cueText, "百分之") {
		p.q.Unit, p.q.Dimension = "%", report.Percent
		return 0
	}
	if cueText == "几个" || cueText == "多少个" {
		p.q.Unit, p.q.Dimension = "个", report.Things
	}
	rest := p.rs[i+n:]
	if len(rest) > 0 && (rest[0] == '钱' || rest[0] == '亿') && analysis.DimensionOf(p.q.Unit) <= report.Things {
		if unit, used := analysis.UnitAt(rest); unit != "" {
			p.q.Unit, p.q.Dimension = unit, analysis.DimensionOf(unit)
			return used
		}
		p.q.Dimension = report.Money
		return 1
	}
	if string(rest[:min(2, len(rest))]) == "万亿" {
		p.q.Unit, p.q.Dimension = "", report.Money
	}
	p.dimensionOfNoun(rest)
	unit, used := analysis.UnitAt(rest)
	multiplier := used - utf8.RuneCountInString(unit)
	if unit == "" || unit == "分" || beginsNoun(rest[multiplier:]) {
		return multiplier
	}
	if unit == "百分点" {
		unit = "个百分点" // as reports say it
	}
	p.q.Unit, p.q.Dimension = unit, analysis.DimensionOf(unit)
	return used
}

// beginsNoun reports whether rs begins with a noun whose first character is a
// unit too.
func beginsNoun(rs []rune) bool {
	return len(rs) > 1 && unitNouns[string(rs[:2])] && !hasPrefixAny(string(rs[:min(3, len(rs))]), []string{"项目标"})
}

// dimensionOfNoun reads the dimension from what is counted where no unit is
// named: 多少常住人口, 多少援助资金.
func (p *parser) dimensionOfNoun(rest []rune) {
	text := string(rest[:min(8, len(rest))])
	for _, n := range []struct {
		words     string
		dimension report.Dimension
	}{
		{"人口 游客 学生 职工 农民 老人 居民 旅客 劳动力 毕业生", report.People},
		{"资金 贷款 金额 补贴 经费 补助 债券 援助", report.Money},
	} {
		for _, w := range strings.Fields(n.words) {
			if strings.Contains(text, w) && p.q.Dimension == report.NoDimension {
				p.q.Dimension = n.dimension
			}
		}
	}
}

// countAt notes 几 before a unit (几座, 第几届, 几亿吨) and returns the length of
// both, 0 when there is none at i.
func (p *parser) countAt(i int) int {
	n := 1
	if p.rs[i] == '第' && i+1 < len(p.rs) && p.rs[i+1] == '几' {
		n = 2
	} else if p.rs[i] != '几' {
		return 0
	}
	more := 0
	for n == 1 && i+n+more < len(p.rs) && strings.ContainsRune("十百千", p.rs[i+n+more]) {
		more++
	}
	unit, used := analysis.UnitAt(p.rs[i+n+more:])
	if unit == "" && n == 2 {
		p.strong = strongerWant(p.strong, Which)
		p.q.Dimension = report.Ordinal
		return n
	}
	if unit == "" {
		return 0
	}
	used += more
	if more > 0 && (i == 0 || !strings.ContainsRune("是有到花要收交发给涨", p.rs[i-1])) {
		return 0 // 用了几十年 tells, it does not ask
	}
	if n == 2 {
		p.strong = strongerWant(p.strong, Which)
		p.q.Unit, p.q.Dimension = unit, report.Ordinal
		return n
	}
	p.several = true
	p.q.Unit, p.q.Dimension = unit, analysis.DimensionOf(unit)
	return n + used
}

// markerAt notes the single characters that tell the tense: 要 before a verb
// is a plan, 了 behind one is done. It returns 1 where the character is only
// that.
func (p *parser) markerAt(i int) int {
	around := func(at int, set string) bool {
		return at >= 0 && at < len(p.rs) && strings.ContainsRune(set, p.rs[at])
	}
	switch p.rs[i] {
	case '要', '将', '拟':
		if around(i-1, "主需重纲必首概摘虚模") || around(i+1, "求素点闻件紧领件军") || i+1 >= len(p.rs) {
			return 0
		}
		if p.rs[i] == '要' && takes(p.rs[i+1:]) {
			return 1
		}
		if p.q.Tense == AnyTense || p.rs[i] != '要' {
			p.q.Tense = Planned
		}
		return 1
	case '那':
		if i == 0 {
			return 1
		}
	}
	return 0
}

// takes reports whether rs asks how much: 要多久 is what it takes, not a plan.
func takes(rs []rune) bool {
	return hasPrefixAny(string(rs[:min(2, len(rs))]), []string{"几", "多少", "多久", "多长"})
}

// yearAt notes a year written as digits and returns its length, 0 when there
// is none at i.
func (p *parser) yearAt(i int) int {
	if !isDigit(p.rs[i]) || i > 0 && isDigit(p.rs[i-1]) {
		return 0
	}
	j := i
	for j < len(p.rs) && isDigit(p.rs[j]) {
		j++
	}
	follows := func(r rune) bool { return j < len(p.rs) && p.rs[j] == r }
	if j-i == 2 && follows('年') && p.rs[i] != '0' {
		y, _ := strconv.Atoi(string(p.rs[i:j]))
		if y >= 10 && y <= 40 && p.rs[max(i-1, 0)] != '近' {
			p.q.Years = append(p.q.Years, 2000+y)
			return 3
		}
		return 0
	}
	if j-i != 4 {
		return 0
	}
	y, _ := strconv.Atoi(string(p.rs[i:j]))
	if y < 1949 || y > 2099 {
		return 0
	}
	if follows('年') {
		j++
		if follows('底') || follows('末') || follows('度') && !p.inWord(j, 1) || follows('内') && !p.inWord(j, 1) {
			j++
		}
	} else if j < len(p.rs) && (unitAfterYear(p.rs[j:])) {
		return 0
	}
	p.q.Years = append(p.q.Years, y)
	return j - i
}

// unitAfterYear tells 2021个 from 2021 alone.
func unitAfterYear(rs []rune) bool {
	u, _ := analysis.UnitAt(rs)
	return u != "" && !strings.ContainsRune("年月", []rune(u)[0])
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// strongerWant keeps the more telling of two types; the earlier wins a tie.
func strongerWant(a, b Want) Want {
	if wantRank[b] > wantRank[a] {
		return b
	}
	return a
}

var wantRank = map[Want]int{Which: 1, YesNo: 1, List: 2, Measure: 3, Definition: 4, Where: 5, Who: 5, When: 5, Duration: 5, Figure: 6}

func firstWant(a, b Want) Want {
	if a != Anything {
		return a
	}
	return b
}

// finish settles the type of answer from all cues together.
func (p *parser) finish() {
	q := p.q
	p.count()
	q.Want = p.strong
	if q.Want == Anything {
		q.Want, q.Weak = p.weak, true
	}
	if q.Want == Anything && p.endsInMeasure() {
		q.Want, q.Weak = Figure, true
	}
	if p.done {
		q.Tense = Past
	}
	if q.Tense == AnyTense && q.Want == Figure && strings.ContainsRune(string(p.rs), '了') {
		q.Tense = Past
	}
	if q.Dimension == report.NoDimension && q.Want == Figure && p.strong == Figure {
		q.Dimension = p.impliedDimension()
	}
	if _, unit := analysis.UnitPrefix(q.Unit); unit.Name != "" {
		q.Unit = unit.Name // as figures have it: 千米 is 公里
	}
	q.AboutReport = p.aboutReport()
	q.Office = p.office()
	if p.talk == offTopic {
		q.Talk = OffTopic
	} else if p.talk != noTalk && p.talkRunes >= p.words && len(q.Years) == 0 {
		q.Talk = map[smallTalk]Talk{greeting: Greeting, thanks: Thanks, farewell: Farewell, identity: Identity}[p.talk]
	}
}

// plea are the words of who asks for help, not for how it is done.
var plea = map[string]bool{"怎么办": true, "咋办": true, "咋整": true}

// tells reports whether rs begins with a request to be told: 能不能告诉我建了几座
// asks how many.
func tells(rs []rune) bool {
	return hasPrefixAny(string(rs[:min(3, len(rs))]), []string{"告诉", "说", "讲", "查", "帮我", "给我", "请"})
}

// count takes 几 with a unit for how many, unless the question asks something
// else: 能不能少来几趟 means a few.
func (p *parser) count() {
	switch {
	case !p.several:
	case p.whether && p.strong != Figure:
		p.q.Unit, p.q.Dimension = "", report.NoDimension
	default:
		p.strong = strongerWant(p.strong, Figure)
	}
}

// endsInMeasure reports whether a question without a question word ends in
// what is measured: 今年绿色矿山的目标, 粮食产量.
func (p *parser) endsInMeasure() bool {
	text := strings.TrimRight(string(p.rs), " ?!。.呢啊呀")
	for _, w := range strings.Fields("目标 数量 规模 总量 产量 增速 增幅 涨幅 比例 比重 面积 总额 金额 率 占比 人数 产值 增加值 生产总值 gdp target targets") {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return false
}

// aboutReport reports whether, 报告 apart, the question says nothing but that
// somebody gave it.
func (p *parser) aboutReport() bool {
	text := string(p.rs)
	if !strings.Contains(text, "报告") && !strings.Contains(text, "report") {
		return false
	}
	switch p.q.Want {
	case Who, When, Which, Where:
	default:
		return false
	}
	for _, s := range p.q.Content {
		rest := givingWords.Replace(string(p.rs[s.Start:s.End]))
		if strings.Trim(rest, " ,。?!、“”\"") != "" {
			return false
		}
	}
	return true
}

// office returns the office whose holder a question asks to name.
func (p *parser) office() string {
	if p.q.Want != Who && p.q.Want != Which {
		return ""
	}
	text := string(p.rs)
	for _, o := range strings.Fields("市长 省长 区长 县长 州长 盟长 旗长 镇长 乡长 部长 局长 厅长 主任 书记 主席 总理 院长 校长 行长 董事长 总经理 司令员 mayor governor minister secretary chairman") {
		if strings.Contains(text, o) && !strings.Contains(text, o+"热线") {
			return o
		}
	}
	return ""
}

// givingWords are cut out of a question about the report itself.
var givingWords = strings.NewReplacer(pairsOf("作出 作 做 宣读 讲 读 念 发布 提交 代表 人代会 大会 会议 上 给出 报告人 人 省长 市长 主席 总理 州长 县长 区长 领导 官员 delivered gave given give presented present speaker reported made read written wrote whose")...)

func pairsOf(words string) []string {
	var out []string
	for _, w := range strings.Fields(words) {
		out = append(out, w, "")
	}
	return out
}

// impliedDimension reads the dimension from what is measured: a growth rate
// is a percentage.
func (p *parser) impliedDimension() report.Dimension {
	text := strings.ReplaceAll(string(p.rs), "生产率", "") // an amount for each worker
	for _, w := range []string{"增速", "涨幅", "增幅", "降幅", "占比", "比例", "比重", "覆盖率", "参保率", "失业率", "率"} {
		if strings.Contains(text, w) {
			return report.Percent
		}
	}
	for _, w := range []string{"增长多少", "增长了多少", "涨了多少", "下降多少", "下降了多少", "提高多少", "增长几", "降了多少", "growth", "grow"} {
		if strings.Contains(text, w) {
			return report.Percent
		}
	}
	return report.NoDimension
}

// ContentText returns the content of q, runs separated by a space.
func (q Question) ContentText() string {
	var b strings.Builder
	for i, s := range q.Content {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(q.Folded.Runes[s.Start:s.End]))
	}
	return b.String()
}

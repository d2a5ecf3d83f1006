// Package indicators is the list of what governments measure: each indicator
// with the names that reports, people and English speakers give it, its unit
// and its measures, told apart from its neighbours.
package indicators

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// An Indicator is one thing that is measured.
type Indicator struct {
	ID       string           `yaml:"id"`       // [a-z0-9_]+
	Name     string           `yaml:"name"`     // the one shown
	Names    []string         `yaml:"names"`    // others by which a report states the very same thing
	Everyday []string         `yaml:"everyday"` // how people ask for it and no report writes
	Growth   []string         `yaml:"growth"`   // names that mean its growth by themselves
	English  []string         `yaml:"english"`
	Unit     string           `yaml:"unit"`   // base unit of an amount
	Measures []report.Measure `yaml:"-"`      // what it is stated in; the first is what 是多少 asks for
	Parent   string           `yaml:"parent"` // id of what it is a part of or derived from, "" for none
	Not      []string         `yaml:"not"`    // near names that are other things
}

// A List is a set of indicators. It is immutable.
type List struct {
	All    []Indicator // in the order of the files
	byID   map[string]int
	byName map[string]name // by folded name
	digest string
	long   int // characters of the longest name
}

type name struct {
	at     int // into All
	growth bool
	asked  bool // an everyday or English name
}

// Digest is hex SHA-256 of the list's content.
func (l *List) Digest() string { return l.digest }

// ByID returns the indicator with an id; ok is false where there is none.
func (l *List) ByID(id string) (in Indicator, ok bool) {
	i, ok := l.byID[id]
	if !ok {
		return Indicator{}, false
	}
	return l.All[i], true
}

// Lookup returns the indicator that a whole noun phrase names, in a report or a
// question: with or without the scope before it (全省, 广东) and what is asked of
// it behind (增长, 增速, 目标). growth says that the name itself means the growth.
func (l *List) Lookup(phrase string) (in Indicator, growth, ok bool) {
	n, growth, ok := l.find(phrase, report.Area{})
	if !ok {
		return Indicator{}, false, false
	}
	return l.All[n.at], growth, true
}

// A Mention is an indicator that a text names.
type Mention struct {
	Indicator
	Name   string // the words that name it, folded
	Growth bool   // the name by itself means the growth
}

// In finds the indicator that a question names: the longest of its names that
// stand in the text, the first of equally long ones. ok is false where there
// is none.
func (l *List) In(text string) (m Mention, ok bool) {
	rs := []rune(fold(text))
	best := 0
	for i := range rs {
		for n := min(l.long, len(rs)-i); n > best; n-- {
			key := string(rs[i : i+n])
			found, has := l.byName[key]
			if !has || latinPart(rs, i, i+n) {
				continue
			}
			best = n
			m, ok = Mention{l.All[found.at], key, found.growth}, true
			break
		}
	}
	return m, ok
}

// latinPart reports whether rs[from:to] begins or ends within a Latin word.
func latinPart(rs []rune, from, to int) bool {
	latin := func(i int) bool {
		return i >= 0 && i < len(rs) && (rs[i] >= 'a' && rs[i] <= 'z' || rs[i] >= '0' && rs[i] <= '9')
	}
	return latin(from-1) && latin(from) || latin(to-1) && latin(to)
}

// find looks a phrase up as it is, then without its scope, then without what
// is asked of it.
func (l *List) find(phrase string, area report.Area) (n name, growth, ok bool) {
	return l.findKey(fold(phrase), area)
}

func (l *List) findKey(key string, area report.Area) (n name, growth, ok bool) {
	for {
		if n, ok := l.byName[key]; ok {
			return n, n.growth, true
		}
		rest := withoutScope(key, area)
		if rest == key {
			break
		}
		key = rest
	}
	if head, tail, ok := strings.Cut(key, "累计"); ok && head != "" && tail != "" { // 城镇累计新增就业
		if n, growth, ok := l.findKey(head+tail, area); ok {
			return n, growth, true
		}
	}
	for end := len(key) - 1; end > 0; end-- {
		if w := key[end:]; suffixes.Has(w) {
			if n, growth, ok = l.findKey(key[:end], area); ok {
				return n, growth || growthSuffixes.Has(w), true
			}
		}
	}
	return name{}, false, false
}

// Behind a name: what is asked of it.
var (
	growthSuffixes = words.New("增长", "增速", "增幅", "涨幅", "增长率", "增长速度", "同比增长", "增长目标", "增速目标", "涨幅目标", "增长预期目标")
	suffixes       = words.New("增长", "增速", "增幅", "涨幅", "增长率", "增长速度", "同比增长", "增长目标", "增速目标", "涨幅目标", "增长预期目标", "目标", "预期目标", "控制目标", "同比", "情况", "的目标", "的增长", "的增速")
	scopes         = words.New("全省", "全市", "全区", "全国", "全县", "全州", "全盟", "全旗", "全疆", "我省", "我市", "我区", "我国", "我县", "全自治区", "全年", "其中", "年末", "年均", "累计")
)

func withoutScope(key string, area report.Area) string {
	if w := scopes.Prefix(key); w != "" && w != key {
		return key[len(w):]
	}
	for _, n := range []string{area.Name, shortName(area)} {
		if rest, ok := strings.CutPrefix(key, n); ok && n != "" && rest != "" {
			return strings.TrimPrefix(strings.TrimPrefix(rest, "地区"), "的")
		}
	}
	return key
}

func shortName(area report.Area) string {
	for _, p := range report.Provinces() {
		if p.Area == area {
			return p.Short
		}
	}
	return ""
}

// fold is the form in which names are compared: half width, lower case,
// simplified, without spaces and quotation marks.
func fold(s string) string {
	if plain(s) {
		return s
	}
	if ascii(s) {
		return strings.Map(func(r rune) rune {
			if r == ' ' || r == '"' {
				return -1
			}
			return unicode.ToLower(r)
		}, s)
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '　', '“', '”', '"', '‘', '’':
			return -1
		}
		return r
	}, analysis.FoldString(s))
}

// plain holds for a text that folding leaves as it is: simplified characters
// and nothing else.
func plain(s string) bool {
	for _, r := range s {
		if r < 0x4e00 || r > 0x9fff || analysis.DigitValue(r) >= 0 {
			return false
		}
	}
	return !analysis.IsTraditional(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// neutral verbs say that an amount is so; any other is an action, and what was
// acted on is not the stock of it: 新建学校12所 is not the number of schools.
var neutral = words.New("完成", "实现", "达到", "达", "为", "突破", "超过", "占", "共有", "拥有", "有", "累计", "生产", "接待", "总计", "合计", "累计达到", "累计完成", "从", "由", "安排", "稳定", "保持", "位居")

// ID is the id of the indicator that a figure states, "" where none is
// certain: the whole noun must be one of its names, the measure one of its
// measures, the unit of its dimension. before says that the noun stands before
// the number; what is counted behind it (5家医院入选) is no stock.
func (l *List) ID(f *report.Figure, before bool) string {
	if f.Indicator == "" {
		return ""
	}
	stock := f.Measure == report.Level || f.Measure == report.Count
	if stock && f.Verb != "" && utf8.RuneCountInString(f.Indicator) > 2 {
		if n, _, ok := l.find(f.Verb+f.Indicator, f.Area); ok && !n.asked && l.states(n.at, f) {
			return l.All[n.at].ID // 新增高新技术企业
		}
	}
	n, growth, ok := l.find(f.Indicator, f.Area)
	if !ok || n.asked || !l.states(n.at, f) || growth && f.Measure != report.Growth && f.Measure != report.Change {
		return ""
	}
	if stock && f.Verb != "" && !neutral.Has(f.Verb) && !settled(f.Verb) || f.Measure == report.Count && !before {
		return ""
	}
	return l.All[n.at].ID
}

// settled holds for a change to a value: 增加到, 提高至.
func settled(verb string) bool {
	return strings.HasSuffix(verb, "到") || strings.HasSuffix(verb, "至") || strings.HasSuffix(verb, "为") || strings.HasSuffix(verb, "达")
}

// states reports whether an indicator is stated in the way the figure is.
func (l *List) states(at int, f *report.Figure) bool {
	in := &l.All[at]
	fits := false
	for _, m := range in.Measures {
		fits = fits || m == f.Measure || m == report.Level && f.Measure == report.PerCapita || m == report.Count && f.Measure == report.Level || m == report.Level && f.Measure == report.Count ||
			(m == report.Growth || m == report.Level || m == report.Count || m == report.Share) && f.Measure == report.Change
	}
	if !fits {
		return false
	}
	switch f.Measure {
	case report.Level, report.Count, report.PerCapita:
		unit, _, _ := strings.Cut(f.Unit, "/")
		own, _, _ := strings.Cut(in.Unit, "/")
		return in.Unit == "" || in.Unit == "%" || dimension(unit, f.Indicator) == dimension(own, f.Indicator)
	}
	return true
}

// dimension is that of a unit; persons and things counted are one, and
// enterprises are counted as households too.
func dimension(unit, noun string) report.Dimension {
	switch d := analysis.DimensionOf(unit); {
	case d == report.People, d == report.Households && firms.Suffix(noun) != "":
		return report.Things
	default:
		return d
	}
}

var firms = words.New("企业", "主体", "工商户", "公司", "商户", "工厂", "纳税人", "合作社", "农场")

// build makes the list of indicators that are valid.
func build(all []Indicator, digest string) *List {
	l := &List{All: all, byID: make(map[string]int, len(all)), byName: make(map[string]name, 8*len(all))}
	for i := range all {
		in := &all[i]
		l.byID[in.ID] = i
		l.byName[fold(in.Name)] = name{at: i}
		for _, n := range in.Names {
			l.byName[fold(n)] = name{at: i}
		}
	}
	for i := range all {
		for _, list := range []struct {
			names []string
			as    name
		}{{all[i].Growth, name{at: i, growth: true}}, {all[i].Everyday, name{at: i, asked: true}}, {all[i].English, name{at: i, asked: true}}} {
			for _, n := range list.names {
				if _, taken := l.byName[fold(n)]; !taken {
					l.byName[fold(n)] = list.as
				}
			}
		}
	}
	for n := range l.byName {
		l.long = max(l.long, utf8.RuneCountInString(n))
	}
	if l.digest = digest; digest == "" {
		l.digest = digestOf(l.Encode())
	}
	return l
}

func digestOf(compact string) string {
	sum := sha256.Sum256([]byte(compact))
	return hex.EncodeToString(sum[:])
}

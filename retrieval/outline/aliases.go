package outline

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// Weights of an alias: how surely a question that uses it means the term.
const (
	fullWeight   = 1.0
	partWeight   = 0.9 // one of several names the entry explains
	headWeight   = 0.7 // a name without its category word
	innerWeight  = 0.5 // explained within the definition
	weakestAlias = 0.3
)

// categoryWords say what sort of thing a name names; they are left out when
// people refer to it.
var categoryWords = lists.Set("category-words")

// measureWords follow a number without saying what is counted.
var measureWords = lists.Set("measure-words")

// An aliasSet collects a term's aliases, the highest weight of each.
type aliasSet struct {
	list []report.Alias
	at   map[string]int
}

func (a *aliasSet) add(text string, weight float64) {
	text = strings.Trim(text, " 　、，·：和与及")
	n := words.Count(text)
	if n < 2 || n > maxTermName || categoryWords.Prefix(text) == text {
		return
	}
	if i, ok := a.at[text]; ok {
		a.list[i].Weight = max(a.list[i].Weight, weight)
		return
	}
	a.at[text] = len(a.list)
	a.list = append(a.list, report.Alias{Text: text, Weight: weight})
}

// aliasesOf returns the forms under which a term is found, the full name
// first.
func aliasesOf(t report.Term) []report.Alias {
	a := &aliasSet{list: []report.Alias{{Text: t.Name, Weight: fullWeight}}, at: map[string]int{t.Name: 0}}
	a.add(unquote(t.Name), fullWeight)
	pieces := splitNames(curled(t.Name), false)
	for _, piece := range pieces {
		w := fullWeight
		if len(pieces) > 1 {
			w = partWeight
			a.add(piece, w)
			a.add(unquote(piece), w)
		}
		a.piece(piece, w)
	}
	a.listTail(pieces)
	a.explained(t)
	return a.list
}

// piece adds the parts of one name: what stands in quotes, with what follows
// them, and the name without its category word.
func (a *aliasSet) piece(name string, weight float64) {
	quotes := quotedSpans(name)
	for k, q := range quotes {
		inner := name[q.Start+utf8.RuneLen('“') : q.End-utf8.RuneLen('”')]
		next := len(name)
		if k+1 < len(quotes) {
			next = quotes[k+1].Start
		}
		tail := name[q.End:next]
		w := weight
		if !distinctive(inner) {
			w = innerWeight
		}
		a.add(inner, w)
		a.add(name[q.Start:q.End], w)
		if !words.AtMost(tail, 0) && words.AtMost(tail, 8) {
			a.add(inner+tail, weight)
			a.add(name[q.Start:q.End]+tail, weight)
		}
		if words.Count(tail) >= 4 && categoryWords.Prefix(tail) != tail {
			a.add(tail, weakestAlias+0.1)
		}
		a.inner(inner, tail)
		if q.Start > 0 && words.AtMost(name[:q.Start], 8) && k == 0 {
			a.add(unquote(name[:q.End]), weight)
		}
	}
	if len(quotes) > 0 {
		return
	}
	if head := withoutCategory(name); head != name {
		a.add(head, headWeight)
	}
	if rest := withoutCount(name); rest != name {
		a.add(rest, innerWeight)
	}
	// A version or code and what it is of: 优化营商环境3.0方案 → 3.0方案.
	if i := strings.IndexFunc(name, analysis.IsDigit); i > 0 && words.Count(name[i:]) >= 3 {
		a.add(name[i:], headWeight)
	}
}

// inner adds the parts of what stands in quotes: 蒙速办·四办 → 蒙速办, 四办;
// 天骏服务 with 计划 after it → 天骏, 天骏计划.
func (a *aliasSet) inner(inner, tail string) {
	parts := splitNames(inner, true)
	if len(parts) > 1 {
		w := partWeight
		if strings.Contains(inner, "、") { // everyday words in a row, as a rule
			w = innerWeight
		}
		for _, p := range parts {
			if distinctive(p) {
				a.add(p, w)
				a.add("“"+p+"”", w)
			} else {
				a.add(p, weakestAlias)
			}
		}
	}
	if head := withoutCategory(inner); head != inner {
		w := headWeight
		if _, n := analysis.IntegerAt(head); n > 0 {
			w = weakestAlias // 四通, 三年
		}
		a.add(head, w)
		if c := categoryWords.Prefix(tail); c != "" {
			a.add(head+c, partWeight)
			a.add("“"+head+"”"+c, partWeight)
		}
	}
}

// listTail restores the item that the first of a list shares its head with:
// 航线干支通、支支通、全网联 → 干支通.
func (a *aliasSet) listTail(pieces []string) {
	if len(pieces) < 2 {
		return
	}
	n := utf8.RuneCountInString(pieces[1])
	for _, p := range pieces[1:] {
		if utf8.RuneCountInString(p) != n || strings.ContainsAny(p, "“”") {
			return
		}
	}
	first := []rune(pieces[0])
	if len(first) > n && n >= 2 && n <= 6 && !strings.ContainsAny(pieces[0], "“”") {
		a.add(string(first[len(first)-n:]), partWeight)
	}
}

// explained adds what the definition explains in turn: “三级”即…，“三类”即….
func (a *aliasSet) explained(t report.Term) {
	for _, q := range quotedSpans(t.Definition) {
		rest := strings.TrimSpace(t.Definition[q.End:])
		for _, w := range []string{"是指", "指", "即", "为", "是", "："} {
			if strings.HasPrefix(rest, w) {
				inner := t.Definition[q.Start+len("“") : q.End-len("”")]
				if distinctive(inner) && words.AtMost(inner, 16) {
					a.add(inner, innerWeight)
				}
				break
			}
		}
	}
}

// splitNames divides a list of names at 、 · ／ outside brackets, and between
// adjoining quotes; within quotes (bare) brackets do not matter.
func splitNames(name string, bare bool) []string {
	var out []string
	var shut []report.Span
	if !bare {
		shut = report.Enclosed(name)
	}
	start := 0
	add := func(end int) {
		if s := strings.TrimSpace(name[start:end]); s != "" {
			out = append(out, s)
		}
	}
	for i := 0; i < len(name); {
		if len(shut) > 0 && i >= shut[0].Start {
			i = max(i, shut[0].End)
			shut = shut[1:]
			if i < len(name) && strings.HasPrefix(name[i:], "“") { // “一单制”“一箱制”
				add(i)
				start = i
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(name[i:])
		joint := r == '、' || r == '·' || r == '／' || r == '/' || r == '，' && bare
		if (r == '和' || r == '与' || r == '及') && (strings.HasPrefix(name[i+n:], "“") || strings.HasSuffix(name[:i], "”")) {
			joint = true
		}
		if joint {
			add(i)
			start = i + n
		}
		i += n
	}
	add(len(name))
	return out
}

// quotedSpans returns the outermost quotations, quotes included.
func quotedSpans(s string) []report.Span {
	var out []report.Span
	for _, span := range report.Enclosed(s) {
		if r, _ := utf8.DecodeRuneInString(s[span.Start:]); r == '“' || r == '「' {
			out = append(out, span)
		}
	}
	return out
}

var quoteStripper = strings.NewReplacer("“", "", "”", "", "「", "", "」", "", "‘", "", "’", "", "『", "", "』", "", "《", "", "》", "", `"`, "")

// curled gives straight quotation marks their shapes.
func curled(s string) string {
	if strings.Count(s, `"`)%2 == 1 {
		return s
	}
	for shape := "“"; strings.Contains(s, `"`); shape = map[string]string{"“": "”", "”": "“"}[shape] {
		s = strings.Replace(s, `"`, shape, 1)
	}
	return s
}

func unquote(s string) string { return quoteStripper.Replace(s) }

func withoutCategory(s string) string {
	c := categoryWords.Suffix(s)
	if head := strings.TrimSuffix(s, c); c != "" && counted(head) {
		return s
	}
	if c == "" || words.Count(s)-words.Count(c) < 2 {
		return s
	}
	return strings.TrimSuffix(s, c)
}

// counted holds for a bare count (十大, 两个), which names nothing.
func counted(s string) bool {
	_, n := analysis.IntegerAt(s)
	if n == 0 {
		return false
	}
	return s[n:] == "" || measureWords.Prefix(s[n:]) == s[n:]
}

// withoutCount drops a leading count: 10种有色金属 → 有色金属.
func withoutCount(s string) string {
	_, n := analysis.IntegerAt(s)
	if n == 0 {
		return s
	}
	m := measureWords.Prefix(s[n:])
	if m == "" || words.Count(s[n+len(m):]) < 3 {
		return s
	}
	return s[n+len(m):]
}

// distinctive is false for bare numbers and formulas (2+3), which mean
// nothing apart from what they number.
func distinctive(s string) bool {
	han := 0
	for _, r := range s {
		if r >= utf8.RuneSelf && !analysis.IsDigit(r) && r != '＋' && r != '×' {
			han++
		}
	}
	return han >= 2 && words.Count(s) >= 2 || han == 0 && words.Count(s) >= 4 && !hasDigit(s)
}

// shareWeights divides the weight of an alias among the terms that have it.
func shareWeights(terms []report.Term) {
	count := map[string]int{}
	for _, t := range terms {
		for _, a := range t.Aliases {
			count[a.Text]++
		}
	}
	for i := range terms {
		for j := range terms[i].Aliases {
			a := &terms[i].Aliases[j]
			if n := count[a.Text]; n > 1 && a.Text != terms[i].Name && a.Text != unquote(terms[i].Name) {
				a.Weight /= float64(n)
			}
		}
	}
}

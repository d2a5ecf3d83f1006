package retrieval

import (
	"slices"
	"strings"

	"wenbao/retrieval/analysis"
)

// PlaceBound reports whether the figure that h states is said of the
// places the question names: each stands in the clause, or in the sentence
// with no other place in the clause.
func (r *Result) PlaceBound(h *Hit) bool {
	g := r.Generation
	p := &g.paras[g.first[h.Report]+h.Paragraph]
	s := &h.Sentences[h.Best]
	clause := p.runes[s.Stated.Start:s.Stated.End]
	sentence := p.runes[sentenceStart(p, h.Best):p.ends[h.Best]]
	asked := r.Question.Folded.Runes
	for _, w := range r.wheres {
		region := g.regions[h.Report]
		if w.home || w.place == region || w.named(g, region, clause, asked) {
			continue
		}
		if !w.named(g, region, sentence, asked) || g.namesPlace(clause) {
			return false
		}
	}
	return true
}

// named is mentions, but for a name that is only part of another's: 杭州湾 and
// 成都平原 do not speak of 杭州 and 成都. asked is the folded question, in which
// the place may stand before the same word.
func (w where) named(g *Generation, region int, rs, asked []rune) bool {
	found := false
	for _, f := range w.forms {
		for i := 0; i+len(f) <= len(rs); i++ {
			n := 0
			if rs[i] == f[0] {
				n = matchForm(f, rs[i:])
			}
			if n == 0 {
				continue
			}
			found = true
			if next := suffixAt(rs[i+n:]); next == "" || next == suffixAt(asked[min(w.end, len(asked)):]) {
				return true
			}
		}
	}
	return !found && w.mentions(g, region, rs)
}

// placeSuffixes make the name of a place part of something else's.
var placeSuffixes = []string{"平原", "盆地", "半岛", "群岛", "湾", "港", "新区", "高新区", "经开区", "经济区", "都市圈", "城市群", "机场", "大学", "银行", "高铁", "铁路", "医院", "航空"}

func suffixAt(rs []rune) string {
	text := string(rs[:min(3, len(rs))])
	for _, s := range placeSuffixes {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}

// Holds reports whether the best sentence of h holds a folded phrase.
func (r *Result) Holds(h *Hit, phrase string) bool {
	p := &r.Generation.paras[r.Generation.first[h.Report]+h.Paragraph]
	return indexRunes(p.runes[sentenceStart(p, h.Best):p.ends[h.Best]], []rune(phrase)) >= 0
}

func sentenceStart(p *paragraph, i int) int32 {
	if i == 0 {
		return 0
	}
	return p.ends[i-1]
}

func (g *Generation) namesPlace(rs []rune) bool {
	for _, m := range g.lexicon.Find(rs) {
		if m.Place >= 0 {
			return true
		}
	}
	return false
}

// Explains reports whether the best sentence of h spells out a term that is
// coined with a numeral rather than only using it: it says what the numeral
// counts as often (四个与共: 与共 four times), or lists as many things beside
// the term.
func (r *Result) Explains(h *Hit, term string) bool {
	g := r.Generation
	p := &g.paras[g.first[h.Report]+h.Paragraph]
	sentence := p.runes[sentenceStart(p, h.Best):p.ends[h.Best]]
	want := []rune(AliasKey(term))
	n, core := numeralOf(want)
	if n < 2 {
		return true
	}
	at := indexRunes(sentence, want)
	named := 0
	if at >= 0 {
		named = 1
	}
	if strings.Count(string(sentence), core)-named >= n {
		return true
	}
	return at >= 0 && listed(sentence, at) >= n-1
}

// listed counts the joints of a list (、 and 和) in the clause at i, and in the next where that
// spells out what this one names.
func listed(rs []rune, i int) int {
	from, to := i, i
	for from > 0 && !endsClause(rs, from-1) {
		from--
	}
	for to < len(rs) && !endsClause(rs, to) {
		to++
	}
	if to+1 < len(rs) && (rs[to] == ':' || rs[to+1] == '即' || strings.HasPrefix(string(rs[to+1:]), "包括")) {
		for to++; to < len(rs) && !endsClause(rs, to); to++ {
			continue
		}
	}
	n := 0
	for _, r := range rs[from:to] {
		if r == '、' || r == '和' {
			n++
		}
	}
	return n
}

// numeralOf reads the numeral a coined term begins with and what it counts:
// 六稳 is 6 of 稳, 四个与共 4 of 与共.
func numeralOf(term []rune) (int, string) {
	if !slices.ContainsFunc(term, func(r rune) bool { return r < '0' || r > '9' }) {
		return len(term), string(term) // a code: 51020
	}
	n := analysis.DigitValue(term[0])
	if term[0] >= '2' && term[0] <= '9' && len(term) > 1 && !(term[1] >= '0' && term[1] <= '9') {
		n = int(term[0] - '0')
	}
	if n < 2 || len(term) < 2 {
		return 0, ""
	}
	rest := term[1:]
	if rest[0] == '个' || rest[0] == '大' || rest[0] == '项' {
		rest = rest[1:]
	}
	if len(rest) == 0 || len(rest) > 3 {
		return 0, ""
	}
	return n, string(rest)
}

// Coined returns what the question asks the meaning of: a phrase in quotes,
// else a word that begins with a numeral; "" when there is none.
func (r *Result) Coined() string {
	text := string(r.Question.Folded.Runes)
	for _, q := range [][2]string{{"“", "”"}, {"\"", "\""}, {"《", "》"}, {"「", "」"}} {
		if _, rest, ok := strings.Cut(text, q[0]); ok {
			if inner, _, ok := strings.Cut(rest, q[1]); ok && inner != "" && len([]rune(inner)) <= 12 {
				return inner
			}
		}
	}
	for _, s := range r.Question.Content {
		run := r.Question.Folded.Runes[s.Start:s.End]
		if n, core := numeralOf(run); s.Weight == 1 && n >= 2 && len([]rune(core)) <= 3 && core != "" {
			return string(run)
		}
	}
	return ""
}

package figures

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/quantities"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// object is the noun phrase after a number: 15家[头部企业].
func (r *reader) object(n *quantities.Number) string {
	noun := r.behindNumber(n)
	if noun == "" || levels.Suffix(noun) != noun || !strings.HasPrefix(r.text[n.To:], noun+"、") {
		return noun
	}
	// 8个国家级、36个省级临床重点专科
	k := sort.Search(len(r.numbers), func(k int) bool { return r.numbers[k].Start > n.Start })
	if k < len(r.numbers) && r.numbers[k].Start == n.To+len(noun)+len("、") {
		next := r.behindNumber(&r.numbers[k])
		return noun + strings.TrimPrefix(next, levels.Prefix(next))
	}
	return noun
}

// behindNumber is the noun phrase right behind a number.
func (r *reader) behindNumber(n *quantities.Number) string {
	return nominal(squeeze(r.text[n.To:min(len(r.text), n.To+longestClause)]))
}

// levels are the ranks that counts side by side may be of.
var levels = words.New("国家级", "省级", "市级", "县级", "区级", "自治区级", "省部级", "地市级")

// nominal reads the noun phrase at the start of s.
func nominal(s string) string {
	s = strings.TrimPrefix(s, "的")
	for _, w := range []string{"以及", "和", "及", "与", "或"} {
		if strings.HasPrefix(s, w) && !jointInside.At(s) {
			return ""
		}
	}
	if objectStarts.At(s) && !jointInside.At(s) {
		return ""
	}
	end, list := ageOf(s), 0
	for end < len(s) {
		c, n := utf8.DecodeRuneInString(s[end:])
		if c == '、' && end == 0 {
			return ""
		}
		if c == '、' && list == 0 {
			next := s[end+n:]
			if startsDigit(next) || totals.At(next) || actionVerbs.At(next) && !nounVerbs.At(next) || changeVerbs.At(next) {
				break
			}
			list = end
		} else if !unicode.Is(unicode.Han, c) && !(c < utf8.RuneSelf && unicode.IsLetter(c)) && c != '“' && c != '”' && c != '、' {
			if !(unicode.IsDigit(c) && strings.Count(s[:end], "“") > strings.Count(s[:end], "”")) {
				break
			}
		}
		if c == '”' && !strings.Contains(s[:end], "“") {
			break
		}
		if end >= 12 && strings.HasPrefix(s[end:], "支持") && !supportNouns.At(s[end+len("支持"):]) {
			break
		}
		if end > 0 && stopAt(s, end) {
			break
		}
		end += n
	}
	if list > 0 && (!words.AtMost(s[:end], 24) || report.Unbalanced(s[:end]) != 0 || strings.HasSuffix(s[:end], "、")) {
		end = list
	}
	out := s[:end]
	if w := stopWords.Prefix(out); w != "" && w != "和" || strings.HasSuffix(out, "台阶") {
		return ""
	}
	for w := objectEnds.Suffix(out); w != "" && w != out && !genericNouns.Has(out); w = objectEnds.Suffix(out) {
		out = strings.TrimSuffix(out, w)
	}
	if n := words.Count(out); n < 2 && !countedPlaces.Has(out) || n > 24 || report.Unbalanced(out) != 0 || noNouns.Has(out) || noNouns.Prefix(out) == out {
		return ""
	}
	return out
}

// ageOf is the size of an age that a noun phrase begins with: 80岁以上老年人.
func ageOf(s string) int {
	_, n := analysis.Digits(s)
	if n == 0 {
		return 0
	}
	for _, w := range []string{"岁及以上", "岁以上", "岁及以下", "岁以下", "周岁以上"} {
		if strings.HasPrefix(s[n:], w) && nounFollows(s[n+len(w):]) {
			return n + len(w)
		}
	}
	return 0
}

// stopAt reports whether the noun phrase ends before s[i:]: a predicate
// begins, or a joint with another number or verb behind it.
func stopAt(s string, i int) bool {
	rest := s[i:]
	if jointInside.At(rest) {
		return false
	}
	if w := countedPlaces.Suffix(s[:i]); w != "" && actionVerbs.At(rest) && (w == s[:i] || !nounVerbs.At(rest)) {
		return true // 在115个县建设…
	}
	if tail, ok := strings.CutPrefix(rest, "并"); ok && (changeVerbs.At(tail) || actionVerbs.At(tail)) {
		return true // 9个州并延长至…
	}
	for _, w := range []string{"和", "以及", "及", "与"} {
		if tail, ok := strings.CutPrefix(rest, w); ok {
			return startsDigit(tail) || actionVerbs.At(tail) && !nounVerbs.At(tail)
		}
	}
	w := stopWords.Prefix(rest)
	if (w == "以上" || w == "以下") && bounded.Suffix(s[:i]) != "" && nounFollows(rest[len(w):]) {
		return false // 省级以上园区, 亿元以上项目
	}
	if w == "均" && strings.HasPrefix(rest, "均衡") || w == "占" && strings.HasPrefix(rest, "占地") || w == "获" && strings.HasPrefix(rest, "获得感") {
		return false
	}
	return w != ""
}

// bounded are the words that 以上 may follow within a noun phrase.
var bounded = words.New("级", "级及", "元", "人", "岁", "米", "层", "吨", "星", "座")

// nounFollows holds where a noun phrase goes on.
func nounFollows(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Han, c) || c == '“' || c == '的'
}

func startsDigit(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return analysis.IsDigit(c)
}

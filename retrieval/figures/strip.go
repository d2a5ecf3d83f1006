package figures

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/outline"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// clean takes from a noun what is none: joints, what it is set to; a noun that
// is only a verb is returned as that. grows says that the noun was one of a growth
// that is set: M2预期增长目标.
func clean(noun string) (out, verb string, grows bool) {
	noun = strings.Trim(noun, "、 ，（(")
	noun = strings.TrimSuffix(strings.TrimPrefix(noun, "与"), "和")
	for {
		w := aimNouns.Suffix(noun)
		if head, ok := strings.CutPrefix(w, "增长"); ok && strings.TrimSuffix(noun, w) == "经济" {
			w = head // 经济增长预期目标
		}
		if w == "" || noun == w {
			break
		}
		grows = grows || strings.Contains(w, "增长") || strings.Contains(w, "增速") || strings.Contains(w, "涨幅")
		noun = strings.TrimRight(strings.TrimSuffix(noun, w), "的 ")
	}
	noun = behindList(noun)
	if n := chineseCount(noun); n == noun {
		return "", "", grows
	}
	switch {
	case noNouns.Has(noun), leadWords.Has(noun), adverbials.Suffix(noun) != "":
		return "", "", grows
	case actionVerbs.Has(noun) && !nounVerbs.Has(noun):
		return "", noun, grows
	case words.Count(noun) < 2 && !countedPlaces.Has(noun):
		return "", "", grows
	}
	return noun, "", grows
}

// behindList keeps what a list of examples is of: 风力发电机组等绿色产品产量 is
// 绿色产品产量.
func behindList(noun string) string {
	i := strings.LastIndex(noun, "等")
	if i <= 0 {
		return noun
	}
	rest := noun[i+len("等"):]
	prev, _ := utf8.DecodeLastRuneInString(noun[:i])
	if words.Count(rest) < 2 || strings.ContainsRune("高平中初对相均同何优一二三四五", prev) || strings.HasPrefix(rest, "级") {
		return noun
	}
	return rest
}

// chineseCount is the numeral and measure word that s starts with: 四批次.
func chineseCount(s string) string {
	_, n := analysis.IntegerAt(s)
	if n == 0 {
		return ""
	}
	w, _ := analysis.UnitPrefix(s[n:])
	return s[:n+len(w)]
}

// withoutNotes takes the marks of footnotes out of a text: 常住人口[3], 四办①.
func withoutNotes(s string) string {
	if !strings.ContainsAny(s, "[［①②③④⑤⑥⑦⑧⑨⑩") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case c >= '①' && c <= '⑳':
			i += n
			continue
		case c == '[' || c == '［':
			_, size := analysis.Digits(s[i+n:])
			if end, m := utf8.DecodeRuneInString(s[i+n+size:]); size > 0 && (end == ']' || end == '］') {
				i += n + size + m
				continue
			}
		}
		b.WriteRune(c)
		i += n
	}
	return b.String()
}

// behindPredicate keeps what stands behind a 、 that ends a statement: 花卉产量全球
// 第一、优质鲜切花占比 is 优质鲜切花占比.
func behindPredicate(clause string) string {
	i := strings.LastIndex(clause, "、")
	if i < 0 || report.Unbalanced(clause[i:]) != 0 {
		return clause
	}
	head := clause[:i]
	if k := strings.LastIndex(head, "、"); k >= 0 {
		head = head[k:]
	}
	if w := predicates.Suffix(head); w != "" && words.Count(head) > words.Count(w)+1 {
		return clause[i+len("、"):]
	}
	if w := strings.Index(head, "实现"); w > 0 && words.Count(head[:w]) >= 2 {
		return clause[i+len("、"):]
	}
	return clause
}

// squeeze takes out the spaces that scraping left between characters.
func squeeze(s string) string {
	if strings.IndexByte(s, ' ') < 0 && !strings.Contains(s, "　") {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '　' {
			return -1
		}
		return c
	}, s)
}

// withoutBrackets takes what stands in round brackets out of a text.
func withoutBrackets(s string) string {
	for {
		end := strings.IndexAny(s, "）)")
		if end < 0 {
			return s
		}
		start := max(strings.LastIndex(s[:end], "（"), strings.LastIndex(s[:end], "("))
		_, n := utf8.DecodeRuneInString(s[end:])
		if start < 0 {
			return s[end+n:] // the bracket opened in a clause before
		}
		if inner := strings.TrimLeft(s[start:end], "（("); strings.Trim(inner, "市区县旗州盟、") == "" {
			s = s[:start] + "〔" + inner + "〕" + s[end+n:] // 县（市、区） is one noun
			continue
		}
		s = s[:start] + s[end+n:]
	}
}

// stripParts takes out of a clause how the figure is reckoned, what it is
// compared with and that it is aimed at, and notes them.
func stripParts(clause string, f *report.Figure) string {
	clause = stripCompared(clause, f)
	for _, take := range []struct {
		set  *words.Set
		into *string
	}{{basisWords, &f.Basis}, {compareWords, &f.Compared}} {
		for {
			at, w := take.set.Find(clause)
			if at < 0 {
				break
			}
			if long := take.set.Prefix(clause[at:]); len(long) > len(w) {
				w = long
			}
			rest := clause[at+len(w):]
			if w == "实际" && !changeVerbs.At(strings.TrimLeft(rest, " ")) || w == "名义" && !changeVerbs.At(rest) {
				break
			}
			*take.into = w
			clause = clause[:at] + rest
		}
	}
	clause = strings.TrimSuffix(clause, "按")
	if f.Qualifier == "" && strings.Contains(clause, "约占") {
		f.Qualifier = "约"
	}
	for _, w := range []string{"力争", "争取"} {
		at := strings.Index(clause, w)
		if at < 0 || w == "争取" && !growthVerbs.At(clause[at+len(w):]) && !strings.HasPrefix(clause[at+len(w):], "达") {
			continue
		}
		clause = clause[:at] + clause[at+len(w):]
		if !strings.Contains(f.Qualifier, w) {
			if f.Qualifier != "" {
				w += "…" + f.Qualifier
			}
			f.Qualifier = w
		}
	}
	return clause
}

// basisBehind is how a figure is reckoned where a bracket behind it says so:
// 30161万元（同口径）.
func basisBehind(s string) string {
	inner, ok := strings.CutPrefix(s, "（")
	if !ok {
		if inner, ok = strings.CutPrefix(s, "("); !ok {
			return ""
		}
	}
	end := strings.IndexAny(inner, "）)")
	if end < 0 || !basisWords.Has(inner[:end]) {
		return ""
	}
	return inner[:end]
}

// stripCompared takes a comparison out of a clause: 较全省平均水平高出, 比上年执行数增长.
func stripCompared(clause string, f *report.Figure) string {
	for i := 0; i < len(clause); {
		c, n := utf8.DecodeRuneInString(clause[i:])
		rest := clause[i+n:]
		if (c == '比' || c == '较') && f.Compared == "" && (comparators.At(rest) || strings.HasPrefix(rest, "“十") || startsDigit(rest) && yearOf(rest[:min(len(rest), 14)]) > 0) && !strings.HasSuffix(clause[:i], "占") {
			end := -1
			for k := range rest {
				if changeVerbs.At(rest[k:]) || comparisons.At(rest[k:]) {
					end = k
					break
				}
			}
			if end > 0 && words.AtMost(rest[:end], 14) {
				f.Compared = clause[i : i+n+end]
				return clause[:i] + rest[end:]
			}
		}
		i += n
	}
	return stripRival(clause, f)
}

// stripRival takes out what a clause compares with by an adjective at its end:
// 时间比世界纪录慢, 亩均收入比传统种植多.
func stripRival(clause string, f *report.Figure) string {
	clause = strings.TrimRight(clause, " ")
	i := strings.LastIndex(clause, "比")
	if i < 0 || f.Compared != "" || degrees.Suffix(clause) == "" {
		return clause
	}
	end := len(clause) - len(degrees.Suffix(clause))
	if end <= i {
		return clause
	}
	rival := clause[i+len("比") : end]
	if ratioEnds.At(rival) || ratioStarts.Suffix(clause[:i]) != "" || words.Count(rival) < 2 || !words.AtMost(rival, 14) {
		return clause
	}
	f.Compared = clause[i:end]
	return clause[:i] + clause[end:]
}

func trimJoint(s string) string {
	for _, w := range []string{"、", "以及", "和", "及", "与"} {
		s = strings.TrimSuffix(s, w)
	}
	return s
}

func endsJoint(s string) bool {
	return strings.HasSuffix(s, "、") || strings.HasSuffix(s, "和") || strings.HasSuffix(s, "及") || strings.HasSuffix(s, "与")
}

// stripLead drops the words before what is measured: scope, time, adverbs.
func stripLead(s string) string {
	for {
		s = strings.TrimLeft(s, " 　")
		if size := outline.ItemMark(s); size > 0 {
			s = s[size:]
			continue
		}
		if rest, ok := strings.CutPrefix(s, "到"); ok && startsDigit(rest) {
			s = rest
		}
		if y, n := analysis.IntegerAt(s); n > 0 && y >= 1900 && y <= 2100 && strings.HasPrefix(s[n:], "年") {
			s = s[n+len("年"):]
			for _, w := range []string{"全年", "底", "末", "度"} {
				s = strings.TrimPrefix(s, w)
			}
			continue
		}
		if size := planSpan(s); size > 0 {
			s = s[size:]
			continue
		}
		if m, n := analysis.Digits(s); n > 0 && m <= 12 && strings.HasPrefix(s[n:], "月") {
			s = strings.TrimPrefix(s[n+len("月"):], "份")
			continue
		}
		if size := yearsAt(s); size > 0 {
			s = s[size:]
			continue
		}
		w := leadWords.Prefix(s)
		if w == "" {
			return s
		}
		rest := s[len(w):]
		if w == "平均" && strings.HasPrefix(rest, "每") && leadWords.Prefix(rest) == "" {
			return s // 平均每个家庭户的人口
		}
		if (w == "再" || w == "和" || w == "共" || w == "可" || w == "能") && !(actionVerbs.At(rest) || changeVerbs.At(rest)) {
			return s // 再生水, 和美乡村
		}
		// 和林格尔, 要素市场: a character is a word of its own only before a word.
		if utf8.RuneCountInString(w) == 1 && !strings.ContainsAny(w, "、已将要再拟的和共把可能　") {
			return s
		}
		if w == "要" && strings.HasPrefix(rest, "素") || w == "将" && strings.HasPrefix(rest, "军") {
			return s
		}
		if (w == "全市" || w == "全省" || w == "全区" || w == "全国" || w == "全县" || w == "全州") && (totals.Has(trimTail(rest)) || strings.HasPrefix(rest, "生产总值") || strings.HasPrefix(rest, "人口")) {
			return s
		}
		s = rest
	}
}

// yearsAt is the size of the count of years that s starts with and a statement
// follows: 3年提升, 5年累计投入.
func yearsAt(s string) int {
	_, n := analysis.Digits(s)
	rest, ok := strings.CutPrefix(s[n:], "年")
	if n == 0 || !ok {
		return 0
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "来"), "间")
	if leadWords.At(rest) || changeVerbs.At(rest) || actionVerbs.At(rest) {
		return len(s) - len(rest)
	}
	return 0
}

// planSpan is the size of the name of a plan's years that s starts with:
// “十四五”期间.
func planSpan(s string) int {
	rest := strings.TrimPrefix(s, "“")
	if !strings.HasPrefix(rest, "十") {
		return 0
	}
	i := strings.Index(rest, "五")
	if i < 0 || i > 9 {
		return 0
	}
	rest = strings.TrimPrefix(rest[i+len("五"):], "”")
	for _, w := range []string{"期间", "时期", "以来", "末"} {
		if tail, ok := strings.CutPrefix(rest, w); ok {
			return len(s) - len(tail)
		}
	}
	return 0
}

// trimTail drops what stands between the indicator or verb and the number.
func trimTail(s string) string {
	for {
		s = strings.TrimRight(s, " 　")
		if cut := trimTime(s); cut != s {
			s = cut
			continue
		}
		w := tailWords.Suffix(s)
		if w == "" || (w == "为" || w == "到" || w == "至" || w == "比") && changeVerbs.Suffix(s) != "" {
			return s
		}
		s = strings.TrimSuffix(s, w)
	}
}

// trimTime drops a time, or what is compared with one, from the end of a
// clause: 社会消费品零售总额去年, 森林覆盖率较2020年, 到2025年的.
func trimTime(s string) string {
	cut := strings.TrimSuffix(s, "的")
	if i := strings.LastIndex(cut, "连续"); i >= 0 { // 连续十年, 连续7年
		if _, n := analysis.IntegerAt(strings.TrimPrefix(cut[i+len("连续"):], "第")); n > 0 {
			tail := strings.TrimPrefix(cut[i+len("连续"):], "第")[n:]
			if tail == "年" || tail == "次" || tail == "届" || tail == "个月" || tail == "个季度" {
				return cut[:i]
			}
		}
	}
	for i := range cut { // 累计发布四批次
		if i > 0 && len(cut)-i <= 15 && chineseCount(cut[i:]) == cut[i:] && analysis.UnitValue(lastRune(cut[i:])) == 0 && !analysis.IsDigit(rune(cut[i])) && analysis.DigitValue(lastRune(cut[i:])) < 0 {
			return cut[:i]
		}
	}
	dated := strings.TrimSuffix(strings.TrimSuffix(cut, "底"), "末")
	if head, ok := strings.CutSuffix(dated, "年"); ok {
		if y, n := analysis.IntegerBefore(head); n >= 4 && y >= 1949 && y <= 2100 {
			return trimCompare(head[:len(head)-n])
		}
	}
	if w := times.Suffix(cut); w != "" && w != cut {
		return trimCompare(strings.TrimSuffix(cut, w))
	}
	return s
}

func trimCompare(s string) string {
	if v := changeVerbs.Suffix(s); strings.HasSuffix(v, "到") || strings.HasSuffix(v, "至") || strings.HasSuffix(v, "为") {
		return s // 下降到去年底的1.5％
	}
	for _, w := range []string{"相比", "较", "比", "是", "到", "在", "为", "于"} {
		if head, ok := strings.CutSuffix(s, w); ok {
			return head
		}
	}
	return s
}

// nominalTail is the noun phrase that a clause without a verb ends with.
func nominalTail(s string) string { return shorten(trimTail(stripLead(s))) }

// shorten keeps the nominal head of a long indicator.
func shorten(s string) string {
	s = strings.Trim(s, " 　、，的")
	if words.AtMost(s, 24) {
		return s
	}
	for _, w := range []string{"的", "、", "，"} {
		if i := strings.LastIndex(s, w); i >= 0 && words.Count(s[i+len(w):]) >= 3 {
			s = s[i+len(w):]
			if words.AtMost(s, 24) {
				return s
			}
		}
	}
	if !words.AtMost(s, 40) {
		return ""
	}
	return s
}

package quantities

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/report"
)

// role tells amounts from dates, ordinals, codes and the like. i is where the
// digits begin, start where the number does with its sign.
func (s *scanner) role(i, start int, m numeral) Role {
	text := s.text
	prev := lastRune(text[:start])
	rest := text[m.end:]
	next, _ := utf8.DecodeRuneInString(rest)
	switch {
	case prev < utf8.RuneSelf && prev != 0 && (unicode.IsLetter(prev) || strings.ContainsRune("_+./", prev)) && prev != utf8.RuneError, strings.ContainsRune("＋×·", prev) && prev != 0:
		return Name
	case namePrecede.Suffix(text[:start]) != "", m.written == "" && bareName.Suffix(text[:start]) != "":
		return Name
	case nameFollows.At(text[m.numEnd:]) && !m.scaled && (m.written == "国" || m.written == "县" || m.written == "省"):
		return Name // 331国道
	case m.written == "年" || m.written == "月" || m.written == "日":
		return Date
	case m.unit.Asked:
		return Name // 3县, 5号: a noun or an ordinal
	case next == '级' && m.unit.Dimension != report.Percent && !strings.HasPrefix(rest, "级以"), m.written == "" && nameFollows.At(rest) && !strings.HasPrefix(rest, "强于"):
		return Name
	case next == '+' || next == '＋' || next == '×':
		return Name
	}
	if m.written == "" {
		return s.bareRole(start, m, rest)
	}
	if m.unit.Spec && !s.specAmount(start, m, rest) || m.unit.Dimension == report.Money && sizes(rest) {
		return Name
	}
	return unitRole(m, rest)
}

// sizes holds where an amount of money says how large a thing is: 10亿元以上重大产业
// 项目.
func sizes(rest string) bool {
	for _, w := range []string{"以上", "及以上", "以下"} {
		tail, ok := strings.CutPrefix(rest, w)
		if !ok {
			continue
		}
		end := strings.IndexFunc(tail, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
		if end < 0 {
			end = len(tail)
		}
		i, _ := sized.Find(tail[:min(end, 36)])
		return i >= 0 && !strings.HasPrefix(tail, "的")
	}
	return false
}

// unitRole tells words that begin like a unit from units: 5方面, 3国道.
func unitRole(m numeral, rest string) Role {
	next, _ := utf8.DecodeRuneInString(rest)
	switch m.written {
	case "分":
		if strings.ContainsRune("之别类级层时会", next) {
			return Name
		}
	case "方":
		return Name
	case "期", "班", "节", "国", "组", "道", "门", "队", "档", "度":
		if next == '工' || next == '项' || next == '面' || m.written == "期" {
			return Name
		}
	case "P":
		if next != utf8.RuneError && unicode.IsLetter(next) && !after.At(rest) {
			return Name
		}
	case "成":
		if !m.scaled && m.value > 10 || next == '立' || next == '功' || next == '为' {
			return Name
		}
	case "人", "位":
		if next == '大' {
			return Name
		}
	case "个":
		if next == '月' {
			return Name
		}
	case "天":
		if next == '然' {
			return Name
		}
	}
	return Amount
}

// bareRole judges a number without a unit: it is a value only where something
// says so, or where it has a multiplier.
func (s *scanner) bareRole(start int, m numeral, rest string) Role {
	next, _ := utf8.DecodeRuneInString(rest)
	if m.scaled {
		if next == '方' {
			return Name
		}
		return Amount
	}
	if m.more != "" {
		return Amount
	}
	if next < utf8.RuneSelf && unicode.IsLetter(next) && next != utf8.RuneError || next != 0 && strings.ContainsRune("·∶：:/、.．", next) {
		return Bare
	}
	head := strings.TrimRight(s.text[:start], " ")
	if rest == "" || strings.ContainsRune("，。；、）", next) || after.At(rest) {
		if valueWords.Suffix(head) != "" && (m.value < 1000 || m.value > 2100 || m.value != float64(int(m.value))) {
			return Amount
		}
	}
	if (strings.HasSuffix(head, "从") || strings.HasSuffix(head, "由")) && valueVerb(rest) {
		return Amount
	}
	return Bare
}

// valueVerb holds where a change goes on from a value: 从0.42降至0.38.
func valueVerb(rest string) bool { return changesTo.At(rest) }

// specAmount reports whether a unit that is as often part of a name stands for
// an amount here: something is said to be as much, and no noun follows.
func (s *scanner) specAmount(start int, m numeral, rest string) bool {
	if w := after.Prefix(rest); w != "" {
		rest = rest[len(w):]
	}
	if comparedAfter(rest) {
		return false
	}
	head := strings.TrimRight(s.text[:start], " ")
	if w := before.Suffix(head); w != "" {
		return len(head) > len(w)
	}
	return specValue.Suffix(head) != "" || unicode.Is(unicode.Han, lastRune(head)) && m.value != float64(int(m.value))
}

// comparedAfter holds where a noun goes on behind a spec unit.
func comparedAfter(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && unicode.Is(unicode.Han, r) && !valueVerb(rest)
}

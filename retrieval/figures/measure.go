package figures

import (
	"strings"

	"wenbao/retrieval/report"
)

// measureOf says in which way a figure measures its noun.
func measureOf(f *report.Figure) report.Measure {
	noun, verb := f.Indicator, f.Verb
	switch {
	case f.Unit == "个百分点":
		switch {
		case strings.Contains(verb, "拉动") || strings.Contains(noun, "拉动") || strings.Contains(noun, "贡献"):
			return report.Contribution
		case comparisons.At(verb) || comparisons.In(verb):
			return report.Other
		}
		return report.Change
	case f.Unit == "倍":
		if growthVerbs.Has(verb) {
			return report.Growth
		}
		return report.Multiple
	case f.Unit == "番":
		return report.Multiple
	case f.Unit == "位" && (verb == "居" || verb == "位居" || verb == "排名"), f.Unit == "位次":
		return report.Rank
	case f.Unit == "%" || f.Unit == "‰" || f.Unit == "成" || f.Value != "" && f.Unit == "" && f.Number > 0 && f.Number < 1:
		if f.Compared == "同比" && (verb == "" || reachedOnly(verb)) {
			return report.Growth
		}
		return rateOf(noun, verb)
	case f.Unit == "" || f.Unit == "折" || f.Unit == "分":
		if perHead.In(noun) {
			return report.PerCapita
		}
		if f.Number >= 1000 {
			return report.Count
		}
		return report.Other
	}
	if changed(f) {
		return report.Change
	}
	switch {
	case perHead.In(noun), perPerson(f.Unit):
		return report.PerCapita
	case strings.Contains(f.Unit, "/"):
		return report.Level
	}
	switch f.Dimension {
	case report.Things, report.People, report.Households:
		return report.Count
	}
	return report.Level
}

// perPerson holds for what is reckoned for each person, household or area.
func perPerson(unit string) bool {
	_, below, _ := strings.Cut(unit, "/")
	return strings.Contains(below, "人") || strings.Contains(below, "户") || strings.Contains(below, "亩")
}

// rateOf tells a growth from a share.
func rateOf(noun, verb string) report.Measure {
	switch {
	case shareVerbs.Has(verb) || strings.Contains(verb, "完成") || planWords.In(verb):
		return report.Share
	case strings.HasSuffix(noun, "贡献率") && strings.Contains(noun, "增长"):
		return report.Contribution
	case growthNouns.Suffix(noun) != "" && !strings.HasSuffix(noun, "自然增长率"):
		return report.Growth
	case growthVerbs.Has(verb):
		return report.Growth
	}
	return report.Share
}

// changed holds for an absolute difference: 比上年增加1839亿元, 降低40元.
func changed(f *report.Figure) bool {
	if !growthVerbs.Has(f.Verb) || strings.HasSuffix(f.Verb, "达到") {
		return false
	}
	switch f.Dimension {
	case report.Things, report.People, report.Households:
		return f.Compared != "" || stocks.Suffix(f.Indicator) != "" || f.Verb == "净减少" || strings.Contains(f.Unit, "/")
	}
	return true
}

// sign gives the number the direction of its verb: 下降0.3% is -0.3. A value
// that a decline reached keeps its sign.
func sign(f *report.Figure) {
	verb := f.Verb
	if verb == "" || f.Number <= 0 {
		if !(verb == "" && strings.HasSuffix(f.Indicator, "降幅")) {
			return
		}
	}
	switch f.Measure {
	case report.Growth, report.Change, report.Other:
	case report.Count, report.Level:
		if !cuts.Has(verb) {
			return
		}
	default:
		return
	}
	if !(strings.HasSuffix(f.Indicator, "降幅") && (verb == "" || reachedOnly(verb) || declines.Has(verb))) && (declines.Suffix(verb) == "" && declines.Prefix(verb) == "" || reached.Suffix(verb) != "") {
		return
	}
	if f.Measure == report.Other && !comparisons.At(verb) {
		return
	}
	f.Number = -f.Number
	if f.Low != nil {
		v := -*f.Low
		f.Low = &v
	}
	if f.High != nil {
		v := -*f.High
		f.High = &v
	}
	f.Low, f.High = f.High, f.Low
}

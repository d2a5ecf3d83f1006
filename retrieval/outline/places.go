package outline

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// regionFrom finds a region that s starts with: a province under its short or
// full name, or any name that ends as those of divisions do.
func regionFrom(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "全国") || strings.HasPrefix(s, "国务院") {
		return report.Nationwide
	}
	for _, end := range []string{"自治区", "自治州", "自治县", "特别行政区"} {
		if i := strings.Index(s, end); i > 0 && words.AtMost(s[:i], 10) && words.AllHan(s[:i]) {
			return s[:i] + end
		}
	}
	for _, p := range report.Provinces() {
		if rest, ok := strings.CutPrefix(s, p.Short); ok {
			// 吉林市 and 海南州 are no provinces.
			if rest == "" || strings.HasPrefix(p.Name[len(p.Short):], "市") || !strings.HasPrefix(rest, "市") && !strings.HasPrefix(rest, "州") && !strings.HasPrefix(rest, "县") {
				return p.Name
			}
		}
	}
	for i, r := range s {
		if !strings.ContainsRune("省市州县区盟旗", r) || words.Count(s[:i]) < 2 {
			continue // the 州 of 广州市 is part of its name
		}
		if end := i + utf8.RuneLen(r); words.AtMost(s[:i], 8) && words.AllHan(s[:i]) && !strings.Contains("自治区 全区 全市 我市", s[:end]) {
			return s[:end]
		}
		return ""
	}
	return ""
}

// regionInPath finds a region in the parts of an id, the last one first.
func regionInPath(id string) string {
	parts := strings.FieldsFunc(id, func(r rune) bool {
		return r == '/' || r == '-' || r == '_' || r == '.' || analysis.IsDigit(r) || r == '#'
	})
	for i := len(parts) - 1; i >= 0; i-- {
		part := parts[i]
		for _, p := range report.Provinces() {
			if part == p.Short || part == p.Name {
				return p.Name
			}
		}
		if r, _ := utf8.DecodeLastRuneInString(part); strings.ContainsRune("省市州县区盟旗", r) {
			if region := regionFrom(part); region == part {
				return region
			}
		}
		if part == "national" || part == "国务院" || part == report.Nationwide {
			return report.Nationwide
		}
	}
	return ""
}

// yearInPath finds a year of this era in an id: prov2026/广东省, nmg-2022.
func yearInPath(id string) int {
	for i := 0; i < len(id); {
		v, n := analysis.Digits(id[i:])
		if n == 0 {
			i++
			continue
		}
		if n == 4 && v >= 1949 && v <= 2100 {
			return v
		}
		i += n
	}
	return 0
}

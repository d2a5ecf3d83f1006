package corpus

import "strings"

// provinces are the full names of the provincial divisions; the short name by
// which each is known is a prefix of it.
var provinces = []struct{ short, full string }{
	{"北京", "北京市"}, {"天津", "天津市"}, {"上海", "上海市"}, {"重庆", "重庆市"},
	{"河北", "河北省"}, {"山西", "山西省"}, {"辽宁", "辽宁省"}, {"吉林", "吉林省"}, {"黑龙江", "黑龙江省"},
	{"江苏", "江苏省"}, {"浙江", "浙江省"}, {"安徽", "安徽省"}, {"福建", "福建省"}, {"江西", "江西省"},
	{"山东", "山东省"}, {"河南", "河南省"}, {"湖北", "湖北省"}, {"湖南", "湖南省"}, {"广东", "广东省"},
	{"海南", "海南省"}, {"四川", "四川省"}, {"贵州", "贵州省"}, {"云南", "云南省"}, {"陕西", "陕西省"},
	{"甘肃", "甘肃省"}, {"青海", "青海省"}, {"台湾", "台湾省"},
	{"内蒙古", "内蒙古自治区"}, {"广西", "广西壮族自治区"}, {"西藏", "西藏自治区"},
	{"宁夏", "宁夏回族自治区"}, {"新疆", "新疆维吾尔自治区"},
	{"香港", "香港特别行政区"}, {"澳门", "澳门特别行政区"},
}

// nationwide is the region of the State Council's reports.
const nationwide = "全国"

// regionFrom finds a region that s starts with: a province under its short or
// full name, or any name that ends as those of divisions do.
func regionFrom(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "全国") || strings.HasPrefix(s, "国务院") {
		return nationwide
	}
	for _, end := range []string{"自治区", "自治州", "自治县", "特别行政区"} {
		if i := strings.Index(s, end); i > 0 && atMost(s[:i], 10) && allHan(s[:i]) {
			return s[:i] + end
		}
	}
	for _, p := range provinces {
		if rest, ok := strings.CutPrefix(s, p.short); ok {
			// 吉林市 and 海南州 are no provinces.
			if rest == "" || strings.HasPrefix(p.full[len(p.short):], "市") || !strings.HasPrefix(rest, "市") && !strings.HasPrefix(rest, "州") && !strings.HasPrefix(rest, "县") {
				return p.full
			}
		}
	}
	if i := strings.IndexAny(s, "省市州县区盟旗"); i > 0 {
		_, n := decodeRune(s[i:])
		if runes(s[:i]) >= 2 && atMost(s[:i], 8) && allHan(s[:i]) && !strings.Contains("自治区 全区 全市 我市", s[:i+n]) {
			return s[:i+n]
		}
	}
	return ""
}

// regionInPath finds a region in the parts of an id, the last one first.
func regionInPath(id string) string {
	parts := strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '-' || r == '_' || r == '.' || isDigit(r) || r == '#' })
	for i := len(parts) - 1; i >= 0; i-- {
		part := parts[i]
		for _, p := range provinces {
			if part == p.short || part == p.full {
				return p.full
			}
		}
		if r, _ := lastRune(part); strings.ContainsRune("省市州县区盟旗", r) {
			if region := regionFrom(part); region == part {
				return region
			}
		}
		if part == "national" || part == "国务院" || part == nationwide {
			return nationwide
		}
	}
	return ""
}

// yearInPath finds a year of this era in an id: prov2026/广东省, nmg-2022.
func yearInPath(id string) int {
	for i := 0; i < len(id); {
		v, n := digits(id[i:])
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

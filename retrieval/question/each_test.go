package question_test

import (
	"slices"
	"strings"
	"testing"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// TestEach: a question of several places, as it is asked of each. The places
// are those of the table.
func TestEach(t *testing.T) {
	for _, tt := range []struct {
		text string
		want string // with / between the questions; "": it is one question
	}{
		{"北京和上海2025年的经济增长目标分别是多少", "北京2025年的经济增长目标分别是多少/上海2025年的经济增长目标分别是多少"},
		{"四川、河南、陕西2024年的GDP各是多少", "四川2024年的gdp各是多少/河南2024年的gdp各是多少/陕西2024年的gdp各是多少"},
		{"比较浙江和江苏2025年的GDP增长目标", "浙江2025年的gdp增长目标/江苏2025年的gdp增长目标"},
		{"江苏與陝西新增城鎮就業目標哪個高", "江苏新增城镇就业目标多少/陕西新增城镇就业目标多少"},
		{"北京跟河南经济总量差多少", "北京经济总量多少/河南经济总量多少"},
		{"北京给河南多少援助资金", ""}, // about both
		{"北京去年修了几条地铁", ""},
		{"北京 上海 四川 河南 陕西 浙江 江苏的GDP", ""}, // too many
	} {
		var spans []question.Span
		flat := analysis.FoldString(tt.text)
		for _, place := range []string{"北京", "上海", "四川", "河南", "陕西", "浙江", "江苏"} {
			if i := strings.Index(flat, place); i >= 0 {
				start := len([]rune(flat[:i]))
				spans = append(spans, question.Span{Start: start, End: start + 2})
			}
		}
		slices.SortFunc(spans, func(a, b question.Span) int { return a.Start - b.Start })
		if got := strings.Join(question.Each(tt.text, spans), "/"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestEachYear(t *testing.T) {
	for text, want := range map[string]string{
		"浙江2025年和2026年的GDP增长目标":       "浙江2025年的gdp增长目标/浙江2026年的gdp增长目标",
		"2016、2018年城镇新增就业多少":          "2016年城镇新增就业多少/2018年城镇新增就业多少",
		"２０１６年、２０１７年和２０１８年就业":         "2016年就业/2017年就业/2018年就业",
		"2017年到2019年GDP目标分别是多少":       "2017年gdp目标分别是多少/2018年gdp目标分别是多少/2019年gdp目标分别是多少",
		"2017—2019年每年新增就业":            "2017年每年新增就业/2018年每年新增就业/2019年每年新增就业",
		"2012年到2021年人均GDP增加了多少":       "", // what came of ten years
		"2000年至2021年历年GDP":            "", // too many
		"2021年新增就业比2020年多多少":          "",
		"2025年的目标":                    "",
		"2021年2022套住房什么时候交":           "",
		"2021年的报告说2022年和2023年建多少公里高铁": "",
	} {
		if got := strings.Join(question.EachYear(text), "/"); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func FuzzEach(f *testing.F) {
	for _, s := range []string{"北京和上海2025年", "2017年到2019年分别", "①②", "\xff2017年、2018年", "比较"} {
		f.Add(s, 0, 2, 3, 5)
	}
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		question.EachYear(text)
		n := len(analysis.Fold(text).Runes)
		if 0 <= a && a < b && b <= c && c < d && d <= n {
			question.Each(text, []question.Span{{Start: a, End: b}, {Start: c, End: d}})
		}
	})
}

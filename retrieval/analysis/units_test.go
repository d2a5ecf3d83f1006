package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/analysis"
)

// TestQuantities gives each quantity of a text as value, unit and where it
// stands.
func TestQuantities(t *testing.T) {
	for text, want := range map[string]string{
		"突破2万亿元、增长6.3％":        "2e+12 元 [2万亿元], 6.3 % [6.3%]",
		"1.2万亿元":               "1.2e+12 元 [1.2万亿元]",
		"12000亿元":              "1.2e+12 元 [12000亿元]",
		"两万亿元":                 "2e+12 元 [2万亿元]",
		"提高1.5个百分点":            "1.5 个百分点 [1.5个百分点]",
		"实施重大项目3,074个":         "3074 个 [3,074个]",
		"2400多万人":              "2.4e+07 人 [2400多万人]",
		"100余座":                "100 座 [100余座]",
		"22.4万人":               "224000 人 [22.4万人]",
		"新增装机4000万千瓦":          "4e+07 千瓦 [4000万千瓦]",
		"发电3千瓦时":               "3 千瓦时 [3千瓦时]",
		"3千公里":                 "3000 公里 [3千公里]",
		"5千米":                  "5 千米 [5千米]",
		"100万吨标准煤":             "1e+06 吨标准煤 [100万吨标准煤]",
		"30平方公里":               "30 平方公里 [30平方公里]",
		"15个工作日":               "15 个工作日 [15个工作日]",
		"2021年":                "2021 年 [2021年]",
		"三百五十公里":               "350 公里 [350公里]",
		"压减一半":                 "50 % [一半]",
		"实现翻番，翻一番，翻两番":         "100 % [翻番], 100 % [翻一番], 300 % [翻两番]",
		"一老一小、三线一单":            "",
		"5G基站":                 "5  [5]",
		"12345热线":              "12345  [12345]",
		"版本1.2.3":              "0  [1.2.3]",
		"优化营商环境3.0方案":          "3  [3.0]",
		"6方面任务":                "6  [6]",
		"供水5方":                 "5 方 [5方]",
		"1．双减政策":               "1  [1]",
		"增长14.4%、21.1%，达到161项": "14.4 % [14.4%], 21.1 % [21.1%], 161 项 [161项]",
	} {
		rs := analysis.Fold(text).Runes
		var got []string
		for _, q := range analysis.Quantities(rs) {
			got = append(got, fmt.Sprintf("%.6g %s [%s]", q.Value, q.Unit, string(rs[q.Start:q.End])))
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

// TestTheSameAmountHasOneValue: however an amount is written, it compares equal.
func TestTheSameAmountHasOneValue(t *testing.T) {
	for _, same := range [][]string{
		{"1.2万亿元", "12000亿元", "１．２万亿元", "一点二万亿元"},
		{"3074个", "3,074个", "３０７４个", "三千零七十四个"},
		{"200万亩", "2百万亩", "两百万亩", "2000000亩"},
		{"6%", "百分之六", "百分之6", "６％"},
		{"12座", "十二座", "１２座"},
	} {
		first := one(t, same[0])
		for _, other := range same[1:] {
			q := one(t, other)
			if diff := q.Value/first.Value - 1; diff > 1e-9 || diff < -1e-9 || q.Unit != first.Unit {
				t.Errorf("%s is %v %s, %s is %v %s", other, q.Value, q.Unit, same[0], first.Value, first.Unit)
			}
		}
	}
}

func one(t *testing.T, text string) analysis.Quantity {
	t.Helper()
	qs := analysis.Quantities(analysis.Fold(text).Runes)
	if len(qs) != 1 {
		t.Fatalf("%s has %d quantities", text, len(qs))
	}
	return qs[0]
}

// TestDimensions: a percentage point is no percentage, a rank no count.
func TestDimensions(t *testing.T) {
	for unit, want := range map[string]analysis.Dimension{
		"%": analysis.Percent, "个百分点": analysis.Points, "百分点": analysis.Points, "成": analysis.Percent,
		"元": analysis.Money, "美元": analysis.Money, "亩": analysis.Area, "公顷": analysis.Area,
		"公里": analysis.Length, "吨": analysis.Weight, "千瓦": analysis.Power, "千瓦时": analysis.Energy,
		"人": analysis.People, "人次": analysis.People, "户": analysis.Households, "家": analysis.Count, "座": analysis.Count,
		"年": analysis.Date, "天": analysis.Duration, "小时": analysis.Duration, "届": analysis.Rank,
		"万": analysis.NoDimension, "": analysis.NoDimension, "方案": analysis.NoDimension,
	} {
		if got := analysis.DimensionOf(unit); got != want {
			t.Errorf("%q has dimension %d, want %d", unit, got, want)
		}
	}
}

// TestUnitAt: the unit behind 多少, multipliers passed over.
func TestUnitAt(t *testing.T) {
	for text, want := range map[string]string{
		"万亿元": "元 3", "亿吨": "吨 2", "万千瓦时": "千瓦时 4", "个百分点": "个百分点 4", "个": "个 1",
		"平方公里": "平方公里 4", "万": " 1", "绿色矿山": " 0", "方案": " 0", "": " 0",
	} {
		unit, n := analysis.UnitAt([]rune(text))
		if got := fmt.Sprintf("%s %d", unit, n); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

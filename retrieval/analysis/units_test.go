package analysis_test

import (
	"fmt"
	"testing"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// TestDimensions: a percentage point is no percentage, a rank no count.
func TestDimensions(t *testing.T) {
	for unit, want := range map[string]report.Dimension{
		"%": report.Percent, "个百分点": report.Points, "百分点": report.Points, "成": report.Percent,
		"元": report.Money, "美元": report.Money, "亩": report.Surface, "公顷": report.Surface,
		"公里": report.Length, "吨": report.Weight, "千瓦": report.Power, "千瓦时": report.Energy,
		"人": report.People, "人次": report.People, "户": report.Households, "家": report.Things, "座": report.Things,
		"年": report.Date, "天": report.Duration, "小时": report.Duration, "届": report.Ordinal,
		"万": report.NoDimension, "": report.NoDimension, "方案": report.NoDimension,
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

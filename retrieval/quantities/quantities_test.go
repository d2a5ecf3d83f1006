package quantities_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/quantities"
)

var roles = map[quantities.Role]string{quantities.Amount: "", quantities.Date: " date", quantities.Name: " name", quantities.Bare: " bare"}

// show writes a number as its value in base units, its unit, and what it is
// where it is no amount, then how it stands in the text with its qualifier.
func show(text string, n quantities.Number) string {
	said := text[n.Start:n.End]
	if n.Qualifier != "" {
		said += " | " + n.Qualifier
	}
	return fmt.Sprintf("%.6g %s%s [%s]", n.Number, n.Unit, roles[n.Role], said)
}

func TestScan(t *testing.T) {
	for text, want := range map[string]string{
		"突破2万亿元、增长6.3％": "2e+12 元 [2万亿元 | 突破], 6.3 % [6.3％]",
		"1.2万亿元":        "1.2e+12 元 [1.2万亿元]",
		"12000亿元":       "1.2e+12 元 [12000亿元]",
		"两万亿元":          "2e+12 元 [两万亿元]",
		"提高1.5个百分点":     "1.5 个百分点 [1.5个百分点]",
		"实施重大项目3,074个":  "3074 个 [3,074个]",
		"2400多万人":       "2.4e+07 人 [2400多万人 | 多]",
		"100余座":         "100 座 [100余座 | 余]",
		"22.4万人":        "224000 人 [22.4万人]",
		"新增装机4000万千瓦":   "4e+07 千瓦 [4000万千瓦]",
		"发电3千瓦时":        "3 千瓦时 [3千瓦时]",
		"3千公里":          "3000 公里 [3千公里]",
		"5千米":           "5 公里 [5千米]",
		"100万吨标准煤":      "1e+06 吨标准煤 [100万吨标准煤]",
		"30平方公里":        "30 平方公里 [30平方公里]",
		"压缩到15个工作日":     "15 个工作日 [15个工作日]",
		"2021年":         "2021 年 date [2021年]",
		"三百五十公里":        "350 公里 [三百五十公里]",
		"占地约两平方公里":      "2 平方公里 [两平方公里 | 约]",
		"提高两个多百分点":      "2 个百分点 [两个多百分点 | 多]",
		"最后一公里、三公里生活圈、两个专项": "",
		"迈上1200亿台阶":            "1.2e+11  [1200亿 | 迈上]",
		"压减一半":                 "0.5  [一半]",
		"实现翻番，翻一番，翻两番":         "1 番 [翻番], 1 番 [翻一番], 2 番 [翻两番]",
		"一老一小、三线一单":            "",
		"5G基站":                 "5  bare [5]",
		"12345热线":              "12345  name [12345]",
		"版本1.2.3":              "1.2  bare [1.2], 3  name [3]",
		"优化营商环境3.0方案":          "3 方 name [3.0方]",
		"6方面任务":                "6 方 name [6方]",
		"331国道":                "331 国 name [331国]",
		"居全国第3位":               "3 位 name [3位]",
		"1．双减政策":               "1  bare [1]",
		"增长14.4%、21.1%，达到161项": "14.4 % [14.4%], 21.1 % [21.1%], 161 项 [161项]",
		"增长5%左右":               "5 % [5% | 左右]",
		"保持在110万吨以上":           "1.1e+06 吨 [110万吨 | 保持在…以上]",
		"增长5%—5.5%":            "5 % [5%—5.5%]",
	} {
		var got []string
		for _, n := range quantities.Scan(text) {
			got = append(got, show(text, n))
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

// TestTheSameAmountIsTheSame: however an amount is written, it compares equal.
func TestTheSameAmountIsTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"1.2万亿元", "12000亿元", "１．２万亿元", "一点二万亿元"},
		{"3074个", "3,074个", "３０７４个", "三千零七十四个"},
		{"200万亩", "2百万亩", "两百万亩", "2000000亩"},
		{"6%", "百分之六", "百分之6", "６％"},
		{"12座", "１２座"},
	} {
		first := one(t, same[0])
		for _, other := range same[1:] {
			if n := one(t, other); !n.Same(first.Quantity) {
				t.Errorf("%s is %v %s, %s is %v %s", other, n.Number, n.Unit, same[0], first.Number, first.Unit)
			}
		}
	}
}

func one(t *testing.T, text string) quantities.Number {
	t.Helper()
	found := quantities.Find(text)
	if len(found) != 1 {
		t.Fatalf("%s has %d amounts", text, len(found))
	}
	return found[0]
}

// FuzzScan: numbers follow each other, and stand where they say.
func FuzzScan(f *testing.F) {
	for _, s := range []string{"", "突破2万亿元、增长6.3％左右", "百分之百分之百分之", "\xff\xe4\xb8", "十十十百千万零个", "三点点五点", "1.2.3%—4", "12. 5 %", "1/4/5", "－-5%--6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		at := 0
		for _, n := range quantities.Scan(text) {
			if n.Start < at || n.End <= n.Start || n.End > len(text) || text[n.Start:n.End] != n.Value {
				t.Errorf("%q: [%d,%d) behind %d is said to be %q", text, n.Start, n.End, at, n.Value)
			}
			if n.From > n.Start || n.To < n.End || n.To > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[n.From:n.To]) {
				t.Errorf("%q: %q with its qualifiers is [%d,%d)", text, n.Value, n.From, n.To)
			}
			at = n.End
		}
	})
}

package answers_test

import (
	"strings"
	"testing"

	"wenbao/answers"
	"wenbao/retrieval/report"
)

// TestFiguresAreSaidAsTheReportSaysThem: [ ] stands around the value in its
// paragraph.
func TestFiguresAreSaidAsTheReportSaysThem(t *testing.T) {
	for _, tt := range []struct{ text, verb, qualifier, measure, want string }{
		{"地区生产总值增长[5%]左右。", "增长", "左右", "growth", "增长5%左右"},
		{"居民消费价格下降[0.3%]，", "下降", "", "growth", "下降0.3%"},
		{"新建绿色矿山[100座]以上。", "新建", "以上", "count", "100座以上"},
		{"全区生产总值突破[2万亿元]、", "", "突破", "level", "突破2万亿元"},
		{"产量保持在[110万吨]以上。", "", "保持在…以上", "level", "保持在110万吨以上"},
		{"高新技术企业达到[1220家]。", "达到", "", "count", "达到1220家"},
		{"工业增加值力争增长[6%]。", "增长", "力争", "growth", "力争增长6%"},
		{"参保率提高到 [86％] 以上。", "提高到", "以上", "share", "提高到 86％ 以上"},
		{"投资、消费分别增长4%、[5%]左右。", "增长", "左右", "growth", "增长5%左右"},
		{"力争投资、消费分别增长4%、[5%]。", "增长", "力争", "growth", "力争增长5%"},
		{"淘汰水泥[100多万吨]。", "淘汰", "多", "level", "100多万吨"},
		{"利润降低企业用电成本[59亿元]。", "降低", "", "change", "降低59亿元"},
		{"新建绿色矿山[133座]。", "新建", "", "count", "133座"},
		{"力争达到[8%]。", "达到", "力争达到", "share", "力争达到8%"},
	} {
		left, rest, _ := strings.Cut(tt.text, "[")
		value, right, _ := strings.Cut(rest, "]")
		a := answers.Answer{
			Figure: &answers.Figure{
				FigureWire: report.FigureWire{Value: value, Verb: tt.verb, Qualifier: tt.qualifier, Measure: tt.measure},
				Citation:   &answers.FigureCitation{Report: "r", ParagraphID: "p", Start: len(left), End: len(left) + len(value)},
			},
			Excerpts: []answers.Excerpt{{Text: left + value + right, Citation: answers.Citation{Report: "r", ParagraphID: "p"}}},
		}
		if got := a.Said(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
	if said := (&answers.Answer{}).Said(); said != "" {
		t.Errorf("without a figure %q", said)
	}
	if said := (&answers.Answer{Figure: &answers.Figure{FigureWire: report.FigureWire{Value: "5%", Verb: "增长", Measure: "growth", Qualifier: "左右"}}}).Said(); said != "增长5%左右" {
		t.Errorf("without its paragraph %q", said)
	}
}

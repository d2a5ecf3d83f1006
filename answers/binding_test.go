package answers_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/answers"
	"wenbao/configs"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/indicators"
)

// TestTheHeadlineIsOfWhatIsAsked asks one report of 2024 and 2025: a figure
// leads where indicator, measure, time and kind are those of the question, and
// none leads where only words are shared.
func TestTheHeadlineIsOfWhatIsAsked(t *testing.T) {
	list, err := indicators.Decode(configs.Indicators)
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Reader{Indicators: list}.Load(fstest.MapFS{
		"a.txt": {Data: []byte(`2025年某市政府工作报告

一、2024年工作回顾

全市地区生产总值增长5.2%，一般公共预算收入完成8.6亿元、增长6.1%，其中税收收入增长3.4%。

工业投资、民间投资分别增长21.1%、14.4%。居民消费价格下降0.3%。

完成营造林594万亩、种草1667万亩、防沙治沙530万亩，建成口袋公园80个。

粮食产量达到1000万吨。

二、2025年工作安排

地区生产总值增长5%左右，城镇新增就业18万人以上，赤字率按3.8%安排、比去年预算高0.8个百分点。

建成口袋公园100个以上，力争绿色矿山达到100座。
`)},
		"a.yaml": {Data: []byte("figures:\n  - at: 达到1000万吨\n    indicator: 粮食总产量\n    period: \"2022\"\n")},
	}, nil)
	if err != nil || len(c.Problems) > 0 || len(c.Reports[0].Warnings) > 0 {
		t.Fatal(err, c.Problems, c.Reports[0].Warnings)
	}
	engine := wire(t, c, decodeLexicon(t)).engine
	for question, want := range map[string]string{
		"2024年GDP增长了多少":    "增长5.2%",
		"今年GDP增长目标是多少":     "增长5%左右",
		"2024年地区生产总值是多少":   "", // the report has its growth only
		"2024年财政收入增长多少":    "增长6.1%",
		"2024年税收收入增长多少":    "增长3.4%",
		"2024年非税收入增长多少":    "",
		"民间投资增长几个百分点":      "增长14.4%",
		"2024年固定资产投资增长多少":  "",
		"2024年居民消费价格涨了多少":  "下降0.3%",
		"2024年种草多少亩":       "1667万亩",
		"2024年建成口袋公园多少个":   "80个",
		"今年口袋公园建多少个":       "100个以上",
		"今年城镇新增就业目标是多少":    "18万人以上",
		"2024年城镇新增就业多少人":   "",
		"今年赤字率是多少":         "3.8%",
		"今年绿色矿山的目标":        "力争达到100座",
		"2022年粮食产量是多少":     "达到1000万吨", // as its sidecar says
		"2024年粮食产量是多少":     "",
		"2024年粮食播种面积是多少":   "",
		"2023年地区生产总值增长多少":  "",
		"2024年单位GDP能耗下降多少": "",
	} {
		a := ask(t, engine, answers.Request{Question: question})
		if got := a.Said(); got != want {
			var quotes []string
			for _, x := range a.Excerpts {
				quotes = append(quotes, x.Quote)
			}
			t.Errorf("%s: %q leads, want %q\n%s", question, got, want, strings.Join(quotes, "\n"))
		}
	}
}

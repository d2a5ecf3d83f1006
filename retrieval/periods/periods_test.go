package periods_test

import (
	"testing"

	"wenbao/retrieval/outline"
	"wenbao/retrieval/periods"
	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

func parse(text string, given report.Metadata) *report.Report {
	r := outline.Parse("t", text, given)
	periods.Mark(r)
	return r
}

func TestPeriods(t *testing.T) {
	text := `2026年某省政府工作报告
——2026年1月26日在某省第十四届人民代表大会第五次会议上
各位代表：
一、2025年和“十四五”时期工作回顾
过去一年，经济增长5％。
五年来，总量突破3万亿元。
2023年，建成第一条高铁。
粮食产量稳步提高。
刚刚过去的2025年，粮食丰收。
我们也清醒地看到，有效需求不足。
表示衷心的感谢！
二、“十五五”时期主要目标任务
年均增长5％。
到2035年，基本实现现代化。
三、2026年重点工作
今年增长5％左右。
去年投资下降，今年要追上来。
去年消费增长4％。
下岗职工已有安置。
（一）扩大内需
发放消费券。`
	want := map[string]string{
		"过去一年，经济增长5％。":     "2025 achieved",
		"五年来，总量突破3万亿元。":    "2021-2025 achieved",
		"2023年，建成第一条高铁。":   "2023 achieved",
		"粮食产量稳步提高。":        "2021-2025 achieved",
		"刚刚过去的2025年，粮食丰收。": "2025 achieved",
		"我们也清醒地看到，有效需求不足。": "2025 ",
		"表示衷心的感谢！":         "2025 ",
		"年均增长5％。":          "2026-2030 target",
		"到2035年，基本实现现代化。":  "2035 target",
		"今年增长5％左右。":        "2026 target",
		"去年投资下降，今年要追上来。":   "2026 target",
		"去年消费增长4％。":        "2025 achieved",
		"下岗职工已有安置。":        "2025 achieved",
		"发放消费券。":           "2026 target",
	}
	r := parse(text, report.Metadata{})
	reporttest.Check(t, r)
	for _, p := range r.Paragraphs {
		w, ok := want[p.Text]
		if !ok {
			continue
		}
		delete(want, p.Text)
		if got := p.Sentences[0].Period.String() + " " + p.Sentences[0].Kind.String(); got != w {
			t.Errorf("%s: %q, want %q", p.Text, got, w)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	for _, p := range parse("一、产品介绍\n今年的产品很好。\n二、使用方法\n请先开机。", report.Metadata{Year: 2022}).Paragraphs {
		if p.Sentences[0].Period.Known() || p.Sentences[0].Kind != report.Unknown {
			t.Errorf("no work report, but %q has %s %s", p.Text, p.Sentences[0].Period, p.Sentences[0].Kind)
		}
	}
}

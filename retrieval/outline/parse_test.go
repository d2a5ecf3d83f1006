package outline

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

func seedReport(t testing.TB) *report.Report {
	t.Helper()
	return Parse("nmg-2022", seedText(t), report.Metadata{})
}

func seedText(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPreamble(t *testing.T) {
	for _, test := range []struct {
		id, lines                               string
		title, region, date, speaker, furniture string
		year                                    int
	}{
		{"a", "2025年上海市政府工作报告\n----2025年1月15日龚正市长在上海市第十六届人民代表大会第三次会议的政府工作报告\n来源：解放日报\n各位代表：",
			"2025年上海市政府工作报告", "上海市", "2025-01-15", "龚正", "来源：解放日报", 2025},
		{"b", "政府工作报告\n——二〇二六年二月三日在上海市第十六届人民代表大会第四次会议上\n上海市市长 龚 正\n各位代表：",
			"2026年上海市政府工作报告", "上海市", "2026-02-03", "龚正", "", 2026},
		{"c", "您的位置:\n要闻\n2026年政府工作报告\n2026-02-03 09:02:33\n——2026年1月28日在云南省第十四届人民代表大会第四次会议上\n省长 王予波\n各位代表：",
			"2026年政府工作报告", "云南省", "2026-01-28", "王予波", "您的位置:|要闻|2026-02-03 09:02:33", 2026},
		{"prov2025/新疆", "2025年1月19日在新疆维吾尔自治区第十四届人民代表大会第三次会议上\n自治区主席 艾尔肯·吐尼亚孜\n各位代表：",
			"2025年新疆维吾尔自治区政府工作报告", "新疆维吾尔自治区", "2025-01-19", "艾尔肯·吐尼亚孜", "", 2025},
		{"d", "2025年江苏省政府工作报告\n2025年1月19日在江苏省第十四届人民代表大会第三次会议上省长许昆林作政府工作报告。\n各位代表：",
			"2025年江苏省政府工作报告", "江苏省", "2025-01-19", "许昆林", "", 2025},
		{"national/2019", "新华社北京3月16日电\n政府工作报告\n——2019年3月5日在第十三届全国人民代表大会第二次会议上\n国务院总理　李克强\n各位代表：",
			"2019年政府工作报告", "全国", "2019-03-05", "李克强", "新华社北京3月16日电", 2019},
		{"prov2026/广东省", "各位代表：\n现在，我代表省人民政府，向大会报告工作，请予审议。",
			"2026年广东省政府工作报告", "广东省", "", "", "", 2026},
		{"e", "各位代表：\n现在，我代表国务院，向大会报告工作，请予审议。",
			"2012年政府工作报告", "全国", "", "", "", 2012},
	} {
		body := "\n一、工作回顾\n过去一年，成绩很好。\n二、重点工作\n今年要更好。\n"
		if test.id == "e" {
			body = "\n一、2011年工作回顾\n过去一年，成绩很好。\n二、2012年主要任务\n今年要更好。\n"
		}
		r := Parse(test.id, test.lines+body, report.Metadata{})
		reporttest.Check(t, r)
		if r.Title != test.title || r.Region != test.region || r.DeliveredOn != test.date || r.Speaker != test.speaker || r.Year != test.year {
			t.Errorf("%s: title %q, region %q, date %q, speaker %q, year %d", test.id, r.Title, r.Region, r.DeliveredOn, r.Speaker, r.Year)
		}
		var furniture []string
		for _, p := range r.Paragraphs {
			if p.Role == report.Furniture {
				furniture = append(furniture, p.Text)
			}
		}
		if got := strings.Join(furniture, "|"); got != test.furniture {
			t.Errorf("%s: furniture %q", test.id, got)
		}
	}
}

// TestOutline shows each way of marking a report's parts; the outline is one
// line a section, indented by level.
func TestOutline(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"usual", `一、2021年工作回顾
过去一年很好。
（一）经济稳步增长。全年增长6％。
（二）民生持续改善。就业增长。
一年来，各方面都有进步。
二、今年主要任务
（一）着力扩大内需
大力促进消费。发放消费券，办好购物节。
积极扩大投资。抓好重大项目，做好前期工作。
（二）着力推动创新
加快科技攻关。建设一批平台，支持企业牵头。
各位代表！让我们团结奋斗！`, `
一、2021年工作回顾
  （一）经济稳步增长
  （二）民生持续改善
二、今年主要任务
  （一）着力扩大内需
    大力促进消费
    积极扩大投资
  （二）着力推动创新
    加快科技攻关`},
		{"half-width brackets, text on the line", `一、工作回顾
(一)经济回升。投资增长，消费回暖。
(二)改革深入。出台条例，破除壁垒。`, `
一、工作回顾
  (一)经济回升
  (二)改革深入`},
		{"unnumbered parts, 一、 inside", `“十四五”时期发展成就和2025年工作回顾
五年来成绩显著。
“十五五”时期主要目标和2026年重点工作
今年要开好局。
一、把铸牢共同体意识作为主线
这是主线。
（一）加强家园建设。广泛开展活动，讲好故事。
二、全力抓好重点工作
要抓落实。`, `
“十四五”时期发展成就和2025年工作回顾
“十五五”时期主要目标和2026年重点工作
  一、把铸牢共同体意识作为主线
    （一）加强家园建设
  二、全力抓好重点工作`},
		{"dashes, then items", `一、2024年工作回顾
过去一年，稳中有进。
——经济稳中向好。增长5％。
——创新动能增强。研发投入提高。
主要做了以下工作。
一是全力稳增长。出台政策，落实资金。
二是持续惠民生。办好实事，兜牢底线。`, `
一、2024年工作回顾
  ——经济稳中向好
  ——创新动能增强
  一是全力稳增长
  二是持续惠民生`},
		{"items heading several lines", `一、2014年工作回顾
我们做了以下工作。
一是实施定向调控，保持稳定增长。面对压力，坚持不搞强刺激。
有效实施财政政策。减税降费，盘活资金。
优化财政支出结构。加大民生投入，支持改革。
二是深化改革开放，激发活力。破除障碍。`, `
一、2014年工作回顾
  一是实施定向调控，保持稳定增长
    有效实施财政政策
    优化财政支出结构
  二是深化改革开放，激发活力`},
		{"这是…的五年。", `一、工作回顾
成绩来之不易。
这是经济实力持续提升的五年。
总量翻番，人均提高。
这是民生不断改善的五年。
就业稳定，收入增加。
二、工作安排
今年要努力。`, `
一、工作回顾
  这是经济实力持续提升的五年
  这是民生不断改善的五年
二、工作安排`},
		{"chapters", `第一章 总则
本章说明原则。
第一节 目的
本节说明目的。
第二章 分则
本章说明措施。`, `
第一章 总则
  第一节 目的
第二章 分则`},
		{"arabic numbers", `1. 总体情况
情况良好。
1.1 经济
经济稳定。
1.2 社会
社会和谐。
2. 下步打算
要继续努力。
（1）抓经济
要稳。
（2）抓社会
要安。`, `
1. 总体情况
  1.1 经济
  1.2 社会
2. 下步打算
  （1）抓经济
  （2）抓社会`},
		{"annex restarts numbering", `三、重点任务
今年要抓落实。
附件
2025年10件惠民实事
一、稳定和扩大就业
年度目标：新增就业50万人。
二、深化养老服务
年度目标：改造6000户。`, `
三、重点任务
附件
  2025年10件惠民实事
    一、稳定和扩大就业
    二、深化养老服务`},
		{"torn lines are no headings", `二、2026年工作安排
今年经济社会发展的
主要预期目标
是：增长5％左右，就业稳定。
2.5
微米颗粒物浓度下降。`, `
二、2026年工作安排`},
		{"enumerations are no headings", `一、工作回顾
一、二、三产业增加值分别增长4％、5％、6％。
2.5万户居民受益，3月1日起施行。`, `
一、工作回顾`},
		{"heading merged into the line before", `现在，我代表国务院，向大会报告工作，请予审议。　一、过去五年工作回顾
五年来，成绩显著。
二、今年工作建议
今年要努力。`, `
一、过去五年工作回顾
二、今年工作建议`},
		{"none", "只是一段话，没有标题。\n另一段话，也没有。", ""},
	} {
		r := Parse("t", test.text, report.Metadata{})
		reporttest.Check(t, r)
		var got strings.Builder
		for _, s := range r.Sections {
			got.WriteString("\n" + strings.Repeat("  ", s.Level-1) + s.Title)
		}
		if got.String() != test.want {
			t.Errorf("%s: got%s\nwant%s", test.name, got.String(), test.want)
		}
	}
}

func TestLeadsWithinParagraph(t *testing.T) {
	r := Parse("t", "一、2024年工作回顾\n一年来，总体平稳。一是经济回升。增长5％。二是动能壮大，产值提高；投资扩大。质量更好。", report.Metadata{})
	var got []string
	for _, s := range r.Paragraphs[1].Sentences {
		got = append(got, s.Lead)
	}
	if want := []string{"", "", "一是经济回升", "", "二是动能壮大"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParagraphIDs(t *testing.T) {
	before := Parse("t", "甲段。\n各位代表！\n乙段。\n各位代表！", report.Metadata{})
	after := Parse("t", "新的一段。\n甲段。\n\n　各位代表！\n乙段，改过。\n各位代表！\n", report.Metadata{})
	ids := func(r *report.Report) map[string]string {
		m := map[string]string{}
		for _, p := range r.Paragraphs {
			m[p.ID] = p.Text
		}
		return m
	}
	a, b := ids(before), ids(after)
	for id, text := range a {
		if text != "乙段。" && b[id] != text {
			t.Errorf("the id %s of %q did not survive edits elsewhere", id, text)
		}
	}
	if id := before.Paragraphs[3].ID; id != before.Paragraphs[1].ID+"-2" || len(before.Paragraphs[1].ID) != 10 {
		t.Errorf("recurring text: ids %s and %s", before.Paragraphs[1].ID, id)
	}
}

const smallReport = `2024年某省政府工作报告
各位代表：
一、2023年工作回顾
过去一年，经济增长5％，各项工作都取得新的成绩。
二、2024年主要任务
今年要着力扩大内需，推动高质量发展，保障和改善民生。
`

// TestRobustness parses the same report in the shapes it may come in: the
// paragraphs are always the same.
func TestRobustness(t *testing.T) {
	want := Parse("t", smallReport, report.Metadata{})
	for name, text := range map[string]string{
		"CRLF":               strings.ReplaceAll(smallReport, "\n", "\r\n"),
		"CR":                 strings.ReplaceAll(smallReport, "\n", "\r"),
		"mark":               "\uFEFF" + smallReport,
		"blank lines":        strings.ReplaceAll(smallReport, "\n", "\n\n \u3000\n"),
		"full-width spaces":  "\u3000\u3000" + strings.ReplaceAll(smallReport, "\n", "\u3000\n\u3000\u3000"),
		"no-break spaces":    strings.ReplaceAll(smallReport, "\n", "\u00a0\n\t"),
		"no end of the line": strings.TrimRight(smallReport, "\n"),
	} {
		r := Parse("t", text, report.Metadata{})
		reporttest.Check(t, r)
		if len(r.Paragraphs) != len(want.Paragraphs) || len(r.Sections) != len(want.Sections) || r.Year != 2024 {
			t.Errorf("%s: %d paragraphs, %d sections, year %d", name, len(r.Paragraphs), len(r.Sections), r.Year)
			continue
		}
		for i := range r.Paragraphs {
			if r.Paragraphs[i].Text != want.Paragraphs[i].Text || r.Paragraphs[i].ID != want.Paragraphs[i].ID {
				t.Errorf("%s: paragraph %d is %q", name, i+1, r.Paragraphs[i].Text)
			}
		}
	}
}

func TestUnbalancedQuotesAreReported(t *testing.T) {
	var text strings.Builder
	for i := range 12 {
		fmt.Fprintf(&text, "第%d段，“没有收尾的引号。后面还有一句。\n", i)
	}
	r := Parse("t", text.String(), report.Metadata{})
	reporttest.Check(t, r)
	if len(r.Paragraphs[0].Sentences) != 2 {
		t.Errorf("%d sentences", len(r.Paragraphs[0].Sentences))
	}
	if joined := strings.Join(r.Warnings, "\n"); !strings.Contains(joined, "unbalanced") || !strings.Contains(joined, "no headings") {
		t.Errorf("warnings: %s", joined)
	}
}

func BenchmarkParse(b *testing.B) {
	text := seedText(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Parse("nmg-2022", text, report.Metadata{})
	}
}

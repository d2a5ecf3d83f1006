package outline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

// entriesOf lists what was read as NAME：DEFINITION.
func entriesOf(r *report.Report) []string {
	var out []string
	for _, term := range r.Terms {
		out = append(out, term.Name+"："+term.Definition)
	}
	return out
}

// TestGlossaryForms reads glossaries that others wrote, in every form they come
// in.
func TestGlossaryForms(t *testing.T) {
	for _, g := range reporttest.ReadGlossaries(t, "testdata/glossaries.jsonl") {
		for _, d := range g.Documents {
			r := Parse(d.Name, d.Text, report.Metadata{})
			reporttest.Check(t, r)
			var want []string
			for _, term := range g.Terms {
				if term.Document == "" || term.Document == d.Name {
					want = append(want, term.Name+"："+term.Definition)
				}
			}
			if got := entriesOf(r); !slices.Equal(got, want) {
				t.Errorf("%s, %s:\ngot  %q\nwant %q", g.ID, d.Name, got, want)
			}
		}
	}
}

// settings write entry i (from 0) of a glossary, each in a form of its own.
var settings = map[string]func(i int, name, definition string) string{
	"［1］": func(i int, n, d string) string { return fmt.Sprintf("［%d］%s：%s", i+1, n, d) },
	"[1]": func(i int, n, d string) string { return fmt.Sprintf("[%d] %s:%s", i+1, n, d) },
	"〔1〕": func(i int, n, d string) string { return fmt.Sprintf("〔%d〕%s：%s", i+1, n, d) },
	"①":   func(i int, n, d string) string { return fmt.Sprintf("%c%s：%s", '①'+rune(i), n, d) },
	"⑴":   func(i int, n, d string) string { return fmt.Sprintf("%c%s：%s", '⑴'+rune(i), n, d) },
	"（1）": func(i int, n, d string) string { return fmt.Sprintf("（%d）%s：%s", i+1, n, d) },
	"1.":  func(i int, n, d string) string { return fmt.Sprintf("%d.%s：%s", i+1, n, d) },
	"1．":  func(i int, n, d string) string { return fmt.Sprintf("%d．%s：%s", i+1, n, d) },
	"1、":  func(i int, n, d string) string { return fmt.Sprintf("%d、%s：%s", i+1, n, d) },
	"注1":  func(i int, n, d string) string { return fmt.Sprintf("注%d：%s：%s", i+1, n, d) },

	"unnumbered": func(_ int, n, d string) string { return "　　" + n + "：" + d + "\n" },
	"bullets":    func(_ int, n, d string) string { return "●" + n + "：" + d },
	"是指":         func(_ int, n, d string) string { return n + "是指" + d },
	"指的是":        func(_ int, n, d string) string { return n + "指的是" + d },
	"，是指":        func(i int, n, d string) string { return fmt.Sprintf("%d.%s，是指%s", i+1, n, d) },
	"——":         func(_ int, n, d string) string { return n + "——" + d },
	"footnoted":  func(i int, n, d string) string { return fmt.Sprintf("%s［%d］：%s", n, i+1, d) },

	"1. on two lines":  func(i int, n, d string) string { return fmt.Sprintf("%d.%s\n%s", i+1, n, d) },
	"1.： on two lines": func(i int, n, d string) string { return fmt.Sprintf("%d.%s：\n%s", i+1, n, d) },
	"［1］ on two lines": func(i int, n, d string) string { return fmt.Sprintf("［%d］%s\n%s", i+1, n, d) },
	"① on two lines":   func(i int, n, d string) string { return fmt.Sprintf("%c%s\n　　%s", '①'+rune(i), n, d) },
	"（一） on two lines": func(i int, n, d string) string {
		return fmt.Sprintf("（%c）%s\n%s", []rune("一二三四五六七八九十")[i], n, d)
	},
	"unnumbered on two":    func(_ int, n, d string) string { return n + "\n" + d },
	"unnumbered： on two":   func(_ int, n, d string) string { return n + "：\n" + d },
	"【】 on two lines":      func(_ int, n, d string) string { return "【" + n + "】\n" + d },
	"bold on two lines":    func(_ int, n, d string) string { return "**" + n + "**\n" + d },
	"【】":                   func(_ int, n, d string) string { return "【" + n + "】" + d },
	"page numbers between": func(i int, n, d string) string { return fmt.Sprintf("%s：%s\n%d", n, d, i+7) },
}

// TestGlossarySettings writes each report's glossary anew in every form, under
// each of the headings, and reads the same entries from it.
func TestGlossarySettings(t *testing.T) {
	headings := []string{"名词解释", "注释", "注：", "附件 名词解释", "《政府工作报告》有关名词注释", "附件2\n名 词 解 释"}
	n := 0
	for _, g := range reporttest.ReadGlossaries(t, "testdata/glossaries.jsonl") {
		d := g.Documents[0]
		body, _, found := strings.Cut(d.Text, "新篇章而努力奋斗！")
		if !found {
			t.Fatalf("%s: no end of the report", d.Name)
		}
		for form, set := range settings {
			var want []string
			text := body + "新篇章而努力奋斗！\n" + headings[n%len(headings)] + "\n"
			for _, term := range g.Terms {
				if term.Document != "" && term.Document != d.Name {
					continue
				}
				definition := strings.ReplaceAll(term.Definition, "\n", "")
				definition = strings.TrimPrefix(strings.TrimPrefix(definition, "是指"), "指的是")
				text += set(len(want), term.Name, definition) + "\n"
				want = append(want, term.Name+"："+definition)
			}
			if form == "page numbers between" {
				text = strings.TrimRight(text, "0123456789\n") // none behind the last
			}
			got := entriesOf(Parse(d.Name, text, report.Metadata{}))
			for i := range got {
				got[i] = strings.NewReplacer("：是指", "：", "：指的是", "：").Replace(got[i])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s under %s, %s:\ngot  %q\nwant %q", form, headings[n%len(headings)], d.Name, got, want)
			}
		}
		n++
	}
}

// TestGlossaryOddities: forms that few glossaries have.
func TestGlossaryOddities(t *testing.T) {
	const body = "一、重点工作\n“四水同治”［1］扎实推进，建成口袋公园［2］26个，“朔事办”③上线，推行四办。\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"the term only in the report", "注释\n［1］指治理洪水、涵养清水。\n［2］口袋公园：小型公共空间。",
			[]string{"“四水同治”：指治理洪水、涵养清水。", "口袋公园：小型公共空间。"}},
		{"straight quotes", "注：\n1.\"四水同治\"：治理洪水、涵养清水。", []string{"\"四水同治\"：治理洪水、涵养清水。"}},
		{"the heading before the first entry", "注：“四水同治”是指治理洪水、涵养清水。\n口袋公园是指小型公共空间。",
			[]string{"“四水同治”：是指治理洪水、涵养清水。", "口袋公园：是指小型公共空间。"}},
		{"the heading before the first number", "注释：1.“四水同治”：治理洪水。\n2.口袋公园：小型公共空间。",
			[]string{"“四水同治”：治理洪水。", "口袋公园：小型公共空间。"}},
		{"classes", "名词解释\n一、综合类\n1.“四水同治”：治理洪水。\n二、民生类\n2.口袋公园：小型公共空间。",
			[]string{"“四水同治”：治理洪水。", "口袋公园：小型公共空间。"}},
		{"Chinese numbers", "名词解释\n一、“四水同治”：治理洪水。\n二、口袋公园：小型公共空间。",
			[]string{"“四水同治”：治理洪水。", "口袋公园：小型公共空间。"}},
		{"lists within", "名词解释\n1.“四水同治”：\n（1）治理洪水；\n（2）涵养清水。\n2.口袋公园：小型公共空间。",
			[]string{"“四水同治”：（1）治理洪水；\n（2）涵养清水。", "口袋公园：小型公共空间。"}},
		{"definitions without a stop", "名词解释\n四水同治\n治理洪水，涵养清水\n口袋公园\n小型公共空间，步行可达\n四办\n就近办、帮办、代办",
			[]string{"四水同治：治理洪水，涵养清水", "口袋公园：小型公共空间，步行可达", "四办：就近办、帮办、代办"}},
		{"a line that goes on with a part of the term", "名词解释\n“两屏四廊”\n生态空间的格局。\n“两屏”是指两座山。\n口袋公园\n小型公共空间。",
			[]string{"“两屏四廊”：生态空间的格局。\n“两屏”是指两座山。", "口袋公园：小型公共空间。"}},
		{"系 at the end of a term", "名词解释\n“1+N”产业体系指的是一个主业和若干副业。", []string{"“1+N”产业体系：指的是一个主业和若干副业。"}},
		{"what follows it", "名词解释\n“四水同治”：治理洪水、涵养清水。\n责任编辑：张三\n", []string{"“四水同治”：治理洪水、涵养清水。"}},
		{"notes that explain nothing", "注：\n本报告数据为初步统计数。", nil},
		{"a note in the middle", "注：\n本报告数据为初步统计数。\n二、任务\n1.稳增长：要发力。\n2.促改革：要深入。", nil},
	} {
		r := Parse("t", body+test.text, report.Metadata{})
		reporttest.Check(t, r)
		if got := entriesOf(r); !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

// TestRegionOfCityNamedForAPrefecture: the 州 in the name of a city does not end
// it.
func TestRegionOfCityNamedForAPrefecture(t *testing.T) {
	for text, want := range map[string]string{"岚州市第九届": "岚州市", "广州市天河区": "广州市", "朔岭州": "朔岭州", "青岚县": "青岚县", "全市": ""} {
		if got := regionFrom(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestUnfriendlyGlossaries: whatever stands in them, glossaries are read in a
// time that grows with their length.
func TestUnfriendlyGlossaries(t *testing.T) {
	const n = 20000
	for name, text := range map[string]string{
		"headings":          strings.Repeat("注释\n", n),
		"labels":            strings.Repeat("注：\n", n),
		"names":             "名词解释\n" + strings.Repeat("“甲”\n", n),
		"entries":           "一、任务\n要抓。\n名词解释\n" + strings.Repeat("要做的工作：乙。\n", n),
		"numbers":           "名词解释\n" + strings.Repeat("［1］甲\n", n),
		"notes":             strings.Repeat("“甲”［1］。", n) + "\n注释\n" + strings.Repeat("［1］指乙。\n", n),
		"no stop":           "名词解释\n1.甲：乙\n" + strings.Repeat("又一行\n", n),
		"classes":           "名词解释\n" + strings.Repeat("一、类\n1.“甲”：乙。\n", n),
		"brackets":          "名词解释\n" + strings.Repeat("【甲", n),
		"straight quotes":   "名词解释\n1." + strings.Repeat(`"甲"`, n) + "：乙。",
		"announced on line": strings.Repeat("注：“甲”是指乙。\n", n),
	} {
		began := time.Now()
		reporttest.Check(t, Parse(name, text, report.Metadata{}))
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzGlossary(f *testing.F) {
	f.Add("［1］“甲”\n一种。\n②乙：一种。\n")
	f.Add("注1：甲：乙。\n【丙】\n一、类\n1.“丁”是指戊。\n")
	f.Add("注：“甲”——乙，\n7\n**丙**\n丁、戊\n")
	f.Fuzz(func(t *testing.T, text string) {
		reporttest.Check(t, Parse("t", "一、任务\n要抓好“甲”［1］。\n名词解释\n"+text, report.Metadata{}))
	})
}

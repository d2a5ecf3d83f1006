package report_test

import (
	"slices"
	"testing"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

func TestSentences(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"three ends", "一句。两句！三句？", []string{"一句。", "两句！", "三句？"}},
		{"no end", "没有句号的一行", []string{"没有句号的一行"}},
		{"not at other punctuation", "目标是：增长6％；就业，稳定—好。", []string{"目标是：增长6％；就业，稳定—好。"}},
		{"quotation", "他说“先干。再说！”然后走了。第二句。", []string{"他说“先干。再说！”然后走了。", "第二句。"}},
		{"brackets", "见附件（含两项。第二项！）为准。《甲。乙》是书。", []string{"见附件（含两项。第二项！）为准。", "《甲。乙》是书。"}},
		{"corner quotes", "他說「好。」就走了。", []string{"他說「好。」就走了。"}},
		{"nested", "“甲（乙。丙）丁。”戊。己。", []string{"“甲（乙。丙）丁。”戊。", "己。"}},
		{"opener never closed", "他说“先干。再说。", []string{"他说“先干。", "再说。"}},
		{"closer without opener", "先干。”再说。", []string{"先干。”", "再说。"}},
		{"unclosed inside closed", "“甲（乙。丙”丁。戊。", []string{"“甲（乙。丙”丁。", "戊。"}},
		{"runs of ends", "真的吗？！好。。。", []string{"真的吗？！", "好。。。"}},
		{"half-width", "各位代表!大道至简,实干为要。", []string{"各位代表!", "大道至简,实干为要。"}},
		{"addresses", "见https://a.cn/?q=1!x，谢谢。", []string{"见https://a.cn/?q=1!x，谢谢。"}},
		{"decimals", "增长6.3%。第二", []string{"增长6.3%。", "第二"}},
		{"white space between", "一句。　 两句。", []string{"一句。", "两句。"}},
	} {
		var got []string
		sentences := report.Sentences(test.text)
		reporttest.CheckTiles(t, test.text, sentences)
		for _, s := range sentences {
			got = append(got, test.text[s.Start:s.End])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSoftParts(t *testing.T) {
	text := "前一句。甲增长；乙（丙；丁）下降；“戊；己”持平。"
	sentences := report.Sentences(text)
	var got []string
	for _, s := range report.SoftParts(text, sentences[1]) {
		got = append(got, text[s.Start:s.End])
	}
	want := []string{"甲增长；", "乙（丙；丁）下降；", "“戊；己”持平。"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{"一句。“两。句”！", "（（。））", "”。“", "a.b?c! d", "\xff。\xe3\x80", "；；；", "　。　"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sentences := report.Sentences(text)
		reporttest.CheckTiles(t, text, sentences)
		for _, s := range sentences {
			at := s.Start
			for _, part := range report.SoftParts(text, s) {
				if part.Start < at || part.End > s.End || part.Start >= part.End {
					t.Fatalf("part %+v of sentence %+v of %q", part, s, text)
				}
				at = part.End
			}
			if at == s.Start {
				t.Fatalf("no part of %+v in %q", s, text)
			}
		}
	})
}

func TestClauses(t *testing.T) {
	for text, want := range map[string][]string{
		"增长6.3%，投资增长9.8%；就业稳定。": {"增长6.3%，", "投资增长9.8%；", "就业稳定。"},
		"惠及1,206户,比例为1：3：都好":    {"惠及1,206户,", "比例为1：3：", "都好"},
		"“一老、一小，都好”工程，“未完，还有":   {"“一老、一小，都好”工程，", "“未完，", "还有"},
		"新建（含改建，扩建）3座，完工":       {"新建（含改建，", "扩建）3座，", "完工"},
		"目标——增长5%":              {"目标——", "增长5%"},
		"":                      {""},
	} {
		var got []string
		for _, c := range report.Clauses(text, report.Span{End: len(text)}) {
			got = append(got, text[c.Start:c.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestPeriodsReadBack: what String writes, ParsePeriod reads.
func TestPeriodsReadBack(t *testing.T) {
	for p, want := range map[report.Period]string{
		{}: "", report.Year(2021): "2021", report.Years(2021, 2025): "2021-2025", report.Since(2015): "2015-",
		report.Months(2024, 1, 3): "2024-Q1", report.Months(2024, 5, 5): "2024-05", report.Months(2024, 1, 11): "2024-01/11", report.Months(2024, 1, 12): "2024",
	} {
		if got := p.String(); got != want {
			t.Errorf("%+v is %q, want %q", p, got, want)
		}
		if back, ok := report.ParsePeriod(want); !ok || back != p {
			t.Errorf("%q is read as %+v, want %+v", want, back, p)
		}
	}
	for _, bad := range []string{"21", "2021-2020", "2021-13", "2024-01/12", "2024-Q5", "2024-1", "某年"} {
		if p, ok := report.ParsePeriod(bad); ok {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
	if p := report.Since(2015); !p.Holds(2030) || p.Holds(2014) || (report.Period{}).Holds(0) {
		t.Error("an open period holds the wrong years")
	}
}

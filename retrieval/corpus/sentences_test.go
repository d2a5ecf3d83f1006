package corpus

import (
	"slices"
	"testing"
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
		sentences := cutSentences(test.text)
		checkTiles(t, test.text, sentences)
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
	sentences := cutSentences(text)
	var got []string
	for _, s := range SoftParts(text, sentences[1]) {
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
		sentences := cutSentences(text)
		checkTiles(t, text, sentences)
		for _, s := range sentences {
			at := s.Start
			for _, part := range SoftParts(text, s) {
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

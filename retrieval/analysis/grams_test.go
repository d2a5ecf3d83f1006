package analysis_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/analysis"
)

// grams lists the bigrams and words of a text.
func grams(text string) string {
	var out []string
	rs := analysis.Fold(text).Runes
	analysis.Grams(rs, func(g analysis.Gram, start, end int) {
		switch {
		case g.IsBigram():
			out = append(out, string([]rune{rs[start], rs[end-1]}))
			if g != analysis.Bigram(rs[start], rs[end-1]) {
				out = append(out, "(of other characters)")
			}
		case g.IsWord():
			out = append(out, string(rs[start:end]))
			if g != analysis.Word(rs[start:end]) {
				out = append(out, "(of another word)")
			}
		}
	})
	return strings.Join(out, " ")
}

func TestGrams(t *testing.T) {
	for text, want := range map[string]string{
		"绿色矿山":           "绿色 色矿 矿山",
		"“双减”政策":         "双减 减政 政策",
		"蒙速办·四办":         "蒙速 速办 办四 四办",
		"新 建 矿 山":        "新建 建矿 矿山",
		"奶业、种业":          "奶业 种业",
		"增长，投资":          "增长 投资",
		"矿":              "",
		"3.0方案":          "3.0 方案",
		"5G＋工业":          "5g 工业",
		"GDP增长21.1％":     "gdp 增长 21.1",
		"第3。4条":          "3 4",
		"Inner Mongolia": "inner mongolia",
		"":               "",
	} {
		if diff := cmp.Diff(want, grams(text)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

// TestKindsOfGrams: a gram is exactly one of unigram, bigram and word.
func TestKindsOfGrams(t *testing.T) {
	rs := analysis.Fold("内蒙古GDP增长6.3%，ok").Runes
	unigrams := 0
	analysis.Grams(rs, func(g analysis.Gram, start, end int) {
		n := 0
		for _, is := range []bool{g.IsUnigram(), g.IsBigram(), g.IsWord()} {
			if is {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is of %d kinds", string(rs[start:end]), n)
		}
		if g.IsUnigram() {
			unigrams++
			if g != analysis.Unigram(rs[start]) {
				t.Errorf("the gram of %c is another's", rs[start])
			}
		}
	})
	if unigrams != 5 {
		t.Errorf("%d characters, want 5", unigrams)
	}
	if analysis.Bigram('矿', '山') == analysis.Bigram('山', '矿') || analysis.Word([]rune("ab")) == analysis.Word([]rune("ba")) {
		t.Error("order says nothing")
	}
}

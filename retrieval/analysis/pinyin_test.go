package analysis_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wenbao/retrieval/analysis"
)

// TestParsePinyin gives the characters that a word may be read as; "" where
// it is no Pinyin.
func TestParsePinyin(t *testing.T) {
	for word, want := range map[string]string{
		"gaokao":     "高考",
		"neimenggu":  "内蒙古",
		"shuangjian": "双减",
		"nian":       "年",
		"xian":       "先",  // one syllable rather than xi an
		"fangan":     "方案", // of two ways in two the longer first
		"lv":         "绿",
		"a":          "啊",
		"hello":      "",
		"python":     "",
		"grow":       "",
		"gdp":        "",
		"ng":         "",
		"n":          "",
		"":           "",
	} {
		got := analysis.ParsePinyin(word)
		chars := []rune(want)
		if len(got) != len(chars) {
			t.Errorf("%q has %d syllables, want those of %s", word, len(got), want)
			continue
		}
		for i, s := range got {
			if !contains(analysis.Readings(chars[i]), s) {
				t.Errorf("%q: syllable %d is not %c", word, i+1, chars[i])
			}
		}
	}
	if got := analysis.ParsePinyin(strings.Repeat("gao", 50)); got != nil {
		t.Errorf("a word of 150 letters has %d syllables", len(got))
	}
}

func contains(all []analysis.Syllable, s analysis.Syllable) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// TestPinyinTakesTheFewestSyllables: whatever syllables a word is put together
// from, it is not cut into more.
func TestPinyinTakesTheFewestSyllables(t *testing.T) {
	syllables := strings.Fields("gao kao nei meng gu xi an fang shuang jian e er a ai zhuang lv men ge")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(syllables), 1, 6).Draw(t, "syllables")
		got := analysis.ParsePinyin(strings.Join(parts, ""))
		if len(got) == 0 || len(got) > len(parts) {
			t.Errorf("%v: %d syllables", parts, len(got))
		}
	})
}

func TestReadings(t *testing.T) {
	if n := len(analysis.Readings('长')); n < 2 {
		t.Errorf("长 has %d readings", n)
	}
	if analysis.Readings('A') != nil || analysis.Readings('。') != nil || analysis.Readings(0x20000) != nil {
		t.Error("what is not a common character has a reading")
	}
	if len(analysis.Readings('一')) == 0 || len(analysis.Readings(0x9fa5)) == 0 {
		t.Error("the first or the last character has no reading")
	}
}

func TestSoundsLike(t *testing.T) {
	for _, pair := range []string{"急集", "弟地", "更耕", "亮量"} {
		rs := []rune(pair)
		if !analysis.SoundsLike(rs[0], rs[1]) {
			t.Errorf("%c does not sound like %c", rs[0], rs[1])
		}
	}
	for _, pair := range []string{"凭赁", "山水", "a阿", "阿a", "。。"} {
		rs := []rune(pair)
		if analysis.SoundsLike(rs[0], rs[1]) {
			t.Errorf("%c sounds like %c", rs[0], rs[1])
		}
	}
}

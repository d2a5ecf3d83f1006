package question_test

import (
	"testing"

	"wenbao/retrieval/question"
)

func TestNormal(t *testing.T) {
	alike := [][]string{
		{"ＧＤＰ多少？", "gdp 多少", "GDP多少?!", "请问GDP多少", "请问一下，GDP 多少啊"},
		{"“两率先”是什么意思？", "两率先是什么意思", "「兩率先」是什麼意思"},
		{"2021年增长6.3％吗", "2021 年增长 6.3% 吗？"},
		{"How many new mines?", "how  many new mines", "HOW MANY NEW MINES"},
	}
	for _, group := range alike {
		for _, q := range group[1:] {
			if a, b := question.Normal(group[0]), question.Normal(q); a != b {
				t.Errorf("%q and %q differ: %q, %q", group[0], q, a, b)
			}
		}
	}
	different := []string{"2021年多少座", "2022年多少座", "21年多少座", "没有完成多少座", "完成多少座", "增长6.3%", "增长63%", "增长6.3个", "增长6 3个",
		"多少亩", "多少公顷", "包头多少", "那包头呢", "包头呢", "包头", "new mines", "newmines", "1.5", "15", "1 5", "不增长", "增长", "请问", "查一下", "A和B", "A或B"}
	seen := map[string]string{}
	for _, q := range different {
		n := question.Normal(q)
		if other, twice := seen[n]; twice {
			t.Errorf("%q and %q are both %q", q, other, n)
		}
		seen[n] = q
	}
}

// Normal is idempotent and never empties a question.
func FuzzNormal(f *testing.F) {
	for _, q := range []string{"请问GDP多少？", "“”", "。。。", "请问请问请问一下吗", "\xff", ""} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		n := question.Normal(q)
		if again := question.Normal(n); again != n {
			t.Errorf("%q became %q, then %q", q, n, again)
		}
	})
}

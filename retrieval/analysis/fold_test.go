package analysis_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wenbao/retrieval/analysis"
)

// TestFold gives what a text is folded to, and what of it, after =, the part
// before = stands for in the source.
func TestFold(t *testing.T) {
	for _, test := range []struct {
		name, source, folded string
		stands               []string
	}{
		{"width and case", "ＧＤＰ　增长６．３％", "gdp 增长6.3%", []string{"gdp=ＧＤＰ", "6.3%=６．３％", " =　"}},
		{"traditional characters", "內蒙古風電項目獲批", "内蒙古风电项目获批", []string{"内蒙古=內蒙古", "风电=風電"}},
		{"no-break space and mark", "一\u00a0二\ufeff三", "一 二 三", nil},
		{"one character for several", "①面积㎡（㈠）", "1面积m2((一))", []string{"1=①", "m2=㎡", "m=㎡", "2=㎡", "(一)=㈠"}},
		{"radicals and compatibility characters of PDF files", "⼀、⼤⼒發展更\uf979", "一、大力发展更凉", []string{"大力=⼤⼒"}},
		{"invalid bytes", "增\xff长", "增\ufffd长", []string{"\ufffd=\xff", "长=长"}},

		{"year", "到二〇二一年底", "到2021年底", []string{"2021=二〇二一", "2021年=二〇二一年", "0=二〇二一"}},
		{"year with 零", "二零三五年", "2035年", []string{"2035=二零三五"}},
		{"year with a circle", "二○一九年", "2019年", []string{"2019=二○一九"}},
		{"year of the last century", "一九七八年", "1978年", nil},
		{"what is no year", "五六七八年", "五六七八年", nil},

		{"share", "增长百分之六以上", "增长6%以上", []string{"6%=百分之六", "%=百分之六"}},
		{"share with a decimal", "百分之三点五", "3.5%", []string{"3.5%=百分之三点五"}},
		{"share below one", "百分之零点八", "0.8%", nil},
		{"share in digits", "百分之６.3", "6.3%", []string{"6.3%=百分之６.3"}},
		{"share of two digits", "百分之三十六点九", "36.9%", nil},
		{"the whole", "覆盖率百分之百", "覆盖率100%", []string{"100%=百分之百"}},
		{"share asked for", "百分之几、百分之多少", "百分之几、百分之多少", nil},
		{"share cut off", "百分之", "百分之", nil},

		{"two trillion", "突破两万亿元", "突破2万亿元", []string{"2=两", "2万亿=两万亿"}},
		{"ten", "十万亩", "10万亩", nil},
		{"hundreds", "三百五十公里", "350公里", []string{"350=三百五十", "5=三百五十", "公里=公里"}},
		{"zero within", "一千零五座", "1005座", nil},
		{"decimal before a unit", "下降三点五个百分点", "下降3.5个百分点", nil},
		{"before 万", "九百六十万平方公里", "960万平方公里", nil},
		{"tens of", "投入几十亿元、惠及数十万人", "投入几十亿元、惠及数十万人", nil},
		{"a run of digits is not a number", "二〇二〇届、一零五家", "二零二零届、一零五家", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := analysis.Fold(test.source)
			if f.String() != test.folded {
				t.Fatalf("%q folds to %q, want %q", test.source, f.String(), test.folded)
			}
			if s := analysis.FoldString(test.source); s != test.folded {
				t.Errorf("FoldString gives %q", s)
			}
			for _, stand := range test.stands {
				part, want, _ := strings.Cut(stand, "=")
				at := strings.Index(test.folded, part)
				if at < 0 {
					t.Fatalf("%q is not in %q", part, test.folded)
				}
				from := utf8.RuneCountInString(test.folded[:at])
				start, end := f.Source(from, from+utf8.RuneCountInString(part))
				if got := test.source[start:end]; got != want {
					t.Errorf("%q stands for %q, want %q", part, got, want)
				}
			}
		})
	}
}

// TestCoinedTermsStayAsTheyAre: what begins with a numeral is often a name.
func TestCoinedTermsStayAsTheyAre(t *testing.T) {
	for _, term := range []string{
		"三线一单", "十四五", "四办", "一老一小", "两率先", "双一流", "三区三线", "四水四定", "三个离不开",
		"十大行动", "二十大", "十八连丰", "第十五届", "第二十条", "一网通办", "一湖两海", "五位一体",
		"三年行动", "百年变局", "千兆城市", "百亿级", "万企兴万村", "两个一百年", "二三十个", "三五年",
	} {
		if got := analysis.FoldString(term); got != term {
			t.Errorf("%s folds to %s", term, got)
		}
	}
}

func TestIsTraditional(t *testing.T) {
	for text, want := range map[string]bool{"內蒙古": true, "請問": true, "内蒙古": false, "GDP": false, "": false} {
		if got := analysis.IsTraditional(text); got != want {
			t.Errorf("IsTraditional(%q) = %v", text, got)
		}
	}
}

// TestJoin: positions in the joint text are those of both sources with a space
// between them.
func TestJoin(t *testing.T) {
	a, b := "增长百分之六", "二〇二一年呢"
	joint := analysis.Join(analysis.Fold(a), len(a), analysis.Fold(b))
	if got, want := joint.String(), "增长6% 2021年呢"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	both := a + " " + b
	for part, want := range map[string]string{"6%": "百分之六", " ": " ", "2021年": "二〇二一年", "呢": "呢"} {
		from := utf8.RuneCountInString(joint.String()[:strings.Index(joint.String(), part)])
		start, end := joint.Source(from, from+utf8.RuneCountInString(part))
		if got := both[start:end]; got != want {
			t.Errorf("%q stands for %q, want %q", part, got, want)
		}
	}
}

// checkFolded holds a folding to its contract: the folded runes stand for
// characters of the source in order, and leave none out.
func checkFolded(t interface {
	Helper()
	Errorf(string, ...any)
}, s string) {
	t.Helper()
	f := analysis.Fold(s)
	boundary := map[int]bool{len(s): true}
	for i := range s {
		boundary[i] = true
	}
	start, end := 0, 0
	for i := range f.Runes {
		from, to := f.Source(i, i+1)
		switch {
		case from >= to || to > len(s):
			t.Errorf("%q: rune %d stands for [%d,%d)", s, i, from, to)
			return
		case !boundary[from] || !boundary[to]:
			t.Errorf("%q: [%d,%d) cuts a character", s, from, to)
		case from < start || to < end:
			t.Errorf("%q: [%d,%d) comes after [%d,%d)", s, from, to, start, end)
		case from > end:
			t.Errorf("%q: nothing stands for [%d,%d)", s, end, from)
		}
		start, end = from, to
	}
	if end != len(s) {
		t.Errorf("%q: nothing stands for what is behind %d", s, end)
	}
	if !utf8.ValidString(f.String()) {
		t.Errorf("%q folds to invalid UTF-8", s)
	}
	checkIndex(t, s, f)
}

// checkIndex: Index is the inverse of Source.
func checkIndex(t interface {
	Helper()
	Errorf(string, ...any)
}, s string, f analysis.Folded) {
	t.Helper()
	want := 0
	for at := 0; at <= len(s); at++ {
		for want < len(f.Runes) {
			if _, end := f.Source(want, want+1); end > at {
				break
			}
			want++
		}
		if got := f.Index(at); got != want {
			t.Errorf("%q: Index(%d) = %d, want %d", s, at, got, want)
			return
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "二〇二一年增长百分之六点三", "①㎡㈠ﬁ", "內蒙古ＧＤＰ两万亿", "百分之", "百分之百分之百", "\xff\xe4\xb8", "十十十百千万零个", "三点点五点", "2021年第三季度1.2.3%", "⼀○\uf979"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		checkFolded(t, s)
		rs := analysis.Fold(s).Runes
		last := 0
		analysis.Grams(rs, func(_ analysis.Gram, start, end int) {
			if start < 0 || start >= end || end > len(rs) || end < last {
				t.Errorf("%q: gram [%d,%d) behind %d of %d", s, start, end, last, len(rs))
			}
			last = end
		})
	})
}

// TestFoldKeepsOffsets is FuzzFold on texts that are full of numerals.
func TestFoldKeepsOffsets(t *testing.T) {
	piece := rapid.SampledFrom([]string{"二〇二一年", "百分之", "三", "十", "百", "万", "亿", "点", "零", "两", "年", "个百分点", "元", "第", "6", "．", "３", "①", "㎡", "風", "增长", "“", " ", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		checkFolded(t, strings.Join(rapid.SliceOfN(piece, 0, 14).Draw(t, "text"), ""))
	})
}

// TestWidthSaysNothing: a text means the same in full width.
func TestWidthSaysNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("abcXYZ0189.,%()?!:;+-/ "))).Draw(t, "text")
		wide := strings.Map(func(r rune) rune {
			if r == ' ' {
				return '\u3000'
			}
			return r + 0xfee0
		}, s)
		if diff := cmp.Diff(analysis.FoldString(s), analysis.FoldString(wide)); diff != "" {
			t.Errorf("(-narrow +wide)\n%s", diff)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	s := strings.Repeat("全区地区生产总值突破两万亿元、增长６．３％，二〇二一年新建绿色矿山133座，比重提高百分之三点五。", 20)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		analysis.Fold(s)
	}
}

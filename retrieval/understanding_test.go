package retrieval_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
	"wenbao/seeds"
)

// TestMend gives what a misspelt question is taken for; "" where it stays as
// it is.
func TestMend(t *testing.T) {
	e := engine(t, threeReports(t))
	g, release, err := e.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for text, want := range map[string]string{
		// One character of the same sound, or one that alone fits.
		"新建绿色矿衫多少座":   "新建绿色矿山多少座",
		"保障性租凭住房建多少套": "保障性租赁住房建多少套",
		// Pinyin of what the reports say.
		"gaokao综合改革什么时候启动": "高考综合改革什么时候启动",
		"新建lvse矿山多少座":      "新建绿色矿山多少座",
		// What the reports or the lexicon know stays, and what nothing fits.
		"新建绿色矿山多少座": "",
		"环保矿有几座":    "",
		// What people say and no report has is no mistake: the right sound
		// beside grammar or beside a whole word shows nothing.
		"电费比人家贵":             "",
		"自家种的果子":             "",
		"这几年工资涨不涨":           "",
		"拆迁后啥时候能搬回去住":        "",
		"women in work":      "",
		"看病贵怎么办":             "",
		"GDP增长多少":            "",
		"魑魅魍魉":               "",
		"what is the target": "",
		"今年多少":               "",
		"":                   "",
		"？！":                 "",
	} {
		mended, changed := e.Mend(g, text)
		if !changed {
			if mended != text {
				t.Errorf("%q became %q and is said to be unchanged", text, mended)
			}
			mended = ""
		}
		if mended != want {
			t.Errorf("%q is taken for %q, want %q", text, mended, want)
		}
	}
}

func FuzzMend(f *testing.F) {
	e := engine(f, threeReports(f))
	g, release, err := e.Acquire()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(release)
	for _, s := range []string{"黑土弟保护性更作", "gaokao综合改革", "lvse", "绿 色“矿”衫", "百分之六点五①", "\xff矿衫", "xi'an kuangshan", "二〇二一年gaokao"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 512 {
			return
		}
		mended, changed := e.Mend(g, text)
		switch {
		case !changed && mended != text:
			t.Errorf("%q became %q unnoticed", text, mended)
		case changed && mended == text:
			t.Errorf("%q did not change", text)
		case utf8.ValidString(text) && !utf8.ValidString(mended):
			t.Errorf("%q became invalid", text)
		}
	})
}

// TestTerms: a glossary entry is found by its parts, with and without quotes.
func TestTerms(t *testing.T) {
	g := generation(t, threeReports(t))
	defer func() { _ = g.Release() }()
	for name, want := range map[string]string{
		"三线一单": "“三线一单”", "“三线一单”": "“三线一单”", "三綫一單": "“三线一单”", "双减": "“双减”政策", "双减政策": "“双减”政策", "双减 政策": "“双减”政策",
		"双增": "", "": "",
	} {
		got := ""
		if refs := g.Terms(name); len(refs) > 0 {
			got = g.Corpus.Reports[refs[0].Report].Terms[refs[0].Term].Name
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestTermIsFoundWhereItIsAskedFor: the entry answers a question for meaning,
// the report's own sentence one for a figure.
func TestTermIsFoundWhereItIsAskedFor(t *testing.T) {
	e := engine(t, threeReports(t))
	for text, want := range map[string]bool{
		"三线一单是什么意思": true, "什么叫双减": true, "三线一单指哪几样": true,
		"三线一单分区管控新建多少座绿色矿山": false,
	} {
		res := search(t, e, text, retrieval.Query{})
		if len(res.Hits) == 0 {
			t.Errorf("%s: nothing found", text)
			continue
		}
		h := &res.Hits[0]
		if got := h.Term && res.Report(h).Paragraphs[h.Paragraph].Role == report.Glossary; got != want {
			_, s := best(res)
			t.Errorf("%s: the first is %s", text, s)
		}
		if len(res.Terms) != 1 {
			t.Errorf("%s names %d terms", text, len(res.Terms))
		}
	}
}

// TestEntities: what a follow-up can exchange is known by its class.
func TestEntities(t *testing.T) {
	g := generation(t, threeReports(t))
	defer func() { _ = g.Release() }()
	text := analysis.Fold("包头的绿色矿山、三线一单和内蒙古种草").Runes
	var got []string
	at := 0
	for _, x := range g.Entities(text) {
		if x.Start < at {
			t.Errorf("%v overlaps the one before it", x)
		}
		at = x.End
		got = append(got, fmt.Sprintf("%s=%s", string(text[x.Start:x.End]), x.Class))
	}
	want := []string{"包头=place", "绿色矿山=nature", "三线一单=term", "内蒙古=place", "种草=nature"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNearNeighbours: of two sentences that say nearly the same, what was done
// and what is planned are told apart.
func TestNearNeighbours(t *testing.T) {
	e := engine(t, loadReport(t, nmg2022))
	for text, want := range map[string]string{
		"去年新建绿色矿山多少座":      "133座",
		"新建了多少座绿色矿山":       "133座",
		"2021年建成绿色矿山多少座":   "133座",
		"今年新建绿色矿山多少座":      "100座以上",
		"绿色矿山计划新建几座":       "100座以上",
		"2022年绿色矿山的目标是多少座": "100座以上",
		"去年地区生产总值增长多少":     "6.3％",
		"今年地区生产总值增长目标":     "6％左右",
	} {
		if _, got := best(search(t, e, text, retrieval.Query{})); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestAnotherWord: what people say finds what reports say.
func TestAnotherWord(t *testing.T) {
	e := engine(t, loadReport(t, nmg2022))
	for text, want := range map[string]string{
		"去年环保矿建了几座":                                 "133座",
		"看病太贵了怎么办":                                  "群众就医负担",
		"how many green mines were built last year": "133座",
	} {
		res := search(t, e, text, retrieval.Query{})
		if _, got := best(res); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func loadReport(t testing.TB, text string) *corpus.Corpus {
	t.Helper()
	fsys := fstest.MapFS{}
	document(fsys, "report", text, about("内蒙古自治区", "2022"))
	return loadFS(t, fsys)
}

// TestQuantityAskedFor: a hit knows whether its best sentence holds a quantity
// of the kind asked for, and whether it stands beside what it is of.
func TestQuantityAskedFor(t *testing.T) {
	e := engine(t, loadReport(t, `一、2021年工作回顾
完成种草1667万亩，新建绿色矿山133座。
加强矿山修复，绿色矿山建设取得成效。
民间投资增长14.4％。
`))
	for text, want := range map[string]string{
		"新建绿色矿山多少座":  "quantity bound",
		"种草多少亩":      "quantity bound",
		"民间投资增长百分之几": "quantity bound",
		"绿色矿山投资多少亿元": "",
		"民间投资增长多少座":  "",
	} {
		res := search(t, e, text, retrieval.Query{})
		s := res.Hits[0].Sentences[res.Hits[0].Best]
		var got []string
		if s.Quantity {
			got = append(got, "quantity")
		}
		if s.Bound {
			got = append(got, "bound")
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			_, sentence := best(res)
			t.Errorf("%s: %s (-want +got)\n%s", text, sentence, diff)
		}
	}
}

// TestCoined gives the word whose meaning is asked.
func TestCoined(t *testing.T) {
	e := engine(t, threeReports(t))
	for text, want := range map[string]string{
		"“六稳”具体是哪六个稳？": "六稳", "六稳是什么": "六稳", "四个与共是哪四个": "四个与共", "《纲要》是什么": "纲要",
		"绿色矿山是什么": "", "三年行动完成了吗": "", "": "",
	} {
		if got := search(t, e, text, retrieval.Query{}).Coined(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestExplains: a sentence spells a coined term out, or only uses it.
func TestExplains(t *testing.T) {
	for _, test := range []struct {
		term, sentence string
		want           bool
	}{
		{"四个与共", "践行休戚与共、荣辱与共、生死与共、命运与共的理念。", true},
		{"四个与共", "让“四个与共”理念在各族人民心中扎根。", false},
		{"六稳", "继续做好“六稳”、“六保”工作，稳中求进。", false},
		{"四风", "整治“四风”，即形式主义、官僚主义、享乐主义、奢靡之风。", true},
		{"三大工程", "推进三大工程：种质保护、良种培育、品种推广。", true},
		{"绿色矿山", "新建绿色矿山133座。", true}, // no numeral, nothing to count
	} {
		e := engine(t, loadText(t, "a", test.sentence))
		res := search(t, e, test.term+"是什么", retrieval.Query{})
		if len(res.Hits) == 0 {
			t.Errorf("%s: nothing found", test.term)
			continue
		}
		if got := res.Explains(&res.Hits[0], test.term); got != test.want {
			t.Errorf("%s in %s: %v", test.term, test.sentence, got)
		}
	}
}

// TestPlaceBound: a figure is said of the place in its clause, not of one
// whose name another's begins with.
func TestPlaceBound(t *testing.T) {
	e := engine(t, loadReport(t, `一、2021年工作回顾
包头完成投资300亿元，乌海完成投资50亿元。
包头湾新区完成旅游收入80亿元。
全区完成税收900亿元。
`))
	for text, want := range map[string]bool{
		"包头完成投资多少亿元":  true,
		"内蒙古完成税收多少亿元": true,
		"包头旅游收入多少亿元":  false,
		"包头湾旅游收入多少亿元": true,
	} {
		res := search(t, e, text, retrieval.Query{})
		if len(res.Hits) == 0 {
			t.Errorf("%s: nothing found", text)
			continue
		}
		if got := res.PlaceBound(&res.Hits[0]); got != want {
			_, s := best(res)
			t.Errorf("%s: %v in %s", text, got, s)
		}
	}
}

func TestAliasKey(t *testing.T) {
	for text, want := range map[string]string{
		"“蒙速办·四办”服务": "蒙速办四办服务", "ＧＤＰ 3.0方案": "gdp30方案", "（一）": "一", "“”": "",
	} {
		if got := retrieval.AliasKey(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestSearchIsDeterministic: the same question finds the same, in the same
// order, in a generation made again.
func TestSearchIsDeterministic(t *testing.T) {
	first, second := engine(t, threeReports(t)), engine(t, threeReports(t))
	for _, text := range []string{"新建绿色矿山多少座", "地区生产总值增长", "三线一单", "经济"} {
		a, b := search(t, first, text, retrieval.Query{}), search(t, second, text, retrieval.Query{})
		if !slices.EqualFunc(a.Hits, b.Hits, func(x, y retrieval.Hit) bool { return cmp.Equal(x, y) }) {
			t.Errorf("%s: (-first +second)\n%s", text, cmp.Diff(a.Hits, b.Hits))
		}
	}
}

func BenchmarkNewGeneration(b *testing.B) {
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		b.Fatal(err)
	}
	l := loadWords(b, words)
	b.ReportAllocs()
	for b.Loop() {
		g, err := retrieval.NewGeneration(context.Background(), "", c, l, nil)
		if err != nil {
			b.Fatal(err)
		}
		_ = g.Release()
	}
}

func BenchmarkMend(b *testing.B) {
	e := engine(b, threeReports(b))
	g, release, err := e.Acquire()
	if err != nil {
		b.Fatal(err)
	}
	defer release()
	for b.Loop() {
		e.Mend(g, "黑土弟保护性更作多少亩")
	}
}

var _ question.Names = (*retrieval.Generation)(nil)

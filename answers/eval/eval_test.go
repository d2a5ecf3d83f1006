package eval_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"wenbao/answers"
	"wenbao/answers/eval"
)

// answered is an answer with quotes; a quote a|b is a of the paragraph ab.
func answered(quotes ...string) answers.Answer {
	a := answers.Answer{Status: answers.Answered}
	for i, q := range quotes {
		quote, rest, _ := strings.Cut(q, "|")
		a.Excerpts = append(a.Excerpts, answers.Excerpt{Quote: quote, Text: quote + rest, Citation: answers.Citation{Report: fmt.Sprintf("r%d", i+1)}})
	}
	return a
}

func refused(quotes ...string) answers.Answer {
	a := answered(quotes...)
	a.Status, a.Reason = answers.NoAnswer, answers.NotMentioned
	return a
}

// TestJudge: an excerpt is right where it holds an alternative of every group.
func TestJudge(t *testing.T) {
	one := [][]string{{"133座", "一百三十三座"}}
	two := [][]string{{"3074个"}, {"4658亿元"}}
	for _, test := range []struct {
		name, kind, expect string
		gold               [][]string
		answer             answers.Answer
		want               string // what is right: e1 e3 p1 p3 refused
	}{
		{"first", "figure", "answer", one, answered("新建133座", "别的"), "e1 e3 p1 p3"},
		{"an alternative", "figure", "answer", one, answered("一百三十三座"), "e1 e3 p1 p3"},
		{"third", "figure", "answer", one, answered("a", "b", "133座"), "e3 p3"},
		{"fourth", "figure", "answer", one, answered("a", "b", "c", "133座"), ""},
		{"beside the quote", "figure", "answer", one, answered("完成种草。|新建133座。"), "p1 p3"},
		{"both groups", "figure", "answer", two, answered("3074个、4658亿元"), "e1 e3 p1 p3"},
		{"a group is missing", "figure", "answer", two, answered("3074个", "4658亿元"), ""},
		{"refused", "figure", "answer", one, refused("133座"), "refused"},
		{"nothing quoted", "figure", "answer", one, answered(), ""},

		{"spread over three", "multi", "answer", two, answered("3074个", "a", "4658亿元"), "e1 e3 p1 p3"},
		{"spread over four", "multi", "answer", two, answered("3074个", "a", "b", "4658亿元"), ""},
		{"a series spread over all", "series", "answer", two, answered("3074个", "a", "b", "c", "d", "4658亿元"), "e1 e3 p1 p3"},
		{"a comparison spread over all", "compare", "answer", two, answered("a", "b", "c", "4658亿元", "3074个"), "e1 e3 p1 p3"},
		{"a comparison that lacks one", "compare", "answer", two, answered("a", "b", "c", "4658亿元"), ""},

		{"rightly refused", "none", "none", nil, refused("a"), "refused"},
		{"wrongly answered", "none", "none", nil, answered("a"), ""},
		{"small talk", "none", "none", nil, answers.Answer{Status: answers.SmallTalk}, "refused"},
	} {
		o := eval.Judge(eval.Case{Kind: test.kind, Expect: test.expect, Gold: test.gold}, test.answer)
		var got []string
		for _, f := range []struct {
			name string
			is   bool
		}{{"e1", o.Excerpt1}, {"e3", o.Excerpt3}, {"p1", o.Paragraph1}, {"p3", o.Paragraph3}, {"refused", o.Refused}} {
			if f.is {
				got = append(got, f.name)
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
		right := strings.HasPrefix(test.want, "e1") || test.expect == "none" && test.want == "refused"
		if o.Right() != right {
			t.Errorf("%s: right is %v", test.name, o.Right())
		}
	}
}

// TestJudgePassage: reports are ranked by their first excerpt, each once,
// whatever the status.
func TestJudgePassage(t *testing.T) {
	cited := func(status answers.Status, reports ...string) answers.Answer {
		a := answers.Answer{Status: status}
		for _, r := range reports {
			a.Excerpts = append(a.Excerpts, answers.Excerpt{Quote: "of " + r, Citation: answers.Citation{Report: r}})
		}
		return a
	}
	for _, test := range []struct {
		name    string
		answer  answers.Answer
		rank    int
		inQuote bool
	}{
		{"first", cited(answers.Answered, "p1", "p2"), 1, true},
		{"one report twice before it", cited(answers.Answered, "p2", "p2", "p1"), 2, false},
		{"the other right one", cited(answers.Answered, "p2", "p9"), 2, false},
		{"refused all the same", cited(answers.NoAnswer, "p1"), 1, true},
		{"not there", cited(answers.Answered, "p2", "p3"), 0, false},
		{"nothing", cited(answers.NoAnswer), 0, false},
	} {
		o := eval.Judge(eval.Case{Kind: "passage", Passages: []string{"p1", "p9"}, Answers: []string{"of p1"}}, test.answer)
		if o.Rank != test.rank || o.InQuote != test.inQuote || o.Right() != (test.rank == 1) {
			t.Errorf("%s: rank %d, in quote %v, right %v", test.name, o.Rank, o.InQuote, o.Right())
		}
	}
}

// TestMoreExcerptsHarmNothing: what is right stays right when more is quoted
// after it.
func TestMoreExcerptsHarmNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"x", "y", "xy", "z|x", "z|xy", "z"})
		quotes := rapid.SliceOfN(text, 0, 5).Draw(t, "quotes")
		more := append(append([]string{}, quotes...), text.Draw(t, "one more"))
		c := eval.Case{Kind: rapid.SampledFrom([]string{"fact", "multi", "series", "compare"}).Draw(t, "kind"), Expect: "answer", Gold: [][]string{{"x"}, {"y"}}}
		a, b := eval.Judge(c, answered(quotes...)), eval.Judge(c, answered(more...))
		if a.Excerpt1 && !b.Excerpt1 && len(quotes) > 0 || a.Excerpt3 && !b.Excerpt3 || a.Paragraph3 && !b.Paragraph3 {
			t.Errorf("%v is better than %v", quotes, more)
		}
		if b.Excerpt1 && !b.Excerpt3 || b.Excerpt1 && !b.Paragraph1 || b.Paragraph1 && !b.Paragraph3 {
			t.Errorf("%+v contradicts itself", b)
		}
	})
}

func TestReadCases(t *testing.T) {
	cases, err := eval.ReadCases("set", strings.NewReader(`{"id":"1","kind":"figure","question":"q","expect":"answer","gold":[["a","b"],["c"]],"history":["h"],"report":"r"}

{"id":"2","kind":"none","question":"q","expect":"none"}
{"id":"3","kind":"passage","question":"q","passages":["p"],"answers":["a"]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []eval.Case{
		{ID: "1", Kind: "figure", Question: "q", Expect: "answer", Gold: [][]string{{"a", "b"}, {"c"}}, History: []string{"h"}, Report: "r"},
		{ID: "2", Kind: "none", Question: "q", Expect: "none"},
		{ID: "3", Kind: "passage", Question: "q", Passages: []string{"p"}, Answers: []string{"a"}},
	}
	if diff := cmp.Diff(want, cases); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	const fine = `{"question":"q","expect":"none"}`
	for line, want := range map[string]string{
		`{"question":`:                       "set:3: unexpected end",
		`[]`:                                 "set:3:",
		`{"expect":"none"}`:                  "set:3: a case needs a question",
		`{"question":"q"}`:                   `set:3: expect is ""; it must be answer or none`,
		`{"question":"q","expect":"yes"}`:    `set:3: expect is "yes"`,
		`{"question":"q","expect":"answer"}`: "set:3: an answerable question needs gold",
		`{"question":"q","kind":"passage"}`:  "set:3: a passage question needs its passages",
		strings.Repeat("x", 5<<20):           "set: bufio.Scanner: token too long",
	} {
		_, err := eval.ReadCases("set", strings.NewReader(fine+"\n\n"+line+"\n"+fine))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", line, err, want)
		}
	}
}

// TestTable: shares are of the questions they can be said of.
func TestTable(t *testing.T) {
	ms := time.Millisecond
	outcome := func(c eval.Case, a answers.Answer, took time.Duration) eval.Outcome {
		o := eval.Judge(c, a)
		o.Took = took
		return o
	}
	fact := eval.Case{Kind: "fact", Expect: "answer", Gold: [][]string{{"对"}}}
	none := eval.Case{Kind: "none", Expect: "none"}
	passage := eval.Case{Kind: "passage", Passages: []string{"r2"}, Answers: []string{"对"}}
	rows := eval.Table([]eval.Outcome{
		outcome(fact, answered("对的"), 1*ms),
		outcome(none, refused("a"), 2*ms),
		outcome(fact, answered("错的引文", "对"), 3*ms),
		outcome(fact, answered("错|对"), 4*ms),
		outcome(fact, refused(), 10*ms),
		outcome(none, answered("不该"), 6*ms),
		outcome(passage, answered("错", "对"), 7*ms),
		outcome(passage, answered("对"), 8*ms),
	})
	want := []eval.Row{
		{Kind: "fact", N: 4, Answerable: 4, Excerpt1: 0.25, Excerpt3: 0.5, Paragraph1: 0.5, RefusedWrong: 0.25, QuoteLength: (2 + 4 + 1) / 3.0, P50Micros: 4000, P95Micros: 10000, P99Micros: 10000},
		{Kind: "none", N: 2, Unanswerable: 2, RefusedRight: 0.5, QuoteLength: 2, P50Micros: 6000, P95Micros: 6000, P99Micros: 6000},
		{Kind: "passage", N: 2, Recall5: 0.5, MRR10: 0.25, AnswerInQuote: 0.5, QuoteLength: 1, P50Micros: 8000, P95Micros: 8000, P99Micros: 8000},
		{Kind: "all", N: 8, Answerable: 4, Unanswerable: 2, Excerpt1: 0.25, Excerpt3: 0.5, Paragraph1: 0.5, RefusedRight: 0.5, RefusedWrong: 0.25,
			Recall5: 0.5, MRR10: 0.25, AnswerInQuote: 0.5, QuoteLength: (2 + 4 + 1 + 2 + 1 + 1) / 6.0, P50Micros: 6000, P95Micros: 10000, P99Micros: 10000},
	}
	if diff := cmp.Diff(want, rows, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var b strings.Builder
	if err := eval.Print(&b, rows); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	// What cannot be said of a kind is a dash, and passage sets have a table
	// of their own.
	for _, line := range []string{"fact 4 0.250 0.500 0.500 - 0.250 2", "none 2 - - - 0.500 - 2", "passage 2 0.000 0.500 0.250 0.500 1"} {
		found := false
		for _, l := range lines {
			found = found || strings.HasPrefix(strings.Join(strings.Fields(l), " "), line)
		}
		if !found {
			t.Errorf("the table has no %q\n%s", line, b.String())
		}
	}
}

func TestTableOfNothing(t *testing.T) {
	rows := eval.Table(nil)
	if diff := cmp.Diff([]eval.Row{{Kind: "all"}}, rows); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := eval.Print(&strings.Builder{}, rows); err != nil {
		t.Error(err)
	}
}

func TestPrintFailures(t *testing.T) {
	var b strings.Builder
	right := eval.Judge(eval.Case{ID: "fine", Expect: "answer", Gold: [][]string{{"a"}}}, answered("a"))
	wrong := eval.Judge(eval.Case{ID: "wrong", Kind: "fact", Question: "问？", History: []string{"前"}, Expect: "answer", Gold: [][]string{{"对"}}}, answered("错"))
	wrong.Answer.Understood = "问了什么"
	missed := eval.Judge(eval.Case{ID: "missed", Kind: "passage", Question: "哪篇", Passages: []string{"p7"}}, answered("错"))
	eval.PrintFailures(&b, []eval.Outcome{right, wrong, missed})
	for _, want := range []string{"wrong [fact] 问？", "after:  前", "wanted: answer [[对]]", "understood: 问了什么", "] 错", "missed [passage]", "wanted: p7 (rank 0)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("nothing of %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "fine") {
		t.Error("what is right is listed")
	}
}

// recorder answers everything alike and notes what it is asked.
type recorder struct {
	asked []answers.Request
	err   error
}

func (r *recorder) Answer(_ context.Context, q answers.Request) (answers.Answer, error) {
	r.asked = append(r.asked, q)
	return answered("a"), r.err
}

// TestRun: a case is asked as it stands, a passage question of more reports
// and in shorter quotes.
func TestRun(t *testing.T) {
	var r recorder
	cases := []eval.Case{
		{ID: "1", Question: "q", History: []string{"h"}, Report: "r", Expect: "answer", Gold: [][]string{{"a"}}},
		{ID: "2", Kind: "passage", Question: "q", Passages: []string{"r1"}},
	}
	outcomes, err := eval.Run(t.Context(), &r, cases)
	if err != nil {
		t.Fatal(err)
	}
	want := []answers.Request{
		{ID: "1", Question: "q", History: []string{"h"}, Report: "r"},
		{ID: "2", Question: "q", Top: 10, MaxQuote: 100},
	}
	if diff := cmp.Diff(want, r.asked); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(outcomes) != 2 || !outcomes[0].Right() || !outcomes[1].Right() {
		t.Errorf("outcomes %+v", outcomes)
	}
	broken := recorder{err: errors.New("broken")}
	if _, err := eval.Run(t.Context(), &broken, cases); !errors.Is(err, broken.err) || len(broken.asked) != 1 {
		t.Errorf("got %v after %d questions", err, len(broken.asked))
	}
}

func FuzzReadCases(f *testing.F) {
	f.Add(`{"question":"q","expect":"none"}`)
	f.Add("{\n\x00}")
	f.Fuzz(func(t *testing.T, s string) {
		cases, err := eval.ReadCases("set", strings.NewReader(s))
		if err != nil && cases != nil {
			t.Errorf("%v, and %d cases", err, len(cases))
		}
		for _, c := range cases {
			eval.Judge(c, answered("a", "b"))
		}
	})
}

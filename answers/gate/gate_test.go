package gate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers"
	"wenbao/answers/eval"
)

// table answers each question with a quote.
type table map[string]string

func (t table) Answer(_ context.Context, r answers.Request) (answers.Answer, error) {
	if r.Report == "gone" {
		return answers.Answer{}, fmt.Errorf("%w: gone", answers.ErrUnknownReport)
	}
	quote, ok := t[r.Question]
	if !ok {
		return answers.Answer{Status: answers.NoAnswer, Reason: answers.NoMatch}, nil
	}
	return answers.Answer{Status: answers.Answered, Excerpts: []answers.Excerpt{{Quote: quote, Text: quote, Citation: answers.Citation{Report: r.Report}}}}, nil
}

func sets() []Set {
	return []Set{
		{Name: "shipped", Report: "a", Cases: []eval.Case{
			{ID: "1", Question: "一", Expect: "answer", Gold: [][]string{{"甲"}}},
			{ID: "2", Question: "二", Expect: "none"},
		}},
		{Name: "own", Cases: []eval.Case{
			{ID: "3", Question: "三", Expect: "answer", Gold: [][]string{{"丙"}}},
			{ID: "4", Question: "四", Expect: "answer", Gold: [][]string{{"丁"}}, Report: "b"},
		}},
	}
}

// of is a generation of these reports, each "id" or "id=digest".
func of(reports ...string) Generation {
	g := Generation{Reports: map[string]string{}}
	for _, r := range reports {
		id, digest, _ := strings.Cut(r, "=")
		g.Reports[id] = digest + "."
	}
	return g
}

// TestJudgeRemembers: a question of one report is not asked again while that
// report is the same and nearly all others are.
func TestJudgeRemembers(t *testing.T) {
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprint("r", i))
	}
	with := func(more ...string) Generation { return of(append(more, many...)...) }
	other := with("a", "b")
	other.Lexicon = "other"
	all := table{"一": "甲", "三": "丙", "四": "丁"}
	wrong := table{"一": "甲", "三": "丙", "四": "丙"}
	var j Judge
	for _, step := range []struct {
		name              string
		answers           table
		g                 Generation
		asked, remembered int
		right             float64
	}{
		{"the first time", all, with("a", "b"), 4, 0, 1},
		{"the same again", all, with("a", "b"), 1, 3, 1},
		{"one report changed", wrong, with("a", "b=2"), 2, 2, 0.75},
		{"and back", all, with("a", "b"), 1, 3, 1},
		{"many changed", all, of("a", "b"), 4, 0, 1},
		{"the lexicon changed", all, other, 4, 0, 1},
	} {
		v, err := j.Judge(t.Context(), step.answers, step.g, sets(), 0, nil)
		if err != nil || v.Asked != step.asked || v.Remembered != step.remembered || v.Right != step.right {
			t.Errorf("%s: %+v %v", step.name, v, err)
		}
	}
}

func TestJudge(t *testing.T) {
	all := table{"一": "甲", "三": "丙", "四": "丁"}
	tests := []struct {
		name           string
		answers        table
		reports        string
		floor          float64
		asked, skipped int
		right          float64
		passed         bool
	}{
		{"all right", all, "ab", 1, 4, 0, 1, true},
		{"a report missing", all, "b", 1, 2, 2, 1, true},
		{"one wrong", table{"一": "甲", "三": "丙"}, "ab", 0.75, 4, 0, 0.75, true},
		{"below the floor", table{"一": "甲", "三": "丙"}, "ab", 0.8, 4, 0, 0.75, false},
		{"an answer where none is", table{"一": "甲", "二": "乙", "三": "丙", "四": "丁"}, "ab", 1, 4, 0, 0.75, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := new(Judge).Judge(t.Context(), tt.answers, of(strings.Split(tt.reports, "")...), sets(), tt.floor, nil)
			if err != nil {
				t.Fatal(err)
			}
			if v.Asked != tt.asked || v.Skipped != tt.skipped || v.Right != tt.right || v.Passed != tt.passed {
				t.Errorf("got %+v", v)
			}
			if wrong := v.Asked - int(v.Right*float64(v.Asked)+0.5); len(v.Failures) != wrong || v.Remembered != 0 {
				t.Errorf("%d failures are shown of %d", len(v.Failures), wrong)
			}
		})
	}
}

func TestJudgeWithoutQuestionsPasses(t *testing.T) {
	v, err := new(Judge).Judge(t.Context(), table{}, of(), nil, 1, nil)
	if err != nil || !v.Passed || v.Asked != 0 {
		t.Error(v, err)
	}
}

func TestCompareListsWhatDiffers(t *testing.T) {
	before, after := table{"一": "甲", "二": "乙", "四": "丁"}, table{"一": "甲", "二": "新", "三": "丙", "四": "丁"}
	var asked []answers.Request
	for _, q := range []string{"一", "二", "三", "五"} {
		asked = append(asked, answers.Request{Question: q})
	}
	asked = append(asked, answers.Request{Question: "四", Report: "gone"})
	changes, err := Compare(t.Context(), before, after, asked, nil)
	if err != nil {
		t.Fatal(err)
	}
	none := Side{Status: answers.NoAnswer, Reason: answers.NoMatch}
	quoting := func(s string) Side { return Side{Status: answers.Answered, Quotes: []Quote{{Text: s}}} }
	want := []Change{{Question: "二", Before: quoting("乙"), After: quoting("新")}, {Question: "三", Before: none, After: quoting("丙")}}
	if d := cmp.Diff(want, changes); d != "" {
		t.Error(d)
	}
}

func TestSamplesAreSpread(t *testing.T) {
	got := Samples(sets(), of("a", "b"), 2)
	if len(got) != 2 || got[0].Question != "一" || got[1].Question != "三" {
		t.Errorf("got %+v", got)
	}
	if got := Samples(sets(), of(), 9); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestReadSet(t *testing.T) {
	fsys := fstest.MapFS{"q/own.jsonl": {Data: []byte(`{"id":"1","question":"一","expect":"none"}`)}, "bad.jsonl": {Data: []byte("{")}}
	s, err := ReadSet(fsys, "q/own.jsonl")
	if err != nil || s.Name != "own" || len(s.Cases) != 1 {
		t.Error(s, err)
	}
	for _, name := range []string{"bad.jsonl", "none.jsonl"} {
		if _, err := ReadSet(fsys, name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

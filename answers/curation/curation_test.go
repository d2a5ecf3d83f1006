package curation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"wenbao/answers"
	"wenbao/answers/curation"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
)

const report = `2022年政府工作报告

一、2021年工作回顾

新建绿色矿山133座，生态服务功能持续提升。城镇新增就业21万人。

修复草原1600万亩。黄河流域治理取得进展，处理污水3亿吨。

二、2022年工作安排

新建绿色矿山150座以上。落户城市只需要提交居住证明，一周办结。

名词解释

1．“三线一单”：生态保护红线、环境质量底线、资源利用上线和生态环境准入清单。

2．“两率先”目标：在全国率先建成以新能源为主体的能源供给体系。
`

// world is an engine over the report, and what may replace it.
type world struct {
	search *retrieval.Engine
	engine *answers.Engine
	layer  *curation.Layer
}

func open(t *testing.T) *world {
	t.Helper()
	search := retrieval.NewEngine(generation(t, report), retrieval.Options{})
	t.Cleanup(func() { search.Close() })
	w := &world{search: search, engine: answers.New(search, answers.Options{})}
	w.layer = curation.New(curation.Parts{Next: w.engine, Quoter: w.engine, HasTerm: func(name string) bool {
		return name == "三线一单" || name == "“三线一单”"
	}})
	return w
}

func generation(t *testing.T, text string) *retrieval.Generation {
	t.Helper()
	c, err := corpus.Load(fstest.MapFS{
		"r.txt":  {Data: []byte(text)},
		"r.yaml": {Data: []byte("title: 2022年政府工作报告\nyear: 2022\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// paragraph returns the place of the paragraph that holds words.
func (w *world) paragraph(t *testing.T, words string) *answers.Place {
	t.Helper()
	g, release, err := w.search.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, p := range g.Corpus.Reports[0].Paragraphs {
		if strings.Contains(p.Text, words) {
			return &answers.Place{Report: "r", Paragraph: p.ID}
		}
	}
	t.Fatalf("no paragraph holds %q", words)
	return nil
}

func (w *world) ask(t *testing.T, r answers.Request) answers.Answer {
	t.Helper()
	a, err := w.layer.Answer(t.Context(), r)
	if err != nil {
		t.Fatalf("%s: %v", r.Question, err)
	}
	for _, x := range a.Excerpts {
		if x.Text[x.Start:x.End] != x.Quote {
			t.Errorf("%s: %q is not verbatim", r.Question, x.Quote)
		}
	}
	return a
}

func TestRules(t *testing.T) {
	w := open(t)
	settle, grass := w.paragraph(t, "落户"), w.paragraph(t, "草原")
	span := *settle
	span.Start = strings.Index("新建绿色矿山150座以上。落户城市只需要提交居住证明，一周办结。", "落户")
	span.End = span.Start + len("落户城市只需要提交居住证明")
	w.layer.Set([]curation.Rule{
		{ID: "1", Kind: curation.Alias, Phrase: "红线清单", Part: true, Term: "三线一单"},
		{ID: "2", Kind: curation.Pin, Phrase: "怎么上户口", Place: settle},
		{ID: "3", Kind: curation.Pin, Phrase: "上户口要什么材料", Place: &span},
		{ID: "4", Kind: curation.Pin, Phrase: "草场", Part: true, Place: grass},
		{ID: "5", Kind: curation.Pin, Phrase: "怎么上户口", Workspace: "slack/T1", Place: grass},
		{ID: "6", Kind: curation.Alias, Phrase: "万能词", Part: true, Term: "不存在的词"},
		{ID: "7", Kind: curation.Alias, Phrase: "一单", Part: true, Term: "三线一单"},
		{ID: "8", Kind: curation.Alias, Phrase: "EEP", Part: true, Term: "三线一单"},
		{ID: "9", Kind: curation.Pin, Phrase: "没有的段落", Place: &answers.Place{Report: "r", Paragraph: "gone"}},
	})
	const (
		term  = "“三线一单”：生态保护红线"
		house = "落户城市只需要提交居住证明"
		field = "修复草原1600万亩"
	)
	for _, tt := range []struct {
		name    string
		request answers.Request
		first   string // the first quote holds it; "": not answered
		curated bool
	}{
		{"an alias in a question", answers.Request{Question: "红线清单是什么"}, term, true},
		{"an alias alone", answers.Request{Question: "红线清单"}, term, true},
		{"an alias in traditional characters", answers.Request{Question: "請問紅線清單是什麼？"}, term, true},
		{"the alias of a term that is written out", answers.Request{Question: "三线一单是什么"}, term, false},
		{"a piece of a term as its alias", answers.Request{Question: "一单是什么"}, term, true},
		{"a Latin alias in any case", answers.Request{Question: "eep是什么"}, term, true},
		{"a Latin alias inside a longer word", answers.Request{Question: "DEEPER是什么"}, "", false},
		{"an alias of a term that no glossary has", answers.Request{Question: "万能词是什么"}, "", false},
		{"a follow-up on an alias", answers.Request{Question: "它包括什么", History: []string{"红线清单是什么"}}, term, true},
		{"a pin", answers.Request{Question: "怎么上户口"}, house, true},
		{"a pin, said otherwise", answers.Request{Question: "请问 怎么上户口？"}, house, true},
		{"a pin, in a longer question", answers.Request{Question: "老家的怎么上户口呢是不是很难"}, "", false},
		{"a pinned span", answers.Request{Question: "上户口要什么材料"}, house, true},
		{"a pin for a part of the question", answers.Request{Question: "去年草场修了多少"}, field, true},
		{"a workspace's own pin", answers.Request{Question: "怎么上户口", Workspace: "slack/T1"}, field, true},
		{"another workspace", answers.Request{Question: "怎么上户口", Workspace: "slack/T2"}, house, true},
		{"a pin whose paragraph is gone", answers.Request{Question: "没有的段落"}, "", false},
		{"a pin in the report chosen", answers.Request{Question: "怎么上户口", Report: "r"}, house, true},
		{"no rule", answers.Request{Question: "2021年新建绿色矿山多少座"}, "133座", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := w.ask(t, tt.request)
			if a.Question != tt.request.Question {
				t.Errorf("the question became %q", a.Question)
			}
			if tt.first == "" {
				if a.Status == answers.Answered && a.Excerpts[0].Citation.Curated {
					t.Errorf("answered with %q", a.Excerpts[0].Quote)
				}
				return
			}
			if a.Status != answers.Answered || len(a.Excerpts) == 0 {
				t.Fatalf("%s %s", a.Status, a.Reason)
			}
			x := a.Excerpts[0]
			if !strings.Contains(x.Quote, tt.first) || x.Citation.Curated != tt.curated {
				t.Errorf("%q, curated %v", x.Quote, x.Citation.Curated)
			}
		})
	}
	if _, err := w.layer.Answer(t.Context(), answers.Request{Question: "怎么上户口", Report: "none"}); !errors.Is(err, answers.ErrUnknownReport) {
		t.Errorf("an unknown report: %v", err)
	}
	if aliases, pins, stale := w.layer.Applied(); aliases == 0 || pins == 0 || stale != 1 {
		t.Errorf("applied %d aliases and %d pins, %d stale", aliases, pins, stale)
	}
}

func TestAPinnedFigureLeads(t *testing.T) {
	w := open(t)
	const q = "新建绿色矿山多少座"
	if a := w.ask(t, answers.Request{Question: q}); a.Figure == nil || a.Figure.Value != "133座" {
		t.Fatalf("without a pin: %+v", a.Figure)
	}
	w.layer.Set([]curation.Rule{{Kind: curation.Pin, Phrase: q, Place: w.paragraph(t, "150座")}})
	a := w.ask(t, answers.Request{Question: q})
	if a.Figure == nil || a.Figure.Value != "150座以上" && a.Figure.Value != "150座" {
		t.Errorf("figure %+v", a.Figure)
	}
	if len(a.Excerpts) < 2 || a.Excerpts[1].Citation.Curated || !strings.Contains(a.Excerpts[1].Quote, "133座") {
		t.Errorf("what is found besides: %+v", a.Excerpts[1:])
	}
	if top := w.ask(t, answers.Request{Question: q, Top: 1}); len(top.Excerpts) != 1 {
		t.Errorf("%d excerpts of one", len(top.Excerpts))
	}
}

// TestWhatIsCachedStaysAsItIs: the layer below may hand out what it keeps.
func TestWhatIsCachedStaysAsItIs(t *testing.T) {
	w := open(t)
	kept, err := w.engine.Answer(t.Context(), answers.Request{Question: "三线一单是什么"})
	if err != nil {
		t.Fatal(err)
	}
	l := curation.New(curation.Parts{Next: fixed{kept}, Quoter: w.engine, HasTerm: func(string) bool { return true }})
	l.Set([]curation.Rule{{Kind: curation.Alias, Phrase: "红线清单", Part: true, Term: "三线一单"}})
	a, err := l.Answer(t.Context(), answers.Request{Question: "红线清单是什么"})
	if err != nil || !a.Excerpts[0].Citation.Curated {
		t.Fatal(err, a.Excerpts)
	}
	if a.Understood != "三线一单是什么" {
		t.Errorf("understood as %q", a.Understood)
	}
	if slices.ContainsFunc(kept.Excerpts, func(x answers.Excerpt) bool { return x.Citation.Curated }) {
		t.Error("what is kept was changed")
	}
}

type fixed struct{ a answers.Answer }

func (f fixed) Answer(context.Context, answers.Request) (answers.Answer, error) { return f.a, nil }

// TestOneGeneration: an answer is of one generation while they change under
// it. Rules change meanwhile too.
func TestOneGeneration(t *testing.T) {
	w := open(t)
	at := w.paragraph(t, "落户")
	other := generation(t, strings.ReplaceAll(report, "150座", "180座"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		first := true
		for {
			select {
			case <-stop:
				return
			default:
			}
			w.layer.Set([]curation.Rule{{Kind: curation.Pin, Phrase: "黄河治理得怎么样", Place: at}})
			if first {
				w.search.Swap(other)
				first = false
			}
		}
	})
	for range 200 {
		a := w.ask(t, answers.Request{Question: "黄河治理得怎么样"})
		for _, x := range a.Excerpts {
			if strings.Contains(x.Text, "150座") && a.Generation == other.ID || strings.Contains(x.Text, "180座") && a.Generation != other.ID {
				t.Fatalf("generation %s quotes %q", a.Generation, x.Text)
			}
		}
	}
	close(stop)
	wg.Wait()
}

func TestMeaning(t *testing.T) {
	w := open(t)
	w.layer.Set([]curation.Rule{
		{Kind: curation.Alias, Phrase: "红线清单", Part: true, Term: "三线一单"},
		{Kind: curation.Alias, Phrase: "一张网", Part: true, Term: "三线一单", Workspace: "slack/T1"},
		{Kind: curation.Alias, Phrase: "没有", Part: true, Term: "没有的词"},
	})
	for _, tt := range []struct{ workspace, phrase, want string }{
		{"", "红线清单", "三线一单"},
		{"slack/T1", "“红线清单”", "三线一单"},
		{"slack/T1", "一张网", "三线一单"},
		{"slack/T2", "一张网", ""},
		{"", "没有", ""},
	} {
		if got, found := w.layer.Meaning(tt.workspace, tt.phrase); got != tt.want || found != (tt.want != "") {
			t.Errorf("%s, %s: %q %v", tt.workspace, tt.phrase, got, found)
		}
	}
}

// FuzzQuestions: whatever is asked, what an alias makes of it is text, and an
// answer keeps its question.
func FuzzQuestions(f *testing.F) {
	for _, q := range []string{"红线清单是什么", "①红线清单㈠", "紅線清單", "红线清单红线清单", "红 线清单", "\xff红线清单", strings.Repeat("红线清单", 200)} {
		f.Add(q, "红线清单")
	}
	f.Add("两千零二十一年", "20")
	f.Add("ﬀ", "f")
	f.Fuzz(func(t *testing.T, question, phrase string) {
		var asked string
		l := curation.New(curation.Parts{Next: recorder{&asked}, HasTerm: func(string) bool { return true }})
		l.Set([]curation.Rule{{Kind: curation.Alias, Phrase: phrase, Part: true, Term: "三线一单"}})
		a, err := l.Answer(t.Context(), answers.Request{Question: question})
		if err != nil {
			t.Fatal(err)
		}
		if len(asked) > 0 && asked != question && !strings.Contains(asked, "三线一单") {
			t.Errorf("%q with %q became %q", question, phrase, asked)
		}
		_ = a
	})
}

type recorder struct{ asked *string }

func (r recorder) Answer(_ context.Context, req answers.Request) (answers.Answer, error) {
	*r.asked = req.Question
	return answers.Answer{Status: answers.NoAnswer}, nil
}

// BenchmarkAnswer: what as many rules as there can be cost a question that
// none is for.
func BenchmarkAnswer(b *testing.B) {
	for _, n := range []int{0, 100, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := curation.New(curation.Parts{Next: fixed{}, HasTerm: func(string) bool { return true }})
			var rules []curation.Rule
			for i := range n {
				rules = append(rules,
					curation.Rule{Kind: curation.Alias, Phrase: fmt.Sprintf("没有人说的话%d", i), Part: true, Term: "三线一单"},
					curation.Rule{Kind: curation.Pin, Phrase: fmt.Sprintf("没有人问的话%d", i), Part: true, Place: &answers.Place{}})
			}
			l.Set(rules)
			for b.Loop() {
				if _, err := l.Answer(b.Context(), answers.Request{Question: "2021年新建绿色矿山多少座"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

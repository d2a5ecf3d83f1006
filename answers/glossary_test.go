package answers_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/answers"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

// wireGlossaries answers from the reports of rows.
func wireGlossaries(t testing.TB, l *lexicon.Lexicon, rows ...reporttest.Glossaries) wired {
	t.Helper()
	files := fstest.MapFS{}
	for _, g := range rows {
		for _, d := range g.Documents {
			files[d.Name+".txt"] = &fstest.MapFile{Data: []byte(d.Text)}
		}
	}
	c, err := corpus.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return wire(t, c, l)
}

// bareTerms are the terms that a report has alone on a line.
func bareTerms(c *corpus.Corpus) map[string]bool {
	out := map[string]bool{}
	for _, r := range c.Reports {
		for _, term := range r.Terms {
			if first := r.Paragraphs[term.Paragraphs[0]].Text; len(term.Paragraphs) > 1 && !strings.Contains(first, term.Definition[:3]) {
				out[r.ID+first] = true
			}
		}
	}
	return out
}

// defines reports whether the excerpts from the first on are the lines that
// hold the pieces of a definition, in order.
func defines(xs []answers.Excerpt, report, term string, pieces []string) bool {
	for len(pieces) > 0 {
		if len(xs) == 0 || xs[0].Citation.Report != report || !sameTerm(xs[0].Citation.Term, term) {
			return false
		}
		n := 0
		for n < len(pieces) && strings.Contains(xs[0].Quote, pieces[n]) {
			n++
		}
		if n == 0 {
			return false
		}
		pieces, xs = pieces[n:], xs[1:]
	}
	return true
}

// sameTerm reports whether two terms are one but for quotation marks; any is the
// same as "".
func sameTerm(a, b string) bool {
	return b == "" || analysis.FoldString(unquoted(a)) == analysis.FoldString(unquoted(b))
}

// judgeGlossary checks the answers to a row's questions: the entry comes first,
// whole; of a term that several reports explain, and the question does not tell
// apart, each entry is among the first excerpts; no term is quoted alone.
func judgeGlossary(t *testing.T, w wired, g reporttest.Glossaries) {
	t.Helper()
	bare := bareTerms(w.corpus)
	for _, q := range g.Questions {
		a := ask(t, w.engine, answers.Request{Question: q.Q})
		for _, x := range a.Excerpts {
			if bare[x.Citation.Report+x.Quote] {
				t.Errorf("%s: %s is answered with the term alone: %q", g.ID, q.Q, x.Quote)
			}
		}
		for document, pieces := range q.Gold {
			found := false
			for from := 0; from < len(q.Gold) && from < len(a.Excerpts); from++ {
				found = found || defines(a.Excerpts[from:], document, q.Term, pieces)
			}
			if !found || a.Status != answers.Answered {
				t.Errorf("%s: %s: want %q of %s, got %s", g.ID, q.Q, pieces, document, firstQuotes(a))
			}
		}
	}
}

func firstQuotes(a answers.Answer) string {
	out := string(a.Status)
	for _, x := range a.Excerpts[:min(3, len(a.Excerpts))] {
		out += "\n  " + x.Citation.Report + " " + x.Citation.Term + ": " + x.Quote
	}
	return out
}

// TestGlossaryQuestions asks for the terms of glossaries in every form, of each
// row's reports by themselves and of all together.
func TestGlossaryQuestions(t *testing.T) {
	rows, l := reporttest.ReadGlossaries(t, "../retrieval/outline/testdata/glossaries.jsonl"), decodeLexicon(t)
	for _, g := range rows {
		judgeGlossary(t, wireGlossaries(t, l, g), g)
	}
	all := wireGlossaries(t, l, rows...)
	for _, g := range rows {
		judgeGlossary(t, all, g)
	}
}

// TestDefinitionQuestions asks for every term in every way that people ask what
// something means.
func TestDefinitionQuestions(t *testing.T) {
	rows := reporttest.ReadGlossaries(t, "../retrieval/outline/testdata/glossaries.jsonl")
	w := wireGlossaries(t, decodeLexicon(t), rows...)
	ways := []string{"什么叫X", "X是什么", "X是什么意思", "X啥意思", "X怎么解释", "X指什么", "何为X", "解释一下X", "X的含义", "X包括什么", "X包括哪些",
		"X", "“X”", "X是个啥", "请问X指的是什么？", "什么是X", "X是干什么的", "X如何理解", "介绍一下X", "X到底是什么", "X分别是什么", "报告里的X是什么意思"}
	n := 0
	for _, g := range rows {
		for _, term := range g.Terms {
			way := ways[n%len(ways)]
			n++
			question := strings.ReplaceAll(way, "X", strings.NewReplacer("“", "", "”", "").Replace(term.Name))
			a := ask(t, w.engine, answers.Request{Question: question})
			if a.Status != answers.Answered || !sameTerm(a.Excerpts[0].Citation.Term, term.Name) {
				t.Errorf("%s: %s", question, firstQuotes(a))
			}
		}
	}
}

func unquoted(s string) string { return strings.NewReplacer("“", "", "”", "").Replace(s) }

// TestMarkedTerms: the mark of a footnote behind a term, in the report or the
// question, does not keep it from being found.
func TestMarkedTerms(t *testing.T) {
	w := wireReport(t, "一、工作回顾\n“朔事办”［1］上线事项增至1260项。推行四办②服务，建成口袋公园26个。\n二、任务\n要抓好落实。\n名词解释\n［1］朔事办\n政务服务的手机客户端，由县大数据局统一建设。\n［2］四办：就近办、帮办、代办、上门办。")
	for question, says := range map[string]string{
		"朔事办是什么": "手机客户端", "朔事办［1］是什么": "手机客户端", "“朔事办”［1］": "手机客户端", "四办②是什么意思": "就近办", "四办是哪四个": "就近办",
	} {
		a := ask(t, w.engine, answers.Request{Question: question})
		if a.Status != answers.Answered || !strings.Contains(a.Excerpts[0].Quote, says) || a.Excerpts[0].Citation.Term == "" {
			t.Errorf("%s: %s", question, firstQuotes(a))
		}
	}
}

// TestDefinitionStandsForItsTerm: a paragraph that is but a term is no excerpt,
// its definition is found by the term's words, and can be quoted by itself.
func TestDefinitionStandsForItsTerm(t *testing.T) {
	w := wireReport(t, "一、任务\n要抓好落实。\n名词解释\n1.智慧牧场\n装有传感器、能够远程看护牲畜的放牧点。\n每处补助3万元。\n2.四办\n就近办、帮办、代办、上门办。")
	r := w.corpus.Reports[0]
	a := ask(t, w.engine, answers.Request{Question: "智慧牧场补助多少钱"})
	for _, x := range a.Excerpts {
		if x.Quote == "1.智慧牧场" {
			t.Errorf("the term is quoted alone: %s", firstQuotes(a))
		}
	}
	a = ask(t, w.engine, answers.Request{Question: "智慧牧场是什么"})
	if len(a.Excerpts) < 2 || !strings.HasPrefix(a.Excerpts[0].Quote, "装有传感器") || a.Excerpts[1].Quote != "每处补助3万元。" {
		t.Errorf("the definition's lines do not come first: %s", firstQuotes(a))
	}
	for i := range r.Paragraphs {
		if p := &r.Paragraphs[i]; p.Role == report.Glossary && p.Term >= 0 {
			if _, err := w.engine.Quote(t.Context(), answers.Request{Question: "智慧牧场是什么"}, answers.Place{Report: r.ID, Paragraph: p.ID}); err != nil {
				t.Errorf("%q cannot be quoted: %v", p.Text, err)
			}
		}
	}
}

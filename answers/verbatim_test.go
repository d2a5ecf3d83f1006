package answers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

// lines returns the paragraphs of a source text as its readers count them,
// found without the parser.
func lines(text string) []string {
	var out []string
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// flaws returns what is wrong with an answer to r from c.
func flaws(c *corpus.Corpus, r answers.Request, a answers.Answer) []string {
	var found []string
	flaw := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	top := r.Top
	if top == 0 {
		top = answers.DefaultTop
	}
	if len(a.Excerpts) > top {
		flaw("%d excerpts of at most %d", len(a.Excerpts), top)
	}
	switch a.Status {
	case answers.Answered:
		if len(a.Excerpts) == 0 || a.Reason != "" {
			flaw("answered with %d excerpts and reason %q", len(a.Excerpts), a.Reason)
		}
	case answers.NoAnswer:
		if a.Reason == "" || a.Message == "" || a.Figure != nil {
			flaw("refused with reason %q, message %q, figure %v", a.Reason, a.Message, a.Figure)
		}
	case answers.SmallTalk:
		if a.Message == "" || len(a.Excerpts) > 0 {
			flaw("small talk with message %q and %d excerpts", a.Message, len(a.Excerpts))
		}
	default:
		flaw("status %q", a.Status)
	}
	if a.Figure != nil && !stands(a) {
		flaw("figure %q is not in the first quote, where it says", a.Figure.Value)
	}
	places := map[string]bool{}
	for _, x := range a.Excerpts {
		place := fmt.Sprintf("%s %d", x.Citation.Report, x.Citation.Paragraph)
		if places[place] {
			flaw("paragraph %s is quoted twice", place)
		}
		places[place] = true
		for _, f := range excerptFlaws(c, r, x) {
			flaw("%s: %s", place, f)
		}
	}
	return found
}

// stands reports whether the figure is where its citation says, in the first
// quote, and is shown with its value.
func stands(a answers.Answer) bool {
	at := a.Figure.Citation
	if len(a.Excerpts) == 0 || at == nil {
		return false
	}
	x := a.Excerpts[0]
	return at.Report == x.Citation.Report && at.ParagraphID == x.Citation.ParagraphID && x.Start <= at.Start && at.End <= x.End &&
		x.Text[at.Start:at.End] == a.Figure.Value && strings.Contains(a.Said(), a.Figure.Value)
}

func excerptFlaws(c *corpus.Corpus, r answers.Request, x answers.Excerpt) []string {
	of := c.Report(x.Citation.Report)
	if of == nil {
		return []string{"there is no such report"}
	}
	source := lines(of.Text)
	n := x.Citation.Paragraph
	if n < 1 || n > len(source) || source[n-1] != x.Text {
		return []string{"the text is not that paragraph of the source"}
	}
	if x.Start < 0 || x.Start >= x.End || x.End > len(x.Text) || x.Text[x.Start:x.End] != x.Quote {
		return []string{"the quote is not text[start:end]"}
	}
	var found []string
	if !utf8.ValidString(x.Quote) || strings.TrimSpace(x.Quote) != x.Quote {
		found = append(found, "the quote is cut within a character or has space around it")
	}
	p := of.Paragraphs[n-1]
	if x.Citation.ParagraphID != p.ID || !strings.HasSuffix(x.Citation.URL, fmt.Sprintf("/p/%s?s=%d-%d", p.ID, x.Start, x.End)) {
		found = append(found, fmt.Sprintf("the citation leads elsewhere: %+v", x.Citation))
	}
	limit := r.MaxQuote
	if limit == 0 {
		limit = answers.DefaultMaxQuote
	}
	if x.Citation.Term != "" {
		if x.Quote != x.Text {
			found = append(found, "a glossary entry is not quoted whole")
		}
	} else if utf8.RuneCountInString(x.Quote) > limit && !indivisible(p, x) {
		found = append(found, fmt.Sprintf("the quote has %d characters and could be shorter", utf8.RuneCountInString(x.Quote)))
	}
	if !bounded(p, x) {
		found = append(found, "the quote does not begin and end with a sentence or part")
	}
	at := 0
	for _, m := range x.Marks {
		if m.Start < at || m.End <= m.Start || m.End > len(x.Quote) || !utf8.ValidString(x.Quote[m.Start:m.End]) {
			found = append(found, fmt.Sprintf("marks %v", x.Marks))
			break
		}
		at = m.End
	}
	return found
}

// parts are the ；-parts of a paragraph's sentences.
func parts(p report.Paragraph) (out []report.Span) {
	for _, s := range p.Sentences {
		out = append(out, report.SoftParts(p.Text, s)...)
	}
	return out
}

// indivisible reports whether the quote is one part, or one sentence of one.
func indivisible(p report.Paragraph, x answers.Excerpt) bool {
	return slices.Contains(parts(p), report.Span{Start: x.Start, End: x.End})
}

// bounded reports whether the quote begins and ends where parts do.
func bounded(p report.Paragraph, x answers.Excerpt) bool {
	all := parts(p)
	return x.Quote == x.Text ||
		slices.ContainsFunc(all, func(s report.Span) bool { return s.Start == x.Start }) &&
			slices.ContainsFunc(all, func(s report.Span) bool { return s.End == x.End })
}

// TestEveryAnswerIsVerbatim holds the golden questions, in several shapes of
// request, to the source.
func TestEveryAnswerIsVerbatim(t *testing.T) {
	w := wireSeeds(t)
	for _, like := range []answers.Request{{}, {Top: answers.MaxTop}, {Top: 1, MaxQuote: 20}, {Report: "nmg-2022", Lang: "en"}} {
		for _, c := range questions(t) {
			r := like
			r.Question, r.History = c.Question, c.History
			a, err := w.engine.Answer(t.Context(), r)
			if err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			for _, f := range flaws(w.corpus, r, a) {
				t.Errorf("%s %s (top %d, max quote %d): %s", c.ID, c.Question, like.Top, like.MaxQuote, f)
			}
		}
	}
	if n := w.engine.Dropped(); n != 0 {
		t.Errorf("%d quotes were withheld", n)
	}
}

// FuzzQuestion asks the seed report anything.
func FuzzQuestion(f *testing.F) {
	w := wireSeeds(f)
	for _, c := range questions(f) {
		before := ""
		if len(c.History) > 0 {
			before = c.History[len(c.History)-1]
		}
		f.Add(c.Question, before, uint8(0), uint16(0))
	}
	f.Add("“（《", "\x00\xff", uint8(50), uint16(1))
	f.Fuzz(func(t *testing.T, question, before string, top uint8, maxQuote uint16) {
		r := answers.Request{Question: question, Top: int(top) % (answers.MaxTop + 1), MaxQuote: int(maxQuote)}
		if before != "" {
			r.History = []string{before}
		}
		a, err := w.engine.Answer(t.Context(), r)
		if err != nil {
			if a.Status != "" || len(a.Excerpts) > 0 {
				t.Errorf("%v, and an answer", err)
			}
			return
		}
		for _, flaw := range flaws(w.corpus, r, a) {
			t.Errorf("%q after %q: %s", question, before, flaw)
		}
	})
}

// FuzzDocument asks any text.
func FuzzDocument(f *testing.F) {
	l := decodeLexicon(f)
	f.Add("某省2024年政府工作报告\n一、工作回顾\n新建绿色矿山133座；新增就业“5万人。\n名词解释\n1．三线一单：生态红线。", "新建绿色矿山多少座")
	f.Add("第一章 总则\r\n1.1 目标——增长６％左右\r\n（二）完成投资两万亿", "目标是多少")
	f.Add("“X”：说明\n\n\n　", "X是什么")
	f.Fuzz(func(t *testing.T, text, question string) {
		c, err := loadText(text)
		if err != nil {
			return
		}
		w := wire(t, c, l)
		r := answers.Request{Question: question, MaxQuote: 40}
		a, err := w.engine.Answer(t.Context(), r)
		if err != nil {
			return
		}
		for _, flaw := range flaws(c, r, a) {
			t.Errorf("%q of %q: %s", question, text, flaw)
		}
	})
}

package eval

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wenbao/answers"
)

// An Outcome is one case judged.
type Outcome struct {
	Case       Case           `json:"case"`
	Answer     answers.Answer `json:"answer"`
	Excerpt1   bool           `json:"excerpt1"`   // gold in the first excerpt's quote
	Excerpt3   bool           `json:"excerpt3"`   // in one of the first three
	Paragraph1 bool           `json:"paragraph1"` // in the first excerpt's paragraph
	Paragraph3 bool           `json:"paragraph3"`
	Refused    bool           `json:"refused"`
	Rank       int            `json:"rank,omitempty"`     // of the first right report, from 1; 0 for none (passage sets)
	InQuote    bool           `json:"in_quote,omitempty"` // the first quote holds an answer (passage sets)
	Took       time.Duration  `json:"took_ns"`
}

// Right reports whether the case went as it should.
func (o Outcome) Right() bool {
	switch {
	case o.Case.Passage():
		return o.Rank == 1
	case o.Case.Expect == "none":
		return o.Refused
	}
	return o.Excerpt1
}

const (
	passageTop   = 10
	passageQuote = 100
)

// Run asks every case and judges the answers.
func Run(ctx context.Context, a answers.Answerer, cases []Case) ([]Outcome, error) {
	out := make([]Outcome, 0, len(cases))
	for _, c := range cases {
		r := answers.Request{ID: c.ID, Question: c.Question, History: c.History, Report: c.Report}
		if c.Passage() {
			r.Top, r.MaxQuote = passageTop, passageQuote
		}
		began := time.Now()
		ans, err := a.Answer(ctx, r)
		if err != nil {
			return nil, err
		}
		o := Judge(c, ans)
		o.Took = time.Since(began)
		out = append(out, o)
	}
	return out, nil
}

// spread names the kinds whose groups may be spread over several excerpts,
// and over how many (0: all).
var spread = map[string]int{"multi": 3, "series": 0, "compare": 0}

// Judge judges one answer.
func Judge(c Case, a answers.Answer) Outcome {
	o := Outcome{Case: c, Answer: a, Refused: a.Status != answers.Answered}
	if c.Passage() {
		judgePassage(&o)
		return o
	}
	if o.Refused || c.Expect == "none" {
		return o
	}
	quotes, paragraphs := make([]string, len(a.Excerpts)), make([]string, len(a.Excerpts))
	for i, x := range a.Excerpts {
		quotes[i], paragraphs[i] = x.Quote, x.Text
	}
	if k, ok := spread[c.Kind]; ok {
		if k == 0 {
			k = len(quotes)
		}
		o.Excerpt1, o.Paragraph1 = holdsTogether(quotes, c.Gold, k), holdsTogether(paragraphs, c.Gold, k)
		o.Excerpt3, o.Paragraph3 = o.Excerpt1, o.Paragraph1
		return o
	}
	o.Excerpt1, o.Excerpt3 = holdsOne(quotes, c.Gold, 1), holdsOne(quotes, c.Gold, 3)
	o.Paragraph1, o.Paragraph3 = holdsOne(paragraphs, c.Gold, 1), holdsOne(paragraphs, c.Gold, 3)
	return o
}

// holdsOne reports whether one of the first k texts holds every group.
func holdsOne(texts []string, gold [][]string, k int) bool {
	for _, t := range texts[:min(k, len(texts))] {
		if holdsTogether([]string{t}, gold, 1) {
			return true
		}
	}
	return false
}

// holdsTogether reports whether the first k texts between them hold every
// group.
func holdsTogether(texts []string, gold [][]string, k int) bool {
	texts = texts[:min(k, len(texts))]
	for _, group := range gold {
		if !slices.ContainsFunc(texts, func(t string) bool {
			return slices.ContainsFunc(group, func(g string) bool { return strings.Contains(t, g) })
		}) {
			return false
		}
	}
	return true
}

func judgePassage(o *Outcome) {
	var reports []string
	for _, x := range o.Answer.Excerpts {
		if !slices.Contains(reports, x.Citation.Report) {
			reports = append(reports, x.Citation.Report)
		}
	}
	for i, id := range reports {
		if slices.Contains(o.Case.Passages, id) {
			o.Rank = i + 1
			break
		}
	}
	if len(o.Answer.Excerpts) > 0 {
		q := o.Answer.Excerpts[0].Quote
		o.InQuote = slices.ContainsFunc(o.Case.Answers, func(a string) bool { return strings.Contains(q, a) })
	}
}

// A Row is the figures of one kind of question. Shares are 0–1.
type Row struct {
	Kind          string  `json:"kind"`
	N             int     `json:"n"`
	Answerable    int     `json:"answerable"`
	Unanswerable  int     `json:"unanswerable"`
	Excerpt1      float64 `json:"excerpt1"`
	Excerpt3      float64 `json:"excerpt3"`
	Paragraph1    float64 `json:"paragraph1"`
	RefusedRight  float64 `json:"refused_right"`
	RefusedWrong  float64 `json:"refused_wrong"`
	QuoteLength   float64 `json:"quote_length"` // mean runes of the first quote
	P50Micros     int64   `json:"p50_us"`
	P95Micros     int64   `json:"p95_us"`
	P99Micros     int64   `json:"p99_us"`
	Recall1       float64 `json:"recall1,omitempty"`
	Recall5       float64 `json:"recall5,omitempty"`
	MRR10         float64 `json:"mrr10,omitempty"`
	AnswerInQuote float64 `json:"answer_in_quote,omitempty"`
}

// Table sums outcomes up by kind, in order of appearance, with a last row of
// the kind "all".
func Table(outcomes []Outcome) []Row {
	var kinds []string
	by := map[string][]Outcome{}
	for _, o := range outcomes {
		if by[o.Case.Kind] == nil {
			kinds = append(kinds, o.Case.Kind)
		}
		by[o.Case.Kind] = append(by[o.Case.Kind], o)
	}
	rows := make([]Row, 0, len(kinds)+1)
	for _, k := range kinds {
		rows = append(rows, row(k, by[k]))
	}
	return append(rows, row("all", outcomes))
}

func row(kind string, outcomes []Outcome) Row {
	r := Row{Kind: kind, N: len(outcomes)}
	var passages, quotes int
	var took []time.Duration
	count := func(ok bool, share *float64) {
		if ok {
			*share++
		}
	}
	for _, o := range outcomes {
		took = append(took, o.Took)
		if len(o.Answer.Excerpts) > 0 && o.Answer.Status == answers.Answered {
			quotes++
			r.QuoteLength += float64(utf8.RuneCountInString(o.Answer.Excerpts[0].Quote))
		}
		switch {
		case o.Case.Passage():
			passages++
			count(o.Rank == 1, &r.Recall1)
			count(o.Rank >= 1 && o.Rank <= 5, &r.Recall5)
			if o.Rank >= 1 && o.Rank <= 10 {
				r.MRR10 += 1 / float64(o.Rank)
			}
			count(o.InQuote, &r.AnswerInQuote)
		case o.Case.Expect == "none":
			r.Unanswerable++
			count(o.Refused, &r.RefusedRight)
		default:
			r.Answerable++
			count(o.Excerpt1, &r.Excerpt1)
			count(o.Excerpt3, &r.Excerpt3)
			count(o.Paragraph1, &r.Paragraph1)
			count(o.Refused, &r.RefusedWrong)
		}
	}
	share := func(n int, fields ...*float64) {
		for _, f := range fields {
			if n > 0 {
				*f /= float64(n)
			}
		}
	}
	share(r.Answerable, &r.Excerpt1, &r.Excerpt3, &r.Paragraph1, &r.RefusedWrong)
	share(r.Unanswerable, &r.RefusedRight)
	share(passages, &r.Recall1, &r.Recall5, &r.MRR10, &r.AnswerInQuote)
	share(quotes, &r.QuoteLength)
	slices.SortFunc(took, cmp.Compare[time.Duration])
	r.P50Micros, r.P95Micros, r.P99Micros = quantile(took, 50), quantile(took, 95), quantile(took, 99)
	return r
}

func quantile(sorted []time.Duration, percent int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)].Microseconds()
}

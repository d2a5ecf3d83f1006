package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wenbao/answers"
)

// A Change is a question that two generations answer differently.
type Change struct {
	Question string `json:"question"`
	Report   string `json:"report,omitempty"` // asked within
	Before   Side   `json:"before"`
	After    Side   `json:"after"`
}

// A Side is how one generation answers.
type Side struct {
	Status answers.Status `json:"status"`
	Reason answers.Reason `json:"reason,omitempty"`
	Figure string         `json:"figure,omitempty"`
	Quotes []Quote        `json:"quotes,omitempty"`
}

// A Quote is an excerpt, cited.
type Quote struct {
	Report string `json:"report"`
	Label  string `json:"label"`
	URL    string `json:"url"`
	Text   string `json:"text"`
}

// compared is how many excerpts of an answer are compared.
const compared = 3

// noReport is the reason where the report asked about is not there.
const noReport answers.Reason = "no_report"

func sideOf(a answers.Answer) Side {
	s := Side{Status: a.Status, Reason: a.Reason, Figure: a.Said()}
	if a.Status != answers.Answered {
		return s // the nearest passages are no answer
	}
	for _, x := range a.Excerpts[:min(compared, len(a.Excerpts))] {
		s.Quotes = append(s.Quotes, Quote{Report: x.Citation.Report, Label: x.Citation.Label, URL: x.Citation.URL, Text: x.Quote})
	}
	return s
}

// same reports whether an asker would see the same answer: the same words of
// the same reports. Where they stand may differ.
func same(a, b Side) bool {
	return a.Status == b.Status && a.Reason == b.Reason && a.Figure == b.Figure &&
		slices.EqualFunc(a.Quotes, b.Quotes, func(x, y Quote) bool { return x.Report == y.Report && x.Text == y.Text })
}

// Compare asks both generations and returns the questions whose answers
// differ, in order. progress, if not nil, is told how many are done.
func Compare(ctx context.Context, before, after answers.Answerer, questions []answers.Request, progress func(done, total int)) ([]Change, error) {
	var changes []Change
	for i, q := range questions {
		was, err := ask(ctx, before, q)
		if err != nil {
			return nil, fmt.Errorf("compare answers: %w", err)
		}
		is, err := ask(ctx, after, q)
		if err != nil {
			return nil, fmt.Errorf("compare answers: %w", err)
		}
		if !same(was, is) {
			changes = append(changes, Change{Question: q.Question, Report: q.Report, Before: was, After: is})
		}
		if progress != nil {
			progress(i+1, len(questions))
		}
	}
	return changes, nil
}

func ask(ctx context.Context, a answers.Answerer, q answers.Request) (Side, error) {
	got, err := a.Answer(ctx, q)
	if errors.Is(err, answers.ErrUnknownReport) {
		return Side{Status: answers.NoAnswer, Reason: noReport}, nil
	}
	return sideOf(got), err
}

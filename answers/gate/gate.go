// Package gate judges a generation before it goes live: by questions with
// gold, and by whose answers change.
package gate

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"wenbao/answers"
	"wenbao/answers/eval"
)

// A Set is questions with gold that belong together.
type Set struct {
	Name   string
	Report string // whose questions these are, where a case names none; "": everybody's
	Cases  []eval.Case
}

// ReadSet reads the questions of one file.
func ReadSet(fsys fs.FS, name string) (Set, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return Set{}, fmt.Errorf("read questions: %w", err)
	}
	defer f.Close()
	cases, err := eval.ReadCases(name, f)
	if err != nil {
		return Set{}, fmt.Errorf("read questions: %w", err)
	}
	return Set{Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), Cases: cases}, nil
}

// maxFailures bounds how many wrong answers a verdict shows.
const maxFailures = 20

// A Verdict is what the questions with gold came to.
type Verdict struct {
	Asked    int        `json:"asked"`
	Skipped  int        `json:"skipped"` // their reports are not there
	Right    float64    `json:"right"`   // share of those asked
	Floor    float64    `json:"floor"`   // the least share wanted
	Passed   bool       `json:"passed"`
	Rows     []eval.Row `json:"rows,omitempty"`
	Failures []Failure  `json:"failures,omitempty"` // the first ones
}

// A Failure is a question answered wrongly.
type Failure struct {
	Set      string     `json:"set"`
	ID       string     `json:"id,omitempty"`
	Question string     `json:"question"`
	Expect   string     `json:"expect,omitempty"`
	Gold     [][]string `json:"gold,omitempty"`
	Got      Side       `json:"got"`
}

// Judge asks the questions whose reports are there. progress, if not nil, is
// told how many are done. Where no question can be asked the verdict passes.
func Judge(ctx context.Context, a answers.Answerer, sets []Set, has func(report string) bool, floor float64, progress func(done, total int)) (Verdict, error) {
	v := Verdict{Floor: floor, Passed: true}
	asked, from := askable(sets, has, &v.Skipped)
	outcomes := make([]eval.Outcome, 0, len(asked))
	right := 0
	for i, c := range asked {
		o, err := eval.Run(ctx, a, []eval.Case{c})
		if err != nil {
			return v, fmt.Errorf("ask question %s of %s: %w", c.ID, from[i], err)
		}
		outcomes = append(outcomes, o[0])
		if o[0].Right() {
			right++
		} else if len(v.Failures) < maxFailures {
			v.Failures = append(v.Failures, Failure{Set: from[i], ID: c.ID, Question: c.Question, Expect: c.Expect, Gold: c.Gold, Got: sideOf(o[0].Answer)})
		}
		if progress != nil {
			progress(i+1, len(asked))
		}
	}
	if v.Asked = len(asked); v.Asked > 0 {
		v.Right = float64(right) / float64(v.Asked)
		v.Rows = eval.Table(outcomes)
		v.Passed = v.Right >= floor
	}
	return v, nil
}

// askable returns the cases whose reports are there, and the set of each.
func askable(sets []Set, has func(string) bool, skipped *int) (cases []eval.Case, from []string) {
	for _, s := range sets {
		for _, c := range s.Cases {
			if c.Report == "" && !c.Passage() {
				c.Report = s.Report
			}
			if c.Report != "" && !has(c.Report) || c.Passage() && !slices.ContainsFunc(c.Passages, has) {
				*skipped++
				continue
			}
			cases, from = append(cases, c), append(from, s.Name)
		}
	}
	return cases, from
}

// Samples returns up to n questions that can be asked, spread over the sets.
func Samples(sets []Set, has func(report string) bool, n int) []answers.Request {
	var skipped int
	cases, _ := askable(sets, has, &skipped)
	n = min(n, len(cases))
	out := make([]answers.Request, 0, n)
	for i := range n {
		c := cases[i*len(cases)/n]
		out = append(out, answers.Request{Question: c.Question, History: c.History, Report: c.Report})
	}
	return out
}

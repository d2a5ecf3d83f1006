// Package gate judges a generation before it goes live: by questions with
// gold, and by whose answers change.
package gate

import (
	"context"
	"encoding/json"
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
	Asked      int        `json:"asked"`
	Remembered int        `json:"remembered"` // asked before, of the same reports: they count as they went then
	Skipped    int        `json:"skipped"`    // their reports are not there
	Right      float64    `json:"right"`      // share of those asked and remembered
	Floor      float64    `json:"floor"`      // the least share wanted
	Passed     bool       `json:"passed"`
	Rows       []eval.Row `json:"rows,omitempty"`
	Failures   []Failure  `json:"failures,omitempty"` // the first ones
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

// Generation is what a Judge wants to know of the one that answers.
type Generation struct {
	Reports map[string]string // id → digest
	Lexicon string            // digest
}

func (g Generation) has(report string) bool { return g.Reports[report] != "" }

// A Judge asks questions. It remembers how those went that keep to one report:
// while that report is the same and nearly all others are, they are not asked
// again. It is used for one generation at a time.
type Judge struct {
	baseline Generation              // the one that was last asked everything
	outcomes map[string]eval.Outcome // of that one, and since
}

// mostDrift is the share of reports that may differ from the baseline before
// everything is asked again: how words weigh depends on all reports together.
const mostDrift = 0.1

// Judge asks the questions whose reports are there. progress, if not nil, is
// told how many are done. Where no question can be asked the verdict passes.
func (j *Judge) Judge(ctx context.Context, a answers.Answerer, g Generation, sets []Set, floor float64, progress func(done, total int)) (Verdict, error) {
	v := Verdict{Floor: floor, Passed: true}
	if drift(j.baseline, g) > mostDrift {
		j.baseline, j.outcomes = g, map[string]eval.Outcome{}
	}
	cases, from := askable(sets, g.has, &v.Skipped)
	outcomes := make([]eval.Outcome, 0, len(cases))
	right := 0
	for i, c := range cases {
		o, err := j.outcome(ctx, a, g, c, &v)
		if err != nil {
			return v, fmt.Errorf("ask question %s of %s: %w", c.ID, from[i], err)
		}
		outcomes = append(outcomes, o)
		if o.Right() {
			right++
		} else if len(v.Failures) < maxFailures {
			v.Failures = append(v.Failures, Failure{Set: from[i], ID: c.ID, Question: c.Question, Expect: c.Expect, Gold: c.Gold, Got: sideOf(o.Answer)})
		}
		if progress != nil {
			progress(i+1, len(cases))
		}
	}
	if len(cases) > 0 {
		v.Right = float64(right) / float64(len(cases))
		v.Rows = eval.Table(outcomes)
		v.Passed = v.Right >= floor
	}
	return v, nil
}

// outcome asks one question, or remembers how it went.
func (j *Judge) outcome(ctx context.Context, a answers.Answerer, g Generation, c eval.Case, v *Verdict) (eval.Outcome, error) {
	key := ""
	if c.Report != "" && !c.Passage() {
		raw, err := json.Marshal(c)
		if err != nil {
			return eval.Outcome{}, err
		}
		key = g.Reports[c.Report] + string(raw)
		if o, known := j.outcomes[key]; known {
			v.Remembered++
			return o, ctx.Err()
		}
	}
	asked, err := eval.Run(ctx, a, []eval.Case{c})
	if err != nil {
		return eval.Outcome{}, err
	}
	v.Asked++
	o := asked[0]
	if key != "" {
		j.outcomes[key] = slim(o)
	}
	return o, nil
}

// slim leaves out what a verdict does not show.
func slim(o eval.Outcome) eval.Outcome {
	o.Answer.Excerpts = slices.Clone(o.Answer.Excerpts[:min(compared, len(o.Answer.Excerpts))])
	for i := range o.Answer.Excerpts {
		o.Answer.Excerpts[i].Text = ""
	}
	return o
}

// drift is the share of reports in which two generations differ; 1 where the
// lexicon does.
func drift(a, b Generation) float64 {
	if a.Lexicon != b.Lexicon {
		return 1
	}
	differ := 0
	for id, digest := range a.Reports {
		if b.Reports[id] != digest {
			differ++
		}
	}
	for id := range b.Reports {
		if a.Reports[id] == "" {
			differ++
		}
	}
	return float64(differ) / float64(max(len(a.Reports), len(b.Reports), 1))
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
func Samples(sets []Set, g Generation, n int) []answers.Request {
	var skipped int
	cases, _ := askable(sets, g.has, &skipped)
	n = min(n, len(cases))
	out := make([]answers.Request, 0, n)
	for i := range n {
		c := cases[i*len(cases)/n]
		out = append(out, answers.Request{Question: c.Question, History: c.History, Report: c.Report})
	}
	return out
}

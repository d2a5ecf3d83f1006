package main

import (
	"context"
	"fmt"
	"os"

	"wenbao/answers/eval"
)

type evalCommand struct {
	common
	JSON      bool     `name:"json" help:"Print the figures as JSON."`
	Failures  bool     `help:"Show each miss beside its gold."`
	Questions []string `sep:"none" placeholder:"FILE" help:"Questions with gold, JSON lines; can be repeated."`
	Files     []string `arg:"" optional:"" name:"questions" help:"Further files of questions."`
}

func (e *evalCommand) Run(ctx context.Context, env *environment) error {
	cases, err := e.cases()
	if err != nil {
		return err
	}
	cfg, err := e.settings(env)
	if err != nil {
		return err
	}
	s, err := open(ctx, cfg, logger(env, cfg, quiet(cfg)))
	if err != nil {
		return err
	}
	defer s.Close()
	cases, left := inCorpus(cases, s)
	if len(cases) == 0 {
		return misuse("all %d questions are about reports that the corpus does not hold", left)
	}
	if left > 0 {
		fmt.Fprintf(env.Stderr, "wenbao: left out %d questions about reports that the corpus does not hold\n", left)
	}
	outcomes, err := eval.Run(ctx, s.Answers, cases)
	if err != nil {
		return asked(err, s)
	}
	rows := eval.Table(outcomes)
	if e.JSON {
		return writeJSON(env.Stdout, e.result(rows, outcomes), isTerminal(env.Stdout))
	}
	if e.Failures {
		eval.PrintFailures(env.Stdout, outcomes)
	}
	return eval.Print(env.Stdout, rows)
}

// inCorpus keeps the cases whose report, where they name one, is there, and
// counts the others.
func inCorpus(cases []eval.Case, s *engineParts) (kept []eval.Case, left int) {
	for _, c := range cases {
		if c.Report != "" && s.Corpus.Report(c.Report) == nil {
			left++
			continue
		}
		kept = append(kept, c)
	}
	return kept, left
}

// evaluation is what --json prints.
type evaluation struct {
	Rows     []eval.Row     `json:"rows"`
	Failures []eval.Outcome `json:"failures,omitempty"`
}

func (e *evalCommand) result(rows []eval.Row, outcomes []eval.Outcome) evaluation {
	result := evaluation{Rows: rows}
	for _, o := range outcomes {
		if e.Failures && !o.Right() {
			result.Failures = append(result.Failures, o)
		}
	}
	return result
}

// cases reads every file of questions.
func (e *evalCommand) cases() ([]eval.Case, error) {
	var all []eval.Case
	for _, name := range append(e.Questions, e.Files...) {
		f, err := os.Open(name)
		if err != nil {
			return nil, misuse("--questions: %w", err)
		}
		cases, err := eval.ReadCases(name, f)
		f.Close()
		if err != nil {
			return nil, misuse("%w", err)
		}
		all = append(all, cases...)
	}
	if len(all) == 0 {
		return nil, misuse("there are no questions; name files with --questions FILE")
	}
	return all, nil
}

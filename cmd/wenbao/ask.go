package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"wenbao/answers"
	"wenbao/answers/batch"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/terminal"
)

type askCommand struct {
	common
	JSON     bool     `name:"json" help:"Print the answer as JSON."`
	Batch    bool     `help:"Read questions from stdin, one JSON object a line, and print answers, one a line."`
	Top      int      `placeholder:"N" help:"Most excerpts, up to 50 (default 5; as text 3)."`
	MaxQuote int      `placeholder:"N" help:"Longest quote in characters (default 200)."`
	Report   string   `placeholder:"ID" help:"Search this report only."`
	Now      string   `placeholder:"DATE" help:"The day that 去年 and 今年 are said on (default: the newest report's)."`
	Question []string `arg:"" optional:"" help:"The question."`
}

// shownTop is how many excerpts are shown as text where none are asked for.
const shownTop = 3

// rarely is how often garbage is collected where one question is put to the
// program's own reports: a sixth of the time goes, for 3 MB. With reports of
// any size it would cost too much memory.
const rarely = 400

func (a *askCommand) Run(ctx context.Context, env *environment) error {
	req, err := a.request()
	if err != nil {
		return err
	}
	cfg, err := a.settings(env)
	if err != nil {
		return err
	}
	if !a.Batch && cfg.Corpus == "" && env.variable("GOGC") == "" {
		debug.SetGCPercent(rarely)
	}
	s, err := open(ctx, cfg, logger(env, cfg, quiet(cfg)))
	if err != nil {
		return err
	}
	defer s.Close()
	req.Lang = cfg.Lang
	if a.Batch {
		return runBatch(ctx, env, s.Answers, req)
	}
	answer, err := s.Answers.Answer(ctx, req)
	if err != nil {
		return asked(err, s)
	}
	if a.JSON {
		err = writeJSON(env.Stdout, answer, isTerminal(env.Stdout))
	} else {
		err = terminal.Write(env.Stdout, env.style(), compose.Answer(lang(cfg), "", answer, noGlossary{}), terminal.NoKeys)
	}
	if err == nil && answer.Status == answers.NoAnswer {
		err = quietly(statusNoAnswer)
	}
	return err
}

// request makes a request of the flags.
func (a *askCommand) request() (answers.Request, error) {
	q := strings.TrimSpace(strings.Join(a.Question, " "))
	switch {
	case a.Batch && q != "":
		return answers.Request{}, misuse("--batch reads its questions from stdin; leave out %q", q)
	case !a.Batch && q == "":
		return answers.Request{}, misuse("what is the question? For example: wenbao ask 2021年新建绿色矿山多少座")
	case a.Top < 0 || a.Top > answers.MaxTop:
		return answers.Request{}, misuse("--top is %d; it can be 1 to %d", a.Top, answers.MaxTop)
	case a.MaxQuote < 0:
		return answers.Request{}, misuse("--max-quote is %d; it is a number of characters", a.MaxQuote)
	}
	day, err := parseDay("--now", a.Now)
	r := answers.Request{Question: q, Report: a.Report, Top: a.Top, MaxQuote: a.MaxQuote, Now: day}
	if r.Top == 0 && !a.JSON && !a.Batch {
		r.Top = shownTop
	}
	return r, err
}

func runBatch(ctx context.Context, env *environment, a answers.Answerer, like answers.Request) error {
	bad, err := batch.Run(ctx, a, like, interruptible(ctx, env.Stdin), env.Stdout)
	if err == nil && bad > 0 {
		err = misuse("bad lines: %d", bad)
	}
	return err
}

// asked explains an error of the engine: those of the question are the
// caller's.
func asked(err error, s *engineParts) error {
	switch {
	case errors.Is(err, answers.ErrUnknownReport):
		return misuse("%w; there are: %s", err, strings.Join(reportIDs(s), ", "))
	case errors.Is(err, answers.ErrEmpty), errors.Is(err, answers.ErrTooLong):
		return misuse("%w", err)
	}
	return fmt.Errorf("answer: %w", err)
}

// mostIDs bounds how many reports a message lists.
const mostIDs = 20

func reportIDs(s *engineParts) []string {
	g, release, err := s.Search.Acquire()
	if err != nil {
		return nil
	}
	defer release()
	var ids []string
	for i, r := range g.Corpus.Reports {
		if i == mostIDs {
			return append(ids, "…")
		}
		ids = append(ids, r.ID)
	}
	return ids
}

// writeJSON writes one value, on several lines where a person reads it.
func writeJSON(w io.Writer, v any, indent bool) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if indent {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(v)
}

// noGlossary leaves out the buttons of glossary terms, which nothing presses.
type noGlossary struct{}

func (noGlossary) Terms(string) []bot.TermInfo      { return nil }
func (noGlossary) Term(_, _ string) []bot.TermEntry { return nil }

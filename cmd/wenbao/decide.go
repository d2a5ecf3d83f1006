package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wenbao/answers/curation"
	"wenbao/bot/admin/client"
	"wenbao/bot/admin/questions"
	"wenbao/bot/curator"
)

type pinsCommand struct {
	List   pinsListCommand   `cmd:"" default:"withargs" help:"List aliases and pinned answers."`
	Add    pinsAddCommand    `cmd:"" help:"Let a phrase mean a term, or a paragraph answer a question; at once, without a restart."`
	Remove pinsRemoveCommand `cmd:"" help:"Remove one."`
}

// workspace is whose questions a command is about.
type workspace struct {
	Workspace string `placeholder:"WHERE" help:"Only for slack:TEAM, telegram:CHAT or web (default: all)."`
}

type pinsListCommand struct {
	operator
	workspace
}

func (p *pinsListCommand) Run(ctx context.Context, env *environment) error {
	get := func(ctx context.Context, c *client.Client) ([]curator.Shown, error) { return c.Pins(ctx, p.Workspace) }
	return show(ctx, env, p.operator, get, func(list []curator.Shown) error { return printPins(env.Stdout, list) })
}

func printPins(w io.Writer, list []curator.Shown) error {
	return table(w, func(w io.Writer) {
		fmt.Fprintln(w, "ID\tMATCH\tFOR\tBY\tMADE\tPHRASE\t")
		for _, r := range list {
			note := ""
			if r.Stale {
				note = " (stale: not in the reports now)"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s → %s%s\n", r.ID, r.Match, orAll(r.Workspace), r.By, moment(r.At), r.Phrase, leadsTo(r), note)
		}
	})
}

// leadsTo says what a rule is for.
func leadsTo(r curator.Shown) string {
	switch {
	case r.Kind == curation.Alias:
		return r.Term
	case r.Label != "":
		return r.Label
	}
	return r.Place.Report + "#" + r.Place.Paragraph
}

func orAll(workspace string) string {
	if workspace == "" {
		return "all"
	}
	return workspace
}

type pinsAddCommand struct {
	operator
	workspace
	Phrase    string `arg:"" help:"What people ask or say."`
	Term      string `placeholder:"TERM" help:"The term of a glossary that the phrase means."`
	At        string `placeholder:"LINK" help:"The link of a citation: what it marks answers the question."`
	Report    string `placeholder:"ID" help:"Instead of --at, the report …"`
	Paragraph string `placeholder:"ID" help:"… and the paragraph (paragraph_id in JSON answers)."`
	Quote     string `placeholder:"WORDS" help:"The part of the paragraph to quote, verbatim (default: what answers best)."`
	Match     string `enum:",whole,part" default:"" placeholder:"whole|part" help:"Whether the question is the phrase, or holds it (default: part for a term, whole for a paragraph)."`
}

func (p *pinsAddCommand) Run(ctx context.Context, env *environment) error {
	wish := curator.Wish{Phrase: p.Phrase, Workspace: p.Workspace, Match: p.Match, Term: p.Term,
		Report: p.Report, Paragraph: p.Paragraph, Quote: p.Quote, At: p.At}
	get := func(ctx context.Context, c *client.Client) (curator.Shown, error) { return c.Pin(ctx, wish) }
	return show(ctx, env, p.operator, get, func(made curator.Shown) error {
		_, err := fmt.Fprintf(env.Stdout, "%s %s → %s\n", made.ID, made.Phrase, leadsTo(made))
		return err
	})
}

type pinsRemoveCommand struct {
	operator
	ID string `arg:"" help:"As wenbao pins lists it."`
}

func (p *pinsRemoveCommand) Run(ctx context.Context, env *environment) error {
	get := func(ctx context.Context, c *client.Client) (curator.Shown, error) { return c.Unpin(ctx, p.ID) }
	return show(ctx, env, p.operator, get, func(ended curator.Shown) error {
		_, err := fmt.Fprintf(env.Stdout, "%s %s is removed\n", ended.ID, ended.Phrase)
		return err
	})
}

type questionsCommand struct {
	Popular    popularCommand    `cmd:"" help:"What is asked often."`
	Unanswered unansweredCommand `cmd:"" help:"What found no answer, the most asked first."`
	Votes      votesCommand      `cmd:"" help:"Answers that got a thumb down, the newest first."`
	Public     publicCommand     `cmd:"" help:"What is decided on questions of the public page."`
	Approve    approveCommand    `cmd:"" help:"Show a question on the public page."`
	Block      blockCommand      `cmd:"" help:"Never show a question on the public page."`
	Undecide   undecideCommand   `cmd:"" help:"Take back what was decided on a question."`
}

// listing are the flags of a list of questions.
type listing struct {
	operator
	workspace
	Limit int  `placeholder:"N" help:"Most rows, up to 10000 (default 100)."`
	CSV   bool `name:"csv" help:"Print CSV, as spreadsheets open it."`
}

func (l listing) parameters() url.Values {
	p := url.Values{"workspace": {l.Workspace}}
	if l.Limit != 0 {
		p.Set("limit", strconv.Itoa(l.Limit))
	}
	return p
}

// list prints a list of questions: as CSV, as JSON, or as a table of the rows.
func list[T any](ctx context.Context, env *environment, l listing, name string, p url.Values, header string, row func(T) string) error {
	c, err := l.client(env)
	if err != nil {
		return err
	}
	if l.CSV {
		return called(c.QuestionsCSV(ctx, name, p, env.Stdout))
	}
	var got map[string]any
	rows := []T{}
	into := any(&got)
	if !l.JSON {
		into = &struct {
			Popular, Unanswered, Votes, Public *[]T
		}{&rows, &rows, &rows, &rows}
	}
	if err := c.Questions(ctx, name, p, into); err != nil {
		return called(err)
	}
	if l.JSON {
		return writeJSON(env.Stdout, got[name], isTerminal(env.Stdout))
	}
	return table(env.Stdout, func(w io.Writer) {
		fmt.Fprintln(w, header)
		for _, r := range rows {
			fmt.Fprintln(w, row(r))
		}
	})
}

// cells makes a row of a table.
func cells(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprint(&b, strings.Join(strings.Fields(fmt.Sprint(v)), " "), "\t")
	}
	return b.String()
}

type popularCommand struct {
	listing
	Window string `enum:"day,week" default:"week" help:"How fast askings age: half in a day, or in a week."`
}

func (p *popularCommand) Run(ctx context.Context, env *environment) error {
	q := p.parameters()
	q.Set("window", p.Window)
	return list(ctx, env, p.listing, "popular", q, "WEIGHT\tASKERS\tQUESTION\t", func(r questions.PopularRow) string {
		return cells(fmt.Sprintf("%.2f", r.Weight), r.Askers, r.Question)
	})
}

type unansweredCommand struct{ listing }

func (u *unansweredCommand) Run(ctx context.Context, env *environment) error {
	return list(ctx, env, u.listing, "unanswered", u.parameters(), "ASKED\tLAST\tREASON\tFROM\tQUESTION\t", func(r questions.MissRow) string {
		return cells(r.Count, day(r.Last), r.Reason, r.Workspace, r.Question)
	})
}

type votesCommand struct {
	listing
	Up  bool `xor:"which" help:"Thumbs up instead."`
	All bool `xor:"which" help:"Both."`
}

func (v *votesCommand) Run(ctx context.Context, env *environment) error {
	q := v.parameters()
	switch {
	case v.Up:
		q.Set("vote", "up")
	case v.All:
		q.Set("vote", "all")
	}
	return list(ctx, env, v.listing, "votes", q, "AT\tVOTE\tREASON\tFROM\tQUESTION\tCODE\t", func(r questions.VoteRow) string {
		vote := "down"
		if r.Up {
			vote = "up"
		}
		return cells(day(r.At), vote, r.Reason, r.Workspace, r.Question, r.Code)
	})
}

type publicCommand struct{ listing }

func (p *publicCommand) Run(ctx context.Context, env *environment) error {
	return list(ctx, env, p.listing, "public", p.parameters(), "SHOWN\tBY\tAT\tQUESTION\t", func(d curator.Decision) string {
		shown := "never"
		if d.Approved {
			shown = "yes"
		}
		return cells(shown, d.By, day(d.At), d.Question)
	})
}

func day(t time.Time) string { return t.Local().Format(time.DateOnly) }

type approveCommand struct {
	operator
	Question string `arg:"" help:"A question that the reports answer."`
}

func (a *approveCommand) Run(ctx context.Context, env *environment) error {
	c, err := a.client(env)
	if err != nil {
		return err
	}
	return called(c.Decide(ctx, a.Question, true))
}

type blockCommand struct {
	operator
	Question string `arg:"" help:"A question."`
}

func (b *blockCommand) Run(ctx context.Context, env *environment) error {
	c, err := b.client(env)
	if err != nil {
		return err
	}
	return called(c.Decide(ctx, b.Question, false))
}

type undecideCommand struct {
	operator
	Question string `arg:"" help:"A question."`
}

func (u *undecideCommand) Run(ctx context.Context, env *environment) error {
	c, err := u.client(env)
	if err != nil {
		return err
	}
	return called(c.Undecide(ctx, u.Question))
}

type logCommand struct {
	operator
	Level string `arg:"" optional:"" enum:",debug,info,warn,error" default:"" help:"debug, info, warn or error; without one the level in effect is shown."`
}

// Run changes or shows from which level on the server logs.
func (l *logCommand) Run(ctx context.Context, env *environment) error {
	c, err := l.client(env)
	if err != nil {
		return err
	}
	if l.Level != "" {
		return called(c.SetLogLevel(ctx, l.Level))
	}
	level, err := c.LogLevel(ctx)
	if err != nil {
		return called(err)
	}
	_, err = fmt.Fprintln(env.Stdout, level)
	return err
}

type serverConfigCommand struct{ operator }

// Run prints the settings of a running server.
func (s *serverConfigCommand) Run(ctx context.Context, env *environment) error {
	c, err := s.client(env)
	if err != nil {
		return err
	}
	return called(c.Config(ctx, env.Stdout))
}

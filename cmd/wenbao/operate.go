package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"wenbao/bot/admin/client"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/terminal"
)

// operator are the flags of every command that calls a running server.
type operator struct {
	Addr      string `placeholder:"URL" help:"The server's ops listener (default: WENBAO_OPS_ADDR, or 127.0.0.1:9090)."`
	TokenFile string `placeholder:"FILE" help:"File with the token; or set WENBAO_OPS_TOKEN."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// client returns what calls the server.
func (o operator) client(env *environment) (*client.Client, error) {
	token := env.variable("WENBAO_OPS_TOKEN")
	if o.TokenFile != "" {
		raw, err := os.ReadFile(o.TokenFile)
		if err != nil {
			return nil, misuse("--token-file: %w", err)
		}
		token = string(raw)
	}
	addr := cmp.Or(o.Addr, env.variable("WENBAO_OPS_ADDR"), "127.0.0.1:9090")
	c, err := client.New(addr, strings.TrimSpace(token), &http.Client{})
	if err != nil {
		return nil, misuse("--addr: %w", err)
	}
	return c, nil
}

// show asks the server for something and prints it: as JSON where that is
// wanted, else as print does.
func show[T any](ctx context.Context, env *environment, o operator, get func(context.Context, *client.Client) (T, error), print func(T) error) error {
	c, err := o.client(env)
	if err != nil {
		return err
	}
	got, err := get(ctx, c)
	if err != nil {
		return called(err)
	}
	if o.JSON {
		return writeJSON(env.Stdout, got, isTerminal(env.Stdout))
	}
	return print(got)
}

// called explains an error of the server: some are the caller's.
func called(err error) error {
	var failure *client.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Status {
	case http.StatusUnauthorized:
		return misuse("%w; set WENBAO_OPS_TOKEN, or give --token-file", err)
	case http.StatusForbidden, http.StatusNotFound, http.StatusBadRequest, http.StatusUnprocessableEntity:
		return misuse("%w", err)
	}
	return err
}

type reindexCommand struct {
	operator
	DryRun bool `help:"Make and judge the new generation, and show whose answers would change; do not let it go live."`
	Force  bool `help:"Let it go live whatever the questions with gold say."`
	NoWait bool `help:"Do not wait until it is done."`
}

func (r *reindexCommand) Run(ctx context.Context, env *environment) error {
	c, err := r.client(env)
	if err != nil {
		return err
	}
	id, err := c.Reindex(ctx, reindex.Options{Force: r.Force, DryRun: r.DryRun})
	if err != nil {
		return called(err)
	}
	if r.NoWait {
		_, err := fmt.Fprintln(env.Stdout, id)
		return err
	}
	return follow(ctx, env, c, id, r.JSON)
}

// follow shows a job until it is done, then what came of it.
func follow(ctx context.Context, env *environment, c *client.Client, id string, asJSON bool) error {
	bar := &progressBar{}
	if isTerminal(env.Stderr) {
		bar.out = env.Stderr
	}
	job, err := c.Follow(ctx, id, bar.show)
	bar.clear()
	if err != nil {
		return called(err)
	}
	if asJSON {
		err = writeJSON(env.Stdout, job, isTerminal(env.Stdout))
	} else {
		err = printJob(env.Stdout, job)
	}
	if err == nil && job.State != jobs.Succeeded {
		return quietly(statusFailed)
	}
	return err
}

type jobsCommand struct {
	operator
	ID     string `arg:"" optional:"" help:"Show this one, with all that came of it."`
	Cancel bool   `help:"Cancel it."`
	Follow bool   `help:"Wait until it is done."`
}

func (j *jobsCommand) Run(ctx context.Context, env *environment) error {
	c, err := j.client(env)
	if err != nil {
		return err
	}
	switch {
	case j.ID == "" && (j.Cancel || j.Follow):
		return misuse("name the job: wenbao jobs ID")
	case j.ID == "":
		return j.list(ctx, env, c)
	case j.Cancel:
		return called(c.Cancel(ctx, j.ID))
	case j.Follow:
		return follow(ctx, env, c, j.ID, j.JSON)
	}
	job, err := c.Job(ctx, j.ID)
	if err != nil {
		return called(err)
	}
	if j.JSON {
		return writeJSON(env.Stdout, job, isTerminal(env.Stdout))
	}
	return printJob(env.Stdout, job)
}

func (j *jobsCommand) list(ctx context.Context, env *environment, c *client.Client) error {
	list, err := c.Jobs(ctx)
	if err != nil {
		return called(err)
	}
	if j.JSON {
		return writeJSON(env.Stdout, list, isTerminal(env.Stdout))
	}
	return table(env.Stdout, func(w io.Writer) {
		fmt.Fprintln(w, "JOB\tKIND\tSTATE\tBY\tBEGUN\tTOOK\t")
		for _, job := range list {
			took := ""
			if !job.Finished.IsZero() {
				took = job.Finished.Sub(job.Queued).Round(10 * time.Millisecond).String()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t\n", job.ID, job.Kind, job.State, job.By, moment(job.Queued), took)
		}
	})
}

type generationsCommand struct{ operator }

func (g *generationsCommand) Run(ctx context.Context, env *environment) error {
	get := func(ctx context.Context, c *client.Client) ([]reindex.Generation, error) { return c.Generations(ctx) }
	return show(ctx, env, g.operator, get, func(list []reindex.Generation) error { return printGenerations(env.Stdout, list) })
}

func printGenerations(w io.Writer, list []reindex.Generation) error {
	return table(w, func(w io.Writer) {
		fmt.Fprintln(w, "GENERATION\tREPORTS\tPARAGRAPHS\tSIZE\tMADE\tLAST LIVE\t")
		for _, g := range list {
			note := ""
			if g.Live {
				note = "live"
			}
			fmt.Fprintf(w, "%s\t%d\t%d\t%.1f MB\t%s\t%s\t%s\n", g.ID, g.Reports, g.Paragraphs, float64(g.Bytes)/1e6, moment(g.MadeAt), moment(g.LiveAt), note)
		}
	})
}

type activateCommand struct {
	operator
	ID string `arg:"" help:"A generation; see wenbao generations."`
}

func (a *activateCommand) Run(ctx context.Context, env *environment) error {
	c, err := a.client(env)
	if err != nil {
		return err
	}
	if err := c.Activate(ctx, a.ID); err != nil {
		return called(err)
	}
	if a.JSON {
		return writeJSON(env.Stdout, map[string]any{"id": a.ID, "live": true}, isTerminal(env.Stdout))
	}
	_, err = fmt.Fprintf(env.Stdout, "%s is live\n", a.ID)
	return err
}

// table writes lines whose cells end in tabs as columns.
func table(w io.Writer, rows func(io.Writer)) error {
	var text strings.Builder
	rows(&text)
	var cells [][]string
	for line := range strings.Lines(text.String()) {
		cells = append(cells, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return terminal.Table(w, cells)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}

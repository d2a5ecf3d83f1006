package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"wenbao/bot/admin/client"
	"wenbao/bot/uploads"
	"wenbao/bot/uploads/intake"
)

// reportsCommand are what operators do with reports.
type reportsCommand struct {
	List     reportsListCommand     `cmd:"" default:"withargs" help:"List the reports of a running server."`
	Show     reportsShowCommand     `cmd:"" help:"Show what the parser made of a report."`
	Add      reportsAddCommand      `cmd:"" help:"Upload reports: .txt files, .yaml files with their metadata, .zip files of both."`
	Remove   reportsRemoveCommand   `cmd:"" help:"Remove a report: an upload is gone then, one of the corpus is no longer read."`
	Restore  reportsRestoreCommand  `cmd:"" help:"Bring a report of the corpus back that was removed."`
	Download reportsDownloadCommand `cmd:"" help:"Download the text of a report, as it was uploaded."`
}

type reportsListCommand struct{ operator }

func (l *reportsListCommand) Run(ctx context.Context, env *environment) error {
	get := func(ctx context.Context, c *client.Client) (uploads.Listing, error) { return c.Reports(ctx) }
	return show(ctx, env, l.operator, get, func(list uploads.Listing) error { return printReports(env, list) })
}

func printReports(env *environment, list uploads.Listing) error {
	for _, p := range list.Problems {
		fmt.Fprintln(env.Stderr, "problem: "+p)
	}
	err := table(env.Stdout, func(w io.Writer) {
		fmt.Fprintln(w, "REPORT\tYEAR\tPARAGRAPHS\tTERMS\tFIGURES\tFROM\tBY\tUPLOADED\t")
		for _, r := range list.Reports {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", r.ID, yearOf(r.Year), r.Paragraphs, r.Terms, r.Figures, fromOf(r), orDash(r.UploadedBy), moment(r.UploadedAt), liveNote(r))
		}
	})
	if err == nil && len(list.Removed) > 0 {
		_, err = fmt.Fprintf(env.Stdout, "removed: %s\n", strings.Join(list.Removed, ", "))
	}
	return err
}

func yearOf(year int) string {
	if year == 0 {
		return "-"
	}
	return fmt.Sprint(year)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func fromOf(r uploads.Entry) string {
	if r.Replaces {
		return r.Origin + ", replaces"
	}
	return r.Origin
}

func liveNote(r uploads.Entry) string {
	if r.Live {
		return "live"
	}
	return "not live"
}

// named is the report that a command is about.
type named struct {
	operator
	ID string `arg:"" help:"A report; see wenbao reports."`
}

type reportsShowCommand struct{ named }

func (s *reportsShowCommand) Run(ctx context.Context, env *environment) error {
	get := func(ctx context.Context, c *client.Client) (uploads.Detail, error) { return c.Report(ctx, s.ID) }
	return show(ctx, env, s.operator, get, func(report uploads.Detail) error { return printReport(env.Stdout, report) })
}

func printReport(w io.Writer, report uploads.Detail) error {
	p := &printer{w: w}
	p.line("%s: %s, %s", report.ID, fromOf(report.Entry), liveNote(report.Entry))
	if report.UploadedBy != "" {
		p.line("  uploaded by %s, %s, as %s", report.UploadedBy, moment(report.UploadedAt), report.Preview.File)
	}
	p.document(report.Preview)
	for _, section := range report.Preview.Outline {
		p.line("%5d  %s%s", section.Paragraph, strings.Repeat("  ", max(0, section.Level-1)), section.Title)
	}
	return p.err
}

// document shows what the parser made of one.
func (p *printer) document(d uploads.Preview) {
	p.line("  《%s》 region %s, year %s, delivered %s, speaker %s", d.Title, orDash(d.Region), yearOf(d.Year), orDash(d.DeliveredOn), orDash(d.Speaker))
	p.line("  %d paragraphs, %d sentences, %d sections, %d terms, %d figures; %d bytes, sha256 %s", d.Paragraphs, d.Sentences, d.Sections, d.Terms, d.Figures, d.Bytes, d.SHA256)
	for _, warning := range d.Warnings {
		p.line("  warning: %s", warning)
	}
}

// preview shows what an upload is, and does to the report that was there.
func (p *printer) preview(d uploads.Preview) {
	state := "new"
	if d.Replaces != "" {
		state = "replaces the report of the " + d.Replaces
	}
	if d.Replaces == uploads.OriginUpload {
		state = "replaces an earlier upload"
	}
	p.line("%s → %s: %s", d.File, d.ID, state)
	p.document(d)
	diff := d.Difference
	switch {
	case diff == nil:
	case diff.None():
		p.line("  nothing differs")
	default:
		p.line("  paragraphs: %d added, %d removed, %d changed", diff.Added, diff.Removed, diff.Changed)
		for _, m := range diff.Metadata {
			p.line("    %s", m)
		}
		for _, s := range diff.Samples {
			p.line("    - %s", s.Before)
			p.line("    + %s", s.After)
		}
	}
}

type reportsAddCommand struct {
	operator
	Files   []string `arg:"" name:"file" help:"A .txt, its .yaml, or a .zip of such files."`
	ID      string   `name:"id" help:"Id of the report (default: its file's name without .txt)."`
	Under   string   `placeholder:"FOLDER" help:"Put this and / before the names of the files."`
	Replace bool     `help:"Let it take the place of a report that has the id."`
	DryRun  bool     `help:"Show what was understood and what would be replaced; keep nothing."`
	NoWait  bool     `help:"Do not wait until it is live."`
}

func (a *reportsAddCommand) Run(ctx context.Context, env *environment) error {
	c, err := a.client(env)
	if err != nil {
		return err
	}
	files, closeAll, err := openFiles(a.Files)
	if err != nil {
		return err
	}
	defer closeAll()
	out, err := c.Upload(ctx, files, client.UploadOptions{ID: a.ID, Under: a.Under, Replace: a.Replace, DryRun: a.DryRun})
	if err != nil {
		return refused(err)
	}
	if err := a.show(env, out); err != nil || a.NoWait {
		return err
	}
	if a.DryRun {
		if len(out.Problems) > 0 {
			return quietly(statusMisuse)
		}
		return nil
	}
	return follow(ctx, env, c, out.Job, a.JSON)
}

func (a *reportsAddCommand) show(env *environment, out uploads.Outcome) error {
	if a.JSON {
		return writeJSON(env.Stdout, out, isTerminal(env.Stdout))
	}
	p := &printer{w: env.Stdout}
	for _, d := range out.Reports {
		p.preview(d)
	}
	for _, name := range out.Ignored {
		p.line("%s: passed over", name)
	}
	for _, problem := range out.Problems {
		p.line("problem: %s", problem)
	}
	switch {
	case a.DryRun:
		p.line("a dry run: nothing was kept")
	case a.NoWait, out.Queued:
		p.job(out)
	}
	return p.err
}

// job says which job lets a change go live.
func (p *printer) job(out uploads.Outcome) {
	if out.Queued {
		p.line("job %s begins once %s has ended", out.Job, out.Behind)
	} else {
		p.line("job %s", out.Job)
	}
}

// openFiles opens what is to be uploaded. Files are known by their names
// without folders.
func openFiles(names []string) (files []client.File, closeAll func(), err error) {
	var opened []*os.File
	closeAll = func() {
		for _, f := range opened {
			_ = f.Close() // they were only read
		}
	}
	var size int64
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			closeAll()
			return nil, nil, misuse("%w", err)
		}
		opened = append(opened, f)
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a folder; name its files, or pack it as .zip", name)
		}
		if err == nil {
			size += info.Size()
		}
		if err == nil && size > intake.MaxBody {
			err = fmt.Errorf("%s is too much: at most %d MiB are taken at once, and a report has 30 to 100 KB", name, intake.MaxBody>>20)
		}
		if err != nil {
			closeAll()
			return nil, nil, misuse("%w", err)
		}
		files = append(files, client.File{Name: filepath.Base(name), Reader: f})
	}
	return files, closeAll, nil
}

// refused explains an error of an upload or a change: most are the caller's.
func refused(err error) error {
	var failure *client.Error
	if !errors.As(err, &failure) {
		return err
	}
	message := err.Error()
	if len(failure.Problems) > 0 {
		message = "nothing was kept:\n  " + strings.Join(failure.Problems, "\n  ")
	}
	switch failure.Status {
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return misuse("%s", message)
	}
	return called(err)
}

type reportsRemoveCommand struct {
	named
	NoWait bool `help:"Do not wait until it is gone."`
}

func (r *reportsRemoveCommand) Run(ctx context.Context, env *environment) error {
	c, err := r.client(env)
	if err != nil {
		return err
	}
	out, err := c.Remove(ctx, r.ID)
	return r.settled(ctx, env, c, out, err, r.NoWait)
}

// settled says what came of a change of one report.
func (n *named) settled(ctx context.Context, env *environment, c *client.Client, out uploads.Outcome, err error, noWait bool) error {
	switch {
	case err != nil:
		return refused(err)
	case !noWait:
		return follow(ctx, env, c, out.Job, n.JSON)
	case n.JSON:
		return writeJSON(env.Stdout, out, isTerminal(env.Stdout))
	}
	p := &printer{w: env.Stdout}
	p.job(out)
	return p.err
}

type reportsRestoreCommand struct {
	named
	NoWait bool `help:"Do not wait until it is back."`
}

func (r *reportsRestoreCommand) Run(ctx context.Context, env *environment) error {
	c, err := r.client(env)
	if err != nil {
		return err
	}
	out, err := c.Restore(ctx, r.ID)
	return r.settled(ctx, env, c, out, err, r.NoWait)
}

type reportsDownloadCommand struct {
	named
	Output string `short:"o" placeholder:"FILE" help:"Write it there, where no file is yet (default: standard output)."`
}

func (d *reportsDownloadCommand) Run(ctx context.Context, env *environment) error {
	c, err := d.client(env)
	if err != nil {
		return err
	}
	text, err := c.Source(ctx, d.ID)
	if err != nil {
		return called(err)
	}
	if d.Output == "" {
		_, err = env.Stdout.Write(text)
		return err
	}
	f, err := os.OpenFile(d.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return misuse("%w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

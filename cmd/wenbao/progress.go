package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/answers/gate"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

// progressBar shows a job on one line of a terminal.
type progressBar struct {
	out io.Writer // nil: nothing is shown
}

const barWidth = 30

func (b *progressBar) show(j jobs.Job) {
	if b.out == nil || len(j.Stages) == 0 {
		return
	}
	s := j.Stages[len(j.Stages)-1]
	filled, count := 0, ""
	if s.Total > 0 {
		filled = min(barWidth, barWidth*s.Done/s.Total)
		count = fmt.Sprintf(" %d/%d", s.Done, s.Total)
	}
	fmt.Fprintf(b.out, "\r\x1b[K%-8s [%s%s]%s", s.Name, strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), count)
}

// clear removes the line.
func (b *progressBar) clear() {
	if b.out != nil {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// printJob shows what came of a job.
func printJob(w io.Writer, j jobs.Job) error {
	p := &printer{w: w}
	p.line("job %s: %s by %s, %s", j.ID, j.Kind, j.By, j.State)
	if j.Error != "" {
		p.line("error: %s", j.Error)
	}
	var r reindex.Report
	if len(j.Result) > 0 && json.Unmarshal(j.Result, &r) == nil && r.Generation != "" {
		p.report(j.Kind, r)
	}
	if len(j.Stages) > 0 {
		total, parts := int64(0), []string{}
		for _, s := range j.Stages {
			total += s.Millis
			parts = append(parts, fmt.Sprintf("%s %d", s.Name, s.Millis))
		}
		p.line("took %d ms: %s", total, strings.Join(parts, ", "))
	}
	return p.err
}

// printer writes lines until one fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.Map(visible, fmt.Sprintf(format, args...)))
	}
}

// visible keeps what reports and their files are called from steering the
// terminal.
func visible(c rune) rune {
	if unicode.IsControl(c) {
		return utf8.RuneError
	}
	return c
}

func (p *printer) report(kind string, r reindex.Report) {
	switch {
	case r.Unchanged:
		p.line("nothing changed: generation %s stays live", r.Generation)
		return
	case r.Live:
		p.line("generation %s is live, after %s", r.Generation, r.Before)
	default:
		p.line("generation %s did not go live: %s stays", r.Generation, r.Before)
	}
	p.line("reports: %d, indexed anew: %d", r.Reports.Total, r.Reports.Indexed)
	for _, part := range []struct {
		name string
		ids  []string
	}{{"added", r.Reports.Added}, {"changed", r.Reports.Changed}, {"removed", r.Reports.Removed}, {"not used", r.Problems}} {
		if len(part.ids) > 0 {
			p.line("  %s: %s", part.name, strings.Join(part.ids, ", "))
		}
	}
	if kind == reindex.KindReindex && r.Gate.Asked+r.Gate.Remembered+r.Gate.Skipped+r.Compared > 0 {
		p.judged(r)
	}
}

// judged shows what the candidate's answers came to.
func (p *printer) judged(r reindex.Report) {
	p.line("questions with gold: %d asked, %d remembered, %.1f %% right (floor %.0f %%); %d not asked, for want of their reports",
		r.Gate.Asked, r.Gate.Remembered, 100*r.Gate.Right, 100*r.Gate.Floor, r.Gate.Skipped)
	if !r.Gate.Passed {
		p.line("that is below the floor")
	}
	p.line("answers that change: %d of %d questions", len(r.Changes), r.Compared)
	for _, c := range r.Changes {
		p.line("  %s", c.Question)
		p.line("    - %s", sideLine(c.Before))
		p.line("    + %s", sideLine(c.After))
	}
}

// shownRunes is how much of a quote is shown.
const shownRunes = 60

func sideLine(s gate.Side) string {
	if len(s.Quotes) == 0 {
		return strings.TrimSpace(string(s.Status) + " " + string(s.Reason))
	}
	q := s.Quotes[0]
	quote := []rune(q.Text)
	if len(quote) > shownRunes {
		quote = append(quote[:shownRunes], '…')
	}
	figure := ""
	if s.Figure != "" {
		figure = "[" + s.Figure + "] "
	}
	return figure + string(quote) + "  " + q.Label
}

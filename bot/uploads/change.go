package uploads

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/uploads/intake"
	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
)

// What the audit log calls changes.
const (
	WhatUpload  = "upload"
	WhatReplace = "replace"
	WhatRemove  = "remove"
	WhatRestore = "restore"
)

// Options of an upload.
type Options struct {
	Replace bool  // documents may take the place of reports
	Match   Match // what each must be before
}

// An Outcome is what came of a change, or would come of an upload.
type Outcome struct {
	Reports  []Preview  `json:"reports"`
	Ignored  []string   `json:"ignored,omitempty"`
	Problems []string   `json:"problems,omitempty"` // of a dry run
	Job      string     `json:"job,omitempty"`      // that lets the change go live
	State    jobs.State `json:"state,omitempty"`    // of it
	Queued   bool       `json:"queued"`             // it begins once the job Behind has ended
	Behind   string     `json:"behind,omitempty"`
}

// parsed is a document with what was made of it.
type parsed struct {
	document.Document
	report *report.Report
}

func (l *Library) parse(documents []document.Document) (good []parsed, problems []document.Problem) {
	for _, d := range documents {
		r, problem := l.Reader.Report(d)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		good = append(good, parsed{d, r})
	}
	return good, problems
}

func (p parsed) preview(v *view) Preview {
	old := v.merged.BySlug(p.Slug())
	out := previewOf(p.report, old)
	out.File, out.Bytes, out.SHA256 = p.File, len(p.Text), sumOf(p.Text)
	if old != nil {
		out.Replaces = v.entry(old).Origin
	}
	return out
}

// clashes names the documents whose ids differ from those of reports in case
// only.
func clashes(v *view, documents []parsed) []document.Problem {
	var problems []document.Problem
	for _, d := range documents {
		if r := v.folded(d.ID()); r != nil && r.Slug() != d.Slug() {
			problems = append(problems, document.Problem{File: d.File, Message: fmt.Sprintf("the id %q differs from that of the report %q in case only", d.ID(), r.ID)})
		}
	}
	return problems
}

// Preview says what keeping the documents would do, and what keeps them from
// being kept.
func (l *Library) Preview(h *intake.Haul) (Outcome, error) {
	documents, problems := l.parse(h.Documents)
	v, err := l.look()
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Reports: []Preview{}, Ignored: h.Ignored, Problems: []string{}}
	for _, p := range slices.Concat(h.Problems, problems, clashes(v, documents)) {
		out.Problems = append(out.Problems, p.String())
	}
	for _, d := range documents {
		out.Reports = append(out.Reports, d.preview(v))
	}
	return out, nil
}

// Put keeps the documents, all or none, and lets them go live.
func (l *Library) Put(by reindex.Caller, h *intake.Haul, o Options) (Outcome, error) {
	out, err := l.put(by, h, o)
	if err != nil {
		l.Refused(by, WhatUpload, targets(h.Documents), err)
	}
	return out, err
}

func (l *Library) put(by reindex.Caller, h *intake.Haul, o Options) (Outcome, error) {
	if l.Store == nil {
		return Outcome{}, ErrNoData
	}
	documents, problems := l.parse(h.Documents)
	if problems = slices.Concat(h.Problems, problems); len(problems) > 0 {
		return Outcome{}, &Invalid{problems}
	}
	l.changing.Lock()
	defer l.changing.Unlock()
	v, err := l.lookToChange()
	if err != nil {
		return Outcome{}, err
	}
	if problems := clashes(v, documents); len(problems) > 0 {
		return Outcome{}, &Invalid{problems}
	}
	if err := v.allow(documents, o); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Ignored: h.Ignored}
	var changes []Change
	var entries []audit.Entry
	for _, d := range documents {
		p := d.preview(v)
		record := Record{ID: d.ID(), Name: d.Name, File: d.File, Given: d.Given, Size: p.Bytes, SHA256: p.SHA256, By: by.Name, At: l.Now().UTC()}
		out.Reports = append(out.Reports, p)
		changes = append(changes, Change{record, d.Text})
		what := WhatUpload
		if p.Replaces != "" {
			what = WhatReplace
		}
		entries = append(entries, entryOf(by, what, record.ID, "sha256 "+record.SHA256))
	}
	if err := l.Store.Apply(changes, l.goLive(by, &out)); err != nil {
		return Outcome{}, err
	}
	for _, e := range entries {
		e.Job = out.Job
		l.note(e, "ok")
	}
	return out, nil
}

// allow returns an error where a document would take the place of a report
// that it must not.
func (v *view) allow(documents []parsed, o Options) error {
	var there []string
	for _, d := range documents {
		old := v.merged.BySlug(d.Slug())
		if err := o.Match.check(v, old); err != nil {
			return err
		}
		if old != nil && !o.Replace {
			there = append(there, old.ID)
		}
	}
	if len(there) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrExists, strings.Join(there, ", "))
}

// lookToChange is look where something is to be changed.
func (l *Library) lookToChange() (*view, error) {
	v, err := l.look()
	if err != nil {
		return nil, err
	}
	if errors.Is(v.failure, ErrUnread) {
		return nil, v.failure
	}
	return v, nil
}

// Remove removes a report: an upload is gone then, and one of the corpus is
// not read any more. The last one stays.
func (l *Library) Remove(by reindex.Caller, slug string, m Match) (Outcome, error) {
	return l.one(by, WhatRemove, slug, func(v *view, first func() error) (string, error) {
		r, below := v.merged.BySlug(slug), v.base.BySlug(slug)
		u, uploaded := v.records[slug]
		id := u.ID
		switch {
		case r != nil:
			id = r.ID
		case !uploaded || u.Removed: // an upload that cannot be read can be removed
			return id, v.unknown(slug)
		}
		if err := m.check(v, r); err != nil {
			return id, err
		}
		if r != nil && len(v.merged.Reports) == 1 {
			return id, ErrLast
		}
		if below == nil {
			return id, l.Store.Forget(slug, first)
		}
		return id, l.Store.Apply([]Change{{Record: Record{ID: below.ID, Removed: true, By: by.Name, At: l.Now().UTC()}}}, first)
	})
}

// Restore brings a report of the corpus back that was removed.
func (l *Library) Restore(by reindex.Caller, slug string) (Outcome, error) {
	return l.one(by, WhatRestore, slug, func(v *view, first func() error) (string, error) {
		u, marked := v.records[slug]
		switch {
		case marked && u.Removed:
			return u.ID, l.Store.Forget(slug, first)
		case v.merged.BySlug(slug) != nil:
			return u.ID, ErrKept
		}
		return u.ID, v.unknown(slug)
	})
}

// one makes a change of one report, whose id do returns where it is known, and
// lets it go live.
func (l *Library) one(by reindex.Caller, what, slug string, do func(v *view, first func() error) (id string, err error)) (Outcome, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	out := Outcome{Reports: []Preview{}}
	id, err := "", error(ErrNoData)
	if l.Store != nil {
		var v *view
		if v, err = l.lookToChange(); err == nil {
			id, err = do(v, l.goLive(by, &out))
		}
	}
	id = cmp.Or(id, strings.ReplaceAll(slug, "~", "/"))
	if err != nil {
		l.Refused(by, what, id, err)
		return Outcome{}, err
	}
	e := entryOf(by, what, id, "")
	e.Job = out.Job
	l.note(e, "ok")
	return out, nil
}

// goLive returns what queues the reindexing that takes a change up, before it
// is made: a change that is kept is not forgotten, even where the process is
// killed between the two. The job waits for the change.
func (l *Library) goLive(by reindex.Caller, out *Outcome) func() error {
	return func() error {
		job, behind, err := l.Jobs.Queue(by, reindex.Options{})
		if err != nil {
			return fmt.Errorf("reindexing cannot be begun: %w", err)
		}
		out.Job, out.State, out.Behind, out.Queued = job.ID, job.State, behind, behind != ""
		return nil
	}
}

func targets(documents []document.Document) string {
	var ids []string
	for _, d := range documents {
		ids = append(ids, d.ID())
	}
	const shown = 20
	if n := len(ids) - shown; n > 0 {
		ids = append(ids[:shown], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(ids, ", ")
}

func entryOf(by reindex.Caller, what, target, detail string) audit.Entry {
	return audit.Entry{Who: by.Name, Role: by.Role, From: by.From, What: what, Target: target, Detail: detail, Request: by.Request}
}

// Refused writes down a change that was not made.
func (l *Library) Refused(by reindex.Caller, what, target string, reason error) {
	l.note(entryOf(by, what, bounded(target), bounded(reason.Error())), "refused")
}

// bounded is what somebody sent, as the audit log shows it.
func bounded(text string) string {
	const most = 2000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func (l *Library) note(e audit.Entry, outcome string) {
	e.At, e.Outcome = l.Now().UTC(), outcome
	if err := l.Audit.Add(e); err != nil {
		l.Log.Error("audit log", "error", err)
	}
}

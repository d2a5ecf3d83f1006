package reindex

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/retrieval"
	"wenbao/retrieval/shelf"
)

// Kinds of jobs.
const (
	KindReindex  = "reindex"
	KindActivate = "activate"
)

// AtStart is the Caller of a reindexing that makes up for what changed while
// the server was not running.
const AtStart = "start"

// A Caller is who asks for something, as the audit log names them.
type Caller struct {
	Name, Role, From string
	Request          string // id of the request
}

// Service runs a Reindexer's work as jobs and writes down who asked for it.
type Service struct {
	*Reindexer
	Jobs  *jobs.Runner
	Audit *audit.Log
	Turn  Turn // nil: this is the only process

	meters atomic.Pointer[meters] // nil: not registered
}

// A Turn waits until this process may work, of several on the same reports,
// and returns what lets others; waiting is called once where it has to wait.
type Turn func(ctx context.Context, waiting func()) (done func(), err error)

const stageWait = "wait"

// Reindex begins a reindexing.
func (s *Service) Reindex(by Caller, o Options) (jobs.Job, error) {
	return s.start(s.reindexing(by, o))
}

// Queue begins a reindexing, after the job at work if there is one, which
// behind names: that one may have read its source already. One that waits is
// joined.
func (s *Service) Queue(by Caller, o Options) (job jobs.Job, behind string, err error) {
	spec, entry := s.reindexing(by, o)
	if job, behind, err = s.Jobs.Enqueue(spec); err != nil {
		s.refused(entry, job, err)
	}
	return job, behind, err
}

func (s *Service) reindexing(by Caller, o Options) (jobs.Spec, audit.Entry) {
	return s.spec(by, KindReindex, "", o, detailOf(o), func(ctx context.Context, p *jobs.Progress) (any, error) {
		report, err := s.Run(ctx, o, p)
		return orNothing(report), err
	})
}

// ActivateOptions are those of an activation.
type ActivateOptions struct {
	Generation string `json:"generation"`
}

// Roll begins an activation of a generation that is kept.
func (s *Service) Roll(by Caller, id string) (jobs.Job, error) {
	if s.Shelf == nil {
		return jobs.Job{}, fmt.Errorf("%w: %s; none are kept without a data folder", shelf.ErrUnknown, id)
	}
	if e, ok := s.Shelf.Entry(id); !ok || e.Sequence == 0 {
		return jobs.Job{}, fmt.Errorf("%w: %s", shelf.ErrUnknown, id)
	}
	return s.start(s.spec(by, KindActivate, id, ActivateOptions{id}, "", func(ctx context.Context, p *jobs.Progress) (any, error) {
		report, err := s.Activate(ctx, id, p)
		return orNothing(report), err
	}))
}

// orNothing keeps a nil report from becoming a value that is not nil.
func orNothing(r *Report) any {
	if r == nil {
		return nil
	}
	return r
}

func detailOf(o Options) string {
	switch {
	case o.DryRun && o.Force:
		return "dry run, forced"
	case o.DryRun:
		return "dry run"
	case o.Force:
		return "forced"
	case o.Only != "":
		return "only " + o.Only
	}
	return ""
}

// spec describes a job, and how the audit log speaks of it.
func (s *Service) spec(by Caller, kind, target string, options any, detail string, run func(context.Context, *jobs.Progress) (any, error)) (jobs.Spec, audit.Entry) {
	entry := audit.Entry{Who: by.Name, Role: by.Role, From: by.From, What: kind, Target: target, Detail: detail, Request: by.Request}
	spec := jobs.Spec{Kind: kind, By: by.Name, Request: by.Request, Options: options}
	spec.Run = func(ctx context.Context, p *jobs.Progress) (any, error) {
		s.note(entry, "begun", "")
		if s.Turn != nil {
			done, err := s.Turn(ctx, func() { p.Stage(stageWait, 0) })
			if err != nil {
				return nil, err
			}
			defer done()
		}
		return run(ctx, p)
	}
	spec.Done = func(j jobs.Job) {
		done := entry
		done.Job = j.ID
		s.note(done, string(j.State), j.Error)
		s.meters.Load().ended(j)
	}
	return spec, entry
}

func (s *Service) start(spec jobs.Spec, entry audit.Entry) (jobs.Job, error) {
	job, err := s.Jobs.Start(spec)
	if err != nil {
		s.refused(entry, job, err)
	}
	return job, err
}

func (s *Service) refused(entry audit.Entry, job jobs.Job, err error) {
	entry.Job = job.ID
	s.note(entry, "refused", err.Error())
}

// note writes an entry of the audit log, with how it went.
func (s *Service) note(e audit.Entry, outcome, detail string) {
	e.At, e.Outcome, e.Detail = s.Now().UTC(), outcome, joined(e.Detail, detail)
	if err := s.Audit.Add(e); err != nil {
		s.Log.Error("audit log", "error", err)
	}
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// Cancel asks a job to stop.
func (s *Service) Cancel(by Caller, id string) error {
	err := s.Jobs.Cancel(id)
	entry := audit.Entry{Who: by.Name, Role: by.Role, From: by.From, What: "cancel", Job: id, Request: by.Request}
	if err != nil {
		s.note(entry, "refused", err.Error())
		return err
	}
	s.note(entry, "ok", "")
	return nil
}

// A Generation is one that is live, or can be again.
type Generation struct {
	ID         string    `json:"id"`
	Live       bool      `json:"live"`
	MadeAt     time.Time `json:"made_at,omitzero"`
	LiveAt     time.Time `json:"live_at,omitzero"` // when it went live last
	Reports    int       `json:"reports"`
	Paragraphs int       `json:"paragraphs"`
	Bytes      int64     `json:"bytes,omitempty"` // on disk
}

// Generations lists those that are kept, the live one first.
func (s *Service) Generations() ([]Generation, error) {
	g, release, err := s.search.Acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	list := []Generation{liveGeneration(g)}
	if s.Shelf == nil {
		return list, nil
	}
	for _, e := range s.Shelf.List() {
		switch {
		case e.ID == g.ID:
			list[0].MadeAt, list[0].LiveAt, list[0].Bytes = e.MadeAt, e.LiveAt, e.Size()
		case e.Sequence > 0:
			list = append(list, keptGeneration(e))
		}
	}
	return list, nil
}

func liveGeneration(g *retrieval.Generation) Generation {
	out := Generation{ID: g.ID, Live: true, Reports: len(g.Corpus.Reports)}
	for _, r := range g.Corpus.Reports {
		out.Paragraphs += len(r.Paragraphs)
	}
	return out
}

func keptGeneration(e shelf.Entry) Generation {
	out := Generation{ID: e.ID, MadeAt: e.MadeAt, LiveAt: e.LiveAt, Reports: len(e.Reports), Bytes: e.Size()}
	for _, r := range e.Reports {
		out.Paragraphs += r.Paragraphs
	}
	return out
}

// CatchUp begins a reindexing where the source changed while the server was
// not running, or the end of the server cut one short that would have taken it
// up.
func (s *Service) CatchUp(log *slog.Logger) {
	standing, err := s.standing()
	if err != nil {
		log.Warn("the reports cannot be read again", "error", err)
		return
	}
	if standing == sourceLive || standing == sourceKept && !s.cutShort() {
		return
	}
	if _, err := s.Reindex(Caller{Name: AtStart}, Options{}); err != nil {
		log.Warn("the reports changed, but cannot be reindexed now", "error", err)
	}
}

// cutShort reports whether the last job was a reindexing that the end of the
// server interrupted.
func (s *Service) cutShort() bool {
	list := s.Jobs.List()
	if len(list) == 0 || list[0].Kind != KindReindex || list[0].State != jobs.Interrupted {
		return false
	}
	var o Options
	return json.Unmarshal(list[0].Options, &o) == nil && !o.DryRun
}

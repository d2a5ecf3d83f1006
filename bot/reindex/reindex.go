// Package reindex makes a generation beside the live one, judges it, and lets
// it take over: questions are answered all the while, each by one generation.
package reindex

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"wenbao/answers"
	"wenbao/answers/gate"
	"wenbao/bot/jobs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/shelf"
)

// A Source is where reports and lexicon come from.
type Source interface {
	// Corpus loads the reports; those that before, which may be nil, holds
	// unchanged are taken from it.
	Corpus(before *corpus.Corpus) (*corpus.Corpus, error)
	Lexicon() (*lexicon.Lexicon, error)
	// Reader reads documents into reports, those of generations too.
	Reader() corpus.Reader
	// Name tells one source of reports from another.
	Name() string
}

// Settings can be changed while a Reindexer works.
type Settings struct {
	Keep  int     // generations kept on disk, the live one included
	Floor float64 // least share of questions with gold answered right, 0–1
}

// Parts are what a Reindexer works with.
type Parts struct {
	Source Source
	Shelf  *shelf.Shelf // nil: nothing is kept on disk
	// Answerer returns what answers from an engine, without a cache.
	Answerer func(*retrieval.Engine) answers.Answerer
	// Questions returns the questions with gold; nil: there are none.
	Questions func() ([]gate.Set, error)
	// Frequent returns up to n questions that are asked often; nil: none.
	Frequent func(ctx context.Context, n int) ([]answers.Request, error)
	// Swapped, where set, is told of each generation that went live, and by
	// which kind of job, in order. It does not block.
	Swapped  func(generation, kind string)
	Settings Settings
	Now      func() time.Time
	Log      *slog.Logger
}

// Options of one reindexing.
type Options struct {
	Force  bool `json:"force,omitempty"`   // go live whatever the gate says
	DryRun bool `json:"dry_run,omitempty"` // do not go live
	// Only is a generation that was judged elsewhere: it goes live unjudged,
	// and any other that the source makes does not.
	Only string `json:"only,omitempty"`
}

// Reindexer replaces the live generation of an engine. Run and Activate must
// not be called while either runs.
type Reindexer struct {
	Parts
	search    *retrieval.Engine
	since     atomic.Int64 // when the live generation went live, in ms since 1970
	settings  atomic.Pointer[Settings]
	questions gate.Judge

	draining map[string]<-chan struct{} // generations that questions may still be using
	pruning  sync.WaitGroup
}

// New returns a Reindexer for search.
func New(search *retrieval.Engine, p Parts) *Reindexer {
	r := &Reindexer{Parts: p, search: search, draining: map[string]<-chan struct{}{}}
	r.Configure(p.Settings)
	r.since.Store(r.firstLive().UnixMilli())
	return r
}

// Configure changes the settings from the next reindexing on.
func (r *Reindexer) Configure(s Settings) { r.settings.Store(&s) }

// Close waits until generations given up are removed. The engine must be
// closed, and no question under way.
func (r *Reindexer) Close() { r.pruning.Wait() }

// Report says what a reindexing came to.
type Report struct {
	Generation string        `json:"generation"` // the candidate
	Before     string        `json:"before"`     // the generation that was live
	Live       bool          `json:"live"`       // whether the candidate is live now
	Unchanged  bool          `json:"unchanged,omitempty"`
	Options    Options       `json:"options"`
	Reports    Reports       `json:"reports"`
	Problems   []string      `json:"problems,omitempty"` // documents not used
	Gate       gate.Verdict  `json:"gate"`
	Compared   int           `json:"compared"` // questions answered by both
	Changes    []gate.Change `json:"changes,omitempty"`
	Removed    []string      `json:"removed,omitempty"` // older generations no longer kept
}

// Reports says how a candidate's reports differ from the live ones.
type Reports struct {
	Total   int      `json:"total"`
	Indexed int      `json:"indexed"` // anew
	Added   []string `json:"added,omitempty"`
	Changed []string `json:"changed,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// comparedQuestions is how many questions both generations answer.
const comparedQuestions = 50

// Names of the stages of a job.
const (
	stageRead    = "read"
	stagePrepare = "prepare"
	stageIndex   = "index"
	stagePublish = "publish"
	stageOpen    = "open"
	stageVerify  = "verify"
	stageGate    = "gate"
	stageCompare = "compare"
	stageSwap    = "swap"
)

// Run makes a generation of the source as it is now, and lets it go live if it
// passes. The live one stays where anything goes wrong.
func (r *Reindexer) Run(ctx context.Context, o Options, p *jobs.Progress) (*Report, error) {
	live, release, err := r.search.Acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	report := &Report{Before: live.ID, Options: o}
	p.Stage(stageRead, 0)
	c, l, err := r.read(live)
	if err != nil {
		return report, err
	}
	report.Generation, report.Reports = retrieval.GenerationID(c, l), differences(live.Corpus, c)
	for _, problem := range c.Problems {
		report.Problems = append(report.Problems, problem.String())
	}
	if o.Only != "" && report.Generation != o.Only {
		return report, fmt.Errorf("%w: the reports here make generation %s, not %s", jobs.ErrRejected, report.Generation, o.Only)
	}
	if bad := newProblems(live.Corpus, c); len(bad) > 0 && !o.Force && o.Only == "" {
		return report, fmt.Errorf("documents cannot be used: %s (%d in all); mend or remove them, or force the reindexing to leave them out", bad[0], len(bad))
	}
	if report.Generation == live.ID {
		report.Unchanged, report.Live, report.Gate.Passed = true, true, true
		return report, nil
	}
	candidate, err := r.make(ctx, live, c, l, report, p)
	if err != nil {
		return report, err
	}
	return report, r.decide(ctx, candidate, report, p)
}

func (r *Reindexer) read(live *retrieval.Generation) (*corpus.Corpus, *lexicon.Lexicon, error) {
	c, err := r.Source.Corpus(live.Corpus)
	if err != nil {
		return nil, nil, err
	}
	l, err := r.Source.Lexicon()
	if err != nil {
		return nil, nil, err
	}
	if l.Digest() == live.LexiconDigest() {
		l = live.Lexicon() // one copy is enough
	}
	return c, l, nil
}

// make returns the candidate, verified file by file and open.
func (r *Reindexer) make(ctx context.Context, live *retrieval.Generation, c *corpus.Corpus, l *lexicon.Lexicon, report *Report, p *jobs.Progress) (*retrieval.Generation, error) {
	if r.Shelf == nil {
		draft := retrieval.NewDraft(c, l, live, "")
		p.Stage(stageIndex, draft.Paragraphs())
		report.Reports.Indexed = len(c.Reports)
		return draft.Build(ctx, p.Done)
	}
	if _, made := r.Shelf.Entry(report.Generation); made {
		p.Stage(stageOpen, 0)
		if err := r.Shelf.Verify(report.Generation); err != nil {
			return nil, err
		}
		return retrieval.OpenFolder(r.Shelf.Folder(report.Generation), r.Source.Reader(), live)
	}
	before := ""
	if _, kept := r.Shelf.Entry(live.ID); kept {
		before = r.Shelf.Folder(live.ID)
	}
	p.Stage(stagePrepare, 0)
	draft := retrieval.NewDraft(c, l, live, before)
	g, indexed, err := write(ctx, r.Shelf, draft, manifestOf(report.Generation, r.Source.Name(), c, l), p)
	report.Reports.Indexed = indexed
	return g, err
}

// write makes a draft a generation on the shelf and opens it.
func write(ctx context.Context, s *shelf.Shelf, draft *retrieval.Draft, m shelf.Manifest, p *jobs.Progress) (*retrieval.Generation, int, error) {
	folder, err := s.Make()
	if err != nil {
		return nil, 0, err
	}
	p.Stage(stageIndex, draft.Paragraphs())
	indexed, err := draft.Write(ctx, folder, p.Done)
	if err != nil {
		return nil, 0, errors.Join(err, s.Discard(folder))
	}
	p.Stage(stagePublish, 0)
	e, err := s.Publish(folder, m)
	if err != nil {
		return nil, 0, errors.Join(err, s.Discard(folder))
	}
	p.Stage(stageOpen, 0)
	g, err := draft.Open(s.Folder(e.ID))
	if err != nil {
		return nil, 0, errors.Join(err, s.Remove(e.ID))
	}
	return g, indexed, nil
}

func manifestOf(id, source string, c *corpus.Corpus, l *lexicon.Lexicon) shelf.Manifest {
	m := shelf.Manifest{ID: id, Schema: retrieval.SchemaVersion, Corpus: c.Digest(), Lexicon: l.Digest(), Source: source}
	for _, r := range c.Reports {
		m.Reports = append(m.Reports, shelf.Report{ID: r.ID, Title: r.Title, Digest: r.Digest, Paragraphs: len(r.Paragraphs)})
	}
	return m
}

// decide judges the candidate, which it owns, and lets it go live or not.
func (r *Reindexer) decide(ctx context.Context, candidate *retrieval.Generation, report *Report, p *jobs.Progress) error {
	beside := r.search.Beside(candidate)
	err := r.judge(ctx, beside, report, p)
	if err == nil && !report.Options.DryRun {
		err = ctx.Err() // the last chance to cancel
	}
	if err == nil && !report.Options.DryRun {
		p.Stage(stageSwap, 0)
		err = r.goLive(beside, candidate.ID, KindReindex)
	}
	if err == nil && !report.Options.DryRun {
		report.Live = true
		report.Removed = r.prune(candidate.ID)
		return nil
	}
	return errors.Join(err, r.drop(beside, candidate.ID))
}

// drop gives up a candidate; one that was live before stays on the shelf.
func (r *Reindexer) drop(beside *retrieval.Engine, id string) error {
	if err := beside.Close(); err != nil {
		return err
	}
	if r.Shelf == nil {
		return nil
	}
	if e, ok := r.Shelf.Entry(id); ok && e.Sequence == 0 {
		return r.Shelf.Remove(id)
	}
	return nil
}

// judge verifies the candidate and asks it questions.
func (r *Reindexer) judge(ctx context.Context, beside *retrieval.Engine, report *Report, p *jobs.Progress) error {
	p.Stage(stageVerify, report.Reports.Total)
	if err := beside.Verify(ctx, p.Done); err != nil || report.Options.Only != "" {
		report.Gate.Passed = err == nil
		return err
	}
	g, release, err := beside.Acquire()
	if err != nil {
		return err
	}
	defer release()
	about := gate.Generation{Reports: map[string]string{}, Lexicon: g.LexiconDigest()}
	for _, report := range g.Corpus.Reports {
		about.Reports[report.ID] = report.Digest
	}
	var sets []gate.Set
	if r.Questions != nil {
		if sets, err = r.Questions(); err != nil {
			return err
		}
	}
	p.Stage(stageGate, 0)
	after := r.Answerer(beside)
	report.Gate, err = r.questions.Judge(ctx, after, about, sets, r.settings.Load().Floor, p.Count)
	if err != nil {
		return err
	}
	if err := r.compare(ctx, after, gate.Samples(sets, about, comparedQuestions), report, p); err != nil {
		return err
	}
	if !report.Gate.Passed && !report.Options.Force && !report.Options.DryRun {
		return fmt.Errorf("%w: %.1f %% of %d questions are answered right, %.1f %% are wanted", jobs.ErrRejected, 100*report.Gate.Right, report.Gate.Asked+report.Gate.Remembered, 100*report.Gate.Floor)
	}
	return nil
}

func (r *Reindexer) compare(ctx context.Context, after answers.Answerer, samples []answers.Request, report *Report, p *jobs.Progress) error {
	p.Stage(stageCompare, 0)
	var questions []answers.Request
	if r.Frequent != nil {
		frequent, err := r.Frequent(ctx, comparedQuestions)
		if err != nil {
			r.Log.WarnContext(ctx, "frequent questions are not available", "error", err)
		}
		questions = frequent
	}
	questions = append(questions, samples[:min(len(samples), max(0, comparedQuestions-len(questions)))]...)
	changes, err := gate.Compare(ctx, r.Answerer(r.search), after, questions, p.Count)
	report.Compared, report.Changes = len(questions), changes
	return err
}

// goLive makes the candidate the live generation. What fails, fails before
// anybody is answered from it.
func (r *Reindexer) goLive(beside *retrieval.Engine, id, kind string) error {
	if r.Shelf != nil {
		if err := r.Shelf.MarkLive(id); err != nil {
			return err
		}
	}
	old, release, err := r.search.Acquire()
	if err != nil {
		return err
	}
	defer release()
	r.draining[old.ID] = old.Closed()
	r.search.Swap(beside.Detach())
	r.since.Store(r.time().UnixMilli())
	if r.Swapped != nil {
		r.Swapped(id, kind)
	}
	return nil
}

func (r *Reindexer) time() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// firstLive is when the generation that is live at the start went live: perhaps
// in an earlier process.
func (r *Reindexer) firstLive() time.Time {
	g, release, err := r.search.Acquire()
	if err != nil {
		return r.time()
	}
	defer release()
	if r.Shelf != nil {
		if e, kept := r.Shelf.Entry(g.ID); kept && !e.LiveAt.IsZero() {
			return e.LiveAt
		}
	}
	return r.time()
}

// prune removes the generations beyond those kept, each once nothing uses it.
func (r *Reindexer) prune(live string) []string {
	if r.Shelf == nil {
		return nil
	}
	surplus := r.Shelf.Surplus(r.settings.Load().Keep, live)
	for _, id := range surplus {
		closed := r.draining[id]
		delete(r.draining, id)
		r.pruning.Go(func() {
			if closed != nil {
				<-closed
			}
			if err := r.Shelf.Remove(id); err != nil {
				r.Log.Warn("remove generation", "generation", id, "error", err)
			}
		})
	}
	return surplus
}

// Activate lets a generation that is kept go live again.
func (r *Reindexer) Activate(ctx context.Context, id string, p *jobs.Progress) (*Report, error) {
	live, release, err := r.search.Acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	report := &Report{Generation: id, Before: live.ID}
	if id == live.ID {
		report.Unchanged, report.Live = true, true
		return report, nil
	}
	p.Stage(stageOpen, 0)
	if err := r.Shelf.Verify(id); err != nil {
		return report, err
	}
	g, err := retrieval.OpenFolder(r.Shelf.Folder(id), r.Source.Reader(), live)
	if err != nil {
		return report, err
	}
	beside := r.search.Beside(g)
	report.Reports = differences(live.Corpus, g.Corpus)
	p.Stage(stageVerify, report.Reports.Total)
	if err := beside.Verify(ctx, p.Done); err != nil {
		return report, errors.Join(err, beside.Close())
	}
	p.Stage(stageSwap, 0)
	if err := r.goLive(beside, id, KindActivate); err != nil {
		return report, errors.Join(err, beside.Close())
	}
	report.Live = true
	return report, nil
}

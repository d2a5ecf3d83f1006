// Package jobs runs one long task at a time, in the background, and remembers
// what became of each: also of those that were running when the process was
// killed.
package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"wenbao/bot/journal"
	"wenbao/bot/request"
)

// State says how far a job is.
type State string

const (
	Queued      State = "queued"
	Running     State = "running"
	Succeeded   State = "succeeded"
	Rejected    State = "rejected"
	Failed      State = "failed"
	Cancelled   State = "cancelled"
	Interrupted State = "interrupted" // the process ended
)

// Done reports whether nothing more will happen.
func (s State) Done() bool { return s != Queued && s != Running }

// A Job is one task as it stands.
type Job struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"`
	State    State           `json:"state"`
	By       string          `json:"by"`                // who asked for it
	Request  string          `json:"request,omitempty"` // id of the request that did
	Options  json.RawMessage `json:"options,omitempty"`
	Queued   time.Time       `json:"queued_at"`
	Finished time.Time       `json:"finished_at,omitzero"`
	Stages   []Stage         `json:"stages,omitempty"` // the last is the one at work
	Error    string          `json:"error,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
}

// A Stage is one part of a job.
type Stage struct {
	Name   string `json:"name"`
	Done   int    `json:"done"`
	Total  int    `json:"total"` // 0: not known
	Millis int64  `json:"ms"`    // it took, or has taken so far
}

var (
	// ErrBusy is wrapped when a job is running already.
	ErrBusy = errors.New("another job is running")
	// ErrUnknown is wrapped when there is no job of an id.
	ErrUnknown = errors.New("no such job")
	// ErrDone is wrapped when a job cannot be cancelled any more.
	ErrDone = errors.New("the job is done")
	// ErrRejected, wrapped by a task's error, makes the job a rejected one.
	ErrRejected = errors.New("rejected")
	// ErrClosed is returned once the process is about to end.
	ErrClosed = errors.New("jobs are no longer taken")
)

// A Spec says what to run.
type Spec struct {
	Kind, By, Request string
	Options           any
	// Run does the work. Its result is kept, that of an error too.
	Run func(ctx context.Context, p *Progress) (result any, err error)
	// Done, if not nil, is told how the job ended.
	Done func(Job)
}

// kept is how many jobs are remembered.
const kept = 200

// Runner runs jobs. It is safe for concurrent use.
type Runner struct {
	now     func() time.Time
	log     *slog.Logger
	history *journal.Log // nil: in memory only

	mu      sync.Mutex
	jobs    []*Job // oldest first
	current *Job
	cancel  context.CancelCauseFunc
	next    *waiting // nil: none waits
	closed  bool
	watched map[chan struct{}]string // by job id
	running sync.WaitGroup
}

// waiting is a job that begins once the one at work has ended.
type waiting struct {
	job  *Job
	spec Spec
}

// Open returns a Runner whose history is in the file at path ("": in memory).
// Jobs that were running when the process ended become interrupted.
func Open(path string, now func() time.Time, log *slog.Logger) (*Runner, error) {
	r := &Runner{now: now, log: log, watched: map[chan struct{}]string{}}
	if path == "" {
		return r, nil
	}
	byID := map[string]*Job{}
	history, err := journal.Open(path, func(record []byte) error {
		j := &Job{}
		if err := json.Unmarshal(record, j); err != nil {
			return nil // of another version: forgotten
		}
		if known := byID[j.ID]; known != nil {
			*known = *j
			return nil
		}
		byID[j.ID] = j
		r.jobs = append(r.jobs, j)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	r.history = history
	for _, j := range r.jobs {
		if !j.State.Done() {
			j.State, j.Error, j.Finished = Interrupted, "the server ended while the job was running", now()
		}
	}
	r.trim()
	if err := r.rewrite(); err != nil {
		return nil, errors.Join(fmt.Errorf("open jobs: %w", err), history.Close())
	}
	return r, nil
}

// rewrite leaves one record a job.
func (r *Runner) rewrite() error {
	return r.history.Rewrite(func(emit func([]byte) error) error {
		for _, j := range r.jobs {
			record, err := encode(j)
			if err == nil {
				err = emit(record)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// encode makes a record of a job; a result that is too long for one is left
// out.
func encode(j *Job) ([]byte, error) {
	record, err := json.Marshal(j)
	if err == nil && len(record) > journal.MaxRecord {
		short := *j
		short.Result = json.RawMessage(`{"omitted":"the result was too long to keep"}`)
		record, err = json.Marshal(short)
	}
	return record, err
}

func (r *Runner) trim() {
	if n := len(r.jobs) - kept; n > 0 {
		r.jobs = slices.Delete(r.jobs, 0, n)
	}
}

// Start begins a job, unless one is running: then that one is returned, with
// an error wrapping ErrBusy.
func (r *Runner) Start(s Spec) (Job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != nil && !r.closed {
		return clone(r.current), fmt.Errorf("%w: %s", ErrBusy, r.current.ID)
	}
	j, err := r.create(s)
	if err != nil {
		return Job{}, err
	}
	r.begin(j, s)
	return clone(j), nil
}

// Enqueue begins a job, or lets it wait for the end of the one at work, which
// behind names. Where one of the same kind and options waits already, that one
// is returned: it has not begun. One that waits for another kind of job makes
// the error one that wraps ErrBusy.
func (r *Runner) Enqueue(s Spec) (job Job, behind string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != nil {
		behind = r.current.ID
	}
	if r.next != nil && !r.closed {
		options, err := json.Marshal(s.Options)
		if err == nil && (s.Kind != r.next.job.Kind || !bytes.Equal(options, r.next.job.Options)) {
			err = fmt.Errorf("%w: %s", ErrBusy, r.next.job.ID)
		}
		return clone(r.next.job), behind, err
	}
	j, err := r.create(s)
	if err != nil {
		return Job{}, behind, err
	}
	if r.current == nil {
		r.begin(j, s)
	} else {
		r.next = &waiting{j, s}
	}
	return clone(j), behind, nil
}

// create adds a job to the history.
func (r *Runner) create(s Spec) (*Job, error) {
	if r.closed {
		return nil, ErrClosed
	}
	options, err := json.Marshal(s.Options)
	if err != nil {
		return nil, fmt.Errorf("start job: %w", err)
	}
	j := &Job{ID: r.newID(), Kind: s.Kind, State: Queued, By: s.By, Request: s.Request, Options: options, Queued: r.now().UTC()}
	if err := r.save(j); err != nil {
		return nil, fmt.Errorf("start job: %w", err)
	}
	r.jobs = append(r.jobs, j)
	r.trim()
	return j, nil
}

func (r *Runner) begin(j *Job, s Spec) {
	ctx, cancel := context.WithCancelCause(request.With(context.Background(), s.Request))
	r.current, r.cancel = j, cancel
	r.running.Go(func() { r.run(ctx, j, s) })
}

// advance begins the job that waits, unless another was faster.
func (r *Runner) advance() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil || r.current != nil || r.closed {
		return
	}
	next := r.next
	r.next = nil
	r.begin(next.job, next.spec)
}

// drop ends the job that waits, if there is one.
func (r *Runner) drop(state State, why string) {
	r.mu.Lock()
	next := r.next
	r.next = nil
	r.mu.Unlock()
	if next == nil {
		return
	}
	r.change(next.job, true, func() { next.job.State, next.job.Error, next.job.Finished = state, why, r.now().UTC() })
	if next.spec.Done != nil {
		next.spec.Done(clone(next.job))
	}
}

// newID names a job by its time and something that nobody guesses.
func (r *Runner) newID() string {
	return r.now().UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6])
}

func (r *Runner) run(ctx context.Context, j *Job, s Spec) {
	r.change(j, true, func() { j.State = Running })
	p := &Progress{runner: r, job: j}
	result, err := r.guarded(ctx, s, p)
	p.end()
	raw, encodeErr := json.Marshal(result)
	if encodeErr != nil {
		r.log.ErrorContext(ctx, "job result", "job", j.ID, "error", encodeErr)
		raw = nil
	}
	r.change(j, true, func() {
		j.State, j.Finished = stateOf(ctx, err), r.now().UTC()
		if result != nil {
			j.Result = raw
		}
		if err != nil {
			j.Error = err.Error()
		}
		r.current = nil
		r.cancel(nil)
	})
	r.mu.Lock()
	last := clone(j)
	r.mu.Unlock()
	r.log.InfoContext(ctx, "job ended", "job", last.ID, "kind", last.Kind, "state", last.State, "took", last.Finished.Sub(last.Queued), "error", last.Error)
	if s.Done != nil {
		s.Done(last)
	}
	r.advance()
}

// guarded makes an error of a panic: the server goes on.
func (r *Runner) guarded(ctx context.Context, s Spec, p *Progress) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			result, err = nil, fmt.Errorf("this is a mistake in the program: %v", cause)
		}
	}()
	return s.Run(ctx, p)
}

var errCancelled = errors.New("cancelled")

func stateOf(ctx context.Context, err error) State {
	switch {
	case err == nil:
		return Succeeded
	case errors.Is(context.Cause(ctx), errCancelled):
		return Cancelled
	case errors.Is(context.Cause(ctx), ErrClosed):
		return Interrupted
	case errors.Is(err, ErrRejected):
		return Rejected
	}
	return Failed
}

// change changes a job and tells those who watch it; durable writes it down.
func (r *Runner) change(j *Job, durable bool, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	if durable {
		if err := r.save(j); err != nil {
			r.log.Error("job history", "job", j.ID, "error", err)
		}
	}
	for signal, id := range r.watched {
		if id == j.ID {
			select {
			case signal <- struct{}{}:
			default: // one is waiting already
			}
		}
	}
}

func (r *Runner) save(j *Job) error {
	if r.history == nil {
		return nil
	}
	record, err := encode(j)
	if err != nil {
		return err
	}
	return r.history.Append(record, true)
}

func clone(j *Job) Job {
	c := *j
	c.Stages = slices.Clone(j.Stages)
	return c
}

// Job returns one job.
func (r *Runner) Job(id string) (Job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.find(id); j != nil {
		return clone(j), nil
	}
	return Job{}, fmt.Errorf("%w: %s", ErrUnknown, id)
}

func (r *Runner) find(id string) *Job {
	for _, j := range r.jobs {
		if j.ID == id {
			return j
		}
	}
	return nil
}

// List returns the jobs, newest first, without their results.
func (r *Runner) List() []Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Job, 0, len(r.jobs))
	for _, j := range slices.Backward(r.jobs) {
		c := clone(j)
		c.Result = nil
		list = append(list, c)
	}
	return list
}

// Cancel asks a job to stop. It ends as cancelled, unless it was past stopping.
func (r *Runner) Cancel(id string) error {
	r.mu.Lock()
	if r.next != nil && r.next.job.ID == id {
		r.mu.Unlock()
		r.drop(Cancelled, errCancelled.Error())
		return nil
	}
	defer r.mu.Unlock()
	j := r.find(id)
	switch {
	case j == nil:
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	case j != r.current:
		return fmt.Errorf("%w: it is %s", ErrDone, j.State)
	}
	r.cancel(errCancelled)
	return nil
}

// Watch calls f with the job as it is, after each change, until it is done or
// ctx is. Changes in quick succession are told as one.
func (r *Runner) Watch(ctx context.Context, id string, f func(Job) error) error {
	signal := make(chan struct{}, 1)
	r.mu.Lock()
	r.watched[signal] = id
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.watched, signal)
		r.mu.Unlock()
	}()
	for {
		j, err := r.Job(id)
		if err != nil {
			return err
		}
		if err := f(j); err != nil || j.State.Done() {
			return err
		}
		select {
		case <-signal:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close interrupts the jobs that run and wait, for them to stop, and
// closes the history.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closed = true
	if r.current != nil {
		r.cancel(ErrClosed)
	}
	r.mu.Unlock()
	r.running.Wait()
	r.drop(Interrupted, "the server ended before the job began")
	if r.history == nil {
		return nil
	}
	return r.history.Close()
}

// Progress is how a task tells how far it is. The nil Progress tells nobody.
type Progress struct {
	runner *Runner
	job    *Job
	began  time.Time
}

// Stage begins the next part of the job; total is how much there is to do, 0
// where that is not known.
func (p *Progress) Stage(name string, total int) {
	if p == nil {
		return
	}
	p.end()
	p.began = p.runner.now()
	p.runner.change(p.job, false, func() { p.job.Stages = append(p.job.Stages, Stage{Name: name, Total: total}) })
}

// Done tells how much of the stage is done. It may be called at any rate.
func (p *Progress) Done(done int) { p.update(func(s *Stage) { s.Done = done }) }

// Count is Done where how much there is to do was not known before.
func (p *Progress) Count(done, total int) { p.update(func(s *Stage) { s.Done, s.Total = done, total }) }

// end closes the stage at work.
func (p *Progress) end() { p.update(func(*Stage) {}) }

func (p *Progress) update(f func(*Stage)) {
	if p == nil {
		return
	}
	p.runner.change(p.job, false, func() {
		if n := len(p.job.Stages); n > 0 {
			s := &p.job.Stages[n-1]
			s.Millis = p.runner.now().Sub(p.began).Milliseconds()
			f(s)
		}
	})
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *Runner {
	t.Helper()
	r, err := Open(path, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func start(t *testing.T, r *Runner, run func(context.Context, *Progress) (any, error)) Job {
	t.Helper()
	j, err := r.Start(Spec{Kind: "test", By: "ann", Options: map[string]int{"n": 1}, Run: run})
	if err != nil {
		t.Fatal(err)
	}
	if j.State != Queued || j.ID == "" {
		t.Errorf("begun as %+v", j)
	}
	return j
}

// ended waits for the end of a job.
func ended(t *testing.T, r *Runner, id string) Job {
	t.Helper()
	var last Job
	if err := r.Watch(t.Context(), id, func(j Job) error { last = j; return nil }); err != nil {
		t.Fatal(err)
	}
	return last
}

func TestStates(t *testing.T) {
	tests := []struct {
		name string
		run  func(context.Context, *Progress) (any, error)
		want State
	}{
		{"succeeds", func(context.Context, *Progress) (any, error) { return "yes", nil }, Succeeded},
		{"fails", func(context.Context, *Progress) (any, error) { return "half", errors.New("no") }, Failed},
		{"rejected", func(context.Context, *Progress) (any, error) { return nil, fmt.Errorf("%w: bad", ErrRejected) }, Rejected},
		{"panics", func(context.Context, *Progress) (any, error) { panic("oh") }, Failed},
	}
	r := open(t, filepath.Join(t.TempDir(), "history"))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := ended(t, r, start(t, r, tt.run).ID)
			if j.State != tt.want || j.Finished.IsZero() || (j.Error == "") != (tt.want == Succeeded) {
				t.Errorf("got %+v", j)
			}
		})
	}
	if list := r.List(); len(list) != len(tests) || list[0].State != Failed || list[0].Result != nil {
		t.Errorf("list %+v", list)
	}
}

func TestOneAtATimeAndCancel(t *testing.T) {
	r := open(t, "")
	j := start(t, r, func(ctx context.Context, _ *Progress) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	other, err := r.Start(Spec{})
	if !errors.Is(err, ErrBusy) || other.ID != j.ID {
		t.Error(other, err)
	}
	if err := r.Cancel(j.ID); err != nil {
		t.Error(err)
	}
	if j := ended(t, r, j.ID); j.State != Cancelled {
		t.Errorf("got %+v", j)
	}
	if err := r.Cancel(j.ID); !errors.Is(err, ErrDone) {
		t.Error(err)
	}
	if err := r.Cancel("none"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if err := r.Watch(t.Context(), "none", nil); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestProgressIsWatched(t *testing.T) {
	r := open(t, "")
	next := make(chan struct{})
	j := start(t, r, func(_ context.Context, p *Progress) (any, error) {
		p.Stage("one", 0)
		p.Stage("two", 10)
		for i := range 10 {
			<-next
			p.Done(i + 1)
		}
		return nil, nil
	})
	seen := 0
	err := r.Watch(t.Context(), j.ID, func(j Job) error {
		if n := len(j.Stages); n == 2 && j.Stages[1].Done >= seen && seen < 10 {
			seen = j.Stages[1].Done + 1
			next <- struct{}{}
		}
		return nil
	})
	if last := ended(t, r, j.ID); err != nil || len(last.Stages) != 2 || last.Stages[1].Done != 10 {
		t.Errorf("%v %+v", err, last)
	}
}

// TestHistorySurvives: the end of the process interrupts what was running,
// whether it was told to end or killed.
func TestHistorySurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	r := open(t, path)
	done := ended(t, r, start(t, r, func(context.Context, *Progress) (any, error) { return strings.Repeat("x", 10), nil }).ID)
	long := ended(t, r, start(t, r, func(context.Context, *Progress) (any, error) { return strings.Repeat("x", 2<<20), nil }).ID)
	running := start(t, r, func(ctx context.Context, _ *Progress) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Start(Spec{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	r = open(t, path)
	for id, want := range map[string]State{done.ID: Succeeded, long.ID: Succeeded, running.ID: Interrupted} {
		j, err := r.Job(id)
		if err != nil || j.State != want || string(j.Options) != `{"n":1}` {
			t.Errorf("%+v %v, want %s", j, err, want)
		}
	}
	// Killed: the record that it runs is the last.
	killed := &Job{ID: "killed", State: Running}
	r.jobs = append(r.jobs, killed)
	if err := r.save(killed); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err := open(t, path).Job("killed"); err != nil || j.State != Interrupted || j.Error == "" {
		t.Errorf("%+v %v", j, err)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	r := open(t, filepath.Join(t.TempDir(), "history"))
	for range kept + 5 {
		ended(t, r, start(t, r, func(context.Context, *Progress) (any, error) { return nil, nil }).ID)
	}
	if n := len(r.List()); n != kept {
		t.Errorf("%d jobs are remembered", n)
	}
}

package jobs

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// TestOneWaits: while a job runs, those that want the same next share one job
// that begins once it has ended.
func TestOneWaits(t *testing.T) {
	r := open(t, "")
	release, ran := make(chan struct{}), atomic.Int32{}
	spec := Spec{Kind: "test", Run: func(context.Context, *Progress) (any, error) { ran.Add(1); return nil, nil }}
	first := start(t, r, func(context.Context, *Progress) (any, error) { <-release; return nil, nil })
	second, behind, err := r.Enqueue(spec)
	if err != nil || behind != first.ID || second.State != Queued || second.ID == first.ID {
		t.Fatalf("%+v behind %q: %v", second, behind, err)
	}
	if again, behind, err := r.Enqueue(spec); err != nil || again.ID != second.ID || behind != first.ID {
		t.Errorf("%+v behind %q: %v", again, behind, err)
	}
	if other, _, err := r.Enqueue(Spec{Kind: "other"}); !errors.Is(err, ErrBusy) || other.ID != second.ID {
		t.Errorf("%+v %v", other, err)
	}
	if other, _, err := r.Enqueue(Spec{Kind: "test", Options: 1}); !errors.Is(err, ErrBusy) || other.ID != second.ID {
		t.Errorf("%+v %v", other, err)
	}
	if j, err := r.Start(spec); !errors.Is(err, ErrBusy) || j.ID != first.ID {
		t.Errorf("%+v %v", j, err)
	}
	close(release)
	if j := ended(t, r, second.ID); j.State != Succeeded || ran.Load() != 1 {
		t.Errorf("%+v, ran %d times", j, ran.Load())
	}
	third, behind, err := r.Enqueue(spec)
	if err != nil || behind != "" || ended(t, r, third.ID).State != Succeeded || len(r.List()) != 3 {
		t.Errorf("%+v behind %q: %v", third, behind, err)
	}
}

// TestWhatIsEnqueuedRuns after it was, whatever else is begun at that moment.
func TestWhatIsEnqueuedRuns(t *testing.T) {
	r := open(t, "")
	var wanted, seen atomic.Int64
	spec := Spec{Kind: "test", Run: func(context.Context, *Progress) (any, error) { seen.Store(wanted.Load()); return nil, nil }}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range kept / 10 { // fewer than are remembered, with those that Start begins
				n := wanted.Add(1)
				j, _, err := r.Enqueue(spec)
				if err != nil {
					t.Error(err)
					return
				}
				if ended(t, r, j.ID); seen.Load() < n {
					t.Errorf("job %s ended without seeing %d", j.ID, n)
				}
				_, _ = r.Start(spec) // may be busy
			}
		})
	}
	group.Wait()
}

func TestAWaitingJobIsCancelledOrInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	r := open(t, path)
	var told []State
	spec := Spec{Kind: "test", Done: func(j Job) { told = append(told, j.State) }, Run: func(context.Context, *Progress) (any, error) {
		t.Error("it runs")
		return nil, nil
	}}
	start(t, r, func(ctx context.Context, _ *Progress) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	j, _, err := r.Enqueue(spec)
	if err != nil || r.Cancel(j.ID) != nil || ended(t, r, j.ID).State != Cancelled {
		t.Errorf("%v %+v", err, j)
	}
	if err := r.Cancel(j.ID); !errors.Is(err, ErrDone) {
		t.Error(err)
	}
	if j, _, err = r.Enqueue(spec); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told[0] != Cancelled || told[1] != Interrupted {
		t.Errorf("told %v", told)
	}
	if _, _, err := r.Enqueue(spec); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if again, err := open(t, path).Job(j.ID); err != nil || again.State != Interrupted {
		t.Errorf("%v %+v", err, again)
	}
}

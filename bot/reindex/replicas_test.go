package reindex_test

import (
	"context"
	"strings"
	"testing"

	"wenbao/answers/gate"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

// What another process judged goes live unjudged, and nothing else does in
// its name.
func TestOnly(t *testing.T) {
	there, here := newFolder(t), newFolder(t)
	there.bridge("a", 7)
	here.bridge("a", 7)
	elsewhere := newRig(t, there, "", reindex.Settings{})
	r := newRig(t, here, t.TempDir(), reindex.Settings{Floor: 0.9})
	r.gold = []gate.Set{bridgeGold("a", 7)}
	first := r.live()
	there.bridge("a", 70)
	wantState(t, elsewhere.run(reindex.Options{}), jobs.Succeeded)
	announced := elsewhere.live()

	j := r.run(reindex.Options{Only: announced})
	wantState(t, j, jobs.Rejected)
	if r.live() != first || !strings.Contains(j.Error, announced) {
		t.Errorf("without the new report: live %s, %s", r.live(), j.Error)
	}
	here.bridge("a", 70)
	wantState(t, r.run(reindex.Options{}), jobs.Rejected) // by the gate here
	wantState(t, r.run(reindex.Options{Only: announced}), jobs.Succeeded)
	if r.live() != announced || r.bridges("a") != "70座" {
		t.Errorf("live %s, not %s", r.live(), announced)
	}
	here.write("broken.txt", "\xff\xfe\x00")
	wantState(t, r.run(reindex.Options{}), jobs.Failed)
	if r.run(reindex.Options{Only: "another"}); r.live() != announced {
		t.Errorf("live %s", r.live())
	}
}

// A job waits for its turn, and gives it back however it ends.
func TestTurn(t *testing.T) {
	f := newFolder(t)
	r := newRig(t, f, "", reindex.Settings{})
	mine, waits, given := make(chan struct{}), make(chan struct{}, 3), 0
	r.Turn = func(ctx context.Context, waiting func()) (func(), error) {
		waiting()
		waits <- struct{}{}
		select {
		case <-mine:
			return func() { given++ }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	j, err := r.Reindex(reindex.Caller{Name: "ann"}, reindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	<-waits
	if now, err := r.Jobs.Job(j.ID); err != nil || now.State != jobs.Running || now.Stages[0].Name != "wait" {
		t.Errorf("while it waits: %+v, %v", now, err)
	}
	if err := r.Cancel(reindex.Caller{Name: "ann"}, j.ID); err != nil {
		t.Error(err)
	}
	wantState(t, r.wait(j), jobs.Cancelled)
	close(mine)
	wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
	f.write("broken.txt", "\xff\xfe\x00")
	wantState(t, r.run(reindex.Options{}), jobs.Failed)
	if given != 2 {
		t.Errorf("given back %d times", given)
	}
}

package reindex_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wenbao/answers"
	"wenbao/answers/gate"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

func reportOf(t *testing.T, j jobs.Job) reindex.Report {
	t.Helper()
	var r reindex.Report
	if err := json.Unmarshal(j.Result, &r); err != nil {
		t.Fatalf("%v in job %+v", err, j)
	}
	return r
}

func wantState(t *testing.T, j jobs.Job, want jobs.State) {
	t.Helper()
	if j.State != want {
		t.Fatalf("the job is %s (%s), not %s", j.State, j.Error, want)
	}
}

func TestReindexSwapsAndRollsBack(t *testing.T) {
	f := newFolder(t)
	f.bridge("a", 7)
	f.bridge("b", 8)
	r := newRig(t, f, t.TempDir(), reindex.Settings{})
	first := r.live()

	j := r.run(reindex.Options{})
	wantState(t, j, jobs.Succeeded)
	if report := reportOf(t, j); !report.Unchanged || r.live() != first {
		t.Errorf("nothing changed, but %+v", report)
	}

	f.bridge("a", 70)
	f.remove("b.txt")
	f.bridge("c", 9)
	r.frequent = []answers.Request{{Question: bridgeQuestion, Report: "a"}, {Question: bridgeQuestion, Report: "b"}, {Question: "新增图书馆多少座？", Report: "c"}, {Question: "三线一单是什么", Report: "nmg-2022"}}
	j = r.run(reindex.Options{})
	wantState(t, j, jobs.Succeeded)
	report := reportOf(t, j)
	if got := report.Reports; !slices.Equal(got.Added, []string{"c"}) || !slices.Equal(got.Changed, []string{"a"}) || !slices.Equal(got.Removed, []string{"b"}) || got.Total != 3 || got.Indexed != 2 {
		t.Errorf("reports %+v", got)
	}
	if len(report.Changes) != 3 || report.Compared != 4 || report.Changes[0].Before.Figure != "7座" || report.Changes[0].After.Figure != "70座" {
		t.Errorf("changes %+v", report.Changes)
	}
	if r.live() == first || r.bridges("a") != "70座" || r.bridges("c") != "9座" {
		t.Errorf("live %s, answers %s, %s", r.live(), r.bridges("a"), r.bridges("c"))
	}

	j, err := r.Roll(reindex.Caller{Name: "ann"}, first)
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, r.wait(j), jobs.Succeeded)
	if r.live() != first || r.bridges("a") != "7座" || r.bridges("b") != "8座" {
		t.Errorf("rolled back to %s, which answers %s, %s", r.live(), r.bridges("a"), r.bridges("b"))
	}
	// The corpus is still the new one: it is on the shelf, so nothing is made.
	j = r.run(reindex.Options{})
	wantState(t, j, jobs.Succeeded)
	if report := reportOf(t, j); report.Reports.Indexed != 0 || r.bridges("a") != "70座" {
		t.Errorf("report %+v", report)
	}
	if _, err := r.Roll(reindex.Caller{}, "none"); err == nil {
		t.Error("no error")
	}
}

func TestStartOpensWhatWasLive(t *testing.T) {
	f, data := newFolder(t), t.TempDir()
	f.bridge("a", 7)
	r := newRig(t, f, data, reindex.Settings{})
	first := r.live()
	f.bridge("a", 70)
	wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
	second := r.live()
	made := r.Shelf.List()[0].MadeAt
	r.close()

	r = newRig(t, f, data, reindex.Settings{})
	if r.live() != second || !r.Shelf.List()[0].MadeAt.Equal(made) {
		t.Error("it was made anew")
	}
	j, err := r.Roll(reindex.Caller{}, first)
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, r.wait(j), jobs.Succeeded)
	if unseen, err := r.Unseen(); unseen || err != nil {
		t.Error("rolling back would be undone", err)
	}
	r.close()

	r = newRig(t, f, data, reindex.Settings{})
	if r.live() != first || len(r.Jobs.List()) != 2 {
		t.Errorf("rolled back to %s, started on %s; jobs %v", first, r.live(), r.Jobs.List())
	}
	f.bridge("a", 700)
	if unseen, err := r.Unseen(); !unseen || err != nil {
		t.Error("the change is not noticed", err)
	}
	r.close()

	// Damaged: the one before is used.
	damage(t, filepath.Join(data, "generations", first, "corpus.jsonl"))
	if r = newRig(t, f, data, reindex.Settings{}); r.live() != second {
		t.Errorf("started on %s, not %s", r.live(), second)
	}
	r.close()
	damage(t, filepath.Join(data, "generations", second, "corpus.jsonl"))
	if r = newRig(t, f, data, reindex.Settings{}); r.bridges("a") != "700座" {
		t.Errorf("no generation is whole, but the answer is %s", r.bridges("a"))
	}
}

func damage(t *testing.T, name string) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2]++
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestGate(t *testing.T) {
	f := newFolder(t)
	f.bridge("a", 7)
	r := newRig(t, f, t.TempDir(), reindex.Settings{Floor: 1})
	first := r.live()
	r.gold = []gate.Set{bridgeGold("a", 7), bridgeGold("elsewhere", 1)}
	f.bridge("a", 6)

	j := r.run(reindex.Options{})
	wantState(t, j, jobs.Rejected)
	report := reportOf(t, j)
	if v := report.Gate; v.Asked != 1 || v.Skipped != 1 || v.Right != 0 || len(v.Failures) != 1 || !strings.Contains(j.Error, "0.0 %") {
		t.Errorf("%s: %+v", j.Error, v)
	}
	if len(report.Changes) == 0 {
		t.Error("whose answers change is not said")
	}
	untouched(t, r, first, "7座")

	j = r.run(reindex.Options{DryRun: true})
	wantState(t, j, jobs.Succeeded)
	if report := reportOf(t, j); report.Live || report.Gate.Passed {
		t.Errorf("dry run: %+v", report)
	}
	untouched(t, r, first, "7座")

	j = r.run(reindex.Options{Force: true})
	wantState(t, j, jobs.Succeeded)
	if report := reportOf(t, j); !report.Live || report.Gate.Passed || r.bridges("a") != "6座" {
		t.Errorf("forced: %+v", report)
	}
}

// untouched checks that the live generation is, and the only one on the shelf.
func untouched(t *testing.T, r *rig, live, answer string) {
	t.Helper()
	if r.live() != live || r.bridges("a") != answer {
		t.Errorf("live is %s, which answers %s", r.live(), r.bridges("a"))
	}
	if r.Shelf == nil {
		return
	}
	found, err := os.ReadDir(filepath.Dir(r.Shelf.Folder("x")))
	if err != nil || len(found) != 2 || len(r.Shelf.List()) != 1 {
		t.Errorf("left over: %v %v", found, err)
	}
}

func TestForceIsAudited(t *testing.T) {
	f, data := newFolder(t), t.TempDir()
	r := newRig(t, f, data, reindex.Settings{})
	f.bridge("a", 6)
	j, err := r.Reindex(reindex.Caller{Name: "ann", Role: "operate", From: "::1", Request: "q1"}, reindex.Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	r.wait(j)
	r.close()
	raw, err := os.ReadFile(filepath.Join(data, "audit", "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"who":"ann"`, `"what":"reindex"`, `"detail":"forced"`, `"request":"q1"`, `"outcome":"succeeded"`, `"job":"` + j.ID} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
}

func TestOnlyTheLastAreKept(t *testing.T) {
	f, data := newFolder(t), t.TempDir()
	r := newRig(t, f, data, reindex.Settings{Keep: 2})
	var made []string
	for n := range 5 {
		f.bridge("a", n+1)
		wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
		made = append(made, r.live())
	}
	r.search.Close()
	r.Reindexer.Close()
	var kept []string
	for _, e := range r.Shelf.List() {
		kept = append(kept, e.ID)
	}
	if want := []string{made[4], made[3]}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, not %v", kept, want)
	}
}

func TestInMemory(t *testing.T) {
	f := newFolder(t)
	f.bridge("a", 7)
	r := newRig(t, f, "", reindex.Settings{})
	f.bridge("a", 8)
	wantState(t, r.run(reindex.Options{DryRun: true}), jobs.Succeeded)
	if r.bridges("a") != "7座" {
		t.Error("a dry run went live")
	}
	wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
	if list, err := r.Generations(); r.bridges("a") != "8座" || len(list) != 1 || err != nil {
		t.Error(r.bridges("a"), list, err)
	}
	if _, err := r.Roll(reindex.Caller{}, "x"); err == nil {
		t.Error("no error")
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	f := newFolder(t)
	f.bridge("a", 7)
	r := newRig(t, f, t.TempDir(), reindex.Settings{})
	first := r.live()
	f.bridge("a", 8)
	j, err := r.Reindex(reindex.Caller{Name: "ann"}, reindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Cancel(reindex.Caller{Name: "ann"}, j.ID); err != nil {
		t.Fatal(err)
	}
	wantState(t, r.wait(j), jobs.Cancelled)
	untouched(t, r, first, "7座")
}

package index

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reportsOf(t testing.TB, versions ...int) []Report {
	all := docs(t)
	size := len(all) / len(versions)
	var out []Report
	for i, v := range versions {
		part := append([]Document(nil), all[i*size:(i+1)*size]...)
		for at := range v {
			part[at].Text += fmt.Sprintf("第%d版。", v)
		}
		out = append(out, Report{Key: Key(fmt.Sprint(i), part), Documents: part})
	}
	return out
}

// TestUpdatedIndexIsLikeOneMadeAnew takes an index through changes, and
// compares what it finds with an index made of the same reports at once.
func TestUpdatedIndexIsLikeOneMadeAnew(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	before := filepath.Join(dir, "0")
	ix, err := Build(ctx, before, reportsOf(t, 0, 0, 0, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name    string
		reports []Report
		added   int
	}{
		{"one changed", reportsOf(t, 0, 3, 0, 0), 1},
		{"one removed", append(reportsOf(t, 0, 3, 0, 0)[:1:1], reportsOf(t, 0, 3, 0, 0)[2:]...), 0},
		{"another order", []Report{reportsOf(t, 0, 0, 0, 0)[3], reportsOf(t, 0, 0, 0, 0)[0]}, 0},
		{"all back", reportsOf(t, 0, 0, 0, 0), 2},
		{"all changed", reportsOf(t, 1, 2, 3, 4), 4},
	}
	for i, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			path := filepath.Join(dir, fmt.Sprint(i+1))
			if err := Clone(before, path); err != nil {
				t.Fatal(err)
			}
			added, err := Update(ctx, path, step.reports, nil)
			if err != nil || added != step.added {
				t.Fatalf("added %d, want %d: %v", added, step.added, err)
			}
			compare(t, path, step.reports)
			before = path
		})
	}
	compare(t, filepath.Join(dir, "0"), reportsOf(t, 0, 0, 0, 0)) // what was cloned is as it was
}

func compare(t *testing.T, path string, reports []Report) {
	t.Helper()
	ctx := context.Background()
	got, err := Open(path, reports)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	want, err := Build(ctx, "", reports, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	terms := []Term{{Bigrams, "生态", 1}, {Bigrams, "发展", 2}, {Unigrams, "煤", 0.5}, {Head, "工作", 1}, {Bigrams, "第", 1}}
	for only := -1; only < len(reports); only++ {
		q := Query{Terms: terms, Report: only, Limit: got.Len()}
		g, err := got.Search(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		w, err := want.Search(ctx, q)
		if d := cmp.Diff(w, g); err != nil || d != "" || len(w) == 0 && only < 0 {
			t.Errorf("report %d: %d matches, %v (-anew +updated):\n%s", only, len(w), err, d)
		}
	}
	g, err := got.Frequencies(ctx, terms)
	w, _ := want.Frequencies(ctx, terms)
	if d := cmp.Diff(w, g); err != nil || d != "" {
		t.Error(err, d)
	}
	for _, f := range []Field{Bigrams, Unigrams, Head, Alias} {
		if got.Tokens(f) != want.Tokens(f) {
			t.Errorf("field %s has %d tokens, not %d", f, got.Tokens(f), want.Tokens(f))
		}
	}
}

func TestOpenRefusesAnotherCorpus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ix")
	reports := reportsOf(t, 0, 0)
	ix, err := Build(context.Background(), path, reports, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string][]Report{"changed": reportsOf(t, 0, 1), "fewer": reports[:1], "more": append(reportsOf(t, 1), reports...)} {
		if ix, err := Open(path, other); err == nil {
			t.Errorf("%s: no error", name)
			ix.Close()
		}
	}
}

func TestCancelledUpdateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if ix, err := Build(ctx, filepath.Join(t.TempDir(), "ix"), reportsOf(t, 0), nil); err == nil {
		t.Error("no error")
		ix.Close()
	}
}

package audit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func lines(t *testing.T, name string) []Entry {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []Entry
	for line := range strings.Lines(string(raw)) {
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("%s: %v: %q", name, err, line)
		}
		out = append(out, e)
	}
	return out
}

func TestEntriesAreAppendedAcrossOpens(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		l, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Add(Entry{Who: fmt.Sprint(i), What: "reindex", Outcome: "ok"}); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if l.Add(Entry{}) == nil {
			t.Error("a closed log takes entries")
		}
	}
	if got := lines(t, filepath.Join(dir, fileName)); len(got) != 3 || got[2].Who != "2" {
		t.Errorf("got %+v", got)
	}
	if info, err := os.Stat(filepath.Join(dir, fileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others can read the log")
	}
}

func TestTornLineIsClosed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte(`{"who":"a`), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Add(Entry{Who: "b"}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || !strings.Contains(string(raw), "\n{") {
		t.Errorf("%q %v", raw, err)
	}
}

func TestRotationLosesNoRecentEntry(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, Options{MaxSize: 1000, Keep: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				if err := l.Add(Entry{Who: "somebody", What: "reindex", Outcome: "ok"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 4 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Size() > 1000 {
			t.Errorf("%s is too long", name)
		}
		if len(lines(t, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

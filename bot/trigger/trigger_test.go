package trigger

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseSchedule(t *testing.T) {
	for _, good := range []string{"0 3 * * *", "*/5 * * * 1-5", "@daily", "@every 6h"} {
		if _, err := ParseSchedule(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "often", "61 * * * *", "* * * *", "* * * * * *"} {
		if _, err := ParseSchedule(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestScheduleKeepsItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := ParseSchedule("30 3 * * *")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 72*time.Hour)
		defer cancel()
		var at []string
		Schedule(ctx, s, time.Now, func() { at = append(at, time.Now().Format("15:04")) })
		if len(at) != 3 || at[0] != "03:30" {
			t.Error(at)
		}
	})
}

// TestWatchSeesEveryChange makes one change of each kind after the other, each
// once the one before was noticed.
func TestWatchSeesEveryChange(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) func() error {
		return func() error { return os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600) }
	}
	changes := []struct {
		name string
		do   func() error
	}{
		{"a new file", write("a.txt")},
		{"a changed file", write("a.txt")},
		{"a new folder", func() error { return os.Mkdir(filepath.Join(dir, "sub"), 0o700) }},
		{"a file in the new folder", write("sub/b.txt")},
		{"a renamed file", func() error { return os.Rename(filepath.Join(dir, "a.txt"), filepath.Join(dir, "c.txt")) }},
		{"a removed file", func() error { return os.Remove(filepath.Join(dir, "sub/b.txt")) }},
	}
	seen := watch(t, dir)
	for _, c := range changes {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-seen:
		case <-time.After(time.Minute):
			t.Fatalf("%s was not noticed", c.name)
		}
	}
}

func TestWatchOfOneFileSeesItReplaced(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "all.jsonl")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := watch(t, name)
	if err := os.WriteFile(name+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	<-seen
}

func TestWatchOfNothingIsAnError(t *testing.T) {
	if _, err := NewWatcher(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("no error")
	}
}

// watch watches path until the test ends; the channel says that it changed.
func watch(t *testing.T, path string) <-chan struct{} {
	w, err := NewWatcher(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx, time.Millisecond, func() { seen <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return seen
}

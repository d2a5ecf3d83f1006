package shelf

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string) (*Shelf, []string) {
	t.Helper()
	s, cleaned, err := Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, cleaned
}

// put makes a generation of two files; it goes live where live is set.
func put(t *testing.T, s *Shelf, id string, live bool) {
	t.Helper()
	folder, err := s.Make()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "index"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"corpus.jsonl", "index/1.zap"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(id+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Publish(folder, Manifest{ID: id, Reports: []Report{{ID: "r", Paragraphs: 3}}}); err != nil {
		t.Fatal(err)
	}
	if live {
		if err := s.MarkLive(id); err != nil {
			t.Fatal(err)
		}
	}
}

func ids(s *Shelf) []string {
	var out []string
	for _, e := range s.List() {
		out = append(out, e.ID)
	}
	return out
}

func TestTheOneThatWentLiveLastIsFirst(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	for _, id := range []string{"a", "b", "c"} {
		put(t, s, id, true)
	}
	if err := s.MarkLive("a"); err != nil { // rolled back
		t.Fatal(err)
	}
	want := []string{"a", "c", "b"}
	if got := ids(s); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := s.Surplus(2, "a"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("surplus %v", got)
	}
	if got := s.Surplus(1, "b"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("the live one is surplus: %v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, cleaned := open(t, dir)
	if got := ids(again); !slices.Equal(got, want) || len(cleaned) > 0 {
		t.Errorf("after opening again: %v, cleaned %v", got, cleaned)
	}
	e, ok := again.Entry("b")
	if !ok || e.Size() == 0 || len(e.Files) != 2 || e.Reports[0].Paragraphs != 3 {
		t.Errorf("%+v", e)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, _, err := Open(dir, time.Now); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
}

// TestCrashesLeaveNothing damages a shelf as crashes do, at rest and in time.
func TestCrashesLeaveNothing(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, s *Shelf)
	}{
		{"half made", func(t *testing.T, s *Shelf) {
			folder, err := s.Make()
			if err != nil || os.WriteFile(filepath.Join(folder, "x"), nil, 0o600) != nil {
				t.Fatal(err)
			}
		}},
		{"never live", func(t *testing.T, s *Shelf) { put(t, s, "b", false) }},
		{"no manifest", func(t *testing.T, s *Shelf) {
			put(t, s, "b", true)
			remove(t, s.Folder("b"), manifestFile)
		}},
		{"manifest cut off", func(t *testing.T, s *Shelf) {
			put(t, s, "b", true)
			if err := os.Truncate(filepath.Join(s.Folder("b"), manifestFile), 100); err != nil {
				t.Fatal(err)
			}
		}},
		{"manifest changed", func(t *testing.T, s *Shelf) {
			put(t, s, "b", true)
			change(t, filepath.Join(s.Folder("b"), manifestFile))
		}},
		{"live mark torn", func(t *testing.T, s *Shelf) {
			put(t, s, "b", true)
			if err := os.Truncate(filepath.Join(s.Folder("b"), liveFile), 3); err != nil {
				t.Fatal(err)
			}
		}},
		{"another's name", func(t *testing.T, s *Shelf) {
			put(t, s, "c", true)
			if err := os.Rename(s.Folder("c"), s.Folder("b")); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := open(t, dir)
			put(t, s, "a", true)
			tt.damage(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			again, cleaned := open(t, dir)
			if got := ids(again); !slices.Equal(got, []string{"a"}) || len(cleaned) != 1 {
				t.Errorf("there are %v, cleaned %v", got, cleaned)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
				t.Errorf("left over: %v %v", left, err)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// change flips one bit of a file.
func change(t *testing.T, name string) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	s, _ := open(t, t.TempDir())
	for id, damage := range map[string]func(folder string){
		"missing": func(folder string) { remove(t, folder, "corpus.jsonl") },
		"changed": func(folder string) { change(t, filepath.Join(folder, "index", "1.zap")) },
		"cut":     func(folder string) { _ = os.Truncate(filepath.Join(folder, "index", "1.zap"), 1) },
	} {
		put(t, s, id, true)
		if err := s.Verify(id); err != nil {
			t.Errorf("%s, whole: %v", id, err)
		}
		damage(s.Folder(id))
		if err := s.Verify(id); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := s.Verify("none"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	put(t, s, "a", true)
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || len(s.List()) != 0 {
		t.Error(left, err)
	}
	if err := s.Remove("a"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if err := s.MarkLive("a"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wenbao/bot/journal"
)

func open(t *testing.T, path string) (*journal.Log, []string) {
	t.Helper()
	var records []string
	l, err := journal.Open(path, func(r []byte) error { records = append(records, string(r)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, records
}

func appendAll(t *testing.T, l *journal.Log, records ...string) {
	t.Helper()
	for _, r := range records {
		if err := l.Append([]byte(r), true); err != nil {
			t.Fatal(err)
		}
	}
}

// Cut off or damaged at any byte, a log gives the whole records before it and
// goes on from there.
func TestTorn(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "log")
	l, _ := open(t, whole)
	records := []string{"one", "", "three three", strings.Repeat("x", 40)}
	appendAll(t, l, records...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	ends := []int{0}
	for _, r := range records {
		ends = append(ends, ends[len(ends)-1]+8+len(r))
	}
	for cut := range len(b) {
		flipped := bytes.Clone(b)
		flipped[cut] ^= 0x40
		for name, damaged := range map[string][]byte{"cut": b[:cut], "flipped": flipped} {
			n := 0
			for n+1 < len(ends) && ends[n+1] <= cut {
				n++
			}
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			l, got := open(t, path)
			if !slices.Equal(got, records[:n]) {
				t.Fatalf("%s at %d: got %q, want the first %d", name, cut, got, n)
			}
			appendAll(t, l, "after")
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if _, got := open(t, path); !slices.Equal(got, append(slices.Clone(records[:n]), "after")) {
				t.Fatalf("%s at %d: then got %q", name, cut, got)
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, _ := open(t, path)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				if err := l.Append(fmt.Appendf(nil, "%d-%d", w, i), i%2 == 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := l.Sync(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, got := open(t, path)
	last := map[string]int{}
	for _, r := range got {
		var w, i int
		if _, err := fmt.Sscanf(r, "%d-%d", &w, &i); err != nil {
			t.Fatal(err)
		}
		if key := fmt.Sprint(w); last[key] != i {
			t.Errorf("%s is out of order", r)
		} else {
			last[key]++
		}
	}
	if len(got) != 400 {
		t.Errorf("%d records", len(got))
	}
}

func TestRewrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, _ := open(t, path)
	appendAll(t, l, "a", "b", "c")
	if err := l.Rewrite(func(emit func([]byte) error) error { return emit([]byte("c")) }); err != nil {
		t.Fatal(err)
	}
	appendAll(t, l, "d")
	if err := l.Rewrite(func(func([]byte) error) error { return errors.New("stopped") }); err == nil {
		t.Error("a failed rewrite succeeded")
	}
	appendAll(t, l, "e")
	if size := l.Size(); size != 3*9 {
		t.Errorf("size %d", size)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", []byte("half a rewrite"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, got := open(t, path)
	if !slices.Equal(got, []string{"c", "d", "e"}) {
		t.Errorf("got %q", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append([]byte("x"), false); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}

func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	open(t, path)
	if _, err := journal.Open(path, func([]byte) error { return nil }); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
}

func TestTooLong(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "log"))
	if err := l.Append(make([]byte, journal.MaxRecord+1), false); err == nil {
		t.Error("no error")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x03\x00\x00\x00abcdone"))
	f.Add(bytes.Repeat([]byte{0}, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := journal.Read(bytes.NewReader(b), func([]byte) error { return nil })
		if err != nil || n > int64(len(b)) {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	})
}

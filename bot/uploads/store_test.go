package uploads

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")) // for ever, by design
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, _, err := Open(dir, corpus.Reader{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func change(id, text string) Change {
	return Change{Record{ID: id, Name: id, File: id + ".txt", Size: len(text), SHA256: sumOf([]byte(text)), By: "ann", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, []byte(text)}
}

func nothing() error { return nil }

func removal(id string) Change { return Change{Record: Record{ID: id, Removed: true, By: "ann"}} }

func apply(t *testing.T, s *Store, changes ...Change) {
	t.Helper()
	if err := s.Apply(changes, nothing); err != nil {
		t.Fatal(err)
	}
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && name != dir {
			rest, _ := filepath.Rel(dir, name)
			names = append(names, filepath.ToSlash(rest))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// state is what a store holds, as "id=text", "-id" for one that is removed.
func state(t *testing.T, s *Store) string {
	t.Helper()
	var out []string
	for slug, r := range s.Records() {
		if r.Removed {
			out = append(out, "-"+r.ID)
			continue
		}
		text, again, err := s.Text(slug)
		if err != nil || !cmp.Equal(again, r) {
			t.Errorf("%s: %v %+v %+v", slug, err, again, r)
		}
		out = append(out, r.ID+"="+string(text))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestWhatIsKeptIsThereAfterwards, and nothing else is on disk.
func TestWhatIsKeptIsThereAfterwards(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	steps := []struct {
		name  string
		do    func() error
		want  string
		files string
	}{
		{"two", func() error { return s.Apply([]Change{change("p/a", "甲"), change("b", "乙")}, nothing) }, "b=乙 p/a=甲", "00000001 00000001/0.json 00000001/0.txt 00000001/1.json 00000001/1.txt"},
		{"one replaced", func() error { return s.Apply([]Change{change("p/a", "新甲")}, nothing) }, "b=乙 p/a=新甲", "00000001 00000001/1.json 00000001/1.txt 00000002 00000002/0.json 00000002/0.txt"},
		{"one removed", func() error { return s.Apply([]Change{removal("b")}, nothing) }, "-b p/a=新甲", "00000002 00000002/0.json 00000002/0.txt 00000003 00000003/0.json"},
		{"restored", func() error { return s.Forget("b", nothing) }, "p/a=新甲", "00000002 00000002/0.json 00000002/0.txt"},
		{"one that is not there", func() error { return s.Forget("nothing", nothing) }, "p/a=新甲", "00000002 00000002/0.json 00000002/0.txt"},
		{"all gone", func() error { return s.Forget("p~a", nothing) }, "", ""},
		{"one again", func() error { return s.Apply([]Change{change("c", "丙")}, nothing) }, "c=丙", "00000004 00000004/0.json 00000004/0.txt"},
	}
	for _, tt := range steps {
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := state(t, s); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got := strings.Join(tree(t, dir), " "); got != tt.files {
			t.Errorf("%s: files %q, want %q", tt.name, got, tt.files)
		}
		again := open(t, dir)
		if got := state(t, again); got != tt.want || len(again.Problems()) > 0 {
			t.Errorf("%s: opened again it holds %q, %v", tt.name, got, again.Problems())
		}
	}
}

// TestWhatACrashLeaves is either finished or removed.
func TestWhatACrashLeaves(t *testing.T) {
	write := func(t *testing.T, dir, name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	record := func(t *testing.T, c Change) string {
		t.Helper()
		raw, err := c.encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  string
		files string
	}{
		{"a change being written", func(t *testing.T, dir string) {
			write(t, dir, ".making-7/0.txt", "半")
		}, "a=甲 b=乙", "00000001 00000001/0.json 00000001/0.txt 00000001/1.json 00000001/1.txt"},
		{"an upload being received", func(t *testing.T, dir string) {
			write(t, dir, ".incoming-3", "半")
		}, "a=甲 b=乙", "00000001 00000001/0.json 00000001/0.txt 00000001/1.json 00000001/1.txt"},
		{"what was replaced is still there", func(t *testing.T, dir string) {
			write(t, dir, "00000002/0.json", record(t, change("a", "新甲")))
			write(t, dir, "00000002/0.txt", "新甲")
		}, "a=新甲 b=乙", "00000001 00000001/1.json 00000001/1.txt 00000002 00000002/0.json 00000002/0.txt"},
		{"a removal under way", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "00000001/0.json")); err != nil {
				t.Fatal(err)
			}
		}, "b=乙", "00000001 00000001/1.json 00000001/1.txt"},
		{"a folder that is empty by now", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "00000002"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "a=甲 b=乙", "00000001 00000001/0.json 00000001/0.txt 00000001/1.json 00000001/1.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			apply(t, s, change("a", "甲"), change("b", "乙"))
			tt.spoil(t, dir)
			s = open(t, dir)
			if got := state(t, s); got != tt.want || len(s.Problems()) > 0 {
				t.Errorf("%q %v, want %q", got, s.Problems(), tt.want)
			}
			if got := strings.Join(tree(t, dir), " "); got != tt.files {
				t.Errorf("files %q, want %q", got, tt.files)
			}
			apply(t, s, change("c", "丙"))
			if got, want := state(t, open(t, dir)), tt.want+" c=丙"; got != want {
				t.Errorf("going on it holds %q, want %q", got, want)
			}
		})
	}
}

// TestBrokenFilesAreNamed: the store opens without them, and they stay.
func TestBrokenFilesAreNamed(t *testing.T) {
	tests := []struct {
		name, file, content string
		opening             string // the problem when the store is opened
		reading             string // the problem when the corpus is read
		want                []string
	}{
		{"a record that is no JSON", "00000001/0.json", "{", "uploads/00000001/0.json: the record is not as it was written; put it back from a copy, or delete it", "not as it was written", []string{"b", "base"}},
		{"a record that was changed", "00000001/0.json", `{"record":{"id":"../x","by":"eve","at":"2026-01-02T03:04:05Z"},"sum":"00"}`, "not as it was written", "not as it was written", []string{"b", "base"}},
		{"a text that was changed", "00000001/0.txt", "别", "", "uploads/00000001/0.txt: report a: it is not as it was sent; upload it again", []string{"b", "base"}},
		{"something else", "notes", "x", "uploads/notes: it is not of the uploads; move it elsewhere", "notes", []string{"a", "b", "base"}},
	}
	base, err := corpus.Load(fstest.MapFS{"base.txt": {Data: []byte("底。")}, "a.txt": {Data: []byte("旧甲。")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			apply(t, open(t, dir), change("a", "甲"), change("b", "乙"))
			if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			named := ""
			for _, p := range s.Problems() {
				named += p.String()
			}
			if !strings.Contains(named, tt.opening) || tt.opening == "" && named != "" {
				t.Errorf("problems %q, want %q", named, tt.opening)
			}
			c, err := s.Over(base, nil)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range c.Reports {
				if r.ID != "a" || r.Text == "甲" { // the one of the corpus does not come back for a text that was changed
					ids = append(ids, r.ID)
				}
			}
			if !slices.Equal(ids, tt.want) || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].String(), tt.reading) {
				t.Errorf("reports %q, problems %v", ids, c.Problems)
			}
			if got, err := os.ReadFile(filepath.Join(dir, tt.file)); err != nil || string(got) != tt.content {
				t.Errorf("the file is touched: %v", err)
			}
			apply(t, s, change("a", "新甲"))
			if c, err := s.Over(base, c); err != nil || c.Report("a").Text != "新甲" {
				t.Errorf("uploaded again: %v", err)
			}
		})
	}
}

func TestOverACorpus(t *testing.T) {
	base, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte("甲。")}, "p/b.txt": {Data: []byte("乙。")}})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := (*Store)(nil).Over(base, nil); err != nil || c != base {
		t.Error("without a store something changes")
	}
	s := open(t, t.TempDir())
	if c, err := s.Over(base, nil); err != nil || c != base {
		t.Error("without uploads something changes")
	}
	given := change("c", "丙。")
	given.Given = report.Metadata{Year: 2024, Title: "题"}
	apply(t, s, change("p/b", "新乙。"), given, removal("a"))
	c, err := s.Over(base, nil)
	if err != nil || len(c.Reports) != 2 || c.Report("p/b").Text != "新乙。" || c.Report("c").Year != 2024 || c.Report("c").Title != "题" {
		t.Errorf("%v %+v", err, c)
	}
	apply(t, s, removal("p/b"), removal("c"))
	if _, err := s.Over(base, nil); !errors.Is(err, corpus.ErrNoDocuments) {
		t.Errorf("nothing is left: %v", err)
	}
}

// TestSpool: what was received is on disk until it is closed, and gone where
// it did not arrive whole.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	p, err := s.Spool(strings.NewReader("一二三"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(p, 0, p.Size))
	if err != nil || string(b) != "一二三" || len(tree(t, dir)) != 1 {
		t.Errorf("%q %v", b, err)
	}
	if err := p.Close(); err != nil || len(tree(t, dir)) != 0 {
		t.Error("it is still there", err)
	}
	if _, err := s.Spool(io.MultiReader(strings.NewReader("半"), iotest.ErrReader(io.ErrUnexpectedEOF))); !errors.Is(err, io.ErrUnexpectedEOF) || len(tree(t, dir)) != 0 {
		t.Error("half of it is still there", err)
	}
}

// TestWhatComesFirst keeps a change from being made where it fails, and is done
// before anybody can read the change.
func TestWhatComesFirst(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	apply(t, s, change("a", "甲"))
	no := errors.New("no")
	if err := s.Apply([]Change{change("a", "新甲")}, func() error { return no }); !errors.Is(err, no) {
		t.Error(err)
	}
	if err := s.Forget("a", func() error { return no }); !errors.Is(err, no) {
		t.Error(err)
	}
	if got := state(t, s); got != "a=甲" || len(tree(t, dir)) != 3 {
		t.Errorf("%q, %v", got, tree(t, dir))
	}
	read := make(chan string)
	if err := s.Apply([]Change{change("a", "新甲")}, func() error {
		go func() {
			text, _, _ := s.Text("a")
			read <- string(text)
		}()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "新甲" {
		t.Errorf("read %q", got)
	}
}

// TestReadersSeeWholeChanges: while two reports change together, whoever reads
// sees both as they were or both as they are.
func TestReadersSeeWholeChanges(t *testing.T) {
	s := open(t, t.TempDir())
	apply(t, s, change("a", "0"), change("b", "0"))
	base := &corpus.Corpus{}
	var group sync.WaitGroup
	for w := range 3 {
		group.Go(func() {
			for i := range 20 {
				text := strings.Repeat("x", 1+w*20+i)
				if err := s.Apply([]Change{change("a", text), change("b", text)}, nothing); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		group.Go(func() {
			for range 60 {
				c, err := s.Over(base, nil)
				if err != nil || len(c.Problems) > 0 || c.Report("a").Text != c.Report("b").Text {
					t.Errorf("%v %+v", err, c)
					return
				}
			}
		})
	}
	group.Wait()
	if s.Records()["a"].SHA256 != s.Records()["b"].SHA256 || len(tree(t, s.name)) != 5 {
		t.Errorf("%v", tree(t, s.name))
	}
}

// FuzzRecord: no bytes make reading a record panic; what is read is written
// the same.
func FuzzRecord(f *testing.F) {
	c := change("p/a", "甲")
	raw, err := c.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"record":{},"sum":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		out, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeRecord(out)
		if !again.At.Equal(r.At) {
			t.Errorf("%v became %v", r.At, again.At)
		}
		if again.At = r.At; err != nil || !cmp.Equal(again, r) {
			t.Errorf("%v %+v %+v", err, again, r)
		}
	})
}

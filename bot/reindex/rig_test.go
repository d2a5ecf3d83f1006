package reindex_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wenbao/answers"
	"wenbao/answers/eval"
	"wenbao/answers/gate"
	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/shelf"
	"wenbao/seeds"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")) // for ever, by design
}

// folder is a corpus on disk.
type folder struct {
	t    testing.TB
	path string
}

// decoded is the lexicon, decoded once for all tests.
var decoded = sync.OnceValues(func() (*lexicon.Lexicon, error) { return lexicon.Decode(configs.Lexicon) })

func newFolder(t testing.TB) *folder {
	f := &folder{t: t, path: t.TempDir()}
	for _, name := range []string{"nmg-2022.txt", "nmg-2022.yaml"} {
		raw, err := fs.ReadFile(seeds.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		f.write(name, string(raw))
	}
	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.path, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) remove(name string) {
	f.t.Helper()
	if err := os.RemoveAll(filepath.Join(f.path, name)); err != nil {
		f.t.Fatal(err)
	}
}

// bridge writes a report that says how many bridges were built.
func (f *folder) bridge(name string, n int) {
	f.write(name+".txt", fmt.Sprintf("2024年%s政府工作报告\n一、2023年工作回顾\n新建跨海大桥%d座，完成投资%d亿元。\n新增图书馆%d座。\n", name, n, 2*n, 3*n))
}

func (f *folder) Corpus(before *corpus.Corpus) (*corpus.Corpus, error) {
	return f.Reader().Open(f.path, before)
}
func (f *folder) Lexicon() (*lexicon.Lexicon, error) { return decoded() }
func (f *folder) Reader() corpus.Reader              { return corpus.Reader{} }
func (f *folder) Name() string                       { return f.path }

// rig is a server's inside.
type rig struct {
	*reindex.Service
	t        testing.TB
	folder   *folder
	search   *retrieval.Engine
	answers  *answers.Engine
	gold     []gate.Set
	frequent []answers.Request
}

// newRig starts on data; "" keeps nothing on disk.
func newRig(t testing.TB, f *folder, data string, s reindex.Settings) *rig {
	t.Helper()
	r := &rig{t: t, folder: f}
	if s.Keep == 0 {
		s.Keep = 3
	}
	log := slog.New(slog.DiscardHandler)
	var generations *shelf.Shelf
	var trail *audit.Log
	history := ""
	if data != "" {
		var err error
		if generations, _, err = shelf.Open(filepath.Join(data, "generations"), time.Now); err != nil {
			t.Fatal(err)
		}
		if trail, err = audit.Open(filepath.Join(data, "audit"), audit.Options{}); err != nil {
			t.Fatal(err)
		}
		history = filepath.Join(data, "history")
	}
	runner, err := jobs.Open(history, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	g, err := reindex.First(context.Background(), generations, f, s.Keep, log)
	if err != nil {
		t.Fatal(err)
	}
	answerer := func(e *retrieval.Engine) answers.Answerer { return answers.New(e, answers.Options{Log: log}) }
	r.search = retrieval.NewEngine(g, retrieval.Options{})
	r.answers = answers.New(r.search, answers.Options{Log: log})
	r.Service = &reindex.Service{Jobs: runner, Audit: trail, Reindexer: reindex.New(r.search, reindex.Parts{
		Source: f, Shelf: generations, Answerer: answerer, Settings: s, Now: time.Now, Log: log,
		Questions: func() ([]gate.Set, error) { return r.gold, nil },
		Frequent:  func(context.Context, int) ([]answers.Request, error) { return r.frequent, nil },
	})}
	t.Cleanup(r.close)
	return r
}

// close ends the server; a second time it does nothing.
func (r *rig) close() {
	if r.Service == nil {
		return
	}
	if err := r.Jobs.Close(); err != nil {
		r.t.Error(err)
	}
	if err := r.search.Close(); err != nil {
		r.t.Error(err)
	}
	r.Reindexer.Close()
	if r.Shelf != nil {
		if err := r.Shelf.Close(); err != nil {
			r.t.Error(err)
		}
	}
	if err := r.Audit.Close(); err != nil {
		r.t.Error(err)
	}
	r.Service = nil
}

// run reindexes and waits for the end.
func (r *rig) run(o reindex.Options) jobs.Job {
	r.t.Helper()
	j, err := r.Reindex(reindex.Caller{Name: "ann", Role: "operate"}, o)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.wait(j)
}

func (r *rig) wait(j jobs.Job) jobs.Job {
	r.t.Helper()
	if err := r.Jobs.Watch(context.Background(), j.ID, func(now jobs.Job) error { j = now; return nil }); err != nil {
		r.t.Fatal(err)
	}
	return j
}

func (r *rig) live() string {
	r.t.Helper()
	g, release, err := r.search.Acquire()
	if err != nil {
		r.t.Fatal(err)
	}
	defer release()
	return g.ID
}

// bridges asks how many bridges were built.
func (r *rig) bridges(name string) string {
	r.t.Helper()
	a, err := r.answers.Answer(context.Background(), answers.Request{Question: bridgeQuestion, Report: name})
	if err != nil {
		return err.Error()
	}
	if a.Figure == nil {
		return string(a.Status)
	}
	return a.Figure.Value
}

const bridgeQuestion = "新建跨海大桥多少座？"

func bridgeGold(name string, n int) gate.Set {
	return gate.Set{Name: "bridges", Cases: []eval.Case{{ID: "1", Kind: "figure", Question: bridgeQuestion, Expect: "answer", Gold: [][]string{{strconv.Itoa(n) + "座"}}, Report: name}}}
}

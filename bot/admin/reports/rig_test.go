package reports_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wenbao/answers"
	"wenbao/bot/admin"
	"wenbao/bot/admin/reports"
	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/uploads"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/shelf"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")) // for ever, by design
}

var decoded = sync.OnceValues(func() (*lexicon.Lexicon, error) { return lexicon.Decode(configs.Lexicon) })

// rig is a server with all that changes its reports; only the questions with
// gold are missing.
type rig struct {
	*httptest.Server
	t      *testing.T
	corpus string // folder
	data   string // folder; "" without one
	store  *uploads.Store
	jobs   *jobs.Runner
	search *retrieval.Engine
	asked  *answers.Engine
	stop   func()
}

// bridges is a report that says how many bridges were built.
func bridges(n int) string {
	return fmt.Sprintf("2024年某省政府工作报告\n一、2023年工作回顾\n新建跨海大桥%d座，完成投资%d亿元。\n新增图书馆%d座。\n", n, 2*n, 3*n)
}

// newRig starts a server over a corpus of the reports a and p/b.
func newRig(t *testing.T, data string) *rig {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": bridges(1), "p/b.txt": bridges(2)} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return startRig(t, dir, data)
}

type source struct{ r *rig }

func (s source) Corpus(before *corpus.Corpus) (*corpus.Corpus, error) {
	base, err := s.Reader().Open(s.r.corpus, before)
	if err != nil {
		return nil, err
	}
	return s.r.store.Over(base, before)
}
func (s source) Lexicon() (*lexicon.Lexicon, error) { return decoded() }
func (s source) Reader() corpus.Reader              { return corpus.Reader{} }
func (s source) Name() string                       { return s.r.corpus }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func startRig(t *testing.T, dir, data string) *rig {
	t.Helper()
	r := &rig{t: t, corpus: dir, data: data}
	log := slog.New(slog.DiscardHandler)
	var generations *shelf.Shelf
	var trail *audit.Log
	history := ""
	if data != "" {
		var err error
		if generations, _, err = shelf.Open(filepath.Join(data, "generations"), time.Now); err != nil {
			t.Fatal(err)
		}
		if r.store, _, err = uploads.Open(filepath.Join(data, "uploads"), corpus.Reader{}); err != nil {
			t.Fatal(err)
		}
		trail = must[*audit.Log](t)(audit.Open(filepath.Join(data, "audit"), audit.Options{}))
		history = filepath.Join(data, "jobs")
	}
	r.jobs = must[*jobs.Runner](t)(jobs.Open(history, time.Now, log))
	g := must[*retrieval.Generation](t)(reindex.First(context.Background(), generations, source{r}, 3, log))
	r.search = retrieval.NewEngine(g, retrieval.Options{})
	r.asked = answers.New(r.search, answers.Options{Log: log})
	service := &reindex.Service{Jobs: r.jobs, Audit: trail, Reindexer: reindex.New(r.search, reindex.Parts{
		Source: source{r}, Shelf: generations, Settings: reindex.Settings{Keep: 3}, Now: time.Now, Log: log,
		Answerer: func(e *retrieval.Engine) answers.Answerer { return answers.New(e, answers.Options{Log: log}) },
	})}
	library := uploads.New(uploads.Parts{Store: r.store, Jobs: service, Audit: trail, Now: time.Now, Log: log,
		Base: func(before *corpus.Corpus) (*corpus.Corpus, string, error) {
			c, err := corpus.Reader{}.Open(r.corpus, before)
			return c, uploads.OriginCorpus, err
		},
		Live: func() (*corpus.Corpus, error) {
			g, release, err := r.search.Acquire()
			if err != nil {
				return nil, err
			}
			defer release()
			return g.Corpus, nil
		}})
	tokens := []admin.Token{{Name: "ann", Role: admin.RoleOperate, Digest: sha256.Sum256([]byte("operate"))}, {Name: "bob", Role: admin.RoleRead, Digest: sha256.Sum256([]byte("read"))}}
	server := admin.New(admin.Parts{Service: service, Jobs: r.jobs, Gate: admin.NewGate(tokens, trail, time.Now), Routes: reports.New(library, log).Routes(), Log: log})
	r.Server = httptest.NewUnstartedServer(server.Handler())
	r.Config.ReadTimeout, r.Config.WriteTimeout = readTimeout, readTimeout
	r.Start()
	r.stop = sync.OnceFunc(func() {
		r.Close()
		if err := errors.Join(r.jobs.Close(), r.search.Close()); err != nil {
			t.Error(err)
		}
		service.Close()
		if data != "" {
			if err := errors.Join(generations.Close(), r.store.Close(), trail.Close()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Cleanup(r.stop)
	return r
}

// readTimeout is the listener's: shorter than serve's, so that a test can
// outlast it.
const readTimeout = 2 * time.Second

// call makes a request as an operator; headers are "Name: value".
func (r *rig) call(method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer operate")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := r.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(raw)
}

// send wants a status of an upload or a change, and returns what came of it.
func (r *rig) send(status int, method, path, body string, headers ...string) uploads.Outcome {
	r.t.Helper()
	resp, answer := r.call(method, path, strings.NewReader(body), headers...)
	if resp.StatusCode != status {
		r.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	var out uploads.Outcome
	if status < 300 {
		if err := json.Unmarshal([]byte(answer), &out); err != nil {
			r.t.Fatal(err)
		}
	}
	if status == http.StatusAccepted && (out.Job == "" || resp.Header.Get("Location") != "/admin/jobs/"+out.Job) {
		r.t.Errorf("%s %s: Location %q of job %q", method, path, resp.Header.Get("Location"), out.Job)
	}
	return out
}

// live waits until the change is live.
func (r *rig) live(out uploads.Outcome) {
	r.t.Helper()
	var last jobs.Job
	if err := r.jobs.Watch(r.t.Context(), out.Job, func(j jobs.Job) error { last = j; return nil }); err != nil {
		r.t.Fatal(err)
	}
	if last.State != jobs.Succeeded {
		r.t.Errorf("job %s is %s: %s", last.ID, last.State, last.Error)
	}
}

// built asks how many bridges a report says were built; "" where it is not
// there.
func (r *rig) built(id string) string {
	r.t.Helper()
	a, err := r.asked.Answer(context.Background(), answers.Request{Question: "新建跨海大桥多少座？", Report: id})
	if err != nil || a.Figure == nil {
		return ""
	}
	if len(a.Excerpts) == 0 || a.Excerpts[0].Citation.Report != id || !strings.Contains(a.Excerpts[0].Quote, a.Figure.Value) {
		r.t.Errorf("%s is answered with %+v", id, a.Excerpts)
	}
	return a.Figure.Value
}

func (r *rig) list() uploads.Listing {
	r.t.Helper()
	resp, body := r.call("GET", "/admin/reports", nil, "Authorization: Bearer read")
	var list uploads.Listing
	if err := json.Unmarshal([]byte(body), &list); err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%v: %d %s", err, resp.StatusCode, body)
	}
	return list
}

// trail returns the audit log as "who what target outcome".
func (r *rig) trail() []string {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.data, "audit", "audit.jsonl"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		var e audit.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, strings.Join([]string{e.Who, e.What, e.Target, e.Outcome, e.Detail}, " "))
	}
	return out
}

// kept lists the files of the uploads.
func (r *rig) kept() []string {
	r.t.Helper()
	var names []string
	root := filepath.Join(r.data, "uploads")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && name != root {
			names = append(names, strings.TrimPrefix(name, root+"/"))
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return names
}

func zipOf(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		part, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(part, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// raw sends bytes over a connection of its own, as they are, and returns the
// answer, "" where there is none.
func (r *rig) raw(head, body string, cut bool) string {
	r.t.Helper()
	address := must[*url.URL](r.t)(url.Parse(r.URL)).Host
	conn := must[net.Conn](r.t)(net.Dial("tcp", address))
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\nHost: %s\r\nAuthorization: Bearer operate\r\n\r\n%s", head, address, body)
	if cut {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

func ids(list uploads.Listing) []string {
	var out []string
	for _, r := range list.Reports {
		out = append(out, r.ID)
	}
	return slices.Clip(out)
}

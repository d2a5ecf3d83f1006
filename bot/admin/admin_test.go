package admin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wenbao/bot/admin/client"
	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/retrieval/shelf"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")) // for ever, by design
}

// service is a Service whose jobs last until they are told to end.
type service struct {
	*jobs.Runner
	end chan error

	mu     sync.Mutex
	begun  []reindex.Caller
	forced bool
}

func (s *service) Reindex(by reindex.Caller, o reindex.Options) (jobs.Job, error) {
	s.mu.Lock()
	s.begun, s.forced = append(s.begun, by), o.Force
	s.mu.Unlock()
	return s.Start(jobs.Spec{Kind: "reindex", By: by.Name, Options: o, Run: func(ctx context.Context, p *jobs.Progress) (any, error) {
		p.Stage("index", 2)
		select {
		case err := <-s.end:
			return map[string]int{"answers": 42}, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}})
}

func (s *service) Roll(by reindex.Caller, id string) (jobs.Job, error) {
	if id != "known" {
		return jobs.Job{}, fmt.Errorf("%w: %s", shelf.ErrUnknown, id)
	}
	return s.Start(jobs.Spec{Kind: "activate", By: by.Name, Run: func(context.Context, *jobs.Progress) (any, error) { return nil, <-s.end }})
}

func (s *service) Cancel(_ reindex.Caller, id string) error { return s.Runner.Cancel(id) }

func (s *service) Generations() ([]reindex.Generation, error) {
	return []reindex.Generation{{ID: "known", Live: true, Reports: 3}}, nil
}

const (
	operateToken = "operate-operate-operate"
	readToken    = "read-read-read-read-read"
)

func tokens() []Token {
	return []Token{{"ann", RoleOperate, sha256.Sum256([]byte(operateToken))}, {"bob", RoleRead, sha256.Sum256([]byte(readToken))}}
}

type rig struct {
	*httptest.Server
	service *service
	gate    *Gate
	now     time.Time
	audit   string
}

func newRig(t *testing.T, tokens []Token) *rig {
	t.Helper()
	runner, err := jobs.Open("", time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	trail, err := audit.Open(dir, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{service: &service{Runner: runner, end: make(chan error, 1)}, now: time.Now(), audit: filepath.Join(dir, "audit.jsonl")}
	r.gate = NewGate(tokens, trail, func() time.Time { return r.now })
	extra := Route{"GET /admin/extra", RoleRead, func(w http.ResponseWriter, r *http.Request) { JSON(w, http.StatusOK, CallerOf(r).Name) }}
	panics := Route{"GET /admin/panic", RoleRead, func(http.ResponseWriter, *http.Request) { panic("oh") }}
	r.Server = httptest.NewServer(New(Parts{Service: r.service, Jobs: runner, Gate: r.gate, Routes: []Route{extra, panics}}).Handler())
	t.Cleanup(func() {
		if err := errors.Join(runner.Close(), trail.Close()); err != nil {
			t.Error(err)
		}
		r.Close()
	})
	return r
}

// call makes a request; headers are "Name: value".
func (r *rig) call(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(raw)
}

func TestRefusals(t *testing.T) {
	const operate, read = "Authorization: Bearer " + operateToken, "Authorization: Bearer " + readToken
	tests := []struct {
		name         string
		method, path string
		body         string
		headers      []string
		status       int
		challenge    string
	}{
		{"no token", "POST", "/admin/reindex", "{}", nil, 401, `Bearer realm="wenbao"`},
		{"no token, to read", "GET", "/admin/jobs", "", nil, 401, `Bearer realm="wenbao"`},
		{"no token, nowhere", "GET", "/admin/nothing", "", nil, 401, `Bearer realm="wenbao"`},
		{"wrong token", "POST", "/admin/reindex", "{}", []string{"Authorization: Bearer wrong"}, 401, "invalid_token"},
		{"a digest for a token", "GET", "/admin/jobs", "", []string{fmt.Sprintf("Authorization: Bearer %x", sha256.Sum256([]byte(readToken)))}, 401, "invalid_token"},
		{"another scheme", "GET", "/admin/jobs", "", []string{"Authorization: Basic " + readToken}, 401, "invalid_token"},
		{"reader reindexes", "POST", "/admin/reindex", "{}", []string{read}, 403, "insufficient_scope"},
		{"reader cancels", "POST", "/admin/jobs/x/cancel", "", []string{read}, 403, "insufficient_scope"},
		{"reader activates", "POST", "/admin/generations/known/activate", "", []string{read}, 403, "insufficient_scope"},
		{"another site's page", "POST", "/admin/reindex", "{}", []string{operate, "Sec-Fetch-Site: cross-site"}, 403, ""},
		{"another site's page, old browser", "POST", "/admin/reindex", "{}", []string{operate, "Origin: https://evil.example"}, 403, ""},
		{"no such job", "GET", "/admin/jobs/none", "", []string{read}, 404, ""},
		{"no such job to follow", "GET", "/admin/jobs/none", "", []string{read, "Accept: text/event-stream"}, 404, ""},
		{"no such job to cancel", "POST", "/admin/jobs/none/cancel", "", []string{operate}, 404, ""},
		{"no such generation", "POST", "/admin/generations/none/activate", "", []string{operate}, 404, ""},
		{"nowhere", "GET", "/admin/nothing", "", []string{read}, 404, ""},
		{"wrong method", "GET", "/admin/reindex", "", []string{operate}, 405, ""},
		{"no JSON", "POST", "/admin/reindex", "force", []string{operate}, 400, ""},
		{"unknown option", "POST", "/admin/reindex", `{"fast":true}`, []string{operate}, 400, ""},
		{"two values", "POST", "/admin/reindex", `{} {}`, []string{operate}, 400, ""},
		{"far too long", "POST", "/admin/reindex", `{"force":` + strings.Repeat(" ", maxBody) + "true}", []string{operate}, 400, ""},
		{"a mistake in the program", "GET", "/admin/panic", "", []string{read}, 500, ""},
	}
	r := newRig(t, tokens())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := r.call(t, tt.method, tt.path, tt.body, tt.headers...)
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			if got := resp.Header.Get("WWW-Authenticate"); !strings.Contains(got, tt.challenge) || tt.challenge == "" && got != "" {
				t.Errorf("challenge %q", got)
			}
			var p problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != tt.status || p.Detail == "" || p.Request == "" || p.Request != resp.Header.Get("X-Request-Id") {
				t.Errorf("%v in %s", err, body)
			}
		})
	}
	if len(r.service.begun) != 0 || len(r.service.List()) != 0 {
		t.Errorf("begun %v", r.service.begun)
	}
	raw, err := os.ReadFile(r.audit)
	if err != nil || !strings.Contains(string(raw), "refused: wrong token") || !strings.Contains(string(raw), `"who":"bob"`) {
		t.Errorf("%v %s", err, raw)
	}
	if strings.Contains(string(raw), readToken) || strings.Contains(string(raw), "wrong\"") {
		t.Error("a token is in the audit log")
	}
}

func TestWithoutTokensOnlyThisMachineIsTaken(t *testing.T) {
	r := newRig(t, nil)
	for host, status := range map[string]int{"127.0.0.1:9090": 200, "localhost": 200, "[::1]:9090": 200, "evil.example": 401, "192.0.2.1:9090": 401} {
		if resp, body := r.call(t, "GET", "/admin/extra", "", "Host: "+host); resp.StatusCode != status {
			t.Errorf("%s: %d %s", host, resp.StatusCode, body)
		}
	}
}

func TestWrongTokensAreLimited(t *testing.T) {
	r := newRig(t, tokens())
	for range maxStrikes {
		r.call(t, "GET", "/admin/jobs", "", "Authorization: Bearer wrong")
	}
	resp, body := r.call(t, "GET", "/admin/jobs", "", "Authorization: Bearer "+readToken)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	r.now = r.now.Add(strikeWindow)
	if resp, body := r.call(t, "GET", "/admin/jobs", "", "Authorization: Bearer "+readToken); resp.StatusCode != http.StatusOK {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestTokensChange(t *testing.T) {
	r := newRig(t, tokens())
	r.gate.SetTokens([]Token{{"eve", RoleRead, sha256.Sum256([]byte("new"))}})
	if resp, _ := r.call(t, "GET", "/admin/extra", "", "Authorization: Bearer "+readToken); resp.StatusCode != http.StatusUnauthorized {
		t.Error("the old token is taken")
	}
	if _, body := r.call(t, "GET", "/admin/extra", "", "Authorization: bearer new"); body != "\"eve\"\n" {
		t.Error(body)
	}
}

// TestAJobFromEndToEnd goes through the client, as the command line does.
func TestAJobFromEndToEnd(t *testing.T) {
	r := newRig(t, tokens())
	c, err := client.New(strings.TrimPrefix(r.URL, "http://"), operateToken, r.Client())
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Reindex(t.Context(), reindex.Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if by := r.service.begun[0]; by.Name != "ann" || by.Role != RoleOperate || by.From != "127.0.0.1" || by.Request == "" || !r.service.forced {
		t.Errorf("begun by %+v", by)
	}
	resp, body := r.call(t, "POST", "/admin/reindex", "", "Authorization: Bearer "+operateToken)
	if resp.StatusCode != http.StatusConflict || resp.Header.Get("Location") != "/admin/jobs/"+id || !strings.Contains(body, id) {
		t.Errorf("%d %s %s", resp.StatusCode, resp.Header.Get("Location"), body)
	}
	seen := 0
	last, err := c.Follow(t.Context(), id, func(j jobs.Job) {
		if seen++; j.State == jobs.Running && len(j.Stages) > 0 {
			select {
			case r.service.end <- nil:
			default:
			}
		}
	})
	if err != nil || last.State != jobs.Succeeded || string(last.Result) != `{"answers":42}` || seen < 2 {
		t.Errorf("%v after %d events: %+v", err, seen, last)
	}
	if j, err := c.Job(t.Context(), id); err != nil || j.State != jobs.Succeeded || j.By != "ann" {
		t.Errorf("%v %+v", err, j)
	}
	if list, err := c.Jobs(t.Context()); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	if list, err := c.Generations(t.Context()); err != nil || len(list) != 1 || !list[0].Live {
		t.Error(list, err)
	}
	var failure *client.Error
	if err := c.Cancel(t.Context(), id); !errors.As(err, &failure) || failure.Status != http.StatusConflict {
		t.Error(err)
	}
}

func TestAccepted(t *testing.T) {
	r := newRig(t, tokens())
	resp, body := r.call(t, "POST", "/admin/reindex", "", "Authorization: Bearer "+operateToken, "X-Request-Id: mine")
	var job jobs.Job
	if err := json.Unmarshal([]byte(body), &job); err != nil || resp.StatusCode != http.StatusAccepted || resp.Header.Get("Location") != "/admin/jobs/"+job.ID || job.State != jobs.Queued {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp.Header.Get("X-Request-Id") != "mine" {
		t.Error("the request's id is lost")
	}
	resp, body = r.call(t, "POST", "/admin/jobs/"+job.ID+"/cancel", "", "Authorization: Bearer "+operateToken)
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if err := r.service.Watch(t.Context(), job.ID, func(j jobs.Job) error { job = j; return nil }); err != nil || job.State != jobs.Cancelled {
		t.Errorf("%v %+v", err, job)
	}
}

func TestActivateWaits(t *testing.T) {
	r := newRig(t, tokens())
	c, err := client.New(r.URL, operateToken, r.Client())
	if err != nil {
		t.Fatal(err)
	}
	r.service.end <- nil
	if err := c.Activate(t.Context(), "known"); err != nil {
		t.Error(err)
	}
	r.service.end <- errors.New("it is damaged")
	if err := c.Activate(t.Context(), "known"); err == nil || !strings.Contains(err.Error(), "it is damaged") {
		t.Error(err)
	}
}

func TestClientExplains(t *testing.T) {
	for _, addr := range []string{"", "ftp://x", "http://", "://"} {
		if _, err := client.New(addr, "", http.DefaultClient); err == nil {
			t.Errorf("%q is taken for an address", addr)
		}
	}
	r := newRig(t, tokens())
	url := r.URL
	r.Close()
	c, err := client.New(url, operateToken, r.Client())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jobs(t.Context()); err == nil || !strings.Contains(err.Error(), "wenbao serve") || strings.Contains(err.Error(), operateToken) {
		t.Error(err)
	}
}

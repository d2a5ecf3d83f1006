package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/health"
	"wenbao/bot/library"
	"wenbao/bot/web"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
)

// small is a corpus of one sentence.
func small(t *testing.T) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte("2022年某省政府工作报告\n一、2021年工作回顾\n新建绿色矿山133座。\n")}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// once gives each caller one turn.
type once map[string]bool

func (o once) Take(_ context.Context, person, _ string) (time.Duration, bool, error) {
	if o[person] {
		return 1500 * time.Millisecond, false, nil
	}
	o[person] = true
	return 0, false, nil
}

var _ bot.Limiter = once{}

// TestCallersAreLimited: by their address, as a proxy that we may believe saw
// it; an IPv6 network is one caller.
func TestCallersAreLimited(t *testing.T) {
	s := newSite(t, small(t), func(p *web.Parts) { p.Conversation, _ = talking(t, *p, once{}) })
	for _, tt := range []struct {
		peer, forwarded, path string
		want                  int
	}{
		{"127.0.0.1:1", "", "/api/v1/ask?q=", 200}, {"127.0.0.1:1", "", "/api/v1/ask?q=", 200}, {"[::1]:1", "", "/?q=", 200},
		{"203.0.113.9:1", "", "/api/v1/ask?q=", 200}, {"203.0.113.9:2", "", "/api/v1/ask?q=", 429},
		{"203.0.113.9:2", "198.51.100.1", "/api/v1/ask?q=", 429}, // anybody can write this header
		{"127.0.0.1:1", "203.0.113.9", "/?q=", 429},
		{"10.0.0.1:1", "203.0.113.1", "/?q=", 200}, {"127.0.0.1:1", "198.51.100.9, 203.0.113.1", "/api/v1/ask?q=", 429},
		{"127.0.0.1:1", "2001:db8:1:2::1", "/?q=", 200}, {"127.0.0.1:1", "2001:db8:1:2::ffff", "/?q=", 429}, {"127.0.0.1:1", "2001:db8:1:3::1", "/?q=", 200},
		{"127.0.0.1:1", "none", "/?q=", 200}, {"127.0.0.1:1", "of these", "/?q=", 429},
		{"203.0.113.9:1", "", "/", 200}, {"203.0.113.9:1", "", "/healthz", 200}, // only questions count
	} {
		path := tt.path
		if strings.HasSuffix(path, "q=") {
			path += url.QueryEscape("新建绿色矿山多少座")
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s from %s for %q: %d, want %d", tt.path, tt.peer, tt.forwarded, w.Code, tt.want)
		}
		if limited := w.Code == 429; limited && strings.HasPrefix(path, "/api") && w.Header().Get("Retry-After") != "2" {
			t.Errorf("Retry-After is %q", w.Header().Get("Retry-After"))
		}
	}
}

// stuck answers nothing until its request ends.
type stuck struct{}

func (stuck) Answer(ctx context.Context, _ answers.Request) (answers.Answer, error) {
	<-ctx.Done()
	return answers.Answer{}, ctx.Err()
}

// TestTooManyAtOnceAreTurnedAway: those who wait for a seat are told so.
func TestTooManyAtOnceAreTurnedAway(t *testing.T) {
	s := newSite(t, small(t), func(p *web.Parts) { p.Answerer = stuck{} })
	ctx, release := context.WithCancel(t.Context())
	const callers = 40
	codes := make(chan int, callers)
	for range callers {
		go func() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/ask?q=x", nil).WithContext(ctx))
			codes <- w.Code
		}()
	}
	for range 8 { // 32 have seats
		if code := <-codes; code != http.StatusServiceUnavailable {
			t.Errorf("status %d", code)
		}
	}
	release()
	for range callers - 8 {
		<-codes
	}
}

// findsNothing answers a probe's question with nothing.
type findsNothing struct{}

func (findsNothing) Answer(context.Context, answers.Request) (answers.Answer, error) {
	return answers.Answer{Status: answers.NoAnswer}, nil
}

func TestHealthAndReadiness(t *testing.T) {
	c := small(t)
	s := newSite(t, c, nil)
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := s.get(t, path); code != 200 || !strings.Contains(body, `"reports":1`) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	blind := newSite(t, c, func(p *web.Parts) { p.Answerer = findsNothing{} })
	if code, _ := blind.get(t, "/healthz"); code != 503 {
		t.Errorf("healthy although nothing is found: %d", code)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", c, lexicon.New(nil, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{})
	problems := &health.Registry{}
	parts := web.Parts{Answerer: answers.New(search, answers.Options{}), Reports: search, Library: library.New(search, ""), Health: problems}
	parts.Conversation, _ = talking(t, parts, nil)
	server, err := web.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	ready := func() int {
		w := httptest.NewRecorder()
		server.Vitals().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	if code := ready(); code != 200 {
		t.Errorf("not ready: %d", code)
	}
	var chat, index error
	problems.Register("chat", false, func(context.Context) error { return chat })
	problems.Register("index", true, func(context.Context) error { return index })
	chat = errors.New("away")
	if code := ready(); code != 200 {
		t.Errorf("degraded: %d", code)
	}
	index = errors.New("away")
	if code := ready(); code != 503 {
		t.Errorf("ready without what it needs: %d", code)
	}
	chat, index = nil, nil
	server.Drain()
	if code := ready(); code != 503 {
		t.Errorf("ready while it ends: %d", code)
	}
	if err := search.Close(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	server.Vitals().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != 503 {
		t.Errorf("healthy without reports: %d", w.Code)
	}
}

// TestThePageCarriesTheConversation: what was asked before goes with the next
// question, in the form, and no further than it should.
func TestThePageCarriesTheConversation(t *testing.T) {
	s := newSite(t, small(t), func(p *web.Parts) { p.Examples = []string{"新建绿色矿山多少座？"} })
	if _, page := s.get(t, "/?lang=en"); !strings.Contains(page, `href="/?lang=en&amp;q=`+url.QueryEscape("新建绿色矿山多少座？")) {
		t.Errorf("the example is not linked:\n%s", page)
	}
	q := url.Values{"q": {"再早呢"}, "h": {"一", "二", "三", " ", "四", strings.Repeat("长", 501), "五"}}
	_, page := s.get(t, "/?"+q.Encode())
	page, _, _ = strings.Cut(page, "</form>") // that of the question
	var carried []string
	for _, m := range regexp.MustCompile(`name="h" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		carried = append(carried, m[1])
	}
	if got := strings.Join(carried, " "); got != "二 三 四 五 再早呢" {
		t.Errorf("the form carries %q", got)
	}
}

// TestFilesOfThePagesAreKept by browsers, since their addresses change with
// their content.
func TestFilesOfThePagesAreKept(t *testing.T) {
	s := newSite(t, small(t), nil)
	_, page := s.get(t, "/")
	files := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(files) < 3 {
		t.Fatalf("files %q", files)
	}
	for _, f := range files {
		res := s.do(t, http.MethodGet, f[1], "")
		if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", f[1], res.StatusCode, res.Header)
		}
		res.Body.Close()
	}
	if code, _ := s.get(t, "/static/none.css"); code != 404 {
		t.Errorf("status %d for no file", code)
	}
}

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/web"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// site is a server over a corpus, with what it logged.
type site struct {
	http.Handler
	corpus *corpus.Corpus
	stores *stores.Set
	log    *lockedBuffer
}

// talking is the conversation over memory stores; limiter, where it is given,
// limits questions.
func talking(t testing.TB, p web.Parts, limiter bot.Limiter) (*conversation.Handler, *stores.Set) {
	t.Helper()
	kept := stores.Defaults()
	kept.User, kept.Team, kept.Presses = 0, 0, 0
	set := stores.Memory(kept, time.Now)
	if limiter != nil {
		set.Questions = limiter
	}
	h, err := conversation.New(conversation.Parts{Answerer: p.Answerer, Library: p.Library, Stores: set.Stores})
	if err != nil {
		t.Fatal(err)
	}
	return h, set
}

// lockedBuffer is written by several requests at a time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newSite serves c; change, where it is given, alters the parts first.
func newSite(t testing.TB, c *corpus.Corpus, change func(*web.Parts)) *site {
	t.Helper()
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(context.Background(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() {
		if err := search.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{corpus: c, log: &lockedBuffer{}}
	parts := web.Parts{Answerer: answers.New(search, answers.Options{}), Reports: search, Library: library.New(search, ""),
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&parts)
	}
	if parts.Conversation == nil {
		parts.Conversation, s.stores = talking(t, parts, nil)
	}
	server, err := web.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = server.Handler()
	return s
}

// seedSite serves the program's own reports.
func seedSite(t testing.TB) *site {
	t.Helper()
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, c, nil)
}

// textSite serves documents by their ids.
func textSite(t testing.TB, documents map[string]string) *site {
	t.Helper()
	files := fstest.MapFS{}
	for id, text := range documents {
		files[id+".txt"] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := corpus.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, c, nil)
}

func (s *site) do(t testing.TB, method, target, body string, header ...string) *http.Response {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, content)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// get returns the status and the body of a page.
func (s *site) get(t testing.TB, target string) (int, string) {
	t.Helper()
	res := s.do(t, http.MethodGet, target, "")
	return res.StatusCode, bodyOf(t, res)
}

func bodyOf(t testing.TB, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// answer decodes the API's answer.
func answer(t testing.TB, res *http.Response) answers.Answer {
	t.Helper()
	body := bodyOf(t, res)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", res.StatusCode, body)
	}
	var a answers.Answer
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var markPattern = regexp.MustCompile(`(?s)<mark>(.*?)</mark>`)

// marks returns the text of every mark of a page.
func marks(page string) []string {
	var out []string
	for _, m := range markPattern.FindAllStringSubmatch(page, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}

// Package web serves the ask page, the reader that citations link to, and the
// API. All three speak through the conversation that every platform shares;
// the page carries its session in its links and forms, and sets no cookies.
package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/health"
	"wenbao/retrieval"
	"wenbao/retrieval/stage"
)

// Platform is the name of the page and the API in an Address.
const Platform = "web"

// Reports gives the live generation until release is called;
// *retrieval.Engine is one.
type Reports interface {
	Acquire() (g *retrieval.Generation, release func(), err error)
}

// Conversation replies; *conversation.Handler is one.
type Conversation interface {
	Handle(ctx context.Context, m bot.Message) (bot.Reply, error)
	// Ask takes the words for a question, whatever they say.
	Ask(ctx context.Context, m bot.Message) (bot.Reply, error)
	Act(ctx context.Context, a bot.Action) (bot.Reply, error)
}

// Popular lists what is often asked in a team; every bot.Popular does.
type Popular interface {
	Top(ctx context.Context, team string, n int) ([]string, error)
}

// Meter counts questions that the Conversation never heard of; it counts the
// others itself.
type Meter interface {
	// Lost notes a question that was not answered, and why in a word.
	Lost(platform, why string)
}

// Parts are what a Server works with. Conversation, Answerer, Reports and
// Library are needed.
type Parts struct {
	Conversation Conversation
	// Answerer is asked what nobody asked: a greeting, for its examples.
	Answerer answers.Answerer
	Reports  Reports
	Library  bot.Library
	Examples []string // to begin with; none: those of a greeting's answer
	// Popular lists questions that others are shown; nil: none are.
	Popular Popular
	Meter   Meter // nil: nothing is counted
	// Person names a caller by their address, so that it cannot be told from
	// the name; nil: a hash with a key of this process.
	Person func(address string) string
	// Prober is asked whether searching works, past any cache; nil: the
	// Answerer.
	Prober answers.Answerer
	// Health says which parts of the program do not serve; nil: all do.
	Health    *health.Registry
	PublicURL string     // base of citation links, as the Answerer has it
	Lang      text.Lang  // where the browser asks for none that we speak
	Stage     stage.Func // nil: requests are not measured
	Log       *slog.Logger
}

const (
	askTimeout = 10 * time.Second
	// mostAtOnce is how many questions are answered at one time; one beyond
	// waits as long as a reader would.
	mostAtOnce = 32
	mostWait   = 2 * time.Second
)

// Server answers HTTP requests.
type Server struct {
	Parts
	base     string // path of PublicURL, without the last slash
	views    views
	seats    chan struct{}
	own      *http.CrossOriginProtection
	draining atomic.Bool
}

// New returns a Server.
func New(p Parts) (*Server, error) {
	if p.Conversation == nil || p.Answerer == nil || p.Reports == nil || p.Library == nil {
		return nil, errors.New("web: the conversation, the answerer, the reports and the library are needed")
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Prober == nil {
		p.Prober = p.Answerer
	}
	if p.Person == nil {
		p.Person = hasher()
	}
	p.Lang = text.Pick(string(p.Lang), text.Zh)
	p.PublicURL = strings.TrimRight(p.PublicURL, "/")
	own, err := protection(p.PublicURL)
	if err != nil {
		return nil, err
	}
	v, err := newViews()
	if err != nil {
		return nil, err
	}
	return &Server{Parts: p, base: pathOf(p.PublicURL), views: v, seats: make(chan struct{}, mostAtOnce), own: own}, nil
}

// hasher returns a hash with a key that nobody knows.
func hasher() func(string) string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return func(address string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(address))
		return hex.EncodeToString(mac.Sum(nil)[:12])
	}
}

// protection keeps other sites from pressing buttons of ours in somebody's
// browser.
func protection(publicURL string) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	u, err := url.Parse(publicURL)
	if publicURL == "" || err != nil || u.Host == "" {
		return p, nil
	}
	if err := p.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return nil, fmt.Errorf("web: public URL: %w", err)
	}
	return p, nil
}

// pathOf returns the path of a base URL, without the last slash.
func pathOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// Below serves next at the path of publicURL too: whether or not a proxy takes
// it away, links lead there.
func Below(publicURL string, next http.Handler) http.Handler {
	base := pathOf(publicURL)
	if base == "" {
		return next
	}
	stripped := http.StripPrefix(base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.EscapedPath(); {
		case path == base:
			http.Redirect(w, r, base+"/", http.StatusPermanentRedirect)
		case strings.HasPrefix(path, base+"/"):
			stripped.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// Handler serves the public listener.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.askPage)
	mux.Handle("POST /press", s.own.Handler(http.HandlerFunc(s.pressPage)))
	mux.HandleFunc("GET /r/{slug}", s.reader)
	mux.HandleFunc("GET /r/{slug}/p/{id}", s.reader)
	mux.HandleFunc("GET /api/v1/ask", s.apiGet)
	mux.HandleFunc("POST /api/v1/ask", s.apiPost)
	mux.HandleFunc("/api/", apiUnknown)
	mux.HandleFunc("GET /static/{name}", s.static)
	s.health(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.lost(w, r, http.StatusNotFound, text.PageNotFound, lostView{})
	})
	return s.observe(mux)
}

// Vitals serves what the operators' listener has of this.
func (s *Server) Vitals() http.Handler {
	mux := http.NewServeMux()
	s.health(mux)
	return s.observe(mux)
}

// Drain makes /readyz say that no more requests are wanted.
func (s *Server) Drain() { s.draining.Store(true) }

var errBusy = errors.New("too many questions at once")

// turn is how a request speaks in the conversation.
func (s *Server) turn(r *http.Request) (at bot.Address, unlimited bool) {
	caller, local := callerOf(r)
	return bot.Address{Platform: Platform, User: s.Person(caller)}, local
}

// ask has the conversation reply to a question in turn, and counts one for
// which there was no room.
func (s *Server) ask(r *http.Request, reply func(context.Context) (bot.Reply, error)) (bot.Reply, error) {
	heard := false
	out, err := s.inTurn(r, func(ctx context.Context) (bot.Reply, error) {
		heard = true
		return reply(ctx)
	})
	if !heard && s.Meter != nil {
		why := conversation.Lost(err)
		if errors.Is(err, errBusy) {
			why = "busy"
		}
		s.Meter.Lost(Platform, why)
	}
	return out, err
}

// inTurn does something that takes a seat, within a bounded time.
func (s *Server) inTurn(r *http.Request, do func(context.Context) (bot.Reply, error)) (bot.Reply, error) {
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	patience := time.NewTimer(mostWait)
	defer patience.Stop()
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	case <-patience.C:
		return bot.Reply{}, errBusy
	case <-ctx.Done():
		return bot.Reply{}, ctx.Err()
	}
	return do(ctx)
}

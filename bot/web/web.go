// Package web serves the ask page, the reader that citations link to, and the
// API.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/retrieval"
)

// Reports gives the live generation until release is called;
// *retrieval.Engine is one.
type Reports interface {
	Acquire() (g *retrieval.Generation, release func(), err error)
}

// Meter counts questions.
type Meter interface {
	// Question notes what a question came to and how long that took.
	Question(platform, status string, took time.Duration)
}

// Parts are what a Server works with. Answerer, Reports and Library are
// needed.
type Parts struct {
	Answerer answers.Answerer
	Reports  Reports
	Library  bot.Library
	Examples []string    // to begin with; none: those of a greeting's answer
	Limiter  bot.Limiter // of questions, by the caller's address; nil: none
	Meter    Meter       // nil: nothing is counted
	// Prober is asked whether searching works, past any cache; nil: the
	// Answerer.
	Prober answers.Answerer
	// Degraded says that something is away that answers can do without; nil:
	// never.
	Degraded func() bool
	// Problems says of each part that does not serve why; nil: none does.
	// The page serves all the same.
	Problems  func() map[string]string
	PublicURL string    // base of citation links, as the Answerer has it
	Lang      text.Lang // where the browser asks for none that we speak
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
	views    views
	seats    chan struct{}
	draining atomic.Bool
}

// New returns a Server.
func New(p Parts) (*Server, error) {
	if p.Answerer == nil || p.Reports == nil || p.Library == nil {
		return nil, errors.New("web: the answerer, the reports and the library are needed")
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Prober == nil {
		p.Prober = p.Answerer
	}
	p.Lang = text.Pick(string(p.Lang), text.Zh)
	p.PublicURL = strings.TrimRight(p.PublicURL, "/")
	v, err := newViews()
	if err != nil {
		return nil, err
	}
	return &Server{Parts: p, views: v, seats: make(chan struct{}, mostAtOnce)}, nil
}

// Handler serves the public listener.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.askPage)
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

// Health serves what the operators' listener has of this.
func (s *Server) Health() http.Handler {
	mux := http.NewServeMux()
	s.health(mux)
	return s.observe(mux)
}

// Drain makes /readyz say that no more requests are wanted.
func (s *Server) Drain() { s.draining.Store(true) }

// Errors of a question that are not the Answerer's.
var (
	errBusy    = errors.New("too many questions at once")
	errLimited = errors.New("too many questions in a short time")
)

// A limitError says how long to wait.
type limitError struct{ wait time.Duration }

func (limitError) Error() string { return errLimited.Error() }
func (limitError) Unwrap() error { return errLimited }

// ask answers a question in turn, and counts it.
func (s *Server) ask(r *http.Request, req answers.Request) (answers.Answer, error) {
	began := time.Now()
	a, err := s.answer(r, req)
	if s.Meter != nil {
		s.Meter.Question("web", outcome(a, err), time.Since(began))
	}
	return a, err
}

// outcome is what a question came to, as metrics name it.
func outcome(a answers.Answer, err error) string {
	switch {
	case err == nil:
		return string(a.Status)
	case errors.Is(err, errLimited):
		return "limited"
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded):
		return "busy"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, answers.ErrEmpty), errors.Is(err, answers.ErrTooLong), errors.Is(err, answers.ErrUnknownReport):
		return "invalid"
	}
	return "failed"
}

// answer answers a question in turn.
func (s *Server) answer(r *http.Request, req answers.Request) (answers.Answer, error) {
	if err := s.limited(r); err != nil {
		return answers.Answer{}, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), askTimeout)
	defer cancel()
	patience := time.NewTimer(mostWait)
	defer patience.Stop()
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	case <-patience.C:
		return answers.Answer{}, errBusy
	case <-ctx.Done():
		return answers.Answer{}, ctx.Err()
	}
	return s.Answerer.Answer(ctx, req)
}

// limited takes a turn of the caller. Whoever calls from this machine itself
// has no limit.
func (s *Server) limited(r *http.Request) error {
	caller, local := callerOf(r)
	if s.Limiter == nil || local {
		return nil
	}
	wait, _, err := s.Limiter.Take(r.Context(), "web/"+caller, "web/"+caller)
	if err != nil {
		s.Log.Warn("limits are not available", "err", err)
		return nil
	}
	if wait > 0 {
		return limitError{wait}
	}
	return nil
}

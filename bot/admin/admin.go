// Package admin is the operators' API: reindexing, jobs and generations, each
// behind a token's role, with an audit log.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/request"
)

// Service does what the API is asked to; *reindex.Service is one.
type Service interface {
	Reindex(by reindex.Caller, o reindex.Options) (jobs.Job, error)
	Roll(by reindex.Caller, generation string) (jobs.Job, error)
	Cancel(by reindex.Caller, job string) error
	Generations() ([]reindex.Generation, error)
}

var _ Service = (*reindex.Service)(nil)

// Jobs shows jobs; *jobs.Runner is one.
type Jobs interface {
	List() []jobs.Job
	Job(id string) (jobs.Job, error)
	Watch(ctx context.Context, id string, f func(jobs.Job) error) error
}

var _ Jobs = (*jobs.Runner)(nil)

// Parts are what a Server works with.
type Parts struct {
	Service Service
	Jobs    Jobs
	Gate    *Gate
	Routes  []Route // further ones
	Log     *slog.Logger
}

// A Route is one pattern of http.ServeMux, with the role that it takes.
type Route struct {
	Pattern string
	Role    string
	Handler http.HandlerFunc
}

// Server answers operators.
type Server struct{ Parts }

// New returns a Server.
func New(p Parts) *Server {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{p}
}

// Handler serves /admin/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range append(s.routes(), s.Routes...) {
		mux.Handle(r.Pattern, s.Gate.Guard(r.Role, r.Handler))
	}
	mux.Handle("/", s.Gate.Guard(RoleRead, func(w http.ResponseWriter, r *http.Request) { elsewhere(mux, w, r) }))
	ownSite := http.NewCrossOriginProtection()
	ownSite.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Log.WarnContext(r.Context(), "a request of another site was refused", "from", addressOf(r))
		Problem(w, r, http.StatusForbidden, "requests made by pages of other sites are refused")
	}))
	return s.observe(ownSite.Handler(mux))
}

// elsewhere answers what no route does: no such path, or a method that it
// does not take.
func elsewhere(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		Problem(w, r, http.StatusNotFound, "there is no such path")
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	Problem(w, r, http.StatusMethodNotAllowed, "this path takes "+strings.Join(allowed, ", "))
}

func (s *Server) routes() []Route {
	return []Route{
		{"POST /admin/reindex", RoleOperate, s.reindex},
		{"GET /admin/jobs", RoleRead, s.jobs},
		{"GET /admin/jobs/{id}", RoleRead, s.job},
		{"POST /admin/jobs/{id}/cancel", RoleOperate, s.cancel},
		{"GET /admin/generations", RoleRead, s.generations},
		{"POST /admin/generations/{id}/activate", RoleOperate, s.activate},
	}
}

// observe gives each request an id, and turns a panic into an error.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := request.Pick(r.Header.Get(request.Header))
		r = r.WithContext(request.With(r.Context(), id))
		w.Header().Set(request.Header, id)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer func() {
			if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
				s.Log.ErrorContext(r.Context(), "panic in a request", "cause", fmt.Sprint(cause))
				Problem(w, r, http.StatusInternalServerError, "this is a mistake in the program")
			}
			s.Log.DebugContext(r.Context(), "operator's request", "route", r.Pattern, "took", time.Since(began))
		}()
		next.ServeHTTP(w, r)
	})
}

// RequestID returns the id of a request that a Server handles.
func RequestID(r *http.Request) string { return request.ID(r.Context()) }

// problem is RFC 9457's.
type problem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail,omitempty"`
	Job     string `json:"job,omitempty"`
	Request string `json:"request,omitempty"`
	// Problems are the parts of it, where there are several.
	Problems []string `json:"problems,omitempty"`
}

// Problem answers with an error.
func Problem(w http.ResponseWriter, r *http.Request, status int, detail string) {
	writeProblem(w, problem{Status: status, Detail: detail, Request: RequestID(r)})
}

// Problems is Problem for an error of several parts.
func Problems(w http.ResponseWriter, r *http.Request, status int, detail string, parts []string) {
	writeProblem(w, problem{Status: status, Detail: detail, Request: RequestID(r), Problems: parts})
}

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// JSON answers with a value.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// maxBody bounds a request of these routes.
const maxBody = 64 << 10

// Decode reads a JSON body strictly; an empty one leaves v as it is.
func Decode(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body is not what is wanted here: %w", err)
	}
	if dec.More() {
		return errors.New("the body holds more than one value")
	}
	return nil
}

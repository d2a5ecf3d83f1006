package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"wenbao/bot/request"
)

// policy allows our own files and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// observe gives each request an id, sets the headers that every response has,
// turns a panic into an error, and logs what was answered: never the query,
// which holds the question. A proxy's id is kept.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := request.Pick(r.Header.Get(request.Header))
		r, end := s.begin(r.WithContext(request.With(r.Context(), id)))
		h := w.Header()
		h.Set(request.Header, id)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.broken(rec, r, p)
			}
			end(rec.status)
			s.Log.LogAttrs(r.Context(), levelOf(r.Pattern, rec.status), "request", slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", rec.status), slog.Int("bytes", rec.bytes), slog.Duration("took", time.Since(began)))
		}()
		next.ServeHTTP(rec, r)
	})
}

// begin begins to measure a request, unless it is a probe or for a file of
// ours.
func (s *Server) begin(r *http.Request) (measured *http.Request, end func(status int)) {
	if p := r.URL.Path; isProbe(p) || strings.HasPrefix(p, "/static/") {
		return r, func(int) {}
	}
	ctx, done := s.Stage.Begin(r.Context(), "web")
	r = r.WithContext(ctx)
	return r, func(status int) {
		done(slog.String("platform", Platform), slog.String("route", r.Pattern), slog.Int("code", status), slog.Bool("failed", status >= 500))
	}
}

func isProbe(path string) bool {
	return strings.HasSuffix(path, "/healthz") || strings.HasSuffix(path, "/readyz")
}

// levelOf keeps the probes of a load balancer out of the log.
func levelOf(pattern string, status int) slog.Level {
	if status < 400 && isProbe(pattern) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// broken ends a request whose handler panicked. The panic's value is not
// logged: it may hold the question.
func (s *Server) broken(rec *recorder, r *http.Request, p any) {
	s.Log.ErrorContext(r.Context(), "panic in a request", "route", r.Pattern, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	if rec.status == 0 {
		writeProblem(rec, http.StatusInternalServerError, "")
	}
}

// failed logs an error that is ours.
func (s *Server) failed(r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "err", err)
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

const requestIDHeader = "X-Request-Id"

// policy allows our own files and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// observe gives each request an id, sets the headers that every response has,
// turns a panic into an error, and logs what was answered: never the query,
// which holds the question.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		h := w.Header()
		h.Set(requestIDHeader, requestID(r))
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.broken(rec, r, p)
			}
			s.Log.Log(r.Context(), levelOf(r.Pattern, rec.status), "request", "method", r.Method, "route", r.Pattern,
				"status", rec.status, "bytes", rec.bytes, "took", time.Since(began), "request_id", h.Get(requestIDHeader))
		}()
		next.ServeHTTP(rec, r)
	})
}

// levelOf keeps the probes of a load balancer out of the log.
func levelOf(pattern string, status int) slog.Level {
	if status < 400 && (strings.HasSuffix(pattern, "/healthz") || strings.HasSuffix(pattern, "/readyz")) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// broken ends a request whose handler panicked. The panic's value is not
// logged: it may hold the question.
func (s *Server) broken(rec *recorder, r *http.Request, p any) {
	s.Log.Error("panic in a request", "route", r.Pattern, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()),
		"request_id", rec.Header().Get(requestIDHeader))
	if rec.status == 0 {
		writeProblem(rec, http.StatusInternalServerError, "")
	}
}

// failed logs an error that is ours.
func (s *Server) failed(r *http.Request, err error) {
	s.Log.Error("request failed", "route", r.Pattern, "err", err)
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

// requestID returns the id that a proxy gave the request, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get(requestIDHeader)
	fit := len(id) > 0 && len(id) <= 64
	for _, c := range id {
		fit = fit && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c))
	}
	if fit {
		return id
	}
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

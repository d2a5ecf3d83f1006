// Package reports is the operators' API of reports: list, upload, replace,
// remove, restore and download.
package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wenbao/bot/admin"
	"wenbao/bot/jobs"
	"wenbao/bot/uploads"
	"wenbao/bot/uploads/intake"
	"wenbao/retrieval/document"
)

// Server answers operators about reports.
type Server struct {
	library *uploads.Library
	log     *slog.Logger

	receiving chan struct{} // a place for each upload that is on disk
	reading   chan struct{} // and one for that which is in memory
}

// New returns a Server.
func New(library *uploads.Library, log *slog.Logger) *Server {
	return &Server{library: library, log: log, receiving: make(chan struct{}, maxReceiving), reading: make(chan struct{}, 1)}
}

// Routes are what it serves.
func (s *Server) Routes() []admin.Route {
	return []admin.Route{
		{Pattern: "GET /admin/reports", Role: admin.RoleRead, Handler: s.list},
		{Pattern: "POST /admin/reports", Role: admin.RoleOperate, Handler: s.add},
		{Pattern: "GET /admin/reports/{slug}", Role: admin.RoleRead, Handler: s.show},
		{Pattern: "PUT /admin/reports/{slug}", Role: admin.RoleOperate, Handler: s.put},
		{Pattern: "DELETE /admin/reports/{slug}", Role: admin.RoleOperate, Handler: s.remove},
		{Pattern: "GET /admin/reports/{slug}/source", Role: admin.RoleRead, Handler: s.source},
		{Pattern: "POST /admin/reports/{slug}/restore", Role: admin.RoleOperate, Handler: s.restore},
	}
}

// slugOf returns the slug in the address. An id with its / encoded will do.
func slugOf(r *http.Request) string { return strings.ReplaceAll(r.PathValue("slug"), "/", "~") }

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	list, err := s.library.List()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	admin.JSON(w, http.StatusOK, list)
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	report, err := s.library.Report(slugOf(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("ETag", `"`+report.Version+`"`)
	admin.JSON(w, http.StatusOK, report)
}

// source sends the document for keeping, whole or in ranges.
func (s *Server) source(w http.ResponseWriter, r *http.Request) {
	source, err := s.library.Source(slugOf(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", contentType(source.Text))
	w.Header().Set("Content-Disposition", disposition(path.Base(source.ID)+".txt"))
	w.Header().Set("ETag", `"`+source.SHA256+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(source.Text))
}

// contentType names the encoding where the bytes do: Chinese text in others is
// left to the reader's guess, as it was to ours.
func contentType(text []byte) string {
	switch d := (document.Document{Text: text}); {
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}), bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		return "text/plain; charset=utf-16"
	default:
		if decoded, problem := d.Decode(); problem == nil && strings.TrimPrefix(string(text), "\uFEFF") == decoded {
			return "text/plain; charset=utf-8"
		}
		return "text/plain"
	}
}

// disposition names a file to save as; programs that know ASCII only get a
// name in that (RFC 6266).
func disposition(name string) string {
	value := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if encoded, ok := strings.CutPrefix(value, "attachment; filename*="); ok {
		return `attachment; filename="report.txt"; filename*=` + encoded
	}
	return value
}

func (s *Server) add(w http.ResponseWriter, r *http.Request) {
	s.upload(w, r, "", "id", "name", "under", "replace", "dry_run")
}

// put replaces the report of the address, or makes it.
func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	s.upload(w, r, strings.ReplaceAll(slugOf(r), "~", "/"), "name", "dry_run")
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	out, err := s.library.Remove(admin.CallerOf(r), slugOf(r), matchOf(r))
	s.changed(w, r, out, err)
}

func (s *Server) restore(w http.ResponseWriter, r *http.Request) {
	out, err := s.library.Restore(admin.CallerOf(r), slugOf(r))
	s.changed(w, r, out, err)
}

// changed answers that a change was made, and which job lets it go live.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, out uploads.Outcome, err error) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Location", "/admin/jobs/"+out.Job)
	admin.JSON(w, http.StatusAccepted, out)
}

// matchOf reads what the caller takes the report to be.
func matchOf(r *http.Request) uploads.Match {
	m := uploads.Match{None: r.Header.Get("If-None-Match") == "*"}
	for _, value := range r.Header.Values("If-Match") {
		for tag := range strings.SplitSeq(value, ",") {
			m.Any = append(m.Any, strings.Trim(strings.TrimSpace(tag), `"`))
		}
	}
	return m
}

// parameters returns those of the address. One that is not known is an error:
// a misspelled dry_run must not change anything.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("the address cannot be read: %w", err)
	}
	for key, list := range values {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("there is no parameter %q here; there are: %s", key, strings.Join(known, ", "))
		}
		if len(list) > 1 {
			return nil, fmt.Errorf("the parameter %s is given twice", key)
		}
	}
	return values, nil
}

func flagOf(values url.Values, key string) (bool, error) {
	if !values.Has(key) {
		return false, nil
	}
	on, err := strconv.ParseBool(values.Get(key))
	if err != nil {
		return false, fmt.Errorf("%s=%s is neither true nor false", key, values.Get(key))
	}
	return on, nil
}

// fail answers with an error of an upload or a change.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var invalid *uploads.Invalid
	if errors.As(err, &invalid) {
		var parts []string
		for _, p := range invalid.Problems {
			parts = append(parts, p.String())
		}
		admin.Problems(w, r, http.StatusUnprocessableEntity, "nothing was kept: "+err.Error(), parts)
		return
	}
	status := statusOf(err)
	detail := err.Error()
	switch status {
	case http.StatusInternalServerError, http.StatusInsufficientStorage:
		s.log.ErrorContext(r.Context(), "operator's request", "error", err)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "60")
	}
	if errors.Is(err, uploads.ErrExists) {
		detail += "; to replace it, ask for that: replace=true, PUT, or --replace"
	}
	admin.Problem(w, r, status, detail)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, errLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return http.StatusInsufficientStorage
	case errors.Is(err, uploads.ErrUnknown):
		return http.StatusNotFound
	case errors.Is(err, uploads.ErrChanged):
		return http.StatusPreconditionFailed
	case errors.Is(err, uploads.ErrNoData), errors.Is(err, uploads.ErrExists), errors.Is(err, uploads.ErrLast), errors.Is(err, uploads.ErrKept), errors.Is(err, uploads.ErrUnread):
		return http.StatusConflict
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errSlow):
		return http.StatusRequestTimeout
	case errors.Is(err, intake.ErrForm), errors.Is(err, errCut):
		return http.StatusBadRequest
	case errors.Is(err, jobs.ErrClosed), errors.Is(err, errBusy), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/retrieval/shelf"
)

func (s *Server) reindex(w http.ResponseWriter, r *http.Request) {
	var o reindex.Options
	if err := Decode(w, r, &o); err != nil {
		Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	job, err := s.Service.Reindex(CallerOf(r), o)
	s.begun(w, r, job, err)
}

// begun answers that a job was begun, or why not.
func (s *Server) begun(w http.ResponseWriter, r *http.Request, job jobs.Job, err error) {
	if job.ID != "" {
		w.Header().Set("Location", "/admin/jobs/"+job.ID)
	}
	if err != nil {
		s.fail(w, r, job.ID, err)
		return
	}
	JSON(w, http.StatusAccepted, map[string]any{"id": job.ID, "state": job.State})
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, job string, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, jobs.ErrBusy), errors.Is(err, jobs.ErrDone):
		status = http.StatusConflict
	case errors.Is(err, jobs.ErrUnknown), errors.Is(err, shelf.ErrUnknown):
		status = http.StatusNotFound
	case errors.Is(err, jobs.ErrClosed):
		status = http.StatusServiceUnavailable
	default:
		s.Log.ErrorContext(r.Context(), "operator's request", "error", err)
	}
	writeProblem(w, problem{Status: status, Detail: err.Error(), Job: job, Request: RequestID(r)})
}

func (s *Server) jobs(w http.ResponseWriter, _ *http.Request) {
	JSON(w, http.StatusOK, map[string]any{"jobs": s.Jobs.List()})
}

// job shows a job, or follows it where events are asked for.
func (s *Server) job(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		s.follow(w, r)
		return
	}
	job, err := s.Jobs.Job(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, "", err)
		return
	}
	JSON(w, http.StatusOK, job)
}

// eventGap is the least time between two events: progress is told for people
// to see.
const eventGap = 100 * time.Millisecond

// follow sends the job as it is, after each change, until it is done.
func (s *Server) follow(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	if _, err := s.Jobs.Job(r.PathValue("id")); err != nil {
		s.fail(w, r, "", err)
		return
	}
	// The listener's time for an answer is not for one that goes on.
	if err := errors.Join(control.SetWriteDeadline(time.Time{}), control.SetReadDeadline(time.Time{})); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.fail(w, r, "", err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	err := s.Jobs.Watch(r.Context(), r.PathValue("id"), func(j jobs.Job) error {
		event := "progress"
		if j.State.Done() {
			event = "done"
		}
		data, err := json.Marshal(j)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data); err != nil {
			return err
		}
		if err := control.Flush(); err != nil || j.State.Done() {
			return err
		}
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(eventGap):
			return nil
		}
	})
	if err != nil && r.Context().Err() == nil {
		s.Log.WarnContext(r.Context(), "follow job", "error", err)
	}
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if err := s.Service.Cancel(CallerOf(r), id); err != nil {
		s.fail(w, r, id, err)
		return
	}
	job, err := s.Jobs.Job(id)
	if err != nil {
		s.fail(w, r, id, err)
		return
	}
	JSON(w, http.StatusAccepted, map[string]any{"id": job.ID, "state": job.State})
}

func (s *Server) generations(w http.ResponseWriter, r *http.Request) {
	list, err := s.Service.Generations()
	if err != nil {
		s.fail(w, r, "", err)
		return
	}
	JSON(w, http.StatusOK, map[string]any{"generations": list})
}

// activate waits until the generation is live: it takes a second or two.
func (s *Server) activate(w http.ResponseWriter, r *http.Request) {
	job, err := s.Service.Roll(CallerOf(r), r.PathValue("id"))
	if err != nil {
		s.begun(w, r, job, err)
		return
	}
	w.Header().Set("Location", "/admin/jobs/"+job.ID)
	err = s.Jobs.Watch(r.Context(), job.ID, func(j jobs.Job) error { job = j; return nil })
	switch {
	case err != nil:
		s.fail(w, r, job.ID, err)
	case job.State != jobs.Succeeded:
		writeProblem(w, problem{Status: http.StatusInternalServerError, Detail: job.Error, Job: job.ID, Request: RequestID(r)})
	default:
		JSON(w, http.StatusOK, map[string]any{"id": r.PathValue("id"), "live": true, "job": job.ID, "state": job.State})
	}
}

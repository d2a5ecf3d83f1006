package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"wenbao/answers"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

// healthTimeout bounds the search that tells health.
const healthTimeout = 3 * time.Second

// probeLength is how much of a paragraph, in runes, is asked for to see
// whether searching finds it.
const probeLength = 24

func (s *Server) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
}

// vitals is the body of both.
type vitals struct {
	Status     string `json:"status"`
	Generation string `json:"generation,omitempty"`
	Reports    int    `json:"reports,omitempty"`
	// Problems are of parts without which the others serve.
	Problems map[string]string `json:"problems,omitempty"`
	// Dependencies says of each part "ok" or its problem.
	Dependencies map[string]string `json:"dependencies,omitempty"`
}

// healthz searches for a sentence that the reports hold.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	g, release, err := s.Reports.Acquire()
	if err == nil {
		defer release()
		err = s.probe(ctx, g)
	}
	if err != nil {
		s.failed(r, err)
		writeVitals(w, http.StatusServiceUnavailable, vitals{Status: "failing"})
		return
	}
	writeVitals(w, http.StatusOK, vitals{Status: "ok", Generation: g.ID, Reports: len(g.Corpus.Reports)})
}

func (s *Server) probe(ctx context.Context, g *retrieval.Generation) error {
	q := probeOf(g.Corpus)
	if q == "" {
		return errors.New("the corpus has no text")
	}
	a, err := s.Prober.Answer(ctx, answers.Request{Question: q, Top: 1})
	if err == nil && len(a.Excerpts) == 0 && a.Status != answers.SmallTalk {
		err = errors.New("searching for text of a report finds nothing")
	}
	return err
}

// probeOf returns the beginning of a report's sentence.
func probeOf(c *corpus.Corpus) string {
	for _, r := range c.Reports {
		for i := range r.Paragraphs {
			p := &r.Paragraphs[i]
			if p.Role != report.Body || len(p.Sentences) == 0 {
				continue
			}
			sentence := []rune(p.Text[p.Sentences[0].Start:p.Sentences[0].End])
			return string(sentence[:min(len(sentence), probeLength)])
		}
	}
	if len(c.Reports) == 0 || len(c.Reports[0].Paragraphs) == 0 {
		return ""
	}
	return string([]rune(c.Reports[0].Paragraphs[0].Text)[:1])
}

// readyz says whether requests are wanted; they are while degraded.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	state := s.Health.Look(ctx)
	g, release, err := s.Reports.Acquire()
	if err == nil {
		defer release()
	}
	v, status := vitals{Status: "ready", Problems: state.Problems, Dependencies: state.Parts}, http.StatusOK
	v.Dependencies["index"] = "ok"
	if err != nil {
		v.Dependencies["index"] = "closed"
	} else {
		v.Generation, v.Reports = g.ID, len(g.Corpus.Reports)
	}
	switch {
	case err != nil, state.Down, s.draining.Load():
		v.Status, v.Generation, v.Reports, status = "not ready", "", 0, http.StatusServiceUnavailable
	case len(state.Problems) > 0:
		v.Status = "degraded"
	}
	writeVitals(w, status, v)
}

// Starting serves while the program opens its reports: it lives, and is not
// ready.
func Starting() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeVitals(w, http.StatusOK, vitals{Status: "starting"})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		retryAfter(w, time.Second)
		writeVitals(w, http.StatusServiceUnavailable, vitals{Status: "not ready"})
	})
	return mux
}

func writeVitals(w http.ResponseWriter, status int, v vitals) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

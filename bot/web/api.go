package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"wenbao/answers"
	"wenbao/answers/batch"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/request"
	"wenbao/bot/session"
)

// codeHeader gives the code under which an answer is kept: what `verify CODE`
// checks on the page, and on every other platform.
const codeHeader = "X-Wenbao-Code"

// mostExcerpts is how many excerpts an answer has where nobody says.
const mostExcerpts = 5

// A problem is an error as application/problem+json.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{"about:blank", http.StatusText(status), status, detail, w.Header().Get(request.Header)})
}

// apiGet answers GET /api/v1/ask?q=&report=&lang=&top=&max_quote=.
func (s *Server) apiGet(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !q.Has("q") {
		writeProblem(w, http.StatusBadRequest, "the parameter q, the question, is missing")
		return
	}
	s.apiAnswer(w, r, answers.Request{ID: q.Get("id"), Question: q.Get("q"), Report: q.Get("report"), History: q["h"]})
}

// apiPost answers POST /api/v1/ask with a batch line as body.
func (s *Server) apiPost(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, batch.MaxLine))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		writeProblem(w, http.StatusRequestEntityTooLarge, "the body is longer than "+strconv.Itoa(batch.MaxLine)+" bytes")
		return
	case err != nil:
		writeProblem(w, http.StatusBadRequest, "the body could not be read")
		return
	}
	req, err := batch.Parse(body)
	if err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	if req.Top, req.MaxQuote, err = sizesOf(body); err != nil {
		writeProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	s.apiAnswer(w, r, req)
}

// sizesOf reads what a body may ask for beside a batch line's fields.
func sizesOf(body []byte) (top, maxQuote int, err error) {
	var b struct {
		Top      int `json:"top"`
		MaxQuote int `json:"max_quote"`
	}
	if json.Unmarshal(body, &b) != nil || b.Top < 0 || b.MaxQuote < 0 {
		return 0, 0, errors.New(`"top" and "max_quote" are whole numbers, 0 or more`)
	}
	return b.Top, b.MaxQuote, nil
}

// apiAnswer completes the request from the query and answers it.
func (s *Server) apiAnswer(w http.ResponseWriter, r *http.Request, req answers.Request) {
	q := r.URL.Query()
	for name, to := range map[string]*int{"top": &req.Top, "max_quote": &req.MaxQuote} {
		value := q.Get(name)
		if n, err := strconv.Atoi(value); err == nil && n > 0 {
			*to = n
		} else if value != "" {
			writeProblem(w, http.StatusBadRequest, "the parameter "+name+" is not a number above 0")
			return
		}
	}
	m := s.apiMessage(r, req)
	reply, err := s.ask(r, func(ctx context.Context) (bot.Reply, error) { return s.Conversation.Ask(ctx, m) })
	switch {
	case err != nil:
		s.apiError(w, r, err)
		return
	case reply.Kind == bot.KindLimited:
		retryAfter(w, reply.Wait)
		writeProblem(w, http.StatusTooManyRequests, "too many questions in a short time")
		return
	case reply.Answer == nil:
		writeProblem(w, http.StatusForbidden, reply.Plain())
		return
	}
	if reply.Code != "" {
		w.Header().Set(codeHeader, reply.Code)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(reply.Answer)
}

// apiMessage is a request of the API as the conversation takes it: its client
// carries the earlier questions.
func (s *Server) apiMessage(r *http.Request, req answers.Request) bot.Message {
	m := bot.Message{ID: req.ID, Text: req.Question, Addressed: true, Report: req.Report, Top: req.Top, MaxQuote: req.MaxQuote,
		Locale: string(text.Pick(r.URL.Query().Get("lang"), s.Lang)), Carried: &session.Session{}}
	if m.Top == 0 {
		m.Top = mostExcerpts
	}
	m.Address, m.Unlimited = s.turn(r)
	for _, q := range req.History {
		m.Carried.Turns = append(m.Carried.Turns, session.Turn{Question: q})
	}
	return m
}

// apiError says what went wrong without what is only ours to know.
func (s *Server) apiError(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, answers.ErrUnknownReport):
		writeProblem(w, http.StatusNotFound, err.Error())
	case errors.Is(err, answers.ErrEmpty), errors.Is(err, answers.ErrTooLong):
		writeProblem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded):
		retryAfter(w, time.Second)
		writeProblem(w, http.StatusServiceUnavailable, "too busy; try again")
	case errors.Is(err, context.Canceled): // nobody is listening
	default:
		s.failed(r, err)
		writeProblem(w, http.StatusInternalServerError, "")
	}
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second))))
}

// apiUnknown answers what no pattern of the API does: a path that is not
// there, or a method that the path does not have.
func apiUnknown(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v1/ask" {
		w.Header().Set("Allow", "GET, HEAD, POST")
		writeProblem(w, http.StatusMethodNotAllowed, "ask with GET or POST")
		return
	}
	writeProblem(w, http.StatusNotFound, "there is no such method; the API has /api/v1/ask")
}

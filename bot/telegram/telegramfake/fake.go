// Package telegramfake is a Bot API to test against, close to the documented
// one: long polls and offsets, conflicts, limits on sending, strict entities,
// webhooks with redelivery, and failures on demand.
package telegramfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits are what more than is answered with 429; zero fields do not limit.
type Limits struct {
	ChatGap   time.Duration // between two messages of a chat
	PerMinute int           // messages of a group
	PerSecond int           // messages over all
}

// A Message is one that the bot sent.
type Message struct {
	ID       int64
	Chat     string
	Thread   string
	ReplyTo  int64
	Text     string // after its entities were parsed
	Entities []Entity
	Keyboard [][]map[string]string
	Params   map[string]string // as sent last
	Edits    int
	Deleted  bool
	At       time.Time
}

// A Call is a request that reached the API.
type Call struct {
	Method string
	Params map[string]string
	Status int // as answered
}

// A Failure is what a call is answered with instead of being served.
type Failure struct {
	Status      int    // of the response; 0 closes the connection without one
	Body        string // as it is; "" makes an answer of the fields below
	Description string
	RetryAfter  int
	MigrateTo   int64
	Accept      bool // serve the call, then fail
	If          func(params map[string]string) bool
}

// Fake is a Bot API. Its methods may be called at any time.
type Fake struct {
	Token    string
	Username string
	ID       int64
	Limits   Limits
	Redo     time.Duration // until an update is sent to the webhook again

	mu        sync.Mutex
	changed   chan struct{} // closed when updates come or a poll must end
	updates   []entry
	nextID    int64
	polls     int
	calls     []Call
	sent      []*Message
	nextMsg   int64
	failures  map[string][]Failure
	presses   map[string]bool // callback queries, whether answered
	queries   map[string]bool
	webhook   webhook
	conflicts int
	recent    []time.Time
	closing   bool
	stop      context.CancelFunc
	ctx       context.Context
	wg        sync.WaitGroup
}

type entry struct {
	id  int64
	raw json.RawMessage
}

// New returns a Fake for a bot with this token.
func New(token string) *Fake {
	ctx, cancel := context.WithCancel(context.Background())
	return &Fake{Token: token, Username: "wenbao_bot", ID: 4242, Redo: 20 * time.Millisecond, changed: make(chan struct{}), nextID: 1000,
		nextMsg: 1, failures: map[string][]Failure{}, presses: map[string]bool{}, queries: map[string]bool{}, ctx: ctx, stop: cancel}
}

// Close ends what the Fake does by itself.
func (f *Fake) Close() {
	f.mu.Lock()
	f.closing = true
	f.wake()
	f.mu.Unlock()
	f.stop()
	f.wg.Wait()
}

// wake ends the waiting of polls. The caller holds the lock.
func (f *Fake) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Fail has the next calls of a method fail, one failure each.
func (f *Fake) Fail(method string, failures ...Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures[method] = append(f.failures[method], failures...)
}

// Calls returns the calls so far of a method, of all where it is "".
func (f *Fake) Calls(method string) []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Call
	for _, c := range f.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// Sent returns the messages that the bot sent, oldest first.
func (f *Fake) Sent() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for _, m := range f.sent {
		out = append(out, *m)
	}
	return out
}

// Conflicts counts the polls that ended since another began.
func (f *Fake) Conflicts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conflicts
}

// Unconfirmed returns the ids of the updates that were not confirmed.
func (f *Fake) Unconfirmed() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []int64
	for _, e := range f.updates {
		out = append(out, e.id)
	}
	return out
}

// Do serves a request without a network, for clients that take a Doer.
func (f *Fake) Do(r *http.Request) (*http.Response, error) {
	type outcome struct {
		resp *http.Response
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{err: &url.Error{Op: "Post", URL: r.URL.String(), Err: io.ErrUnexpectedEOF}}
			}
		}()
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		done <- outcome{resp: w.Result()}
	}()
	o := <-done
	if err := r.Context().Err(); err != nil {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: err}
	}
	return o.resp, o.err
}

// ServeHTTP implements http.Handler: /bot<token>/<method>.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	params := paramsOf(r)
	if token != f.Token {
		f.reply(w, Call{method, params, 401}, answer{Code: 401, Description: "Unauthorized"})
		return
	}
	failure, fails := f.failure(method, params)
	if fails && !failure.Accept {
		f.fail(w, method, params, failure)
		return
	}
	a := f.serve(r.Context(), method, params)
	if fails {
		f.fail(w, method, params, failure)
		return
	}
	f.reply(w, Call{Method: method, Params: params}, a)
}

func (f *Fake) failure(method string, params map[string]string) (Failure, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.failures[method] {
		if x.If == nil || x.If(params) {
			f.failures[method] = slices.Delete(f.failures[method], i, i+1)
			return x, true
		}
	}
	return Failure{}, false
}

func (f *Fake) fail(w http.ResponseWriter, method string, params map[string]string, x Failure) {
	switch {
	case x.Status == 0:
		f.note(Call{method, params, 0})
		panic(http.ErrAbortHandler)
	case x.Body != "":
		f.note(Call{method, params, x.Status})
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(x.Status)
		fmt.Fprint(w, x.Body)
	default:
		f.reply(w, Call{Method: method, Params: params},
			answer{Code: x.Status, Description: x.Description, RetryAfter: x.RetryAfter, MigrateTo: x.MigrateTo})
	}
}

func (f *Fake) note(c Call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c)
}

// An answer is a result, or with a Code the refusal of a call.
type answer struct {
	Result      any
	Code        int
	Description string
	RetryAfter  int
	MigrateTo   int64
}

func bad(format string, args ...any) answer {
	return answer{Code: 400, Description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func (f *Fake) reply(w http.ResponseWriter, c Call, a answer) {
	body := map[string]any{"ok": a.Code == 0}
	c.Status = 200
	if a.Code == 0 {
		body["result"] = a.Result
	} else {
		c.Status = a.Code
		body["error_code"], body["description"] = a.Code, a.Description
		more := map[string]any{}
		if a.RetryAfter > 0 {
			more["retry_after"] = a.RetryAfter
		}
		if a.MigrateTo != 0 {
			more["migrate_to_chat_id"] = a.MigrateTo
		}
		if len(more) > 0 {
			body["parameters"] = more
		}
	}
	f.note(c)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(c.Status)
	if updates, ok := a.Result.([]json.RawMessage); ok { // as they are, valid or not
		fmt.Fprintf(w, `{"ok":true,"result":[%s]}`, bytes.Join(raws(updates), []byte(",")))
		return
	}
	_ = json.NewEncoder(w).Encode(body)
}

func raws(in []json.RawMessage) [][]byte {
	out := make([][]byte, len(in))
	for i, r := range in {
		out[i] = r
	}
	return out
}

func paramsOf(r *http.Request) map[string]string {
	_ = r.ParseForm()
	out := map[string]string{}
	for k, v := range r.Form {
		out[k] = v[0]
	}
	return maps.Clone(out)
}

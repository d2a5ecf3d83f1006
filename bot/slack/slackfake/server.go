// Package slackfake is Slack for tests: its Web API, its sockets, its
// response_urls and people who type and press, over real HTTP and WebSocket.
//
// It is stricter than Slack where Slack is quiet: blocks beyond a limit are
// refused, an app that acknowledges late or answers twice is noticed.
package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// The one workspace that is there from the start, and its secrets.
const (
	Team          = "T0FAKE"
	Bot           = "U0BOT"
	BotToken      = "xoxb-fake-0001-bot"
	AppToken      = "xapp-1-fake-app"
	SigningSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	ClientID      = "1234.5678"
	ClientSecret  = "fake-client-secret"
)

// A Message is what somebody posted.
type Message struct {
	Team, Channel, TS, ThreadTS string
	User                        string // who sees it, where only one does
	Author                      string
	Text                        string
	Blocks                      []map[string]any
	Updates                     int
	Deleted                     bool
	Ephemeral                   bool
	Via                         string // method, or response_url
}

// A View is a form or a home that was shown.
type View struct {
	ID, User, Callback, Metadata string
	Raw                          map[string]any
}

// A Call is a call of a method.
type Call struct {
	Method, Channel string
	At              time.Time
	Error           string
}

// Fault is what a method answers instead of doing its work.
type Fault struct {
	Status     int // of HTTP; 0: 200
	RetryAfter string
	Error      string // Slack's code
	After      bool   // do the work first, then fail
}

// Fake is Slack. Its fields are set before anything calls it.
type Fake struct {
	*httptest.Server
	AppURL  string // where HTTP mode delivers; "": sockets
	Secret  string // signing secret
	Now     func() time.Time
	HookTTL time.Duration

	mu       sync.Mutex
	serial   int
	teams    map[string]*team // by bot token
	codes    map[string]*team // by OAuth code
	members  map[string]bool  // of channels, the bot
	messages []*Message
	views    map[string]*View
	homes    map[string]*View // by user
	triggers map[string]*trigger
	hooks    map[string]*hook
	faults   map[string][]Fault // by method, or method and channel
	calls    []Call
	sockets  []*socket
	pending  map[string]*delivered
	changed  chan struct{}
	posted   func(Message)
}

type team struct{ ID, Token, Bot string }

type trigger struct {
	at   time.Time
	used bool
	user string
}

type hook struct {
	at                  time.Time
	uses                int
	team, channel, user string
	original            *Message
}

// New starts a Fake; its Server is to be closed.
func New() *Fake {
	f := &Fake{Secret: SigningSecret, Now: time.Now, HookTTL: 30 * time.Minute,
		teams: map[string]*team{BotToken: {Team, BotToken, Bot}}, codes: map[string]*team{}, members: map[string]bool{},
		views: map[string]*View{}, homes: map[string]*View{}, triggers: map[string]*trigger{}, hooks: map[string]*hook{},
		faults: map[string][]Fault{}, pending: map[string]*delivered{}, changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{method}", f.api)
	mux.HandleFunc("GET /api/{method}", f.api)
	mux.HandleFunc("POST /hook/{id}", f.hook)
	mux.HandleFunc("GET /oauth/v2/authorize", f.authorize)
	mux.HandleFunc("GET /socket", f.socket)
	f.Server = httptest.NewServer(mux)
	return f
}

// API is the base address of the methods.
func (f *Fake) API() string { return f.URL + "/api/" }

// Join makes the bot a member of a channel.
func (f *Fake) Join(channel string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members[channel] = true
}

// Fail makes the next call of a method ("chat.postMessage", or for a channel
// "chat.postMessage C1") fail; several faults come one after the other.
func (f *Fake) Fail(method string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[method] = append(f.faults[method], faults...)
}

// OnMessage has f called for each message the app posts.
func (f *Fake) OnMessage(posted func(Message)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posted = posted
}

// keep keeps a message; with the lock held.
func (f *Fake) keep(m *Message) {
	f.messages = append(f.messages, m)
	if f.posted != nil && m.Author == "" {
		f.posted(*m)
	}
}

// touch wakes those who wait; with the lock held.
func (f *Fake) touch() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Wait waits until ok, called with the lock held, says yes.
func (f *Fake) Wait(ok func() bool, patience time.Duration) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		f.mu.Lock()
		done, changed := ok(), f.changed
		f.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-deadline.C:
			return false
		}
	}
}

// WaitMessage waits for the n-th message, from 0, that fits.
func (f *Fake) WaitMessage(n int, fits func(Message) bool) (Message, bool) {
	var found Message
	ok := f.Wait(func() bool {
		k := 0
		for _, m := range f.messages {
			if m.Author == "" && fits(*m) {
				if k == n {
					found = *m
					return true
				}
				k++
			}
		}
		return false
	}, 10*time.Second)
	return found, ok
}

// Messages returns what the app posted and is still there.
func (f *Fake) Messages() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for _, m := range f.messages {
		if m.Author == "" && !m.Deleted {
			out = append(out, *m)
		}
	}
	return out
}

// Calls returns the calls of methods so far.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Call(nil), f.calls...)
}

// Home waits for a person's home.
func (f *Fake) Home(user string) (View, bool) {
	var v View
	ok := f.Wait(func() bool {
		if f.homes[user] == nil {
			return false
		}
		v = *f.homes[user]
		return true
	}, 10*time.Second)
	return v, ok
}

// WaitView waits for the form that was opened last for a person.
func (f *Fake) WaitView(user, callback string) (View, bool) {
	var v View
	ok := f.Wait(func() bool {
		for _, x := range f.views {
			if x.User == user && x.Callback == callback {
				v = *x
				return true
			}
		}
		return false
	}, 10*time.Second)
	return v, ok
}

func (f *Fake) next() int { f.serial++; return f.serial }

// ts makes a new timestamp; with the lock held.
func (f *Fake) ts() string { return fmt.Sprintf("%d.%06d", f.Now().Unix(), f.next()) }

// Shown returns all that a message shows.
func (m Message) Shown() string { return strings.Join(texts(m.Blocks), "\n") }

// texts collects the strings under "text" and "url" in order.
func texts(v any) []string {
	var out []string
	switch x := v.(type) {
	case []map[string]any:
		for _, e := range x {
			out = append(out, texts(e)...)
		}
	case []any:
		for _, e := range x {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		if s, ok := x["text"].(string); ok {
			out = append(out, s)
		} else if x["text"] != nil {
			out = append(out, texts(x["text"])...)
		}
		for _, k := range []string{"elements", "accessory", "label", "element", "options", "blocks"} {
			if x[k] != nil {
				out = append(out, texts(x[k])...)
			}
		}
	}
	return out
}

func decode(raw []byte) (map[string]any, bool) {
	var v map[string]any
	return v, json.Unmarshal(raw, &v) == nil
}

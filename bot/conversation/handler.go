// Package conversation turns messages and presses into replies: the Handler
// that every platform shares.
package conversation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/session"
	"wenbao/retrieval/stage"
)

// Settings are what an operator decides. The zero value asks in Chinese,
// allows everybody and keeps what needs keeping.
type Settings struct {
	Lang      text.Lang // where neither the person nor the client says; "" means Zh
	Top       int       // excerpts an answer shows; 0 means 3
	MaxQuote  int       // runes; 0 is left to the Answerer
	FollowUps bool      // read follow-ups in threads without a mention
	Allow     AllowList // empty: everybody
	// OmitQuestions keeps the text of questions out of votes.
	OmitQuestions bool
	// LogQuestions puts the text of questions into the log.
	LogQuestions bool
}

const defaultTop = 3

// A Meter counts questions; *meter.Questions is one.
type Meter interface {
	// Answer notes an answer, or a refusal with its reason.
	Answer(platform, status, reason string, took time.Duration)
	// Lost notes a question that was not answered, and why in a word.
	Lost(platform, why string)
}

// Parts are what a Handler works with. Answerer, Library, and the Sessions,
// Ledger and Phrases of Stores are needed.
type Parts struct {
	Answerer answers.Answerer
	Library  bot.Library
	Stores   bot.Stores
	// Meaning returns the term that a phrase is an alias of in a team; nil:
	// there are no aliases.
	Meaning  func(team, phrase string) (term string, found bool)
	Settings Settings
	Meter    Meter                 // nil: questions are not counted
	Stage    stage.Func            // nil: stages are not measured
	Log      *slog.Logger          // nil: discarded. Never holds ids of people.
	Now      func() time.Time      // nil: time.Now
	Random   io.Reader             // of codes; nil: crypto/rand
	Metrics  prometheus.Registerer // nil: none
}

// Handler is the conversation; it is safe for concurrent use. Messages of one
// conversation should come one after the other (bot/delivery sees to it):
// otherwise the later of two overlapping ones decides what the session holds.
type Handler struct {
	Parts
	counters counters
	failures failures
}

var _ bot.Handler = (*Handler)(nil)

// New returns a Handler.
func New(p Parts) (*Handler, error) {
	if p.Answerer == nil || p.Library == nil || p.Stores.Sessions == nil || p.Stores.Ledger == nil || p.Stores.Phrases == nil {
		return nil, errors.New("conversation: the answerer, the library, sessions, ledger and phrases are needed")
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Random == nil {
		p.Random = rand.Reader
	}
	if p.Settings.Top <= 0 {
		p.Settings.Top = defaultTop
	}
	p.Settings.Top = min(p.Settings.Top, answers.MaxTop)
	c, err := newCounters(p.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return &Handler{Parts: p, counters: c}, nil
}

// A turn is what one message or press is handled with.
type turn struct {
	bot.Message
	lang    text.Lang
	session session.Session
	fresh   bool // no session was found
	began   time.Time
}

// crowd is the team in statistics: none where it is the person's own chat,
// whose name would tell who asked.
func (t turn) crowd() string {
	if t.Team() == t.Person() {
		return ""
	}
	return t.Team()
}

// Wants reports whether m is for the bot: it is addressed, or it is a
// follow-up in a thread in which the same person was answered and names
// nobody else.
func (h *Handler) Wants(ctx context.Context, m bot.Message) bool {
	if m.Addressed {
		return true
	}
	if !h.Settings.FollowUps || m.Thread == "" || m.NamesOthers || strings.TrimSpace(m.Text) == "" || !h.Settings.Allow.Has(m.Address) {
		return false
	}
	s, found, err := h.Stores.Sessions.Get(ctx, m.Conversation())
	if err != nil {
		h.missed(ctx, "sessions", err)
		return false
	}
	_, asked := s.Last()
	return found && asked
}

// Handle replies to a message.
func (h *Handler) Handle(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return h.guarded(ctx, m, func(lang text.Lang) (bot.Reply, error) {
		if !h.Wants(ctx, m) {
			return bot.Reply{Kind: bot.KindSilent, Lang: lang}, nil
		}
		m.Text = clean(m.Text)
		return h.serve(ctx, m, lang, h.reply)
	})
}

// Ask replies to a message as a question, whatever it says, for callers who
// say otherwise what they want. What is wrong with the question is the
// Answerer's error: answers.ErrEmpty, ErrTooLong, ErrUnknownReport.
func (h *Handler) Ask(ctx context.Context, m bot.Message) (bot.Reply, error) {
	m.Addressed = true
	return h.guarded(ctx, m, func(lang text.Lang) (bot.Reply, error) {
		return h.serve(ctx, m, lang, func(ctx context.Context, t turn) (bot.Reply, error) { return h.question(ctx, t, t.Text) })
	})
}

// guarded makes a reply of a panic, and counts replies.
func (h *Handler) guarded(ctx context.Context, m bot.Message, do func(text.Lang) (bot.Reply, error)) (r bot.Reply, err error) {
	lang := text.Pick(m.Locale, h.Settings.Lang)
	defer func() {
		if p := recover(); p != nil {
			r, err = h.broken(ctx, lang, p)
		}
		h.counters.replies.WithLabelValues(m.Platform, string(r.Kind)).Inc()
	}()
	return do(lang)
}

// serve does for a message what it says, unless it may not be done.
func (h *Handler) serve(ctx context.Context, m bot.Message, lang text.Lang, do func(context.Context, turn) (bot.Reply, error)) (bot.Reply, error) {
	if !h.Settings.Allow.Has(m.Address) {
		return h.private(compose.Say(lang, text.NotAllowed)), nil
	}
	t := h.turn(ctx, m)
	if limited, ok := h.limited(ctx, h.Stores.Questions, t); !ok {
		h.lost(m, lostLimited)
		return limited, nil
	}
	r, err := do(ctx, t)
	r, err = h.ready(ctx, t.lang, r, err)
	r.Carried = t.Carried
	return r, err
}

// turn finds the session of a message, and with it the language.
func (h *Handler) turn(ctx context.Context, m bot.Message) turn {
	t := turn{Message: m, lang: text.Pick(m.Locale, h.Settings.Lang), fresh: true, began: time.Now()}
	if m.Fleeting {
		return t
	}
	s, found := h.sessionOf(ctx, &t)
	if found {
		t.session, t.fresh = s, false
		if s.Lang != "" {
			t.lang = text.Pick(s.Lang, t.lang)
		}
	}
	if s.Report != "" && !h.has(s.Report) {
		t.session.Report = ""
	}
	return t
}

// sessionOf returns the session that t carries, which is then t's own, or the
// stored one.
func (h *Handler) sessionOf(ctx context.Context, t *turn) (session.Session, bool) {
	if t.Carried != nil {
		mine := *t.Carried
		t.Carried = &mine
		return mine, true
	}
	s, found, err := h.Stores.Sessions.Get(ctx, t.Conversation())
	if err != nil {
		h.missed(ctx, "sessions", err)
	}
	return s, found
}

func (h *Handler) has(report string) bool {
	for _, r := range h.Library.Reports() {
		if r.ID == report {
			return true
		}
	}
	return false
}

// ready makes a reply fit to be shown: an error becomes words, and the
// questions behind its buttons are kept.
func (h *Handler) ready(ctx context.Context, lang text.Lang, r bot.Reply, err error) (bot.Reply, error) {
	if err != nil {
		return failed(lang), err
	}
	for _, b := range r.Suggestions {
		if err := h.Stores.Phrases.Keep(ctx, b.Token[3:], b.Label); err != nil {
			h.missed(ctx, "phrases", err)
			r.Suggestions = nil
			break
		}
	}
	return r, nil
}

func failed(lang text.Lang) bot.Reply {
	return compose.Notice(bot.KindFailed, lang, lang.Say(text.Failed))
}

// broken makes a reply of a panic. The stack goes to the log without the
// panic's value, which may hold a question.
func (h *Handler) broken(ctx context.Context, lang text.Lang, p any) (bot.Reply, error) {
	h.Log.ErrorContext(ctx, "panic in conversation", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	return failed(lang), fmt.Errorf("panic in conversation: %T", p)
}

func (h *Handler) private(r bot.Reply) bot.Reply {
	r.Private = true
	return r
}

// limited takes a turn of a limiter, and returns what to say when there is
// none left. Where there is neither workspace nor chat, nobody shares a limit.
func (h *Handler) limited(ctx context.Context, l bot.Limiter, t turn) (bot.Reply, bool) {
	if l == nil || t.Unlimited {
		return bot.Reply{}, true
	}
	person, team := t.Person(), t.Team()
	if t.Workspace == "" && t.Chat == "" {
		team = person
	}
	wait, byTeam, err := l.Take(ctx, person, team)
	if err != nil {
		h.missed(ctx, "limits", err)
		return bot.Reply{}, true
	}
	if wait <= 0 {
		return bot.Reply{}, true
	}
	key := text.LimitedUser
	if byTeam {
		key = text.LimitedWorkspace
	}
	r := h.private(compose.Notice(bot.KindLimited, t.lang, t.lang.Say(key, text.Wait(wait))))
	r.Wait = wait
	return r, false
}

// Busy is the reply where there is no room for a question.
func (h *Handler) Busy(m bot.Message) bot.Reply {
	lang := text.Pick(m.Locale, h.Settings.Lang)
	if m.Text != "" {
		h.lost(m, lostBusy)
	}
	return h.private(compose.Notice(bot.KindBusy, lang, lang.Say(text.Busy)))
}

// Working is what may be shown until a reply takes its place.
func (h *Handler) Working(m bot.Message) bot.Reply {
	return compose.Say(text.Pick(m.Locale, h.Settings.Lang), text.Working)
}

// clean returns s as text: valid UTF-8 without control characters, trimmed.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

type counters struct {
	replies    *prometheus.CounterVec
	actions    *prometheus.CounterVec
	stores     *prometheus.CounterVec
	unverbatim prometheus.Counter
}

func newCounters(reg prometheus.Registerer) (counters, error) {
	c := counters{
		replies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_replies_total", Help: "Replies to messages."}, []string{"platform", "kind"}),
		actions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_actions_total", Help: "Presses of buttons."}, []string{"platform", "verb"}),
		stores: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_store_failures_total", Help: "Times the conversation did without a store."}, []string{"store"}),
		unverbatim: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "wenbao_unverbatim_quotes_total", Help: "Quotes withheld because they were not their paragraph's bytes."}),
	}
	if reg == nil {
		return c, nil
	}
	for _, m := range []prometheus.Collector{c.replies, c.actions, c.stores, c.unverbatim} {
		if err := reg.Register(m); err != nil {
			return c, err
		}
	}
	return c, nil
}

package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/redact"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/markup"
	"wenbao/bot/telegram/pace"
	"wenbao/bot/telegram/update"
	"wenbao/retrieval/stage"
)

// Platform is the name of Telegram in addresses.
const Platform = update.Platform

// Settings are what an operator decides. Token is needed.
type Settings struct {
	Token         redact.Secret
	APIURL        string        // base, without /bot…; "" is Telegram's
	WebhookURL    string        // where Telegram sends updates; "" is long polling
	WebhookSecret redact.Secret // needed with WebhookURL
	Lang          text.Lang     // where the client does not say
	Limits        pace.Limits
	Poll          time.Duration // how long one long poll waits; 0 means 50 s
	Pause         time.Duration // after the first of several failures; 0 means 1 s
	Patience      time.Duration // with a Desk that is too busy for an update; 0 means 15 s
}

// World is what a Sender and a Bot reach outside themselves. HTTP is needed,
// and must not time out before a long poll does.
type World struct {
	HTTP    redact.Doer
	Stage   stage.Func            // nil: stages are not measured
	Log     *slog.Logger          // nil: discarded
	Now     func() time.Time      // nil: time.Now
	Metrics prometheus.Registerer // nil: none
}

// Sender brings replies to Telegram, each page of them at its chat's pace.
type Sender struct {
	settings Settings
	stage    stage.Func
	log      *slog.Logger
	now      func() time.Time
	client   *api.Client
	pace     *pace.Pace
	metrics  *metrics
	waiting  *waiting
	me       atomic.Pointer[update.Me]

	mu     sync.Mutex
	drafts map[string]*draft // begun and not yet sent, by event
}

var _ delivery.Sender = (*Sender)(nil)

// NewSender returns a Sender.
func NewSender(s Settings, w World) (*Sender, error) {
	switch {
	case !s.Token.IsSet():
		return nil, errors.New("telegram: the token is needed")
	case s.WebhookURL != "" && !s.WebhookSecret.IsSet():
		return nil, errors.New("telegram: a webhook needs a secret, or anybody could send updates")
	case w.HTTP == nil:
		return nil, errors.New("telegram: an HTTP client is needed")
	}
	for _, d := range []struct {
		have *time.Duration
		want time.Duration
	}{{&s.Poll, 50 * time.Second}, {&s.Pause, time.Second}, {&s.Patience, 15 * time.Second}} {
		if *d.have <= 0 {
			*d.have = d.want
		}
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(w.Metrics)
	if err != nil {
		return nil, err
	}
	client := api.New(s.APIURL, s.Token, w.HTTP, m.observe)
	client.Redactor().Add(s.WebhookSecret.Reveal())
	return &Sender{settings: s, stage: w.Stage, log: slog.New(client.Redactor().Handler(w.Log.Handler())), now: w.Now,
		client: client, pace: pace.New(s.Limits, w.Now), metrics: m, waiting: newWaiting(), drafts: map[string]*draft{}}, nil
}

// A draft is a reply on its way: what of it Telegram has already.
type draft struct {
	pages  []markup.Page
	old    []string // messages whose place they take
	posted []string
	acked  bool
}

// maxDrafts bounds the replies that are remembered while they cannot be sent.
const maxDrafts = 4096

// place is where a reply goes.
type place struct {
	chat, thread, replyTo, owner string
}

func (p place) group() bool { return strings.HasPrefix(p.chat, "-") }

// placeOf returns where the reply to an event goes. In a group it is shown as
// a reply.
func placeOf(e bot.Event) place {
	a := e.Address()
	p := place{chat: a.Chat, thread: a.Thread, owner: a.User}
	if !p.group() {
		return p
	}
	switch {
	case e.Message != nil:
		p.replyTo = e.Message.ID
	case e.Action != nil:
		p.replyTo = e.Action.Posted
	case e.Notice != nil:
		p.replyTo, _, _ = strings.Cut(e.Notice.Posted, ",")
	}
	return p
}

// notYet says that a chat's turn comes later.
type notYet time.Duration

func (n notYet) Error() string         { return "not before " + time.Duration(n).String() }
func (n notYet) NotYet() time.Duration { return time.Duration(n) }

// Send sends what Telegram does not have of a reply yet, and returns the ids
// of its messages, separated by commas.
func (s *Sender) Send(ctx context.Context, e bot.Event, r bot.Reply) (string, error) {
	key := e.Key()
	s.waiting.answered(key)
	d := s.draft(key, e, r)
	if e.Action != nil && !d.acked {
		if err := s.acknowledge(ctx, e.Action.ID, r); err != nil {
			return "", err
		}
		d.acked = true
		s.waiting.done(key)
		if r.Toast && len(r.Buttons) == 0 {
			s.forget(key)
			return "", nil
		}
	}
	to := placeOf(e)
	for len(d.posted) < len(d.pages) {
		if err := s.page(ctx, &to, d); err != nil {
			if errors.Is(err, delivery.ErrPermanent) {
				s.forget(key)
			}
			return "", err
		}
	}
	for _, id := range d.old[min(len(d.old), len(d.pages)):] {
		s.remove(ctx, to, id)
	}
	s.waiting.done(key)
	s.forget(key)
	return strings.Join(d.posted, ","), nil
}

func (s *Sender) draft(key string, e bot.Event, r bot.Reply) *draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.drafts[key]; d != nil {
		return d
	}
	if len(s.drafts) >= maxDrafts {
		clear(s.drafts)
	}
	to := placeOf(e)
	d := &draft{pages: markup.Render(r, markup.Options{Group: to.group(), Owner: to.owner, Username: s.username()})}
	if r.Replaces != "" {
		d.old = strings.Split(r.Replaces, ",")
	}
	s.drafts[key] = d
	return d
}

func (s *Sender) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.drafts, key)
}

func (s *Sender) username() string {
	if me := s.me.Load(); me != nil {
		return me.Username
	}
	return ""
}

// page sends the next page of a draft when it is its turn.
func (s *Sender) page(ctx context.Context, to *place, d *draft) error {
	if wait := s.pace.Take(to.chat, to.group()); wait > 0 {
		return notYet(wait)
	}
	if err := s.pace.Wait(ctx, to.chat); err != nil {
		return err
	}
	i := len(d.posted)
	old := ""
	if i < len(d.old) {
		old = d.old[i]
	}
	reply := *to
	if i > 0 {
		reply.replyTo = ""
	}
	id, err := s.post(ctx, &reply, d.pages[i], old)
	to.chat = reply.chat
	if err != nil {
		return err
	}
	s.metrics.pages.Inc()
	d.posted = append(d.posted, id)
	return nil
}

// form is how much of a page is sent: Telegram may refuse some of it.
type form int

const (
	whole form = iota
	plain      // without entities
	bare       // nor buttons
)

// post sends a page, or edits old to be it, in the best form that Telegram
// takes. A group that became a supergroup is followed.
func (s *Sender) post(ctx context.Context, to *place, p markup.Page, old string) (string, error) {
	how := whole
	for range 6 { // each refusal leads to a lesser form or another place
		id, err := s.postAs(ctx, *to, p, old, how)
		switch kind := api.KindOf(err); {
		case kind == api.None:
			return id, nil
		case kind == api.Unchanged:
			return old, nil
		case kind == api.Missing && old != "":
			old = ""
		case kind == api.Migrated:
			var e *api.Error
			errors.As(err, &e)
			to.chat = strconv.FormatInt(e.MigratedTo, 10)
		case kind == api.Entities && how == whole:
			s.log.WarnContext(ctx, "Telegram refused the entities of a message; sending it as plain text", "error", err)
			s.metrics.plain.Inc()
			how = plain
		case kind == api.Refused && how < bare, kind == api.Entities && how < bare:
			s.log.WarnContext(ctx, "Telegram refused a message; sending it as bare text", "error", err)
			how = bare
		case kind == api.Slow:
			var e *api.Error
			errors.As(err, &e)
			s.pace.Block(to.chat, e.After)
			return "", err
		case kind == api.Unreachable, kind == api.Refused, kind == api.Entities, kind == api.Missing:
			return "", fmt.Errorf("%w: %w", delivery.ErrPermanent, err)
		default:
			return "", err
		}
	}
	return "", fmt.Errorf("%w: Telegram refused every form of a message", delivery.ErrPermanent)
}

func (s *Sender) postAs(ctx context.Context, to place, p markup.Page, old string, how form) (string, error) {
	var sent struct {
		ID int64 `json:"message_id"`
	}
	method, params := callOf(to, p, old, how)
	if err := s.call(ctx, method, params, &sent); err != nil {
		return "", err
	}
	if sent.ID == 0 {
		return old, nil
	}
	return strconv.FormatInt(sent.ID, 10), nil
}

// call makes a call that brings a reply.
func (s *Sender) call(ctx context.Context, method string, params api.Params, out any) error {
	ctx, end := s.stage.Begin(ctx, stage.Send+" "+method)
	err := s.client.Call(ctx, method, params, out)
	end(slog.Bool("failed", err != nil))
	return err
}

// callOf returns the call that sends a page.
func callOf(to place, p markup.Page, old string, how form) (string, api.Params) {
	params := api.Params{"chat_id": to.chat, "link_preview_options": map[string]bool{"is_disabled": true}}
	if how == whole {
		params["text"], params["parse_mode"] = p.HTML(), "HTML"
	} else {
		params["text"] = p.Text
	}
	if len(p.Keyboard) > 0 && how != bare {
		params["reply_markup"] = map[string]any{"inline_keyboard": p.Keyboard}
	}
	if old != "" {
		params["message_id"] = number(old)
		return "editMessageText", params
	}
	if to.thread != "" {
		params["message_thread_id"] = number(to.thread)
	}
	if n := number(to.replyTo); n != 0 {
		params["reply_parameters"] = map[string]any{"message_id": n, "allow_sending_without_reply": true}
	}
	return "sendMessage", params
}

// remove deletes a message that a shorter reply has no use for.
func (s *Sender) remove(ctx context.Context, to place, id string) {
	err := s.client.Call(ctx, "deleteMessage", api.Params{"chat_id": to.chat, "message_id": number(id)}, nil)
	if err != nil {
		s.log.InfoContext(ctx, "an outdated message stays", "error", err)
	}
}

// number reads an id, 0 for none.
func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

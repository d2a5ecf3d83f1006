package telegram_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/redact"
	"wenbao/bot/stores"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/pace"
	"wenbao/bot/telegram/telegramfake"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

const botToken = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"

// reports are the program's own, loaded once.
var reports = sync.OnceValues(func() (*corpus.Corpus, error) { return corpus.Load(seeds.FS) })

func toy(t testing.TB) *bottest.Toy {
	t.Helper()
	c, err := reports()
	if err != nil {
		t.Fatal(err)
	}
	return bottest.NewToy(c)
}

// brisk are limits that do not slow a test down.
func brisk() pace.Limits {
	return pace.Limits{Chat: time.Nanosecond, Group: 1 << 20, Overall: 1 << 20}
}

// world is a bot, and the Telegram that it is in.
type world struct {
	*telegramfake.Fake
	t        *testing.T
	bot      *telegram.Bot
	sender   *telegram.Sender
	desk     *delivery.Desk
	handler  *conversation.Handler
	registry *prometheus.Registry
	logs     *logs
	lastID   int64
	stop     func() error
	leave    func() error
}

// logs collects what a bot logs.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// options are what differs between worlds.
type options struct {
	fake     *telegramfake.Fake
	settings telegram.Settings
	http     redact.Doer // nil: the fake's
	answerer answers.Answerer
	allow    conversation.AllowList
	rate     int // questions a minute; 0 is unlimited
	desk     delivery.Settings
	receive  func(telegram.Desk) telegram.Desk
	lease    telegram.Lease
	box      delivery.Inbox
}

// newWorld starts a bot. In a synctest bubble, settle lets it do all that it
// has to do.
func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{Fake: o.fake, t: t, registry: prometheus.NewRegistry(), logs: &logs{}, lastID: 100}
	if w.Fake == nil {
		w.Fake = telegramfake.New(botToken)
	}
	if o.http == nil {
		o.http = w.Fake
	}
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	set := stores.Defaults()
	s := stores.Memory(set, time.Now)
	if o.rate == 0 {
		s.Questions, s.Presses = nil, nil
	}
	library := library.New(toy(t), "https://wenbao.example")
	if o.answerer == nil {
		o.answerer = public{toy(t)}
	}
	if o.settings.Limits == (pace.Limits{}) {
		o.settings.Limits = brisk()
	}
	if !o.settings.Token.IsSet() {
		o.settings.Token = redact.NewSecret(botToken)
	}
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	var err error
	w.handler, err = conversation.New(conversation.Parts{Answerer: o.answerer, Library: library, Stores: s.Stores,
		Settings: conversation.Settings{Allow: o.allow, FollowUps: true}, Log: log, Metrics: w.registry})
	must(err)
	w.sender, err = telegram.NewSender(o.settings, telegram.World{HTTP: o.http, Log: log, Metrics: w.registry})
	must(err)
	if o.box == nil {
		o.box = s.Inbox
	}
	w.desk, err = delivery.New(delivery.Parts{Handler: w.handler, Inbox: o.box, Settings: o.desk,
		Senders: map[string]delivery.Sender{telegram.Platform: w.sender}, Log: log, Metrics: w.registry})
	must(err)
	var desk telegram.Desk = w.desk
	if o.receive != nil {
		desk = o.receive(desk)
	}
	w.bot, err = telegram.New(w.sender, telegram.Parts{Desk: desk, Conversation: w.handler, Lease: o.lease})
	must(err)
	w.start()
	return w
}

func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	desk, ran := make(chan error, 1), make(chan error, 1)
	go func() { desk <- w.desk.Run(ctx) }()
	go func() { ran <- w.bot.Run(ctx) }()
	var once sync.Once
	var err error
	w.leave = func() error {
		once.Do(func() {
			cancel()
			if e := <-desk; e != nil {
				w.t.Error(e)
			}
			err = <-ran
		})
		return err
	}
	w.stop = func() error {
		defer w.Fake.Close()
		return w.leave()
	}
}

// stopKeepingTelegram stops the bot, not what it talks to.
func (w *world) stopKeepingTelegram(t *testing.T) {
	t.Helper()
	if err := w.leave(); err != nil {
		t.Error(err)
	}
}

func realLimits() pace.Limits { return pace.Telegram() }

// public makes the links of an answer absolute, as a public address does.
type public struct{ answers.Answerer }

func (p public) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	a, err := p.Answerer.Answer(ctx, r)
	for i := range a.Excerpts {
		a.Excerpts[i].Citation.URL = "https://wenbao.example" + a.Excerpts[i].Citation.URL
	}
	return a, err
}

// settle waits a second of a bubble's time.
func settle() { time.Sleep(time.Second); synctest.Wait() }

// in runs a test in a bubble.
func in(t *testing.T, o options, test func(t *testing.T, w *world)) {
	t.Helper()
	toy(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, o)
		defer func() {
			if err := w.stop(); err != nil {
				t.Error(err)
			}
		}()
		settle()
		test(t, w)
	})
}

// say has somebody write, and returns what the bot sends then.
func (w *world) say(s telegramfake.Said) []telegramfake.Message {
	before := len(w.Sent())
	if s.ID == 0 {
		w.lastID++
		s.ID = w.lastID
	}
	w.Say(s)
	settle()
	return w.Sent()[before:]
}

// button returns the data of the button whose label holds these words.
func button(t *testing.T, m telegramfake.Message, words string) string {
	t.Helper()
	for _, row := range m.Keyboard {
		for _, k := range row {
			if strings.Contains(k["text"], words) {
				return k["callback_data"] + k["url"]
			}
		}
	}
	t.Fatalf("no button %q in %v", words, m.Keyboard)
	return ""
}

// question is one that the toy answers, with a quote that holds its answer.
const question, answer = "四水四定", "四水四定"

func one(t *testing.T, sent []telegramfake.Message) telegramfake.Message {
	t.Helper()
	if len(sent) != 1 {
		t.Fatalf("%d messages sent, want 1: %+v", len(sent), sent)
	}
	return sent[0]
}

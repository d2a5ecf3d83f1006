package slack_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/redact"
	"wenbao/bot/slack"
	"wenbao/bot/slack/slackfake"
	"wenbao/bot/stores"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker")) // begun by importing bleve
}

const publicURL = "https://wenbao.example.org"

// reports loads the program's reports once; they are only read.
var reports = sync.OnceValues(func() (*corpus.Corpus, error) { return corpus.Load(seeds.FS) })

// greeter gives an Answerer example questions, as the engine has them.
type greeter struct{ answers.Answerer }

func (g greeter) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	a, err := g.Answerer.Answer(ctx, r)
	if a.Status == answers.SmallTalk {
		a.Suggestions = []string{"新建绿色矿山多少座？", "三线一单是什么意思？"}
	}
	return a, err
}

// stage is the bot in a fake Slack.
type stage struct {
	*slackfake.Fake
	t       *testing.T
	app     *slack.App
	desk    *delivery.Desk
	set     *stores.Set
	log     *logged
	metrics *prometheus.Registry
	stop    func()
}

// logged is a log that can be read while it is written.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// change changes what a stage is built with.
type change func(*slack.Parts, *delivery.Settings, *stores.Settings)

func noChange(*slack.Parts, *delivery.Settings, *stores.Settings) {}

// play starts the bot in a mode.
func play(t *testing.T, socket bool, with change) *stage {
	t.Helper()
	s := &stage{Fake: slackfake.New(), t: t, log: &logged{}, metrics: prometheus.NewRegistry()}
	c, err := reports()
	if err != nil {
		t.Fatal(err)
	}
	toy := bottest.NewToy(c)
	lib := library.New(toy, publicURL)
	kept := stores.Defaults()
	kept.User, kept.Team, kept.Presses = 0, 0, 0
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	parts := slack.Parts{Library: lib, Answerer: greeter{toy}, Log: logger, Metrics: s.metrics, Settings: slack.Settings{
		Socket: socket, SigningSecret: redact.NewSecret(slackfake.SigningSecret), BotToken: redact.NewSecret(slackfake.BotToken),
		AppToken: redact.NewSecret(slackfake.AppToken), APIURL: s.API(), PublicURL: publicURL, FollowUps: true, Lang: text.Zh}}
	bounds := delivery.Settings{Aside: time.Second}
	with(&parts, &bounds, &kept)
	s.set = stores.Memory(kept, time.Now)
	parts.Phrases, parts.Popular = s.set.Phrases, s.set.Popular
	handler, err := conversation.New(conversation.Parts{Answerer: greeter{toy}, Library: lib, Stores: s.set.Stores, Log: logger,
		Settings: conversation.Settings{FollowUps: parts.Settings.FollowUps}})
	if err != nil {
		t.Fatal(err)
	}
	if s.app, err = slack.New(parts); err != nil {
		t.Fatal(err)
	}
	s.desk, err = delivery.New(delivery.Parts{Handler: handler, Inbox: s.set.Inbox, Senders: map[string]delivery.Sender{slack.Platform: s.app}, Settings: bounds, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	s.app.Connect(s.desk)
	s.Join("C1")
	s.start(socket)
	return s
}

// start runs everything until the test ends.
func (s *stage) start(socket bool) {
	public := httptest.NewServer(s.app.Handler())
	if !socket {
		s.AppURL = public.URL
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{s.desk.Run, s.app.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				s.t.Error(err)
			}
		})
	}
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			cancel()
			wg.Wait()
			public.Close()
			s.Close()
		})
	}
	s.t.Cleanup(s.stop)
	if socket && !s.WaitSocket() {
		s.t.Fatalf("no socket\n%s %v", s.log, s.Calls())
	}
}

// modes runs a test in both modes.
func modes(t *testing.T, test func(t *testing.T, s *stage)) {
	for name, socket := range map[string]bool{"http": false, "socket": true} {
		t.Run(name, func(t *testing.T) { test(t, play(t, socket, noChange)) })
	}
}

// ok fails unless something was acknowledged.
func (s *stage) ok(what string, results ...slackfake.Result) {
	s.t.Helper()
	for _, r := range results {
		if r.Status != 200 {
			s.t.Fatalf("%s: status %d, body %s\n%s", what, r.Status, r.Body, s.log)
		}
	}
}

// shown waits for the n-th message that shows all of want.
func (s *stage) shown(n int, want ...string) slackfake.Message {
	s.t.Helper()
	m, ok := s.WaitMessage(n, func(m slackfake.Message) bool { return holds(m, want...) })
	if !ok {
		s.t.Fatalf("no message %d with %q; there are %s\n%s", n, want, s.describe(), s.log)
	}
	return m
}

func holds(m slackfake.Message, want ...string) bool {
	all := m.Shown()
	for _, w := range want {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

func (s *stage) describe() string {
	var b strings.Builder
	for _, m := range s.Messages() {
		b.WriteString("\n--- " + m.Channel + " " + m.ThreadTS + " " + m.User + " " + m.Via + "\n" + m.Shown())
	}
	return b.String()
}

// idle waits until nothing is on its way.
func (s *stage) idle() {
	s.t.Helper()
	for n := 0; s.desk.Depth() > 0; n++ {
		if n > 20_000 {
			s.t.Fatalf("not idle: %d on their way\n%s", s.desk.Depth(), s.log)
		}
		time.Sleep(time.Millisecond)
	}
}

// Short names for what tests change.
type (
	parts  = slack.Parts
	bounds = delivery.Settings
	kept   = stores.Settings
)

func newServer(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

// counted reports whether a counter with a label's value was raised.
func (s *stage) counted(name, value string) bool {
	s.t.Helper()
	families, err := s.metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == value && m.GetCounter().GetValue() > 0 {
					return true
				}
			}
		}
	}
	return false
}

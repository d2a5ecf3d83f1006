// Package slack brings the conversation to Slack: it verifies and decodes
// what Slack sends, hands it to a delivery.Desk, and posts the replies.
//
//	bot/slack/wire     what Slack sends, verified and decoded
//	bot/slack/blocks   replies as Block Kit
//	bot/slack/install  further workspaces, their tokens encrypted
//	bot/slack          App: HTTP or socket in, the Web API out
//
// Everything is acknowledged once it is in the inbox, and answered after.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/redact"
	"wenbao/bot/request"
	"wenbao/bot/slack/install"
	"wenbao/bot/slack/wire"
	"wenbao/bot/store"
	"wenbao/retrieval/stage"
)

// Platform is what addresses in Slack have for it.
const Platform = "slack"

// Settings are what an operator decides.
type Settings struct {
	Socket        bool          // Socket Mode; otherwise HTTP
	SigningSecret redact.Secret // needed for HTTP
	BotToken      redact.Secret // of the one workspace; without it commands are answered, and where others install theirs
	AppToken      redact.Secret // needed for Socket Mode
	ClientID      string        // with the next one: others may install
	ClientSecret  redact.Secret
	SecretKey     redact.Secret // encrypts tokens, signs states
	APIURL        string        // "": Slack's
	PublicURL     string
	Command       string // "": /ask
	FollowUps     bool   // read threads for questions without a mention
	Lang          text.Lang
}

// Receiver takes events; a *delivery.Desk is one.
type Receiver interface {
	Receive(ctx context.Context, e bot.Event) error
}

var _ Receiver = (*delivery.Desk)(nil)

// Recent keeps what people asked last; store.Memory is one.
type Recent interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, i store.Item) error
	Forget(ctx context.Context, owner string) (int, error)
}

var _ Recent = (*store.Memory)(nil)

// Parts are what an App works with. Examples, Popular, Stage, Log, Now, HTTP and
// Metrics may be missing. The Desk is given to Connect, since it needs the App
// as a Sender first.
type Parts struct {
	Settings Settings
	Library  bot.Shelf
	Phrases  bot.Phrases // behind the buttons of the home
	Popular  bot.Popular
	Answerer answers.Answerer // gives example questions
	Installs install.KV       // nil: in memory
	Recent   Recent           // what people asked last, for their homes; nil: in memory
	HTTP     *http.Client     // nil: one with timeouts
	Redactor *redact.Redactor // nil: one that knows the settings' secrets
	Stage    stage.Func
	Log      *slog.Logger
	Now      func() time.Time
	Metrics  prometheus.Registerer
}

// App is the bot in Slack. It is safe for concurrent use.
type App struct {
	Parts
	desk     Receiver
	verifier wire.Verifier
	installs *install.Store // nil: one workspace
	flow     *install.Flow
	calls    *calls
	webhooks *webhooks
	parts    *progress
	rooms    *store.Memory // direct messages by person
	chores   chan func(context.Context)
	counters counters

	connected atomic.Bool
	mu        sync.Mutex
	self      map[string]string // bot user by workspace
	own       string            // the workspace of the bot token
}

var _ delivery.Sender = (*App)(nil)

// New returns an App that neither connects nor calls anybody until Run.
func New(p Parts) (*App, error) {
	p.defaults()
	a := &App{Parts: p, parts: newProgress(), self: map[string]string{}, chores: make(chan func(context.Context), mostChores),
		rooms: store.NewMemory(store.Bound{Items: 50_000}, p.Now)}
	if err := a.check(); err != nil {
		return nil, err
	}
	var err error
	if a.counters, err = newCounters(p.Metrics, a.Ready); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	a.calls = newCalls(p, a.counters)
	a.webhooks = newWebhooks(p, a.counters)
	if !p.Settings.Socket {
		if a.verifier, err = wire.NewVerifier(p.Settings.SigningSecret, p.Now); err != nil {
			return nil, err
		}
	}
	return a, a.install()
}

func (p *Parts) defaults() {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Recent == nil {
		p.Recent = store.NewMemory(store.Bound{Items: 20_000, Bytes: 16 << 20}, p.Now)
	}
	s := &p.Settings
	if s.APIURL == "" {
		s.APIURL = "https://slack.com/api/"
	}
	s.APIURL = strings.TrimSuffix(s.APIURL, "/") + "/"
	s.Lang = text.Pick(string(s.Lang), text.Zh)
	if s.Command == "" {
		s.Command = "/ask"
	}
	if p.HTTP == nil {
		p.HTTP = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second}}
	}
	if p.Redactor == nil {
		p.Redactor = redact.New(s.SigningSecret.Reveal(), s.BotToken.Reveal(), s.AppToken.Reveal(), s.ClientSecret.Reveal(), s.SecretKey.Reveal())
	}
}

func (a *App) check() error {
	s := a.Settings
	if a.Library == nil || a.Phrases == nil {
		return errors.New("slack: the library and the phrases are needed")
	}
	if _, err := url.Parse(s.APIURL); err != nil {
		return errors.New("slack: the API's address is not one")
	}
	if s.Socket && !s.AppToken.IsSet() {
		return errors.New("slack: socket mode needs an app token")
	}
	return nil
}

// install sets up what other workspaces need.
func (a *App) install() error {
	s := a.Settings
	if s.ClientID == "" {
		return nil
	}
	kv := a.Installs
	if kv == nil {
		kv = store.NewMemory(store.Bound{}, a.Now)
	}
	var err error
	if a.installs, err = install.NewStore(kv, s.SecretKey); err != nil {
		return err
	}
	a.flow, err = install.New(install.Parts{ClientID: s.ClientID, ClientSecret: s.ClientSecret, SecretKey: s.SecretKey,
		PublicURL: s.PublicURL, APIURL: s.APIURL, Store: a.installs, HTTP: a.Redactor.Client(a.HTTP),
		Installed: func(_ context.Context, i install.Installation) { a.know(i.Workspace, i.BotUser) },
		Lang:      s.Lang, Now: a.Now, Log: a.Log})
	return err
}

// Connect gives the App its Desk; before Run.
func (a *App) Connect(desk Receiver) { a.desk = desk }

// Forget erases what the App keeps about a person; it is a bot.Forgetter.
func (a *App) Forget(ctx context.Context, person string) (int, error) {
	_ = a.rooms.Delete(ctx, person) // memory does not fail
	return a.Recent.Forget(ctx, person)
}

var _ bot.Forgetter = (*App)(nil)

// Ready reports whether events arrive: in Socket Mode, whether it is
// connected.
func (a *App) Ready() bool { return !a.Settings.Socket || a.connected.Load() }

const (
	mostChores = 256
	workers    = 8
)

// Run works until ctx is done. It returns an error only where Slack refuses
// the tokens for good.
func (a *App) Run(ctx context.Context) error {
	if a.desk == nil {
		return errors.New("slack: Run before Connect")
	}
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error { return a.work(ctx) })
	}
	if a.Settings.BotToken.IsSet() {
		g.Go(func() error { return a.introduce(ctx) })
	}
	if a.Settings.Socket {
		g.Go(func() error { return a.listen(ctx) })
	}
	err := g.Wait()
	a.HTTP.CloseIdleConnections()
	return a.Redactor.Error(err)
}

// work does what need not be done before an acknowledgement.
func (a *App) work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case chore := <-a.chores:
			a.guarded(ctx, chore)
		}
	}
}

func (a *App) guarded(ctx context.Context, chore func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			a.Log.ErrorContext(ctx, "panic in slack", "type", fmt.Sprintf("%T", p))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	chore(ctx)
}

// later queues a chore for what ctx is about; false where there is no room.
func (a *App) later(ctx context.Context, chore func(context.Context)) bool {
	id := request.ID(ctx)
	select {
	case a.chores <- func(ctx context.Context) { chore(request.With(ctx, id)) }:
		return true
	default:
		a.counters.requests.WithLabelValues("chore", "dropped").Inc()
		return false
	}
}

// introduce learns who the bot of the one token is. Slack may be away when
// the program starts.
func (a *App) introduce(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		who, err := a.calls.client(a.Settings.BotToken).AuthTestContext(ctx)
		switch {
		case err == nil:
			own := workspaceOf(who.TeamID, who.EnterpriseID)
			a.know(own, who.UserID)
			a.mu.Lock()
			a.own = own
			a.mu.Unlock()
			a.Log.Info("slack knows the bot", "workspace", own, "user", who.UserID)
			return nil
		case ctx.Err() != nil:
			return nil
		case refused(err):
			return fmt.Errorf("slack: the bot token is refused: %w", err)
		}
		a.Log.Warn("slack is not reached", "error", a.Redactor.Error(err), "again", wait)
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

func workspaceOf(team, enterprise string) string {
	if team == "" {
		return enterprise
	}
	return team
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (a *App) know(workspace, user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if workspace != "" && user != "" {
		a.self[workspace] = user
	}
}

// botUser returns the bot's user id in a workspace, "" where nobody said it
// yet.
func (a *App) botUser(ctx context.Context, workspace string) string {
	a.mu.Lock()
	user := a.self[workspace]
	a.mu.Unlock()
	if user != "" || a.installs == nil {
		return user
	}
	i, found, err := a.installs.Get(ctx, workspace)
	if err != nil || !found {
		return ""
	}
	a.know(workspace, i.BotUser)
	return i.BotUser
}

// token returns the bot token for a workspace.
func (a *App) token(ctx context.Context, workspace string) (redact.Secret, error) {
	if a.installs != nil {
		i, found, err := a.installs.Get(ctx, workspace)
		if err != nil {
			return redact.Secret{}, err
		}
		if found {
			a.Redactor.Add(i.Token.Reveal())
			return i.Token, nil
		}
	}
	a.mu.Lock()
	own := a.own
	a.mu.Unlock()
	if a.installs == nil || a.Settings.BotToken.IsSet() && (own == "" || own == workspace) {
		return a.Settings.BotToken, nil // without one, a response_url still works
	}
	return redact.Secret{}, fmt.Errorf("slack: the app is not installed in this workspace: %w", delivery.ErrPermanent)
}

// gone forgets a workspace that removed the app.
func (a *App) gone(ctx context.Context, workspace string) error {
	a.mu.Lock()
	delete(a.self, workspace)
	a.mu.Unlock()
	a.Log.InfoContext(ctx, "slack app was removed from a workspace", "workspace", workspace)
	if a.installs == nil {
		return nil
	}
	return a.installs.Delete(ctx, workspace)
}

package telegram

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wenbao/bot"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/update"
)

// ErrUnauthorized is wrapped by Run's error where Telegram does not know the
// token.
var ErrUnauthorized = errors.New("the bot token is not known to Telegram: set telegram.token to the one that @BotFather shows (/mybots, API Token)")

// A Desk takes events; see delivery.Desk.
type Desk interface {
	Receive(ctx context.Context, e bot.Event) error
}

// A Conversation answers what is not brought to a Desk: inline queries, and
// that there is no room.
type Conversation interface {
	Handle(ctx context.Context, m bot.Message) (bot.Reply, error)
	Busy(m bot.Message) bot.Reply
}

// Parts are what a Bot works with beside its Sender. Lease may be nil: then
// the Bot is the only one.
type Parts struct {
	Desk         Desk
	Conversation Conversation
	Lease        Lease
}

// Bot takes the updates of a bot and hands them on.
type Bot struct {
	Parts
	*Sender
	queries chan typed
	health  health
}

// New returns a Bot that takes updates for what s sends.
func New(s *Sender, p Parts) (*Bot, error) {
	if s == nil || p.Desk == nil || p.Conversation == nil {
		return nil, errors.New("telegram: the sender, the desk and the conversation are needed")
	}
	b := &Bot{Parts: p, Sender: s, queries: make(chan typed, maxQueries)}
	b.problem("Telegram has not answered yet")
	return b, nil
}

// Run takes updates until ctx is done. While Telegram is down it tries again;
// it returns an error only where trying again is no use.
func (b *Bot) Run(ctx context.Context) error {
	if err := b.greet(ctx); err != nil {
		return stopped(ctx, err)
	}
	g, gctx := errgroup.WithContext(ctx)
	work := func(f func(context.Context)) {
		g.Go(func() error { f(gctx); return nil })
	}
	work(b.introduce)
	work(b.signs)
	for range inlineWorkers {
		work(b.answerQueries)
	}
	if b.settings.WebhookURL != "" {
		g.Go(func() error { return b.keepWebhook(gctx) })
	} else {
		g.Go(func() error { return b.takeTurns(gctx) })
	}
	return stopped(ctx, g.Wait())
}

// stopped is err, or nil where ctx ended what failed.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// greet asks Telegram who the bot is, until it says so.
func (b *Bot) greet(ctx context.Context) error {
	return b.insist(ctx, "getMe", b.problem, func(ctx context.Context) error {
		var me struct {
			ID       int64  `json:"id"`
			Username string `json:"username"`
			Privacy  bool   `json:"can_read_all_group_messages"`
			Inline   bool   `json:"supports_inline_queries"`
		}
		err := b.client.Call(ctx, "getMe", nil, &me)
		if api.KindOf(err) == api.Absent {
			return fmt.Errorf("%w (%w)", ErrUnauthorized, err)
		}
		if err != nil {
			return err
		}
		b.me.Store(&update.Me{ID: me.ID, Username: me.Username})
		b.log.Info("connected to Telegram", "username", me.Username, "inline", me.Inline, "reads_all_in_groups", me.Privacy)
		return nil
	})
}

// callWithin bounds calls that are answered at once.
const callWithin = 20 * time.Second

// insist calls until that works, and tells note what is the matter meanwhile.
// It returns an error where the token is wrong, or ctx is done.
func (b *Bot) insist(ctx context.Context, what string, note func(problem string), call func(context.Context) error) error {
	for failures := 0; ; failures++ {
		within, cancel := context.WithTimeout(ctx, callWithin)
		err := call(within)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrUnauthorized) || api.KindOf(err) == api.Unauthorized:
			return b.unauthorized(err)
		}
		note("Telegram does not answer: " + err.Error())
		wait := b.backoff(failures, err)
		b.log.Warn("Telegram does not answer; trying again", "call", what, "in", wait, "error", err)
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

func (b *Bot) unauthorized(err error) error {
	b.problem(ErrUnauthorized.Error())
	if errors.Is(err, ErrUnauthorized) {
		return err
	}
	return fmt.Errorf("%w (%w)", ErrUnauthorized, err)
}

// longestPause is how long to wait at most where Telegram does not say.
const longestPause = 30 * time.Second

// backoff returns how long to wait after so many failures before the last.
func (b *Bot) backoff(failures int, err error) time.Duration {
	var after interface{ RetryAfter() time.Duration }
	if errors.As(err, &after) && after.RetryAfter() > 0 {
		return after.RetryAfter()
	}
	return min(b.settings.Pause<<min(failures, 10), max(longestPause, b.settings.Pause))
}

// sleep waits and reports whether ctx let it.
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

// health is what keeps updates from coming, "" where nothing does.
type health struct {
	mu      sync.Mutex
	problem string
}

// Ready says why updates do not come, nil where they do. A replica that waits
// for its turn is ready.
func (b *Bot) Ready() error {
	b.health.mu.Lock()
	defer b.health.mu.Unlock()
	if b.health.problem == "" {
		return nil
	}
	return errors.New(b.health.problem)
}

// problem notes what keeps updates from coming.
func (b *Bot) problem(s string) {
	b.health.mu.Lock()
	defer b.health.mu.Unlock()
	b.health.problem = s
	if s == "" {
		b.metrics.up.Set(1)
	} else {
		b.metrics.up.Set(0)
	}
}

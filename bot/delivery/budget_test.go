package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
)

// purse is what a context was given to spend.
type purse struct{}

// account notes which purse each call was paid from.
type account struct {
	delivery.Inbox
	echo
	mu    sync.Mutex
	calls []string
}

func (a *account) note(ctx context.Context, what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprint(what, " ", ctx.Value(purse{})))
}

func (a *account) Receive(ctx context.Context, e inbox.Entry) (bool, error) {
	a.note(ctx, "receive")
	return a.Inbox.Receive(ctx, e)
}

func (a *account) Answered(ctx context.Context, key string, reply []byte) error {
	a.note(ctx, "answered")
	return a.Inbox.Answered(ctx, key, reply)
}

func (a *account) Posted(ctx context.Context, key string) (string, error) {
	a.note(ctx, "posted")
	return a.Inbox.Posted(ctx, key)
}

func (a *account) Delivered(ctx context.Context, key, posted string) error {
	a.note(ctx, "delivered")
	return a.Inbox.Delivered(ctx, key, posted)
}

func (a *account) Handle(ctx context.Context, m bot.Message) (bot.Reply, error) {
	a.note(ctx, "handle")
	return a.echo.Handle(ctx, m)
}

func (a *account) Wants(ctx context.Context, m bot.Message) bool {
	a.note(ctx, "wants")
	return a.echo.Wants(ctx, m)
}

// All that is done about an event until its reply is sent has one budget, and
// each event its own.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, n := &account{Inbox: inbox.NewMemory(inbox.DefaultBound(), time.Now)}, 0
		d, stop := run(t, delivery.Parts{Handler: a, Inbox: a, Senders: map[string]delivery.Sender{"test": &platform{}},
			Budget: func() func(context.Context) context.Context {
				n++
				mine := n
				return func(ctx context.Context) context.Context { return context.WithValue(ctx, purse{}, mine) }
			}})
		defer stop()
		edit := message("c", "1", "again")
		edit.Message.Edit = "2"
		for _, e := range []bot.Event{message("c", "1", "first"), edit} {
			receive(t, d, e)
			synctest.Wait()
		}
		want := []string{"wants 1", "receive 1", "handle 1", "answered 1", "delivered <nil>", "wants 2", "receive 2", "handle 2", "answered 2", "posted 2", "delivered <nil>"}
		if !slices.Equal(a.calls, want) {
			t.Errorf("paid from %q\nwant %q", a.calls, want)
		}
	})
}

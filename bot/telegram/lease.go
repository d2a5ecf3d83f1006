package telegram

import (
	"context"
	"errors"

	"wenbao/bot/lease"
)

// A Lease lets one replica at a time take the updates of a bot.
type Lease interface {
	// Hold runs work whenever this replica has the lease, until ctx is done.
	// The context of work ends when the lease is lost.
	Hold(ctx context.Context, work func(ctx context.Context, fence int64))
}

var _ Lease = lease.Turn{}

// takeTurns polls whenever this replica has the lease.
func (b *Bot) takeTurns(ctx context.Context) error {
	b.problem("") // whoever has the lease polls
	if b.Lease == nil {
		return b.poll(ctx, ctx)
	}
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	var fatal error
	b.Lease.Hold(stopping, func(held context.Context, _ int64) {
		if err := b.poll(held, ctx); errors.Is(err, ErrUnauthorized) {
			fatal = err
			stop()
			return
		}
		b.problem("")
	})
	if fatal != nil {
		return fatal
	}
	return ctx.Err()
}

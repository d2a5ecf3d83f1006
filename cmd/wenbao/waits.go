package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
)

// waits asks again what somebody waits for an answer to, at the start, when
// the live generation changes, and every so often. Who waits on a platform that
// is not configured waits on: there is no way to tell them.
type waits struct {
	handler *conversation.Handler
	desk    *delivery.Desk
	changed <-chan struct{}
	log     *slog.Logger
}

// recheckEvery is how long an answer that has become possible otherwise may be
// unknown to who waits for it.
const recheckEvery = 10 * time.Minute

// Run implements component.
func (w waits) Run(ctx context.Context) error {
	t := time.NewTicker(recheckEvery)
	defer t.Stop()
	for ctx.Err() == nil {
		w.recheck(ctx)
		select {
		case <-ctx.Done():
		case <-w.changed:
		case <-t.C:
		}
	}
	return nil
}

func (w waits) recheck(ctx context.Context) {
	found, err := w.handler.Recheck(ctx)
	found = slices.DeleteFunc(found, func(d conversation.Delivery) bool { // they wait on
		_, served := w.desk.Senders[d.Event.Address().Platform]
		return !served
	})
	if err == nil || len(found) > 0 {
		if tellErr := w.desk.Tell(ctx, found, w.handler.Told); err == nil {
			err = tellErr
		}
	}
	if err != nil && ctx.Err() == nil {
		w.log.Warn("questions that somebody waits for were not asked again", "error", err)
	}
}

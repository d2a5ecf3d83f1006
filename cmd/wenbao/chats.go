package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/delivery"
	"wenbao/bot/lease"
	"wenbao/bot/telegram"
	"wenbao/configs"
)

// chats are the platforms that post, and the desk that they share.
type chats struct {
	components []component
	routes     map[string]http.Handler
	ready      map[string]func() error // by platform
}

// pollerTTL is how long a replica that is gone keeps the others from taking
// Telegram's updates.
const pollerTTL = 15 * time.Second

// openChats wires the platforms that are configured; with none there is no
// desk either.
func openChats(a *app) (*chats, error) {
	c := &chats{routes: map[string]http.Handler{}, ready: map[string]func() error{}}
	sender, err := openTelegram(a.cfg, a.registry, a.log, a.now)
	if err != nil || sender == nil {
		return c, err
	}
	t, err := newTalk(a.cfg, a.kept.Set, a.kept.Answerer(), a.engine.Search, a.registry, a.log, a.now)
	if err != nil {
		return nil, err
	}
	desk, err := delivery.New(delivery.Parts{Handler: t.handler, Inbox: a.kept.Inbox, Log: a.log, Now: a.now, Metrics: a.registry,
		Senders: map[string]delivery.Sender{telegram.Platform: sender}})
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	c.components = append(c.components, desk, waits{t, desk})
	return c, c.telegram(a, sender, t, desk)
}

// telegram adds the bot that takes Telegram's updates: one of the replicas
// where they share Redis.
func (c *chats) telegram(a *app, s *telegram.Sender, t *talk, d *delivery.Desk) error {
	parts := telegram.Parts{Desk: d, Conversation: t.handler}
	if r := a.kept.Replica; r != nil {
		parts.Lease = lease.Turn{Leases: r.Leases, Name: telegram.Platform, Holder: r.Name, TTL: pollerTTL}
	}
	b, err := telegram.New(s, parts)
	if err != nil {
		return err
	}
	c.components = append(c.components, b)
	c.ready[telegram.Platform] = b.Ready
	if a.cfg.Telegram.Mode == configs.ModeWebhook {
		c.routes["POST "+telegramPath] = b.Webhook()
	}
	return nil
}

// Routes adds what the platforms call to pages.
func (c *chats) Routes(pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	for pattern, h := range c.routes {
		mux.Handle(pattern, h)
	}
	return mux
}

// Problems says of each platform that does not serve why, in short: details
// are in the log.
func (c *chats) Problems() map[string]string {
	if c == nil {
		return nil
	}
	out := map[string]string{}
	for name, ready := range c.ready {
		if err := ready(); err != nil {
			out[name], _, _ = strings.Cut(err.Error(), ": ")
		}
	}
	return out
}

// waits asks again, every so often, what somebody waits for an answer to.
type waits struct {
	talk *talk
	desk *delivery.Desk
}

// recheckEvery is how long an answer that has become possible may be unknown
// to who waits for it.
const recheckEvery = 10 * time.Minute

// Run implements component.
func (w waits) Run(ctx context.Context) error {
	t := time.NewTicker(recheckEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			if err := w.talk.Recheck(ctx, w.desk.Tell); err != nil && ctx.Err() == nil {
				w.talk.handler.Log.Warn("questions that somebody waits for were not asked again", "error", err)
			}
		}
	}
}

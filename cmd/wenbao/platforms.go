package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/redis/replica"
	"wenbao/bot/slack"
	"wenbao/bot/slack/install"
	"wenbao/bot/telegram"
)

// platforms are the chats that are configured, and the desk between them and
// the conversation.
type platforms struct {
	handler  *conversation.Handler
	desk     *delivery.Desk
	slack    *slack.App    // nil where it is not configured
	telegram *telegramPart // likewise
}

// openPlatforms connects the chats that are configured; where none is, it
// returns one that has neither paths nor components.
func (a *app) openPlatforms() (*platforms, error) {
	p := &platforms{}
	cfg, lib := a.cfg, library.New(a.engine.Search, a.cfg.PublicURL)
	var installs install.KV
	if a.kept.Replica != nil {
		installs = a.kept.Replica.Installations
	}
	var err error
	if p.slack, err = openSlack(cfg, a.kept.Answerer(), lib, a.kept.Stores, installs, a.registry, a.log, a.now); err != nil {
		return nil, err
	}
	toTelegram, err := openTelegram(cfg, a.registry, a.log, a.now)
	if err != nil {
		return nil, err
	}
	senders := map[string]delivery.Sender{}
	if toTelegram != nil {
		senders[telegram.Platform] = toTelegram
	}
	if p.slack != nil {
		senders[slack.Platform] = p.slack
	}
	if len(senders) == 0 {
		return p, nil
	}
	allow, err := conversation.ParseAllow(allowed(cfg.Allow))
	if err != nil {
		return nil, misuse("allow: %w", err)
	}
	stores := a.kept.Stores
	if p.slack != nil {
		stores.Forgetters = append(stores.Forgetters[:len(stores.Forgetters):len(stores.Forgetters)], p.slack)
	}
	p.handler, err = conversation.New(conversation.Parts{
		Answerer: a.kept.Answerer(), Library: lib, Stores: stores, Log: a.log, Now: a.now, Metrics: a.registry,
		Settings: conversation.Settings{Lang: lang(cfg), FollowUps: true, Allow: allow, OmitQuestions: !cfg.Log.Questions},
	})
	if err != nil {
		return nil, err
	}
	p.desk, err = delivery.New(delivery.Parts{Handler: replica.Handler(p.handler), Inbox: a.kept.Inbox, Senders: senders, Log: a.log, Now: a.now, Metrics: a.registry})
	if err != nil {
		return nil, err
	}
	if p.slack != nil {
		p.slack.Connect(p.desk)
	}
	if toTelegram != nil {
		p.telegram, err = connectTelegram(toTelegram, cfg, p.desk, p.handler, a.kept.Replica)
	}
	return p, err
}

// components are what runs for the chats.
func (p *platforms) components() []component {
	var out []component
	if p.desk != nil {
		out = append(out, p.desk)
	}
	if p.slack != nil {
		out = append(out, p.slack)
	}
	if p.telegram != nil {
		out = append(out, p.telegram)
	}
	if p.desk != nil {
		out = append(out, waits{p.handler, p.desk})
	}
	return out
}

// Handler serves what the chats call, and next all else.
func (p *platforms) Handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	if p.slack != nil {
		mux.Handle(slackPath, p.slack.Handler())
	}
	if p.telegram != nil && p.telegram.hooked {
		mux.Handle(telegramPath, p.telegram.Webhook())
	}
	mux.Handle("/", next)
	return mux
}

// Problems says of each chat that does not serve why, in short: details are
// in the log.
func (p *platforms) Problems() map[string]string {
	out := map[string]string{}
	if p == nil || p.telegram == nil {
		return out
	}
	if err := p.telegram.Ready(); err != nil {
		out[telegram.Platform], _, _ = strings.Cut(err.Error(), ": ")
	}
	return out
}

// waits asks again, every so often, what somebody waits for an answer to.
type waits struct {
	handler *conversation.Handler
	desk    *delivery.Desk
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
		}
		found, err := w.handler.Recheck(ctx)
		if err == nil {
			err = w.desk.Tell(ctx, found, w.handler.Told)
		}
		if err != nil && ctx.Err() == nil {
			w.handler.Log.Warn("questions that somebody waits for were not asked again", "error", err)
		}
	}
}

package main

import (
	"context"
	"errors"
	"net/http"

	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/health"
	"wenbao/bot/library"
	"wenbao/bot/redis/replica"
	"wenbao/bot/slack"
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
	var err error
	if p.slack, err = openSlack(cfg, a.kept.Answerer(), lib, a.kept.Stores, a.kept.Replica, a.telemetry.Stage, a.registry, a.log, a.now); err != nil {
		return nil, err
	}
	toTelegram, err := openTelegram(cfg, a.telemetry.Stage, a.registry, a.log, a.now)
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
	if p.handler, err = a.openTalk(lib, p.slack); err != nil || len(senders) == 0 {
		return p, err
	}
	p.desk, err = delivery.New(delivery.Parts{Handler: replica.Handler(p.handler), Inbox: a.kept.Inbox, Senders: senders, Budget: replica.Budget,
		Traces: a.telemetry, Stage: a.telemetry.Stage, Log: a.log, Now: a.now, Metrics: a.registry})
	if err != nil {
		return nil, err
	}
	if p.slack != nil {
		p.slack.Connect(p.desk)
	}
	if toTelegram != nil {
		p.telegram, err = connectTelegram(toTelegram, cfg, p.desk, replica.Handler(p.handler), a.kept.Replica)
	}
	p.report(a.health)
	return p, err
}

// report registers what the chats say of themselves.
func (p *platforms) report(to *health.Registry) {
	if p.slack != nil {
		to.Register(slack.Platform, false, func(context.Context) error {
			if !p.slack.Ready() {
				return errors.New("not connected")
			}
			return nil
		})
	}
	if p.telegram != nil {
		to.Register(telegram.Platform, false, func(context.Context) error { return p.telegram.Ready() })
	}
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

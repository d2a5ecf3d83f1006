package main

import (
	"net/http"

	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/slack"
	"wenbao/bot/slack/install"
)

// platforms are the chats that are configured, and the desk between them and
// the conversation.
type platforms struct {
	handler *conversation.Handler
	desk    *delivery.Desk
	slack   *slack.App // nil where it is not configured
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
	senders := map[string]delivery.Sender{}
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
	p.desk, err = delivery.New(delivery.Parts{Handler: p.handler, Inbox: a.kept.Inbox, Senders: senders, Log: a.log, Now: a.now, Metrics: a.registry})
	if err != nil {
		return nil, err
	}
	if p.slack != nil {
		p.slack.Connect(p.desk)
	}
	return p, nil
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
	return out
}

// Handler serves what the chats call, and next all else.
func (p *platforms) Handler(next http.Handler) http.Handler {
	if p.slack == nil {
		return next
	}
	mux := http.NewServeMux()
	mux.Handle(slackPath, p.slack.Handler())
	mux.Handle("/", next)
	return mux
}

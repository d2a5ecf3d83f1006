package main

import (
	"errors"

	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/slack"
	"wenbao/bot/stores"
	"wenbao/configs"
)

// openTalk returns the conversation that page, API and chats share. app, which
// may be nil, knows people too and forgets them with the rest.
func (a *app) openTalk(library bot.Library, app *slack.App) (*conversation.Handler, error) {
	allow, err := conversation.ParseAllow(allowed(a.cfg.Allow))
	if err != nil {
		return nil, misuse("allow: %w", err)
	}
	kept := a.kept.Stores
	if app != nil {
		kept.Forgetters = append(kept.Forgetters[:len(kept.Forgetters):len(kept.Forgetters)], app)
	}
	return conversation.New(conversation.Parts{
		Answerer: a.kept.Answerer(), Library: library, Stores: kept, Meaning: a.kept.Curated.Meaning, Log: a.log, Now: a.now, Metrics: a.registry,
		Meter: a.questions, Stage: a.telemetry.Stage,
		Settings: conversation.Settings{Lang: lang(a.cfg), FollowUps: true, Allow: allow, OmitQuestions: !a.cfg.Feedback.Questions, LogQuestions: a.cfg.Log.Questions},
	})
}

// allowed are the entries of the allow-list as the conversation reads them.
func allowed(list configs.Allow) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.String())
	}
	return out
}

// personOf names the page's callers by their addresses. Without a secret key
// it is nil: then the page uses one that ends with the process.
func personOf(cfg *configs.Config) func(address string) string {
	if !cfg.SecretKey.IsSet() {
		return nil
	}
	return stores.Hasher([]byte(cfg.SecretKey.Reveal()))
}

// errRedis says that answers do without Redis.
var errRedis = errors.New("away, or a part of it")

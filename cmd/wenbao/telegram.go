package main

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot/delivery"
	"wenbao/bot/lease"
	"wenbao/bot/redis/replica"
	"wenbao/bot/telegram"
	"wenbao/configs"
	"wenbao/retrieval/stage"
)

// telegramPath is where Telegram sends updates.
const telegramPath = "/telegram/webhook"

// pollerTTL is how long a replica that is gone keeps the others from taking
// Telegram's updates.
const pollerTTL = 15 * time.Second

// telegramPart is the bot, and whether updates come to its webhook.
type telegramPart struct {
	*telegram.Bot
	hooked bool
}

// openTelegram returns what sends to Telegram, nil where that is not
// configured. Its calls bound themselves: the client has no timeout, which
// would end long polls.
func openTelegram(cfg *configs.Config, measure stage.Func, registry *prometheus.Registry, log *slog.Logger, now func() time.Time) (*telegram.Sender, error) {
	if !cfg.Telegram.Enabled() {
		return nil, nil
	}
	s := telegram.Settings{Token: cfg.Telegram.Token, APIURL: cfg.Telegram.APIURL, Lang: lang(cfg)}
	if cfg.Telegram.Mode == configs.ModeWebhook {
		s.WebhookURL, s.WebhookSecret = strings.TrimRight(cfg.PublicURL, "/")+telegramPath, cfg.Telegram.WebhookSecret
	}
	return telegram.NewSender(s, telegram.World{HTTP: &http.Client{}, Stage: measure, Log: log, Now: now, Metrics: registry})
}

// connectTelegram returns the bot that takes updates; of the replicas that
// share Redis one at a time polls.
func connectTelegram(s *telegram.Sender, cfg *configs.Config, d *delivery.Desk, h delivery.Handler, r *replica.Replica) (*telegramPart, error) {
	parts := telegram.Parts{Desk: d, Conversation: h}
	if r != nil {
		parts.Lease = lease.Turn{Leases: r.Leases, Name: telegram.Platform, Holder: r.Name, TTL: pollerTTL}
	}
	b, err := telegram.New(s, parts)
	if err != nil {
		return nil, err
	}
	return &telegramPart{b, cfg.Telegram.Mode == configs.ModeWebhook}, nil
}

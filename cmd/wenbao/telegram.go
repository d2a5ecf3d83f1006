package main

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot/telegram"
	"wenbao/configs"
)

// telegramPath is where Telegram sends updates.
const telegramPath = "/telegram/webhook"

// openTelegram returns what sends to Telegram, nil where that is not
// configured. Its calls bound themselves: the client has no timeout, which
// would end long polls.
func openTelegram(cfg *configs.Config, registry *prometheus.Registry, log *slog.Logger, now func() time.Time) (*telegram.Sender, error) {
	if !cfg.Telegram.Enabled() {
		return nil, nil
	}
	s := telegram.Settings{Token: cfg.Telegram.Token, APIURL: cfg.Telegram.APIURL, Lang: lang(cfg)}
	if cfg.Telegram.Mode == configs.ModeWebhook {
		s.WebhookURL, s.WebhookSecret = strings.TrimRight(cfg.PublicURL, "/")+telegramPath, cfg.Telegram.WebhookSecret
	}
	return telegram.NewSender(s, telegram.World{HTTP: &http.Client{}, Log: log, Now: now, Metrics: registry})
}

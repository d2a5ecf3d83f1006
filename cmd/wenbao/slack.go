package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/redact"
	"wenbao/bot/redis/replica"
	"wenbao/bot/slack"
	"wenbao/bot/slack/install"
	"wenbao/bot/store"
	"wenbao/configs"
	"wenbao/retrieval/stage"
)

// slackPath is the beginning of the paths that Slack calls.
const slackPath = "/slack/"

// openSlack returns what receives from Slack and sends to it, nil where that
// is not configured. shared is where the tokens of further workspaces are kept,
// and what people asked last; nil: in the data folder, or in memory.
func openSlack(cfg *configs.Config, a answers.Answerer, shelf bot.Shelf, kept bot.Stores, shared *replica.Replica, measure stage.Func, registry *prometheus.Registry, log *slog.Logger, now func() time.Time) (*slack.App, error) {
	s := cfg.Slack
	if !s.Enabled() {
		return nil, nil
	}
	var installs install.KV
	var recent slack.Recent
	if shared != nil {
		installs, recent = shared.Installations, shared.Recent
	}
	if installs == nil && s.ClientID != "" && cfg.Data != "" {
		file, err := store.OpenFile(filepath.Join(cfg.Data, "slack", "installations.log"), true, store.Bound{}, now)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		installs = file
	}
	key := cfg.SecretKey
	if !key.IsSet() { // nothing outlives the process that would need it
		key = redact.NewSecret(rand.Text())
	}
	return slack.New(slack.Parts{
		Settings: slack.Settings{
			Socket: s.Transport() == configs.ModeSocket, SigningSecret: s.SigningSecret, BotToken: s.BotToken, AppToken: s.AppToken,
			ClientID: s.ClientID, ClientSecret: s.ClientSecret, SecretKey: key, APIURL: s.APIURL, PublicURL: cfg.PublicURL,
			Command: s.Command, FollowUps: s.FollowUps, Lang: lang(cfg),
		},
		Library: shelf, Phrases: kept.Phrases, Popular: kept.Popular, Answerer: a, Installs: installs, Recent: recent,
		Redactor: redact.New(cfg.Secrets()...), Stage: measure, Log: log, Now: now, Metrics: registry,
	})
}

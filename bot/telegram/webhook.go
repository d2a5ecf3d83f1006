package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"wenbao/bot/redact"
	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/update"
)

const (
	maxUpdate      = 1 << 20 // bytes; Telegram's are far smaller
	secretHeader   = "X-Telegram-Bot-Api-Secret-Token"
	checkEvery     = time.Minute
	maxConnections = 40
)

// keepWebhook has Telegram send updates to the webhook, and sees that it goes
// on doing so.
func (b *Bot) keepWebhook(ctx context.Context) error {
	for {
		if err := b.insist(ctx, "setWebhook", b.problem, b.setWebhook); err != nil {
			return err
		}
		b.problem("")
		wait := 5 * b.settings.Pause // the first check shows whether it was set at all
		for set := true; set; wait = checkEvery {
			if !sleep(ctx, wait) {
				return ctx.Err()
			}
			err := b.insist(ctx, "getWebhookInfo", b.problem, func(ctx context.Context) (err error) {
				set, err = b.webhookSet(ctx)
				return err
			})
			if err != nil {
				return err
			}
		}
		b.log.Warn("the webhook was changed by somebody else; setting it again")
	}
}

func (b *Bot) setWebhook(ctx context.Context) error {
	return b.client.Call(ctx, "setWebhook", api.Params{"url": b.settings.WebhookURL,
		"secret_token": b.settings.WebhookSecret.Reveal(), "allowed_updates": update.Wanted(), "max_connections": maxConnections}, nil)
}

// webhookSet reports whether the webhook is still this one's, and notes how
// it fares.
func (b *Bot) webhookSet(ctx context.Context) (bool, error) {
	var info struct {
		URL     string `json:"url"`
		Pending int    `json:"pending_update_count"`
		At      int64  `json:"last_error_date"`
		Error   string `json:"last_error_message"`
	}
	err := b.client.Call(ctx, "getWebhookInfo", nil, &info)
	if api.KindOf(err) == api.Absent { // a server of one's own may not have it
		return true, nil
	}
	if err != nil {
		return true, err
	}
	b.metrics.pending.Set(float64(info.Pending))
	if recent := b.now().Add(-2 * checkEvery).Unix(); info.Error != "" && info.At >= recent {
		b.problem("Telegram cannot reach the webhook: " + b.client.Redactor().String(info.Error))
		b.log.Warn("Telegram cannot reach the webhook", "error", info.Error, "pending", info.Pending)
	} else {
		b.problem("")
	}
	return info.URL == b.settings.WebhookURL, nil
}

// Webhook takes updates that Telegram sends. It answers with another status
// than 200 only where the update is to be sent again, and to those who are
// not Telegram.
func (b *Bot) Webhook() http.Handler { return http.HandlerFunc(b.serveWebhook) }

func (b *Bot) serveWebhook(w http.ResponseWriter, r *http.Request) {
	status, result := b.takePosted(w, r)
	b.metrics.webhook.WithLabelValues(result).Inc()
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(status)
}

func (b *Bot) takePosted(w http.ResponseWriter, r *http.Request) (status int, result string) {
	switch {
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "wrong_method"
	case !b.settings.WebhookSecret.IsSet() || !redact.NewSecret(r.Header.Get(secretHeader)).Equal(b.settings.WebhookSecret):
		return http.StatusUnauthorized, "wrong_secret"
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong): // it would be as long the next time
		b.log.Error("an update is too large, passed over")
		return http.StatusOK, "too_large"
	case err != nil:
		return http.StatusBadRequest, "unreadable"
	}
	me := b.me.Load()
	if me == nil {
		return http.StatusServiceUnavailable, "not_ready"
	}
	u := update.Read(body, *me)
	ctx := about(r.Context(), u)
	if err := b.take(ctx, u); err != nil {
		if !isBusy(err) {
			b.log.ErrorContext(ctx, "an update cannot be kept; Telegram sends it again", "error", err)
		}
		return http.StatusServiceUnavailable, "again"
	}
	return http.StatusOK, "taken"
}

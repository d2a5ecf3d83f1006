package telegram_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"wenbao/bot"
	"wenbao/bot/redact"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/telegramfake"
)

const webhookSecret = "s3cret_of-the-webhook"

// eventually waits for something that others do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// webhookWorld is a bot with a webhook at a server of its own.
func webhookWorld(t *testing.T, o options) (*world, *httptest.Server) {
	t.Helper()
	var bound atomic.Pointer[telegram.Bot]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := bound.Load(); b != nil {
			b.Webhook().ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	o.settings.WebhookURL, o.settings.WebhookSecret = server.URL+"/telegram/webhook", redact.NewSecret(webhookSecret)
	w := newWorld(t, o)
	bound.Store(w.bot)
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return w, server
}

// The program sets the webhook, and answers what comes there; what it cannot
// keep is delivered again until it can.
func TestWebhook(t *testing.T) {
	var failures atomic.Int32
	failures.Store(3)
	w, _ := webhookWorld(t, options{receive: func(next telegram.Desk) telegram.Desk {
		return deskFunc(func(ctx context.Context, e bot.Event) error {
			if failures.Add(-1) >= 0 {
				return errors.New("disk full")
			}
			return next.Receive(ctx, e)
		})
	}})
	w.Say(telegramfake.Said{Chat: private, User: ann, ID: 1, Text: question})
	w.Push(telegramfake.Fields{"future_kind": 1})
	w.Say(telegramfake.Said{Chat: private, User: ann, ID: 2, Text: "你好"})
	eventually(t, "two answers", func() bool { return len(w.Sent()) == 2 })
	if !strings.Contains(w.Sent()[0].Text, answer) || failures.Load() > 0 {
		t.Errorf("%q", w.Sent()[0].Text)
	}
	set := w.Calls("setWebhook")[0].Params
	if set["secret_token"] != webhookSecret || !strings.Contains(set["allowed_updates"], "inline_query") {
		t.Errorf("set with %v", set)
	}
	if len(w.Calls("getUpdates")) > 0 {
		t.Error("polled beside the webhook")
	}
}

// Only Telegram, which knows the secret, is listened to; it is asked to send
// again only what could be taken then.
func TestWebhookStatuses(t *testing.T) {
	var busy atomic.Bool
	w, server := webhookWorld(t, options{receive: func(next telegram.Desk) telegram.Desk {
		return deskFunc(func(ctx context.Context, e bot.Event) error {
			if busy.Load() {
				return errors.New("disk full")
			}
			return next.Receive(ctx, e)
		})
	}})
	eventually(t, "being ready", func() bool { return w.bot.Ready() == nil })
	good := `{"update_id":1,"message":{"message_id":1,"text":"你好","chat":{"id":7,"type":"private"},"from":{"id":7}}}`
	for _, tt := range []struct {
		name, method, secret, body string
		busy                       bool
		want                       int
	}{
		{"taken", "POST", webhookSecret, good, false, 200},
		{"again", "POST", webhookSecret, good, false, 200},
		{"not kept", "POST", webhookSecret, strings.Replace(good, `id":1,"text`, `id":2,"text`, 1), true, 503},
		{"no secret", "POST", "", good, false, 401},
		{"wrong secret", "POST", webhookSecret + "x", good, false, 401},
		{"a beginning of the secret", "POST", webhookSecret[:5], good, false, 401},
		{"GET", "GET", webhookSecret, "", false, 405},
		{"not JSON", "POST", webhookSecret, "<html>", false, 200},
		{"nothing", "POST", webhookSecret, "", false, 200},
		{"unknown kind", "POST", webhookSecret, `{"update_id":5,"poll":{}}`, false, 200},
		{"wrong types", "POST", webhookSecret, `{"update_id":"5","message":[]}`, false, 200},
		{"too large", "POST", webhookSecret, `{"update_id":5,"x":"` + strings.Repeat("x", 2<<20) + `"}`, false, 200},
		{"too large without the secret", "POST", "", strings.Repeat("x", 2<<20), false, 401},
	} {
		busy.Store(tt.busy)
		r, _ := http.NewRequest(tt.method, server.URL+"/telegram/webhook", strings.NewReader(tt.body))
		if tt.secret != "" {
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", tt.secret)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, resp.StatusCode, tt.want)
		}
	}
	eventually(t, "one answer", func() bool { return len(w.Sent()) == 1 })
}

// A webhook needs a secret.
func TestWebhookNeedsSecret(t *testing.T) {
	_, err := telegram.NewSender(telegram.Settings{Token: redact.NewSecret(botToken), WebhookURL: "https://x"}, telegram.World{HTTP: telegramfake.New("x")})
	if err == nil {
		t.Error("no error")
	}
}

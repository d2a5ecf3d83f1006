package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wenbao/bot/telegram/telegramfake"
)

const telegramToken = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"

// within waits for something that the server does.
func within(t *testing.T, r *running, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s\n%s", what, r.log)
		}
	}
}

// A question in Telegram is answered by the running server, by polling and by
// webhook. While Telegram is down the server serves, and says so.
func TestServeTelegram(t *testing.T) {
	for _, mode := range []string{"polling", "webhook"} {
		t.Run(mode, func(t *testing.T) {
			fake := telegramfake.New(telegramToken)
			for range 3 {
				fake.Fail("getMe", telegramfake.Failure{Status: 502, Body: "<html>"})
			}
			api := httptest.NewServer(fake)
			defer api.Close()
			defer fake.Close()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := l.Addr().String()
			l.Close()
			r := serve(t, "WENBAO_HTTP_ADDR="+addr, "WENBAO_PUBLIC_URL=http://"+addr, "WENBAO_DATA="+t.TempDir(), "WENBAO_TELEGRAM_TOKEN="+telegramToken,
				"WENBAO_TELEGRAM_MODE="+mode, "WENBAO_TELEGRAM_WEBHOOK_SECRET=a-secret-of-the-webhook", "WENBAO_TELEGRAM_API_URL="+api.URL)
			if status, body := get(t, "http://"+r.HTTP+"/readyz"); status != http.StatusOK || !strings.Contains(body, `"telegram":"Telegram`) {
				t.Errorf("while Telegram is down: %d %s", status, body)
			}
			fake.Say(telegramfake.Said{Chat: 7, User: 7, ID: 1, Text: "2021年新建绿色矿山多少座"})
			within(t, r, "an answer", func() bool { return len(fake.Sent()) == 1 })
			if m := fake.Sent()[0]; !strings.Contains(m.Text, "133座") || !strings.Contains(m.Params["text"], `<a href="http://`+addr+`/r/`) {
				t.Errorf("answered %s", m.Params["text"])
			}
			within(t, r, "being ready", func() bool {
				_, body := get(t, "http://"+r.HTTP+"/readyz")
				return strings.Contains(body, `"ready"`)
			})
			r.Stop()
			if err := r.ended(t); err != nil {
				t.Error(err)
			}
			if strings.Contains(r.log.String(), telegramToken[10:]) {
				t.Error("the token is in the log")
			}
		})
	}
}

// A token that Telegram does not know ends the server, with what to do.
func TestServeTelegramUnauthorized(t *testing.T) {
	fake := telegramfake.New("987654321:other")
	api := httptest.NewServer(fake)
	defer api.Close()
	r := serve(t, "WENBAO_TELEGRAM_TOKEN="+telegramToken, "WENBAO_TELEGRAM_API_URL="+api.URL)
	if err := r.ended(t); err == nil || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), telegramToken) {
		t.Errorf("ended with %v", err)
	}
}

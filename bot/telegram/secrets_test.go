package telegram_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wenbao/bot"
	"wenbao/bot/redact"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/telegramfake"
)

// everything that may go wrong, with the token wherever a server may put it.
func everything() []telegramfake.Failure {
	at := "/bot" + botToken + "/method"
	return []telegramfake.Failure{
		{}, {Status: 502, Body: page502}, {Status: 200, Body: "{"}, {Status: 200, Body: `{"ok":true,"result":"` + at + `"}`},
		{Status: 404, Body: "<p>no " + at + "</p>"}, {Status: 500, Description: "at " + at},
		{Status: 400, Description: "Bad Request: " + at}, {Status: 400, Description: "Bad Request: can't parse entities in " + botToken},
		{Status: 403, Description: "Forbidden: " + url.QueryEscape(botToken)}, {Status: 429, Description: "Too Many " + at},
		{Status: 409, Description: "Conflict: " + at}, {Status: 409, Description: "Conflict: webhook " + at},
		{Status: 301, Body: at}, {Status: 100 + 399, Body: strings.Repeat(at, 10)},
	}
}

// The token is in no log, error or metric of a run in which everything goes
// wrong; nor is the webhook's secret.
func TestTokenNeverShows(t *testing.T) {
	var out strings.Builder
	for _, webhook := range []bool{false, true} {
		fmt.Fprintln(&out, failing(t, webhook))
	}
	fmt.Fprintln(&out, unreachable(t))
	text := out.String()
	for _, secret := range []string{botToken, url.QueryEscape(botToken), botToken[10:], botToken[:9] + ":", webhookSecret} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%q shows: …%s…", secret, text[max(0, i-200):min(len(text), i+len(secret)+100)])
		}
	}
	if n := strings.Count(text, "\n"); n < 100 || !strings.Contains(text, "telegram getUpdates") || !strings.Contains(text, "502") {
		t.Errorf("%d lines are too few to say so", n)
	}
	t.Logf("%d lines, %d bytes of output searched", strings.Count(text, "\n"), len(text))
}

// failing runs a bot against a Telegram that fails in every way, and returns
// all that it said.
func failing(t *testing.T, webhook bool) string {
	fake := telegramfake.New(botToken)
	server := httptest.NewServer(fake)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	defer server.Close()
	for _, method := range []string{"getMe", "deleteWebhook", "getUpdates", "setWebhook", "getWebhookInfo", "sendMessage", "editMessageText",
		"answerCallbackQuery", "answerInlineQuery", "sendChatAction", "setMyCommands", "setMyDescription", "deleteMessage"} {
		fake.Fail(method, everything()...)
	}
	o := options{fake: fake, http: client, settings: telegram.Settings{APIURL: server.URL, Pause: time.Millisecond}}
	var w *world
	if webhook {
		w, _ = webhookWorld(t, o)
	} else {
		w = newWorld(t, o)
	}
	defer w.stop()
	var out strings.Builder
	for i := range int64(60) {
		s := telegramfake.Said{Chat: private + i, User: ann, ID: 1, Text: question}
		w.Say(s)
		w.Edit(s, 1)
		w.Query(ann, question, "")
		w.Press(telegramfake.Message{ID: 1, Chat: fmt.Sprint(private + i)}, ann, "1m:ABCDEFGH")
		fmt.Fprintln(&out, w.bot.Ready())
		time.Sleep(5 * time.Millisecond)
	}
	defer func() {
		if t.Failed() {
			t.Log(len(w.Sent()), w.Unconfirmed(), w.bot.Ready(), w.logs.String()[max(0, len(w.logs.String())-3000):])
		}
	}()
	eventually(t, "some answers", func() bool { return len(w.Sent()) > 20 && len(w.Unconfirmed()) == 0 })
	if !webhook {
		fake.Fail("getUpdates", telegramfake.Failure{Status: 401, Description: "Unauthorized " + botToken})
		w.Say(telegramfake.Said{Chat: private, User: ann, ID: 2, Text: question})
		eventually(t, "the end", func() bool { return w.bot.Ready() != nil })
	}
	err := w.leave()
	fmt.Fprintf(&out, "%v %+v %#v %s %v\n%s\n%s", err, err, err, err, w.bot.Ready(), w.logs.String(), exposition(w.registry))
	return out.String()
}

func exposition(reg *prometheus.Registry) string {
	rec := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return rec.Body.String()
}

// unreachable returns the errors of calls to where nobody is, in every form.
func unreachable(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	var out strings.Builder
	for _, base := range []string{"http://" + l.Addr().String(), "http://no-such-host.invalid", "https://%zz", "nonsense://x", "http://[::1"} {
		s, err := telegram.NewSender(telegram.Settings{Token: redact.NewSecret(botToken), APIURL: base}, telegram.World{HTTP: &http.Client{Timeout: time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		e := bot.Event{Message: &bot.Message{Address: bot.Address{Platform: telegram.Platform, Chat: "7", User: "7"}, ID: "1"}}
		_, err = s.Send(t.Context(), e, bot.Reply{Kind: bot.KindNotice, Blocks: []bot.Block{{Kind: bot.BlockText, Text: "x"}}})
		if err == nil {
			t.Errorf("%s: no error", base)
		}
		fmt.Fprintf(&out, "%v\n%+v\n%#v\n%q\n%+v\n", err, err, err, err, s)
	}
	return out.String()
}

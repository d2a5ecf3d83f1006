package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/lease"
	"wenbao/bot/redact"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/telegramfake"
)

const page502 = "<html><head><title>502 Bad Gateway</title></head></html>"

// Start-up does not fail while Telegram is down; it says so until Telegram is
// there.
func TestTelegramDownAtStart(t *testing.T) {
	f := telegramfake.Failure{Status: 502, Body: page502}
	for _, method := range []string{"getMe", "deleteWebhook", "getUpdates"} {
		t.Run(method, func(t *testing.T) {
			toy(t)
			synctest.Test(t, func(t *testing.T) {
				fake := telegramfake.New(botToken)
				fake.Fail(method, f, telegramfake.Failure{}, f, telegramfake.Failure{Status: 500, Description: "Internal Server Error"},
					telegramfake.Failure{Status: 429, Description: "Too Many Requests: retry after 3", RetryAfter: 3})
				w := newWorld(t, options{fake: fake})
				defer w.stop()
				settle()
				if err := w.bot.Ready(); err == nil || !strings.Contains(err.Error(), "Telegram") {
					t.Errorf("ready while Telegram is down: %v", err)
				}
				time.Sleep(time.Minute)
				if err := w.bot.Ready(); err != nil {
					t.Errorf("not ready: %v", err)
				}
				one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
			})
		})
	}
}

// A wrong token ends the bot with an error that says what to do.
func TestWrongToken(t *testing.T) {
	for _, tt := range []struct{ name, method string }{{"at start", ""}, {"revoked", "getUpdates"}} {
		t.Run(tt.name, func(t *testing.T) {
			toy(t)
			synctest.Test(t, func(t *testing.T) {
				fake := telegramfake.New(botToken)
				settings := telegram.Settings{}
				if tt.method == "" {
					settings.Token = redact.NewSecret("987654321:wrong")
				} else {
					fake.Fail(tt.method, telegramfake.Failure{Status: 401, Description: "Unauthorized"})
				}
				w := newWorld(t, options{fake: fake, settings: settings})
				time.Sleep(time.Minute)
				synctest.Wait()
				if err := w.bot.Ready(); err == nil || !strings.Contains(err.Error(), "@BotFather") {
					t.Errorf("ready: %v", err)
				}
				if n := len(fake.Calls("")); n > 20 {
					t.Errorf("%d calls with a wrong token", n)
				}
				w.cancelled(t)
			})
		})
	}
}

// cancelled checks that the bot ended by itself, with ErrUnauthorized.
func (w *world) cancelled(t *testing.T) {
	t.Helper()
	err := w.stop()
	if !errors.Is(err, telegram.ErrUnauthorized) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("ended with %v", err)
	}
}

// Another poller is explained, a webhook that is in the way is deleted, and
// nothing is lost by either.
func TestConflict(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { // somebody else polls
			defer close(done)
			for ctx.Err() == nil {
				req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://api/bot"+botToken+"/getUpdates?timeout=50", nil)
				if resp, err := w.Fake.Do(req); err == nil {
					resp.Body.Close()
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		time.Sleep(10 * time.Second)
		if err := w.bot.Ready(); err == nil || !strings.Contains(err.Error(), "another program") {
			t.Errorf("ready: %v", err)
		}
		if n := strings.Count(w.logs.String(), "another program"); n == 0 || n > 12 {
			t.Errorf("explained %d times", n)
		}
		w.Say(telegramfake.Said{Chat: private, User: ann, ID: 1, Text: question})
		time.Sleep(10 * time.Second)
		cancel()
		<-done
		time.Sleep(time.Minute)
		one(t, w.Sent())
		req, _ := http.NewRequest(http.MethodPost, "http://api/bot"+botToken+"/setWebhook?url=http://127.0.0.1:1/", nil)
		if _, err := w.Fake.Do(req); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := w.bot.Ready(); err != nil {
			t.Errorf("a webhook is still in the way: %v", err)
		}
		if len(w.say(telegramfake.Said{Chat: private, User: ann, Text: question})) != 1 {
			t.Error("no answer after the webhook was deleted")
		}
	})
}

// What Telegram does not take is sent again, when it says; other chats do not
// wait for it.
func TestThrottled(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		slow := telegramfake.Failure{Status: 429, Description: "Too Many Requests: retry after 30", RetryAfter: 30,
			If: func(p map[string]string) bool { return p["chat_id"] == "7" }}
		w.Fail("sendMessage", slow)
		w.Say(telegramfake.Said{Chat: 7, User: 7, ID: 1, Text: question})
		settle()
		if sent := w.say(telegramfake.Said{Chat: 8, User: 8, Text: question}); len(sent) != 1 || sent[0].Chat != "8" {
			t.Errorf("the other chat: %v", sent)
		}
		w.Say(telegramfake.Said{Chat: 7, User: 7, ID: 2, Text: "你好"})
		time.Sleep(20 * time.Second)
		if n := len(w.Calls("sendMessage")); n != 2 {
			t.Errorf("%d calls before the time", n)
		}
		time.Sleep(20 * time.Second)
		if sent := w.Sent(); len(sent) != 3 || !strings.Contains(sent[1].Text, answer) {
			t.Errorf("sent %v", sent)
		}
	})
}

// Entities that Telegram refuses are left out; so are buttons.
func TestRefusedForms(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		entities := telegramfake.Failure{Status: 400, Description: "Bad Request: can't parse entities: Unsupported start tag"}
		w.Fail("sendMessage", entities)
		m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
		if m.Params["parse_mode"] != "" || strings.Contains(m.Text, "<b>") || len(m.Keyboard) == 0 || !strings.Contains(m.Text, answer) {
			t.Errorf("%v", m.Params)
		}
		if got := w.metric("wenbao_telegram_plain_retries_total"); got != 1 {
			t.Errorf("%v counted", got)
		}
		w.Fail("sendMessage", telegramfake.Failure{Status: 400, Description: "Bad Request: BUTTON_DATA_INVALID"})
		if m = one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question})); len(m.Keyboard) > 0 {
			t.Errorf("%v", m.Keyboard)
		}
	})
}

// A chat that is gone is not tried again; a group that became a supergroup is
// followed; a message that cannot be edited is sent anew.
func TestChatsThatMoved(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		for _, why := range []string{"Forbidden: bot was blocked by the user", "Bad Request: chat not found", "Bad Request: TOPIC_CLOSED"} {
			code := 400
			if strings.HasPrefix(why, "Forbidden") {
				code = 403
			}
			w.Fail("sendMessage", telegramfake.Failure{Status: code, Description: why})
			before := len(w.Calls("sendMessage"))
			w.say(telegramfake.Said{Chat: private, User: ann, Text: question})
			time.Sleep(time.Minute)
			if n := len(w.Calls("sendMessage")) - before; n != 1 {
				t.Errorf("%s: %d calls", why, n)
			}
		}
		w.Fail("sendMessage", telegramfake.Failure{Status: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -100777})
		if m := one(t, w.say(telegramfake.Said{Chat: -5, User: ann, Text: "/ask " + question})); m.Chat != "-100777" {
			t.Errorf("sent to %s", m.Chat)
		}
		s := telegramfake.Said{Chat: private, User: ann, ID: 900, Text: question}
		one(t, w.say(s))
		w.Fail("editMessageText", telegramfake.Failure{Status: 400, Description: "Bad Request: message can't be edited"})
		s.Text = "你好"
		before := len(w.Sent())
		w.Edit(s, 1)
		settle()
		one(t, w.Sent()[before:])
	})
}

// Sending keeps within the limits, and is fair: a chat with much to be said
// does not keep another waiting.
func TestPacing(t *testing.T) {
	toy(t)
	synctest.Test(t, func(t *testing.T) {
		fake := telegramfake.New(botToken)
		fake.Limits = telegramfake.Limits{ChatGap: time.Second, PerMinute: 20, PerSecond: 30}
		w := newWorld(t, options{fake: fake, settings: telegram.Settings{Limits: realLimits()}})
		defer w.stop()
		settle()
		for i := range 40 {
			w.Say(telegramfake.Said{Chat: group, User: ann, ID: int64(i + 1), Text: "/ask " + question})
			w.Say(telegramfake.Said{Chat: private, User: ann, ID: int64(i + 1), Text: question})
		}
		for i := range 200 {
			w.Say(telegramfake.Said{Chat: int64(1000 + i), User: int64(1000 + i), ID: 1, Text: question})
		}
		time.Sleep(20 * time.Second)
		others := 0
		for _, m := range w.Sent() {
			if m.Chat != fmt.Sprint(group) && m.Chat != "7" {
				others++
			}
		}
		if others != 200 {
			t.Errorf("%d of 200 other chats were answered beside the busy ones", others)
		}
		time.Sleep(3 * time.Minute)
		if n := len(w.Sent()); n != 280 {
			t.Errorf("%d of 280 sent", n)
		}
		throttled := 0
		for _, c := range w.Calls("sendMessage") {
			if c.Status == 429 {
				throttled++
			}
		}
		if throttled > 0 {
			t.Errorf("%d calls beyond the limits", throttled)
		}
		if strings.Contains(w.logs.String(), "sending failed") {
			t.Error("waiting for a turn is logged as a failure")
		}
	})
}

// “typing…” is shown while an answer is worked on, and no longer.
func TestTyping(t *testing.T) {
	gate := make(chan struct{})
	toy(t)
	synctest.Test(t, func(t *testing.T) {
		gate = make(chan struct{})
		w := newWorld(t, options{answerer: slow{public{toy(t)}, gate}})
		defer w.stop()
		settle()
		w.Say(telegramfake.Said{Chat: group, User: ann, ID: 1, Text: "/ask " + question, Topic: 3})
		time.Sleep(11 * time.Second)
		typing := w.Calls("sendChatAction")
		if len(typing) != 3 || typing[0].Params["message_thread_id"] != "3" || typing[0].Params["action"] != "typing" {
			t.Errorf("%v", typing)
		}
		close(gate)
		settle()
		one(t, w.Sent())
		time.Sleep(time.Minute)
		if n := len(w.Calls("sendChatAction")); n != 3 {
			t.Errorf("%d signs after the answer", n-3)
		}
	})
}

// slow is an Answerer that waits.
type slow struct {
	answers.Answerer
	gate chan struct{}
}

func (s slow) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	select {
	case <-s.gate:
	case <-ctx.Done():
		return answers.Answer{}, ctx.Err()
	}
	return s.Answerer.Answer(ctx, r)
}

// deskFunc is a Desk.
type deskFunc func(ctx context.Context, e bot.Event) error

func (f deskFunc) Receive(ctx context.Context, e bot.Event) error { return f(ctx, e) }

// An update that cannot be kept comes again until it is; a press is refused
// with a hint.
func TestNotKept(t *testing.T) {
	type state struct {
		full bool
		err  error
	}
	var now atomic.Pointer[state]
	now.Store(&state{true, errors.New("disk full")})
	o := options{receive: func(next telegram.Desk) telegram.Desk {
		return deskFunc(func(ctx context.Context, e bot.Event) error {
			if s := now.Load(); s.full {
				return s.err
			}
			return next.Receive(ctx, e)
		})
	}}
	in(t, o, func(t *testing.T, w *world) {
		w.Say(telegramfake.Said{Chat: private, User: ann, ID: 1, Text: question})
		time.Sleep(time.Minute)
		if len(w.Unconfirmed()) != 1 {
			t.Error("confirmed without being kept")
		}
		if err := w.bot.Ready(); err == nil {
			t.Error("ready while nothing can be kept")
		}
		now.Store(&state{})
		time.Sleep(10 * time.Second)
		m := one(t, w.Sent())
		now.Store(&state{true, delivery.ErrBusy})
		id := w.Press(m, ann, button(t, m, "👍"))
		settle()
		if calls := w.Calls("answerCallbackQuery"); !w.Answered(id) || calls[len(calls)-1].Params["text"] == "" {
			t.Error("a press that there is no room for is not answered with a hint")
		}
		w.Say(telegramfake.Said{Chat: private, User: ann, ID: 2, Text: question})
		time.Sleep(time.Minute)
		if len(w.Unconfirmed()) != 0 {
			t.Error("a flood keeps everybody waiting")
		}
	})
}

// Of the replicas that share a lease one polls; when it stops, the next one
// goes on.
func TestOnePoller(t *testing.T) {
	toy(t)
	synctest.Test(t, func(t *testing.T) {
		fake, leases := telegramfake.New(botToken), lease.NewMemory(time.Now)
		turn := func(holder string) telegram.Lease {
			return lease.Turn{Leases: leases, Name: "telegram", Holder: holder, TTL: 10 * time.Second}
		}
		a := newWorld(t, options{fake: fake, lease: turn("a")})
		settle()
		b := newWorld(t, options{fake: fake, lease: turn("b")})
		time.Sleep(5 * time.Minute)
		for i := range int64(10) {
			a.Say(telegramfake.Said{Chat: private, User: ann, ID: 1 + i, Text: question})
		}
		settle()
		if n := fake.Conflicts(); n > 0 || a.bot.Ready() != nil || b.bot.Ready() != nil {
			t.Errorf("%d conflicts, ready: %v, %v", n, a.bot.Ready(), b.bot.Ready())
		}
		a.stopKeepingTelegram(t)
		time.Sleep(20 * time.Second)
		if len(b.say(telegramfake.Said{Chat: private, User: ann, Text: question})) != 1 || len(fake.Sent()) != 11 {
			t.Errorf("%d sent", len(fake.Sent()))
		}
		if err := b.stop(); err != nil {
			t.Error(err)
		}
	})
}

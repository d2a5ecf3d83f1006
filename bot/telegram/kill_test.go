package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/library"
	"wenbao/bot/redact"
	"wenbao/bot/stores"
	"wenbao/bot/telegram"
	"wenbao/bot/telegram/telegramfake"
)

const (
	childEnv     = "WENBAO_TEST_TELEGRAM"
	childDataEnv = "WENBAO_TEST_DATA"
	killsEnv     = "WENBAO_TEST_KILLS"
)

// child is the bot that is killed: Telegram is at addr, and what must last is
// kept in dir.
func child(addr, dir string) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	c, err := reports()
	if err != nil {
		return fail(err)
	}
	set, err := stores.File(dir, stores.Defaults(), time.Now)
	if err != nil {
		return fail(err)
	}
	set.Questions, set.Presses = nil, nil
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	toy := bottest.NewToy(c)
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, ""), Stores: set.Stores, Log: log})
	if err != nil {
		return fail(err)
	}
	sender, err := telegram.NewSender(telegram.Settings{Token: redact.NewSecret(botToken), APIURL: addr, Limits: brisk()},
		telegram.World{HTTP: &http.Client{}, Log: log})
	if err != nil {
		return fail(err)
	}
	desk, err := delivery.New(delivery.Parts{Handler: h, Inbox: set.Inbox, Senders: map[string]delivery.Sender{telegram.Platform: sender}, Log: log})
	if err != nil {
		return fail(err)
	}
	b, err := telegram.New(sender, telegram.Parts{Desk: desk, Conversation: h})
	if err != nil {
		return fail(err)
	}
	go desk.Run(context.Background())
	if err := b.Run(context.Background()); err != nil {
		return fail(err)
	}
	return 0
}

// asked are questions; each is answered with one message.
var asked = []string{"/ask 三线一单是什么？", "/ask 四水四定", "/ask 不存在的外星飞船", "/ask 你好", "/sources", "/term 三线一单"}

// killing is a run of kills.
type killing struct {
	*telegramfake.Fake
	t      *testing.T
	url    string
	dir    string
	pushed int
	caught map[int64]int // how often a kill came when Telegram had taken the reply and that was not marked
	output bytes.Buffer  // of every child
}

// The bot is killed at random moments between taking updates and answering
// them. Every question is answered; one is answered twice only where Telegram
// had taken the reply and the kill came before that was marked.
func TestKill(t *testing.T) {
	kills, updates := 20, 200
	if s := os.Getenv(killsEnv); s != "" {
		kills, _ = strconv.Atoi(s)
	}
	if testing.Short() {
		kills = 5
	}
	fake := telegramfake.New(botToken)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		fake.ServeHTTP(rec, r)
		if strings.HasSuffix(r.URL.Path, "/sendMessage") { // taken, but the bot does not know yet
			time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	defer server.Close()
	defer fake.Close()
	k := &killing{Fake: fake, t: t, url: server.URL, dir: t.TempDir(), caught: map[int64]int{}}
	between, inTheAct, replies := 0, 0, 0
	for i := range kills {
		k.push(updates*(i+1)/kills - k.pushed)
		pending, caught := k.round()
		if pending > 0 {
			between++
		}
		replies += caught
		if caught > 0 {
			inTheAct++
		}
	}
	stop := k.start()
	eventually(t, "every question answered", func() bool { return len(k.taken()) == k.pushed && len(k.Unconfirmed()) == 0 })
	time.Sleep(200 * time.Millisecond) // for what would come twice
	stop()
	doubled := k.judge()
	t.Logf("%d updates, %d kills: %d with questions received and not delivered, %d with replies that Telegram had taken and that were not marked (%d replies); 0 lost unless said, %d doubled",
		k.pushed, kills, between, inTheAct, replies, doubled)
	if s := k.output.String(); strings.Contains(s, botToken) || strings.Contains(s, botToken[10:]) {
		t.Errorf("the token is in the output:\n%s", s)
	}
}

func (k *killing) push(n int) {
	for range n {
		k.pushed++
		k.Say(telegramfake.Said{Chat: -int64(100 + k.pushed%40), User: int64(k.pushed % 7), ID: int64(k.pushed), Text: asked[k.pushed%len(asked)],
			More: telegramfake.Fields{"from": telegramfake.Fields{"id": 1 + k.pushed%7}}})
	}
}

// round starts the bot and kills it at some moment after its first poll.
func (k *killing) round() (pending, caught int) {
	before, polls := k.taken(), len(k.Calls("getUpdates"))
	stop := k.start()
	eventually(k.t, "a poll", func() bool { return len(k.Calls("getUpdates")) > polls })
	time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
	stop()
	time.Sleep(30 * time.Millisecond) // what was on the wire is taken
	left, after := k.undelivered(), k.taken()
	for id := range left {
		if after[id] > before[id] {
			k.caught[id]++
			caught++
		}
	}
	return len(left), caught
}

// taken counts the replies that Telegram took, by question.
func (k *killing) taken() map[int64]int {
	out := map[int64]int{}
	for _, m := range k.Sent() {
		out[m.ReplyTo]++
	}
	return out
}

// start starts the bot and returns what kills it.
func (k *killing) start() (kill func()) {
	k.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+k.url, childDataEnv+"="+k.dir)
	c.Stdout, c.Stderr = &k.output, &k.output
	if err := c.Start(); err != nil {
		k.t.Fatal(err)
	}
	return func() {
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			k.t.Errorf("the bot ended by itself: %v\n%s", err, k.output.String())
		}
		_ = c.Wait()
	}
}

// undelivered returns the questions that the dead bot's inbox holds without a
// mark that they were answered.
func (k *killing) undelivered() map[int64]bool {
	k.t.Helper()
	box, err := inbox.OpenFile(filepath.Join(k.dir, "inbox.log"), inbox.DefaultBound(), time.Now)
	if err != nil {
		k.t.Fatal(err)
	}
	defer box.Close()
	entries, err := box.Claim(k.t.Context(), 1<<30)
	if err != nil {
		k.t.Fatal(err)
	}
	out := map[int64]bool{}
	for _, e := range entries {
		var event bot.Event
		if err := json.Unmarshal(e.Event, &event); err != nil {
			k.t.Fatal(err)
		}
		id, _ := strconv.ParseInt(event.Message.ID, 10, 64)
		out[id] = true
	}
	return out
}

// judge reports what was lost or doubled without need, and counts what was
// doubled.
func (k *killing) judge() int {
	doubled := 0
	taken := k.taken()
	for i := range int64(k.pushed) {
		n := taken[i+1]
		if n == 0 {
			k.t.Errorf("question %d was lost", i+1)
		}
		if n > 1 {
			doubled += n - 1
		}
		if n-1 > k.caught[i+1] {
			k.t.Errorf("question %d was answered %d times, but only %d kills came between taking and marking", i+1, n, k.caught[i+1])
		}
	}
	return doubled
}

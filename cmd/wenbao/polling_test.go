package main_test

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wenbao/bot/telegram/telegramfake"
)

// Of three replicas one at a time takes Telegram's updates; when that one is
// killed among them, another goes on, nobody's question is lost, and answered
// twice is at most what was posted and not yet marked.
func TestReplicasPollInTurn(t *testing.T) {
	if os.Getenv("WENBAO_TEST_THOROUGH") == "" {
		t.Skip("set WENBAO_TEST_THOROUGH=1 (make stores): it waits for a dead replica's time to pass")
	}
	const token, questions = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456", 120
	fake := telegramfake.New(token)
	api := httptest.NewServer(fake)
	t.Cleanup(func() { fake.Close(); api.Close() })
	f := newFleet(t, 3, "WENBAO_TELEGRAM_TOKEN="+token, "WENBAO_TELEGRAM_API_URL="+api.URL)
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			fake.Say(telegramfake.Said{Chat: int64(1000 + i), User: int64(1000 + i), ID: int64(i + 1), Text: bridges})
		}
	}
	answered := func() (chats, doubled int) {
		by := map[string]int{}
		for _, m := range fake.Sent() {
			by[m.Chat]++
		}
		for _, n := range by {
			doubled += n - 1
		}
		return len(by), doubled
	}
	ask(0, questions/2)
	eventually(t, "no answers", func() bool { chats, _ := answered(); return chats > 10 })
	i := slices.IndexFunc(f.replicas, func(s *server) bool {
		return s.metrics(t)[`wenbao_telegram_requests_total{method="getUpdates",result="ok"}`] > 0
	})
	if i < 0 {
		t.Fatal("nobody polls")
	}
	f.replicas[i].kill()
	pending, _ := f.redis.Do(t, "zcard", "wenbao:{inbox}:pending").(int64)
	ask(questions/2, questions)
	defer func() {
		if chats, _ := answered(); chats < questions {
			for _, s := range f.replicas {
				t.Log(s.log.String())
			}
			t.Errorf("%d are answered", chats)
		}
	}()
	eventually(t, "questions are lost", func() bool { chats, _ := answered(); return chats == questions })
	time.Sleep(2 * time.Second) // whatever would be sent twice is by now
	_, doubled := answered()
	t.Logf("%d questions; %d undelivered when replica %d was killed, doubled %d", questions, pending, i, doubled)
	if doubled > int(pending) {
		t.Errorf("%d were answered twice", doubled)
	}
	if n := fake.Conflicts(); n > 0 {
		t.Errorf("%d polls of one beside another's", n)
	}
	for _, m := range fake.Sent() {
		if !strings.Contains(m.Text, "1座") {
			t.Fatalf("answered %s", m.Text)
		}
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wenbao/bot/admin/client"
	"wenbao/bot/admin/questions"
	"wenbao/bot/curator"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/telegram/telegramfake"
)

// chats are people in Telegram who ask a running server.
type chats struct {
	*telegramfake.Fake
	*running
	operator *client.Client
	said     int64
}

func newChats(t *testing.T, data string) *chats {
	t.Helper()
	fake := telegramfake.New(telegramToken)
	api := httptest.NewServer(fake)
	t.Cleanup(func() { fake.Close(); api.Close() })
	c := &chats{Fake: fake, running: serve(t, "WENBAO_DATA="+data, "WENBAO_TELEGRAM_TOKEN="+telegramToken, "WENBAO_TELEGRAM_API_URL="+api.URL)}
	operator, err := client.New(c.Ops, "", http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	c.operator = operator
	return c
}

// ask has somebody write and returns the reply.
func (c *chats) ask(t *testing.T, chat, user int64, words string) telegramfake.Message {
	t.Helper()
	before := len(c.Sent())
	c.said++
	if chat < 0 {
		words = "@" + c.Username + " " + words
	}
	c.Say(telegramfake.Said{Chat: chat, User: user, ID: c.said, Text: words})
	return c.next(t, before, words)
}

func (c *chats) next(t *testing.T, before int, what string) telegramfake.Message {
	t.Helper()
	within(t, c.running, "a reply to "+what, func() bool { return len(c.Sent()) > before })
	return c.Sent()[before]
}

// press presses the button of a message that holds words.
func (c *chats) press(t *testing.T, m telegramfake.Message, user int64, words string) {
	t.Helper()
	for _, row := range m.Keyboard {
		for _, b := range row {
			if strings.Contains(b["text"], words) {
				press := c.Press(m, user, b["callback_data"])
				within(t, c.running, "the press of "+words, func() bool { return c.Answered(press) })
				return
			}
		}
	}
	t.Fatalf("no button %q in %v", words, m.Keyboard)
}

// end stops the server as an operator would.
func (c *chats) end(t *testing.T) {
	t.Helper()
	c.Stop()
	if err := c.ended(t); err != nil {
		t.Error(err)
	}
}

// TestPinsReachWhoWaits: a question without an answer gets one from an
// operator, in one chat at once, and who waits there is told. Another chat
// knows nothing of it, until there is a pin for all. It stays after a restart.
func TestPinsReachWhoWaits(t *testing.T) {
	const q = "全区有多少个收费站"
	data := t.TempDir()
	c := newChats(t, data)
	refused := c.ask(t, 7, 7, q)
	if strings.Contains(refused.Text, "人工指定") {
		t.Fatalf("answered before: %s", refused.Text)
	}
	c.press(t, refused, 7, "有答案")
	place := placeOf(t, c.running)
	before := len(c.Sent())
	made, err := c.operator.Pin(t.Context(), curator.Wish{Phrase: q, At: place, Workspace: "telegram:7"})
	if err != nil {
		t.Fatal(err)
	}
	if told := c.next(t, before, "who waits"); told.Chat != "7" || !strings.Contains(told.Text, q) || !strings.Contains(told.Text, "人工指定") {
		t.Errorf("who waits is told %s: %s", told.Chat, told.Text)
	}
	if a := c.ask(t, 7, 7, q+"？"); !strings.Contains(a.Text, "133座") || !strings.Contains(a.Text, "人工指定") {
		t.Errorf("asked again: %s", a.Text)
	}
	if a := c.ask(t, 8, 8, q); strings.Contains(a.Text, "人工指定") {
		t.Errorf("in another chat: %s", a.Text)
	}
	c.end(t)

	c = newChats(t, data)
	c.said = 100 // ids go on: the same message is answered once
	if a := c.ask(t, 7, 7, q); !strings.Contains(a.Text, "人工指定") {
		t.Errorf("after a restart: %s", a.Text)
	}
	if list, err := c.operator.Pins(t.Context(), "telegram:8"); err != nil || len(list) != 0 {
		t.Errorf("of another chat: %v %+v", err, list)
	}
	if _, err := c.operator.Pin(t.Context(), curator.Wish{Phrase: q, At: place}); err != nil {
		t.Error(err)
	}
	if a := c.ask(t, 8, 8, q); !strings.Contains(a.Text, "人工指定") {
		t.Errorf("pinned for all: %s", a.Text)
	}
	if _, err := c.operator.Unpin(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if strings.Contains(c.log.String(), "收费站") {
		t.Error("a question is in the log")
	}
	c.end(t)
}

// TestReplicasDecideAlike: what an operator decides at one of two servers that
// share Redis holds at the other, and for one that starts later.
func TestReplicasDecideAlike(t *testing.T) {
	shared := "WENBAO_REDIS_URL=" + redistest.Start(t).URL()
	one, other := serve(t, shared), serve(t, shared)
	operator, err := client.New(one.Ops, "", http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := operator.Pin(t.Context(), curator.Wish{Phrase: "红线清单", Term: "三线一单"}); err != nil {
		t.Fatal(err)
	}
	if err := operator.Decide(t.Context(), "三线一单是什么意思", true); err != nil {
		t.Fatal(err)
	}
	holds := func(r *running) bool {
		_, answer := get(t, "http://"+r.HTTP+"/api/v1/ask?q="+url.QueryEscape("红线清单是什么"))
		_, page := get(t, "http://"+r.HTTP+"/")
		return strings.Contains(answer, `"curated":true`) && strings.Contains(page, "三线一单是什么意思")
	}
	if !holds(one) {
		t.Error("it does not hold where it was decided")
	}
	within(t, other, "what another replica decided", func() bool { return holds(other) })
	if later := serve(t, shared); !holds(later) {
		t.Error("it does not hold for a replica that starts later")
	}
}

// placeOf returns the link of the answer to a question.
func placeOf(t *testing.T, r *running) string {
	t.Helper()
	_, body := get(t, "http://"+r.HTTP+"/api/v1/ask?q="+url.QueryEscape(question))
	_, link, found := strings.Cut(body, `"url":"`)
	link, _, _ = strings.Cut(link, `"`)
	if !found {
		t.Fatal(body)
	}
	return strings.ReplaceAll(link, `\u0026`, "&")
}

// TestTwoChatsApart: what two people of one group ask is often asked there and
// nowhere else; so are votes and what found no answer, in the operator's lists.
func TestTwoChatsApart(t *testing.T) {
	c := newChats(t, t.TempDir())
	const here, there = -100, -200
	for _, user := range []int64{1, 2} {
		c.ask(t, here, user, question)
	}
	if a := c.ask(t, here, 1, "/top"); !strings.Contains(a.Text+labels(a), "绿色矿山") {
		t.Errorf("often asked here: %s %v", a.Text, a.Keyboard)
	}
	if a := c.ask(t, there, 1, "/top"); strings.Contains(a.Text+labels(a), "绿色矿山") {
		t.Errorf("often asked there: %s %v", a.Text, a.Keyboard)
	}
	c.press(t, c.ask(t, here, 1, "今年绿色矿山的目标"), 1, "👎")
	c.ask(t, here, 1, "北京2021年GDP是多少")
	for workspace, want := range map[string]int{"telegram:-100": 1, "telegram:-200": 0} {
		var lists struct {
			Popular    []questions.PopularRow
			Unanswered []questions.MissRow
			Votes      []questions.VoteRow
		}
		p := url.Values{"workspace": {workspace}}
		for _, list := range []string{"popular", "unanswered", "votes"} {
			if err := c.operator.Questions(t.Context(), list, p, &lists); err != nil {
				t.Fatal(err)
			}
		}
		if len(lists.Votes) != want || len(lists.Unanswered) != want || len(lists.Popular) != 2*want {
			t.Errorf("%s: %+v", workspace, lists)
		}
	}
	c.end(t)
}

func labels(m telegramfake.Message) string {
	var b strings.Builder
	for _, row := range m.Keyboard {
		for _, k := range row {
			b.WriteString(k["text"])
		}
	}
	return b.String()
}

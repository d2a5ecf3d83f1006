package conversation_test

import (
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/session"
	"wenbao/bot/stores"
	"wenbao/bot/token"
	"wenbao/seeds"
)

// carrying is a conversation with those who carry their own sessions.
type carrying struct {
	*testing.T
	*conversation.Handler
	stores *stores.Set
	at     bot.Address
}

func newCarrying(t *testing.T, change func(*stores.Settings)) carrying {
	t.Helper()
	toy := bottest.NewToy(loadCorpus(t, seeds.FS))
	kept := stores.Defaults()
	if change != nil {
		change(&kept)
	}
	now := func() time.Time { return time.Date(2022, 3, 1, 9, 0, 0, 0, time.UTC) }
	set := stores.Memory(kept, now)
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, ""), Stores: set.Stores, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return carrying{t, h, set, bot.Address{Platform: "web", User: "u"}}
}

func (c carrying) say(words string, s session.Session, change func(*bot.Message)) bot.Reply {
	c.Helper()
	m := bot.Message{Address: c.at, Text: words, Addressed: true, Carried: &s}
	if change != nil {
		change(&m)
	}
	r, err := c.Handle(c.Context(), m)
	if err != nil {
		c.Fatal(err)
	}
	return r
}

// TestACarriedSessionIsTheCallers: it is read and comes back changed; what the
// caller gave stays as it was, and nothing is stored of it.
func TestACarriedSessionIsTheCallers(t *testing.T) {
	c := newCarrying(t, nil)
	before := session.Session{Turns: []session.Turn{{Question: "绿色矿山"}}, Lang: "zh"}
	r := c.say("新建绿色矿山多少座", before, nil)
	if r.Carried == nil || len(r.Carried.Turns) != 2 || r.Carried.Turns[1].Code == "" || r.Carried.Turns[1].Code != r.Code {
		t.Fatalf("came back %+v", r.Carried)
	}
	if len(before.Turns) != 1 {
		t.Errorf("the caller's became %+v", before)
	}
	if _, found, err := c.stores.Sessions.Get(t.Context(), c.at.Conversation()); found || err != nil {
		t.Errorf("the session is stored (%v)", err)
	}
	report := c.Library.Reports()[0].ID
	for words, want := range map[string]session.Session{
		"/use " + report: {Turns: before.Turns, Lang: "zh", Report: report},
		"/top 7":         {Turns: before.Turns, Lang: "zh", Top: 7},
		"/lang en":       {Turns: before.Turns, Lang: "en"},
		"/reset":         {Lang: "zh"},
		"/help":          before,
	} {
		got := c.say(words, before, nil).Carried
		if got == nil || got.Report != want.Report || got.Top != want.Top || got.Lang != want.Lang || len(got.Turns) != len(want.Turns) {
			t.Errorf("%s: %+v, want %+v", words, got, want)
		}
	}
	if r := c.say("更多", *r.Carried, nil); r.Kind != bot.KindPassage && r.Kind != bot.KindNotice {
		t.Errorf("more is %+v", r)
	}
}

// TestAskTakesWordsForAQuestion, even those of a command.
func TestAskTakesWordsForAQuestion(t *testing.T) {
	c := newCarrying(t, nil)
	r, err := c.Ask(t.Context(), bot.Message{Address: c.at, ID: "7", Text: "/help", Carried: &session.Session{}})
	if err != nil || r.Kind == bot.KindHelp || r.Answer == nil || r.Answer.Question != "/help" {
		t.Errorf("%v %+v", err, r)
	}
	if r.Code == "" && r.Answer.Status != answers.SmallTalk {
		t.Error("the answer has no code")
	}
}

// TestErasingIsConfirmed where the words may be somebody else's.
func TestErasingIsConfirmed(t *testing.T) {
	c := newCarrying(t, nil)
	code := c.say("新建绿色矿山多少座", session.Session{}, nil).Code
	r := c.say("忘记我", session.Session{}, func(m *bot.Message) { m.Confirm = true })
	if _, found, _ := c.stores.Ledger.Get(t.Context(), code); !found || len(r.Buttons) != 1 || r.Buttons[0].Verb != token.Forget {
		t.Fatalf("erased unconfirmed: %v, %+v", !found, r)
	}
	if _, err := c.Act(t.Context(), bot.Action{Address: c.at, Token: r.Buttons[0].Token}); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := c.stores.Ledger.Get(t.Context(), code); found {
		t.Error("the answer is still there")
	}
}

// TestLimitsOfThoseWithoutAChat are each caller's own; this machine has none.
func TestLimitsOfThoseWithoutAChat(t *testing.T) {
	c := newCarrying(t, func(s *stores.Settings) { s.User, s.Team = 2, 2 })
	kinds := func(user string, unlimited bool) (out []bot.Kind) {
		c.at.User = user
		for range 3 {
			r := c.say("/help", session.Session{}, func(m *bot.Message) { m.Unlimited = unlimited })
			if (r.Kind == bot.KindLimited) != (r.Wait > 0) {
				t.Errorf("%s with wait %v", r.Kind, r.Wait)
			}
			out = append(out, r.Kind)
		}
		return out
	}
	for _, user := range []string{"a", "b"} {
		if got := kinds(user, false); got[1] != bot.KindHelp || got[2] != bot.KindLimited {
			t.Errorf("%s: %v", user, got)
		}
	}
	if got := kinds("c", true); got[2] != bot.KindHelp {
		t.Errorf("unlimited: %v", got)
	}
}

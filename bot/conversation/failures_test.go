package conversation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/feedback"
	"wenbao/bot/ledger"
	"wenbao/bot/library"
	"wenbao/bot/popular"
	"wenbao/bot/session"
	"wenbao/bot/stores"
	"wenbao/bot/token"
	"wenbao/bot/watch"
	"wenbao/seeds"
)

// answererFunc is an Answerer made of a function.
type answererFunc func(context.Context, answers.Request) (answers.Answer, error)

func (f answererFunc) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	return f(ctx, r)
}

var alice = bot.Address{Platform: "slack", Workspace: "T1", Chat: "D1", User: "alice-secret-id"}

func handler(t *testing.T, p conversation.Parts) *conversation.Handler {
	t.Helper()
	toy := bottest.NewToy(loadCorpus(t, seeds.FS))
	if p.Answerer == nil {
		p.Answerer = toy
	}
	p.Library = library.New(toy, "")
	if p.Stores.Sessions == nil {
		p.Stores = stores.Memory(stores.Defaults(), time.Now).Stores
	}
	h, err := conversation.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// An answerer that fails, panics or lies makes a short apology, in the
// asker's language, and nothing of the question reaches the log.
func TestInternalErrors(t *testing.T) {
	lie := answers.Answer{Status: answers.Answered, Excerpts: []answers.Excerpt{{Quote: "made up", Text: "the paragraph", End: 7}}}
	for name, f := range map[string]answererFunc{
		"error": func(context.Context, answers.Request) (answers.Answer, error) {
			return answers.Answer{}, errors.New("boom")
		},
		"panic":        func(_ context.Context, r answers.Request) (answers.Answer, error) { panic(r.Question) },
		"not verbatim": func(context.Context, answers.Request) (answers.Answer, error) { return lie, nil },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			h := handler(t, conversation.Parts{Answerer: f, Log: slog.New(slog.NewTextHandler(&log, nil))})
			for locale, want := range map[string]string{"zh": "抱歉", "en": "Sorry"} {
				r, err := h.Handle(t.Context(), bot.Message{Address: alice, ID: "1", Text: "secret-question", Addressed: true, Locale: locale})
				if err == nil || r.Kind != bot.KindFailed || !strings.Contains(r.Plain(), want) {
					t.Errorf("%s: %v, %+v", locale, err, r)
				}
			}
			if strings.Contains(log.String(), "secret-") {
				t.Errorf("the log holds what was asked or who asked:\n%s", log.String())
			}
		})
	}
}

// broken stores fail whatever is asked of them.
type broken struct{}

var errDown = errors.New("store is down")

func (broken) Get(context.Context, string) (session.Session, bool, error) {
	return session.Session{}, false, errDown
}
func (broken) Put(context.Context, string, string, session.Session) error { return errDown }
func (broken) Delete(context.Context, string) error                       { return errDown }
func (broken) Vote(context.Context, feedback.Vote) error                  { return errDown }
func (broken) Miss(context.Context, feedback.Miss) error                  { return errDown }
func (broken) Asked(context.Context, popular.Question) error              { return errDown }
func (broken) Top(context.Context, string, int) ([]string, error)         { return nil, errDown }
func (broken) Keep(context.Context, string, string) error                 { return errDown }
func (broken) Find(context.Context, string) (string, bool, error)         { return "", false, errDown }
func (broken) Each(context.Context, func(watch.Watch) bool) error         { return errDown }
func (broken) Done(context.Context, string) error                         { return errDown }
func (broken) Forget(context.Context, string) (int, error)                { return 0, errDown }
func (broken) Take(context.Context, string, string) (time.Duration, bool, error) {
	return 0, false, errDown
}

type brokenLedger struct{}

func (brokenLedger) Add(context.Context, ledger.Record) (bool, error) { return false, errDown }
func (brokenLedger) Update(context.Context, ledger.Record) error      { return errDown }
func (brokenLedger) Get(context.Context, string) (ledger.Record, bool, error) {
	return ledger.Record{}, false, errDown
}

// With every store down, questions are answered all the same: without
// buttons, follow-ups and limits.
func TestStoresDown(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := handler(t, conversation.Parts{Metrics: reg, Stores: bot.Stores{Sessions: broken{}, Ledger: brokenLedger{}, Phrases: broken{}, Votes: broken{},
		Unanswered: broken{}, Popular: broken{}, Questions: broken{}, Presses: broken{}, Forgetters: []bot.Forgetter{broken{}}}})
	say := func(text string) bot.Reply {
		r, err := h.Handle(t.Context(), bot.Message{Address: alice, ID: "1", Text: text, Addressed: true})
		if err != nil && r.Kind != bot.KindFailed {
			t.Errorf("%s: %v", text, err)
		}
		return r
	}
	if r := say("三线一单是什么？"); r.Kind != bot.KindAnswer || len(bottest.Quotes(r)) == 0 || len(r.Buttons) > 0 || r.Code != "" {
		t.Errorf("answer without stores: %s", bottest.Print(r))
	}
	if r := say("不存在的外星飞船"); r.Kind != bot.KindRefusal {
		t.Errorf("refusal without stores: %s", bottest.Print(r))
	}
	for text, kind := range map[string]bot.Kind{"术语": bot.KindList, "来源": bot.KindList, "热门": bot.KindNotice, "忘记我": bot.KindNotice, "重置": bot.KindFailed} {
		if r := say(text); r.Kind != kind {
			t.Errorf("%s without stores: %s", text, bottest.Print(r))
		}
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range families {
		if f.GetName() == "wenbao_store_failures_total" {
			n = len(f.GetMetric())
		}
	}
	if n < 5 {
		t.Errorf("%d stores counted as failing", n)
	}
}

// However many questions do without a store, the log gets a line a minute.
func TestFailuresAreLoggedOnceAMinute(t *testing.T) {
	var log strings.Builder
	now := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	h := handler(t, conversation.Parts{Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now },
		Stores: bot.Stores{Sessions: broken{}, Ledger: brokenLedger{}, Phrases: broken{}, Popular: broken{}}})
	for range 10 {
		for range 10 {
			if _, err := h.Handle(t.Context(), bot.Message{Address: alice, ID: "1", Text: "三线一单是什么？", Addressed: true}); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Second)
		}
	}
	for _, store := range []string{"sessions", "ledger", "popular"} {
		if n := strings.Count(log.String(), "store="+store); n != 2 {
			t.Errorf("%d lines of %s in 100 s", n, store)
		}
	}
	if !strings.Contains(log.String(), "store=popular error=\"store is down\" failures_since_last_line=59") || strings.Contains(log.String(), "三线一单") {
		t.Errorf("the log says %s", log.String())
	}
}

// What is counted of a chat of one's own does not say whose it is.
func TestStatisticsDoNotNameAChatOfOnesOwn(t *testing.T) {
	set := stores.Memory(stores.Defaults(), time.Now)
	h := handler(t, conversation.Parts{Stores: set.Stores})
	own := bot.Address{Platform: "telegram", Chat: "4711", User: "4711"}
	group := bot.Address{Platform: "telegram", Chat: "-42", User: "4711"}
	for _, a := range []bot.Address{own, group} {
		for i, q := range []string{"三线一单是什么？", "不存在的外星飞船"} {
			r, err := h.Handle(t.Context(), bot.Message{Address: a, ID: fmt.Sprint(i), Text: q, Addressed: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Act(t.Context(), bot.Action{Address: a, ID: "v" + fmt.Sprint(i), Token: token.Token{Verb: token.Up, Name: r.Code}.String()}); err != nil {
				t.Fatal(err)
			}
		}
	}
	teams := map[string]int{}
	if err := set.Missed.Each(t.Context(), func(m feedback.Miss) bool { teams["missed "+m.Team]++; return true }); err != nil {
		t.Fatal(err)
	}
	if err := set.Given.Each(t.Context(), func(v feedback.Vote) bool { teams["voted "+v.Team]++; return true }); err != nil {
		t.Fatal(err)
	}
	for _, team := range []string{own.Team(), group.Team()} {
		if asked, err := set.Counted.Ranking(t.Context(), team, popular.Week, 9); err == nil {
			teams["asked "+team] = len(asked)
		}
	}
	want := map[string]int{"missed ": 1, "missed telegram//-42": 1, "voted ": 2, "voted telegram//-42": 2, "asked telegram//4711": 0, "asked telegram//-42": 1}
	if !maps.Equal(teams, want) {
		t.Errorf("%v, want %v", teams, want)
	}
	if all, err := set.Counted.Ranking(t.Context(), "", popular.Week, 9); err != nil || len(all) != 1 || all[0].Weight < 1.99 {
		t.Errorf("of all teams together: %+v, %v", all, err)
	}
}

// A handler told to stop says so, and shows nothing.
func TestCancelled(t *testing.T) {
	h := handler(t, conversation.Parts{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Handle(ctx, bot.Message{Address: alice, ID: "1", Text: "三线一单", Addressed: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("handled after the end: %v", err)
	}
}

// A question being typed leaves nothing behind.
func TestFleeting(t *testing.T) {
	set := stores.Memory(stores.Defaults(), time.Now)
	h := handler(t, conversation.Parts{Stores: set.Stores})
	for _, q := range []string{"三线一单", "不存在的外星飞船"} {
		r, err := h.Handle(t.Context(), bot.Message{Address: alice, ID: "1", Text: q, Addressed: true, Fleeting: true})
		if err != nil || r.Code != "" || r.Answer == nil {
			t.Fatalf("%v %+v", err, r)
		}
	}
	for _, f := range set.Forgetters {
		if n, err := f.Forget(t.Context(), alice.Person()); n > 0 || err != nil {
			t.Errorf("%T kept %d: %v", f, n, err)
		}
	}
	if err := set.Missed.Each(t.Context(), func(feedback.Miss) bool { t.Error("counted as unanswered"); return true }); err != nil {
		t.Error(err)
	}
}

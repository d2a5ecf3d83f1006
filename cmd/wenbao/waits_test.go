package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/token"
	"wenbao/bot/watch"
	"wenbao/retrieval/corpus"
)

// told receives what a desk sends.
type told chan bot.Reply

func (s told) Send(_ context.Context, _ bot.Event, r bot.Reply) (string, error) {
	s <- r
	return "1", nil
}

func bridge(t *testing.T, sentence string) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte("2024年某省政府工作报告\n一、2023年工作回顾\n" + sentence + "\n")}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWhoWaitsIsToldAfterASwap, once, where there is a way to tell them; who
// waits elsewhere waits on.
func TestWhoWaitsIsToldAfterASwap(t *testing.T) {
	const q = "新建跨海大桥多少座"
	toy := bottest.NewToy(bridge(t, "粮食总产量增长。"))
	set := stores.Memory(stores.Defaults(), time.Now)
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, ""), Stores: set.Stores})
	if err != nil {
		t.Fatal(err)
	}
	sent := make(told, 10)
	desk, err := delivery.New(delivery.Parts{Handler: h, Inbox: set.Inbox, Senders: map[string]delivery.Sender{"slack": sent}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	for _, platform := range []string{"slack", "elsewhere"} {
		at := bot.Address{Platform: platform, Workspace: "T1", Chat: "C1", User: "U1"}
		r, err := h.Handle(ctx, bot.Message{Address: at, ID: "1", Text: q, Addressed: true})
		if err != nil || r.Kind != bot.KindRefusal {
			t.Fatalf("%v %+v", err, r)
		}
		press := token.Token{Verb: token.Watch, Name: r.Code}.String()
		if _, err := h.Act(ctx, bot.Action{Address: at, ID: "2", Token: press}); err != nil {
			t.Fatal(err)
		}
	}
	changed := make(chan struct{}, 1)
	done := make(chan error, 2)
	go func() { done <- desk.Run(ctx) }()
	go func() { done <- waits{h, desk, changed, slog.New(slog.DiscardHandler)}.Run(ctx) }()
	toy.Swap(bridge(t, "新建跨海大桥七座。"))
	changed <- struct{}{}
	if r := <-sent; !strings.Contains(fmt.Sprint(r.Blocks[0].Text), q) {
		t.Errorf("told %+v", r)
	}
	changed <- struct{}{} // again, which tells nobody again
	changed <- struct{}{} // taken once the one before is done
	changed <- struct{}{}
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(sent) != 0 {
		t.Errorf("told again: %+v", <-sent)
	}
	var waiting []watch.Watch
	if err := set.Watches.Each(t.Context(), func(w watch.Watch) bool { waiting = append(waiting, w); return true }); err != nil {
		t.Fatal(err)
	}
	if len(waiting) != 1 || !strings.Contains(string(waiting[0].To), "elsewhere") {
		t.Errorf("waiting: %+v", waiting)
	}
}

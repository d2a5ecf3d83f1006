package replica_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
)

// sent tells when a reply is sent.
type sent struct {
	replies chan bot.Reply
	before  func()
}

func (s sent) Send(_ context.Context, _ bot.Event, r bot.Reply) (string, error) {
	s.before()
	s.replies <- r
	return "posted", nil
}

// commands counts the commands to Redis with an outcome.
func commands(t *testing.T, g prometheus.Gatherer, outcome string) (n float64) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "wenbao_redis_commands_total" && m.GetLabel()[0].GetValue() == outcome {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// With a Redis that takes more than half of what one answer may spend for a
// command, an event is answered without most of what is kept, and right.
func TestSlow(t *testing.T) {
	k := learn(t)
	p := redistest.StartProxy(t, redistest.Start(t).Addr)
	registry := prometheus.NewRegistry()
	r, err := replica.Open(t.Context(), replica.Options{Address: p.URL(), Settings: stores.Defaults(), Metrics: registry, Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	h, err := conversation.New(conversation.Parts{Answerer: k.engine, Library: k.library, Stores: r.Stores})
	if err != nil {
		t.Fatal(err)
	}
	var spent float64
	sender := sent{make(chan bot.Reply, 1), func() { spent = commands(t, registry, "spent") }}
	desk, err := delivery.New(delivery.Parts{Handler: replica.Handler(h), Inbox: r.Inbox, Senders: map[string]delivery.Sender{"slack": sender},
		Budget: replica.Budget, Settings: delivery.Settings{Aside: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- desk.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	p.SetDelay(redis.DefaultBudget * 6 / 10)
	m := bot.Message{Address: bot.Address{Platform: "slack", Workspace: "T", Chat: "C", User: "U"}, ID: "1", Text: k.questions[0], Addressed: true}
	if err := desk.Receive(t.Context(), bot.Event{Message: &m}); err != nil {
		t.Fatal(err)
	}
	reply := <-sender.replies
	if spent == 0 {
		t.Error("everything was tried")
	}
	if reply.Answer == nil || told(*reply.Answer) != k.right[0] {
		t.Errorf("answered %+v", reply)
	}
}

package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/bot/token"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

const soakEnv = "WENBAO_TEST_SOAK"

// A million messages of a hundred thousand people do not make the memory
// grow. WENBAO_TEST_SOAK is how many messages; a tenth as many people send
// them, and the stores' bounds go with it.
func TestMemoryIsFlat(t *testing.T) {
	messages := 10_000
	if s := os.Getenv(soakEnv); s != "" {
		messages, _ = strconv.Atoi(s)
	}
	if testing.Short() {
		messages = 4000
	}
	var now atomic.Int64
	clock := func() time.Time { return time.Unix(1_700_000_000, now.Load()) }
	set := stores.Memory(bounds(messages), clock)
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	toy := bottest.NewToy(c)
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, ""), Stores: set.Stores, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	sink := &sink{}
	d, err := delivery.New(delivery.Parts{Handler: h, Inbox: set.Inbox, Senders: map[string]delivery.Sender{"soak": sink}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	var heaps []uint64
	random := rand.New(rand.NewPCG(1, 2))
	for i := range messages {
		now.Add(int64(10 * time.Millisecond))
		push(t, d, event(random, i, messages/10, sink))
		if (i+1)%(messages/10) == 0 {
			heaps = append(heaps, heap(d))
			t.Logf("%8d messages: heap %.1f MB, %d replies, %d goroutines", i+1, float64(heaps[len(heaps)-1])/1e6, sink.n.Load(), runtime.NumGoroutine())
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if half, end := heaps[4], heaps[9]; float64(end) > 1.1*float64(half)+4e6 {
		t.Errorf("heap grew from %d bytes at half to %d", half, end)
	}
}

// bounds are the defaults for a million messages, and their share for fewer.
func bounds(messages int) stores.Settings {
	s := stores.Defaults()
	share := func(n *int) { *n = max(1000, int(float64(*n)*float64(messages)/1e6)) }
	for _, n := range []*int{&s.Bytes.Sessions, &s.Bytes.Answers, &s.Bytes.Phrases, &s.Bytes.Votes, &s.Bytes.Misses, &s.Bytes.Watches, &s.Inbox.Delivered} {
		share(n)
	}
	return s
}

// sink takes replies and remembers a few buttons.
type sink struct {
	n       atomic.Int64
	pressed atomic.Pointer[pressable]
}

type pressable struct {
	at    bot.Address
	token string
}

func (s *sink) Send(_ context.Context, e bot.Event, r bot.Reply) (string, error) {
	n := s.n.Add(1)
	if buttons := bottest.Buttons(r); len(buttons) > 0 {
		s.pressed.Store(&pressable{e.Address(), buttons[int(n)%len(buttons)].Token})
	}
	return strconv.FormatInt(n, 10), nil
}

// event is what somebody of so many people does next.
func event(random *rand.Rand, i, people int, s *sink) bot.Event {
	if p := s.pressed.Load(); p != nil && i%5 == 0 {
		return bot.Event{Action: &bot.Action{Address: p.at, ID: strconv.Itoa(i), Token: p.token}}
	}
	if i%1000 == 0 {
		return bot.Event{Action: &bot.Action{Address: bot.Address{Platform: "soak"}, ID: strconv.Itoa(i), Token: token.Token{Verb: token.Watch, Name: "AAAAAAAA"}.String()}}
	}
	user := random.IntN(people)
	q := questions[random.IntN(len(questions))]
	if i%4 == 0 {
		q = fmt.Sprintf("不存在的第%d艘外星飞船", i)
	}
	return bot.Event{Message: &bot.Message{Address: bot.Address{Platform: "soak", Workspace: fmt.Sprint("T", user%1000), Chat: fmt.Sprint("c", user%20_000), User: strconv.Itoa(user)},
		ID: strconv.Itoa(i), Text: q, Addressed: true}}
}

// push hands an event over as soon as there is room.
func push(t *testing.T, d *delivery.Desk, e bot.Event) {
	for d.Depth() > 1000 {
		time.Sleep(100 * time.Microsecond)
	}
	for {
		err := d.Receive(context.Background(), e)
		if err == nil {
			return
		}
		if !errors.Is(err, delivery.ErrBusy) {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// heap is what is alive once nothing is on its way.
func heap(d *delivery.Desk) uint64 {
	for d.Depth() > 0 {
		time.Sleep(time.Millisecond)
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

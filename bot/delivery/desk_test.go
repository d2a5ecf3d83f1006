package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
)

// echo is a Handler that says what it was told; gate, where there is one, is
// waited for.
type echo struct {
	gate chan struct{}
	mu   sync.Mutex
	said []string
}

func reply(kind bot.Kind, s string) bot.Reply {
	return bot.Reply{Kind: kind, Lang: text.Zh, Blocks: []bot.Block{{Kind: bot.BlockText, Text: s}}}
}

func (e *echo) Handle(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if e.gate != nil {
		select {
		case <-e.gate:
		case <-ctx.Done():
			return reply(bot.KindFailed, "failed"), ctx.Err()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = append(e.said, m.Text)
	if m.Text == "hush" {
		return bot.Reply{Kind: bot.KindSilent}, nil
	}
	return reply(bot.KindNotice, m.Text), nil
}

func (e *echo) Act(_ context.Context, a bot.Action) (bot.Reply, error) {
	return reply(bot.KindNotice, a.Token), nil
}
func (e *echo) Wants(_ context.Context, m bot.Message) bool { return m.Addressed }
func (e *echo) Busy(bot.Message) bot.Reply                  { return reply(bot.KindBusy, "busy") }

// platform is a Sender that remembers; fail, where there is one, decides.
type platform struct {
	mu    sync.Mutex
	sent  []string // "chat: text", "-> replaced" where it was an edit
	at    []time.Time
	tries int
	fail  func(try int, e bot.Event) error
	hold  func(e bot.Event)
}

func (p *platform) Send(_ context.Context, e bot.Event, r bot.Reply) (string, error) {
	if p.hold != nil {
		p.hold(e)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries++
	if p.fail != nil {
		if err := p.fail(p.tries, e); err != nil {
			return "", err
		}
	}
	s := e.Address().Chat + ": " + r.Plain()
	if r.Replaces != "" {
		s += " -> " + r.Replaces
	}
	p.sent = append(p.sent, s)
	p.at = append(p.at, time.Now())
	return fmt.Sprintf("post%d", len(p.sent)), nil
}

func (p *platform) got() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

func message(chat, id, text string) bot.Event {
	return bot.Event{Message: &bot.Message{Address: bot.Address{Platform: "test", Chat: chat, User: "u"}, ID: id, Text: text, Addressed: true}}
}

// run runs a desk for the rest of a synctest bubble.
func run(t *testing.T, p delivery.Parts) (d *delivery.Desk, stop func()) {
	t.Helper()
	if p.Inbox == nil {
		p.Inbox = inbox.NewMemory(inbox.DefaultBound(), time.Now)
	}
	d, err := delivery.New(p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return d, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func receive(t *testing.T, d *delivery.Desk, events ...bot.Event) {
	t.Helper()
	for _, e := range events {
		if err := d.Receive(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// Notifications of one message, however many and however close, make one
// reply; what is not for the bot makes none.
func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p := &echo{}, &platform{}
		d, stop := run(t, delivery.Parts{Handler: h, Senders: map[string]delivery.Sender{"test": p}})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { receive(t, d, message("c", "1", "hello")) })
		}
		wg.Wait()
		time.Sleep(time.Second)
		aside := message("c", "2", "chatter")
		aside.Message.Addressed = false
		receive(t, d, message("c", "1", "hello"), aside, message("c", "3", "hush"), message("c", "3", "hush"),
			bot.Event{Action: &bot.Action{Address: aside.Address(), ID: "1", Token: "press"}},
			bot.Event{Action: &bot.Action{Address: aside.Address(), ID: "1", Token: "press"}})
		time.Sleep(time.Second)
		stop()
		if got := p.got(); !slices.Equal(got, []string{"c: hello", "c: press"}) {
			t.Errorf("sent %q", got)
		}
		if d.Depth() != 0 {
			t.Errorf("%d on their way", d.Depth())
		}
	})
}

// An edited question edits its reply, also when the edit comes before the
// reply was sent.
func TestEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p := &echo{gate: make(chan struct{})}, &platform{}
		d, stop := run(t, delivery.Parts{Handler: h, Senders: map[string]delivery.Sender{"test": p}})
		edit := func(version, text string) bot.Event {
			e := message("c", "1", text)
			e.Message.Edit = version
			return e
		}
		receive(t, d, message("c", "1", "frist"), edit("1", "first"), message("c", "2", "second"), edit("1", "first"))
		close(h.gate)
		time.Sleep(time.Second)
		receive(t, d, edit("2", "first!"))
		time.Sleep(time.Second)
		stop()
		if got := p.got(); !slices.Equal(got, []string{"c: frist", "c: first -> post1", "c: second", "c: first! -> post1"}) {
			t.Errorf("sent %q", got)
		}
	})
}

// Where there is no room for a question, that is said; where there is none to
// say so, the adapter learns it.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p := &echo{gate: make(chan struct{})}, &platform{}
		d, stop := run(t, delivery.Parts{Handler: h, Senders: map[string]delivery.Sender{"test": p},
			Settings: delivery.Settings{Capacity: 3, Reserve: 2, PerPlace: 2}})
		receive(t, d, message("a", "1", "a1"), message("a", "2", "a2"), message("a", "3", "a3"))
		synctest.Wait()
		if got := p.got(); !slices.Equal(got, []string{"a: busy"}) {
			t.Errorf("one chat beyond its share: %q", got)
		}
		receive(t, d, message("b", "1", "b1"), message("b", "2", "b2"))
		synctest.Wait()
		if got := p.got(); !slices.Equal(got, []string{"a: busy", "b: busy"}) {
			t.Errorf("beyond capacity: %q", got)
		}
		p.hold = func(bot.Event) { <-h.gate }
		receive(t, d, message("c", "1", "c1"), message("d", "1", "d1"))
		synctest.Wait()
		if err := d.Receive(t.Context(), message("e", "1", "e1")); !errors.Is(err, delivery.ErrBusy) {
			t.Errorf("beyond the reserve: %v", err)
		}
		close(h.gate)
		time.Sleep(time.Second)
		receive(t, d, message("e", "1", "e1"), message("a", "3", "a3")) // e1 again, a3 was told
		time.Sleep(time.Second)
		stop()
		got := p.got()
		slices.Sort(got)
		if want := []string{"a: a1", "a: a2", "a: busy", "b: b1", "b: busy", "c: busy", "d: busy", "e: e1"}; !slices.Equal(got, want) {
			t.Errorf("sent %q", got)
		}
	})
}

type retryAfter time.Duration

func (r retryAfter) Error() string             { return "slow down" }
func (r retryAfter) RetryAfter() time.Duration { return time.Duration(r) }

// What a platform does not take yet is sent again, when it says; meanwhile
// other chats go on. What it never takes is dropped.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := &platform{fail: func(try int, e bot.Event) error {
			switch chat := e.Address().Chat; {
			case chat == "slow" && time.Since(began) < time.Minute:
				return fmt.Errorf("send: %w", retryAfter(time.Minute))
			case chat == "flaky" && time.Since(began) < 3*time.Second:
				return errors.New("connection reset")
			case chat == "gone":
				return fmt.Errorf("chat not found: %w", delivery.ErrPermanent)
			case chat == "broken":
				panic("sender")
			}
			return nil
		}}
		d, stop := run(t, delivery.Parts{Handler: &echo{}, Senders: map[string]delivery.Sender{"test": p}, Settings: delivery.Settings{Senders: 1}})
		receive(t, d, message("slow", "1", "1"), message("slow", "2", "2"), message("gone", "1", "1"), message("broken", "1", "1"),
			message("flaky", "1", "1"), message("fine", "1", "1"))
		time.Sleep(2 * time.Minute)
		stop()
		if got := p.got(); !slices.Equal(got, []string{"fine: 1", "flaky: 1", "slow: 1", "slow: 2"}) {
			t.Errorf("sent %q", got)
		}
		for i, least := range []time.Duration{0, 3 * time.Second, time.Minute, time.Minute} {
			if took := p.at[i].Sub(began); took < least || took > least+2*time.Second {
				t.Errorf("%s after %v, want about %v", p.sent[i], took, least)
			}
		}
		if d.Depth() != 0 {
			t.Errorf("%d on their way", d.Depth())
		}
	})
}

// A reply that cannot be sent for long is laid aside and taken up again.
func TestAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := &platform{fail: func(int, bot.Event) error {
			if time.Since(began) < time.Hour {
				return errors.New("down")
			}
			return nil
		}}
		_, stop := func() (*delivery.Desk, func()) {
			d, stop := run(t, delivery.Parts{Handler: &echo{}, Senders: map[string]delivery.Sender{"test": p}})
			receive(t, d, message("c", "1", "late"), bot.Event{Message: &bot.Message{Address: bot.Address{Platform: "unknown"}, ID: "1", Addressed: true}})
			return d, stop
		}()
		time.Sleep(2 * time.Hour)
		stop()
		if got := p.got(); !slices.Equal(got, []string{"c: late"}) {
			t.Errorf("sent %q", got)
		}
	})
}

// Stopping leaves what was not answered in the inbox; the next start answers
// it, in order, and does not answer what it finds too old.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox.log")
	h, p := &echo{gate: make(chan struct{})}, &platform{}
	open := func() *inbox.File {
		box, err := inbox.OpenFile(path, inbox.DefaultBound(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return box
	}
	box := open()
	d, stop := run(t, delivery.Parts{Handler: h, Inbox: box, Senders: map[string]delivery.Sender{"test": p}})
	for i := range 20 {
		receive(t, d, message("c", fmt.Sprint(i), fmt.Sprint(i)))
	}
	old := message("c", "old", "old")
	receive(t, d, old)
	time.Sleep(10 * time.Millisecond)
	stop()
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	if got := p.got(); len(got) > 0 {
		t.Fatalf("sent while stopping: %q", got)
	}
	close(h.gate)
	box = open()
	_, stop = run(t, delivery.Parts{Handler: h, Inbox: box, Senders: map[string]delivery.Sender{"test": p}})
	for deadline := time.Now().Add(5 * time.Second); len(p.got()) < 21 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	stop()
	want := make([]string, 0, 21)
	for i := range 20 {
		want = append(want, fmt.Sprintf("c: %d", i))
	}
	if got := p.got(); !slices.Equal(got, append(want, "c: old")) {
		t.Errorf("sent %q", got)
	}
	if err := box.Close(); err != nil {
		t.Error(err)
	}
}

// What is told unasked is told once, however often it comes.
func TestTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{}
		d, stop := run(t, delivery.Parts{Handler: &echo{}, Senders: map[string]delivery.Sender{"test": p}})
		told := 0
		deliveries := []conversation.Delivery{{Watch: "w", Reply: reply(bot.KindAnswer, "answered"),
			Event: bot.Event{Notice: &bot.Notice{Address: bot.Address{Platform: "test", Chat: "c", User: "u"}, ID: "w"}}}}
		for range 3 {
			if err := d.Tell(t.Context(), deliveries, func(context.Context, string) error { told++; return nil }); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		stop()
		if got := p.got(); !slices.Equal(got, []string{"c: answered"}) || told != 3 {
			t.Errorf("sent %q, told %d", got, told)
		}
	})
}

// A text of any length is taken, and cut before it is kept.
func TestHugeText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p := &echo{}, &platform{}
		d, stop := run(t, delivery.Parts{Handler: h, Senders: map[string]delivery.Sender{"test": p}})
		receive(t, d, message("c", "1", strings.Repeat("三线", 1<<20)),
			bot.Event{Action: &bot.Action{Address: bot.Address{Platform: "test"}, ID: "1", Token: strings.Repeat("x", 1<<20)}})
		time.Sleep(time.Second)
		stop()
		got := p.got() // of two chats, in any order
		slices.SortFunc(got, func(a, b string) int { return len(b) - len(a) })
		if len(got) != 2 || len(got[0]) > bot.MaxText+10 || len(got[1]) > 200 {
			t.Errorf("sent %d replies", len(got))
		}
	})
}

// Two conversations of one chat are handled at once; one is handled in order.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p := &echo{}, &platform{}
		d, stop := run(t, delivery.Parts{Handler: h, Senders: map[string]delivery.Sender{"test": p}})
		for i := range 100 {
			receive(t, d, message("c", fmt.Sprint(i), fmt.Sprint(i)))
		}
		time.Sleep(time.Second)
		stop()
		for i, s := range p.got() {
			if s != fmt.Sprintf("c: %d", i) {
				t.Fatalf("%d-th is %q", i, s)
			}
		}
	})
}

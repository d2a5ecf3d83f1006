package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

const (
	childEnv     = "WENBAO_TEST_PLATFORM"
	childDataEnv = "WENBAO_TEST_DATA"
	sendersEnv   = "WENBAO_TEST_SENDERS"
	killsEnv     = "WENBAO_TEST_KILLS"
)

// peer is a platform: it gives messages until they are acknowledged, and
// counts the replies it took.
type peer struct {
	mu      sync.Mutex
	sent    int             // messages made
	waiting map[string]bool // not acknowledged
	known   map[string]bool // acknowledged at least once
	took    map[string]int  // replies, by message
	acks    chan struct{}
	quiet   bool // makes no more messages
}

var questions = []string{"三线一单是什么？", "地区生产总值增长多少？", "四水四定", "不存在的外星飞船", "你好", "更多"}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case "/next":
		for !p.quiet && len(p.waiting) < 8 {
			p.waiting[strconv.Itoa(p.sent)] = true
			p.sent++
		}
		ids := []string{}
		for id := range p.waiting {
			ids = append(ids, id)
		}
		_ = json.NewEncoder(w).Encode(ids)
	case "/ack":
		delete(p.waiting, string(id))
		p.known[string(id)] = true
		select {
		case p.acks <- struct{}{}:
		default:
		}
	case "/send":
		p.took[string(id)]++
		p.mu.Unlock() // taken, but the bot does not know yet
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		p.mu.Lock()
	}
}

// child is the bot that is killed: it takes messages from the platform at
// addr and keeps what it must in dir.
func child(addr, dir string) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		return fail(err)
	}
	set, err := stores.File(dir, stores.Defaults(), time.Now)
	if err != nil {
		return fail(err)
	}
	set.Questions, set.Presses = nil, nil
	toy := bottest.NewToy(c)
	h, err := conversation.New(conversation.Parts{Answerer: toy, Library: library.New(toy, ""), Stores: set.Stores})
	if err != nil {
		return fail(err)
	}
	senders, _ := strconv.Atoi(os.Getenv(sendersEnv))
	d, err := delivery.New(delivery.Parts{Handler: h, Inbox: set.Inbox, Senders: map[string]delivery.Sender{"peer": post(addr)},
		Settings: delivery.Settings{Senders: senders}})
	if err != nil {
		return fail(err)
	}
	go d.Run(context.Background())
	for {
		var ids []string
		b, err := call(addr, "/next", "")
		if err != nil {
			return fail(err)
		}
		if err := json.Unmarshal(b, &ids); err != nil {
			return fail(err)
		}
		for _, id := range ids {
			if err := d.Receive(context.Background(), question(id)); err != nil {
				continue // the platform gives it again
			}
			if _, err := call(addr, "/ack", id); err != nil {
				return fail(err)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func question(id string) bot.Event {
	n, _ := strconv.Atoi(id)
	return bot.Event{Message: &bot.Message{Address: bot.Address{Platform: "peer", Chat: fmt.Sprint("c", n%5), User: fmt.Sprint("u", n%7)},
		ID: id, Text: questions[n%len(questions)], Addressed: true}}
}

// post is a Sender to the peer at its address.
type post string

func (addr post) Send(_ context.Context, e bot.Event, _ bot.Reply) (string, error) {
	_, err := call(string(addr), "/send", e.Message.ID)
	return "p" + e.Message.ID, err
}

func call(addr, path, body string) ([]byte, error) {
	resp, err := http.Post(addr+path, "text/plain", bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// The bot is killed at random moments between taking questions and answering
// them. Every question is answered; one is answered twice only where the
// platform had taken the reply and the kill came before that was marked.
// WENBAO_TEST_KILLS is how often. With one sender a kill catches at most one
// reply, so that no more are doubled than there were such kills.
func TestKill(t *testing.T) {
	kills := 100
	if s := os.Getenv(killsEnv); s != "" {
		kills, _ = strconv.Atoi(s)
	}
	if testing.Short() {
		kills = 6
	}
	for _, senders := range []int{1, 16} {
		t.Run(fmt.Sprintf("%d senders", senders), func(t *testing.T) { killing(t, kills/2, senders) })
	}
}

func killing(t *testing.T, kills, senders int) {
	t.Setenv(sendersEnv, strconv.Itoa(senders))
	p := &peer{waiting: map[string]bool{}, known: map[string]bool{}, took: map[string]int{}, acks: make(chan struct{}, 1)}
	server := httptest.NewServer(p)
	defer server.Close()
	dir := t.TempDir()
	caught := map[string]bool{} // replies that a kill caught between being taken and being marked
	between, such, replies := 0, 0, 0
	for range kills {
		before := p.taken()
		stop := start(t, server.URL, dir)
		select {
		case <-p.acks:
		case <-time.After(30 * time.Second):
			t.Fatal("the bot does not take questions")
		}
		time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
		stop()
		time.Sleep(50 * time.Millisecond) // what was on the wire is taken
		pending := undelivered(t, dir)
		n := p.caught(before, pending, caught)
		replies += n
		if n > 0 {
			such++
		}
		if len(pending) > 0 {
			between++
		}
	}
	p.mu.Lock()
	p.quiet = true
	p.mu.Unlock()
	stop := start(t, server.URL, dir)
	settled := p.settle(30 * time.Second)
	stop()
	p.judge(t, caught)
	t.Logf("%d kills, %d with questions received and not delivered; %d questions; %d kills caught %d replies between taken and marked; %d doubled",
		kills, between, p.sent, such, replies, p.doubled())
	if n := p.doubled(); n > replies || senders == 1 && n > such {
		t.Errorf("%d doubled", n)
	}
	if !settled {
		t.Error("not all questions were answered in time")
	}
}

// taken returns how often the reply to each message was taken.
func (p *peer) taken() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.took)
}

// caught adds the replies that were taken since before and are pending
// nevertheless, and counts them.
func (p *peer) caught(before map[string]int, pending, all map[string]bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for id := range pending {
		if p.took[id] > before[id] {
			all[id] = true
			n++
		}
	}
	return n
}

// start starts the bot and returns what kills it.
func start(t *testing.T, addr, dir string) (kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+addr, childDataEnv+"="+dir)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			t.Errorf("the bot ended by itself: %v\n%s", err, stderr.String())
		}
		_ = c.Wait()
		if stderr.Len() > 0 {
			t.Errorf("the bot complained:\n%s", stderr.String())
		}
	}
}

// undelivered returns the ids of the messages that the dead bot's inbox holds
// without a mark that they were answered.
func undelivered(t *testing.T, dir string) map[string]bool {
	t.Helper()
	box, err := inbox.OpenFile(filepath.Join(dir, "inbox.log"), inbox.DefaultBound(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	entries, err := box.Claim(t.Context(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, e := range entries {
		var event bot.Event
		if err := json.Unmarshal(e.Event, &event); err != nil {
			t.Fatal(err)
		}
		out[event.Message.ID] = true
	}
	return out
}

// settle waits until every message was acknowledged and answered.
func (p *peer) settle(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		done := len(p.waiting) == 0 && len(p.took) == p.sent
		p.mu.Unlock()
		if done {
			time.Sleep(200 * time.Millisecond) // for what would come twice
			return true
		}
	}
	return false
}

func (p *peer) judge(t *testing.T, unmarked map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.sent {
		id := strconv.Itoa(i)
		if p.took[id] == 0 {
			t.Errorf("question %s was lost", id)
		}
		if p.took[id] > 1 && !unmarked[id] {
			t.Errorf("question %s was answered %d times, none of them before an unmarked kill", id, p.took[id])
		}
	}
}

func (p *peer) doubled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, k := range p.took {
		n += k - 1
	}
	return n
}

package replica_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/lease"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
)

// bleve starts workers when it is loaded.
func TestMain(m *testing.M) {
	if os.Getenv("WENBAO_TEST_REPLICA") != "" {
		if err := beReplica(os.Getenv("WENBAO_TEST_REPLICA"), os.Getenv("WENBAO_TEST_PLATFORM"), os.Getenv("WENBAO_TEST_NAME")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// life is after how long a replica of the test counts as dead.
const life = 1500 * time.Millisecond

// echo replies to everything.
type echo struct{}

func (echo) Handle(_ context.Context, m bot.Message) (bot.Reply, error) {
	return bot.Reply{Kind: bot.KindNotice, Blocks: []bot.Block{{Kind: bot.BlockText, Text: m.ID}}}, nil
}
func (echo) Act(context.Context, bot.Action) (bot.Reply, error) { return bot.Reply{}, nil }
func (echo) Wants(context.Context, bot.Message) bool            { return true }
func (echo) Busy(bot.Message) bot.Reply                         { return bot.Reply{Kind: bot.KindBusy} }

// poster posts to the platform of the test.
type poster struct{ platform, name string }

func (p poster) call(ctx context.Context, path string, values url.Values) error {
	values.Set("who", p.name)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.platform+path+"?"+values.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.Body.Close()
}

func (p poster) Send(ctx context.Context, e bot.Event, _ bot.Reply) (string, error) {
	return "posted " + e.Message.ID, p.call(ctx, "/post", url.Values{"key": {e.Message.ID}})
}

// beReplica is one process on Redis: it takes deliveries, polls while it has
// the lease, and follows the generation.
func beReplica(redisURL, platform, name string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	r, err := replica.Open(ctx, replica.Options{Address: redisURL, Settings: stores.Defaults(), Lifetime: life, Poll: 200 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	defer r.Close()
	p := poster{platform, name}
	desk, err := delivery.New(delivery.Parts{Handler: replica.Handler(echo{}), Inbox: r.Inbox, Senders: map[string]delivery.Sender{"slack": p}, Budget: replica.Budget,
		Settings: delivery.Settings{Aside: 300 * time.Millisecond}})
	if err != nil {
		return err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		key := req.FormValue("key")
		m := bot.Message{Address: bot.Address{Platform: "slack", Workspace: "T", Chat: "C" + key, User: "U"}, ID: key, Text: key, Addressed: true}
		if err := desk.Receive(req.Context(), bot.Event{Message: &m}); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = desk.Run(ctx) })
	wg.Go(func() {
		turn := lease.Turn{Leases: r.Leases, Name: "telegram", Holder: r.Name, TTL: life}
		turn.Hold(ctx, func(ctx context.Context, fence int64) {
			for ctx.Err() == nil {
				_ = p.call(ctx, "/poll", url.Values{"fence": {fmt.Sprint(fence)}})
			}
		})
	})
	wg.Go(func() {
		_ = r.Board.Follow(ctx, "generation", func(v string) { _ = p.call(ctx, "/generation", url.Values{"value": {v}}) })
	})
	fmt.Println(server.URL)
	<-ctx.Done()
	return nil
}

// platform is what replicas post to.
type platform struct {
	mu          sync.Mutex
	posts       map[string][]string // key → who posted, in order
	polling     map[string]bool
	pollers     int // at one time at most
	polls       map[string]int
	generations map[string]string
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who := r.FormValue("who")
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case "/post":
		p.posts[r.FormValue("key")] = append(p.posts[r.FormValue("key")], who)
	case "/generation":
		p.generations[who] = r.FormValue("value")
	case "/poll":
		p.polling[who] = true
		p.pollers = max(p.pollers, len(p.polling))
		p.polls[who]++
		p.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
		p.mu.Lock()
		delete(p.polling, who)
	}
}

func (p *platform) posted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.posts)
}

func startReplica(t *testing.T, redisURL, platform, name string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "WENBAO_TEST_REPLICA="+redisURL, "WENBAO_TEST_PLATFORM="+platform, "WENBAO_TEST_NAME="+name)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

// Three replicas on one Redis share the deliveries of a platform that tells
// three in ten twice, to whichever replica; one is killed halfway.
func TestThreeReplicas(t *testing.T) {
	deliveries := 1000
	if os.Getenv("WENBAO_TEST_THOROUGH") != "" {
		deliveries = 10_000
	}
	server := redistest.Start(t)
	p := &platform{posts: map[string][]string{}, polling: map[string]bool{}, polls: map[string]int{}, generations: map[string]string{}}
	there := httptest.NewServer(p)
	t.Cleanup(there.Close)
	var cmds []*exec.Cmd
	var urls []string
	for i := range 3 {
		cmd, at := startReplica(t, server.URL(), there.URL, fmt.Sprint("r", i))
		cmds, urls = append(cmds, cmd), append(urls, at)
	}
	server.Do(t, "set", "wenbao:{board:generation}:value", "old")
	var wg sync.WaitGroup
	keys := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range keys {
				deliver(t, urls, i, i)
				if i%10 < 3 {
					deliver(t, urls, i, i+1)
				}
			}
		})
	}
	for i := range deliveries {
		if i == deliveries/2 {
			_ = cmds[0].Process.Kill()
		}
		keys <- i
	}
	close(keys)
	wg.Wait()
	server.Do(t, "set", "wenbao:{board:generation}:value", "new") // as if pub/sub had been missed
	until := time.Now().Add(60 * time.Second)
	for p.posted() < deliveries && time.Now().Before(until) {
		time.Sleep(50 * time.Millisecond)
	}
	for _, r := range []string{"r1", "r2"} {
		for p.generation(r) != "new" && time.Now().Before(until) {
			time.Sleep(50 * time.Millisecond)
		}
	}
	time.Sleep(2 * life) // whatever would be sent twice is by now
	judge(t, p, deliveries)
}

func (p *platform) generation(who string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.generations[who]
}

// deliver notifies one replica, and where it does not take it, the next: as
// platforms do.
func deliver(t *testing.T, urls []string, i, to int) {
	for attempt := range 20 {
		resp, err := http.PostForm(urls[(to+attempt)%len(urls)], url.Values{"key": {fmt.Sprint(i)}})
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(time.Duration(attempt) * 5 * time.Millisecond)
	}
	t.Errorf("delivery %d was not taken", i)
}

func judge(t *testing.T, p *platform, deliveries int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lost, twice := 0, 0
	for i := range deliveries {
		posts := p.posts[fmt.Sprint(i)]
		switch {
		case len(posts) == 0:
			lost++
		case len(posts) > 1:
			twice++
			if posts[0] != "r0" {
				t.Errorf("%d was posted by %v, and the first was not killed", i, posts)
			}
		}
	}
	t.Logf("%d deliveries: lost %d, doubled %d (all accepted from the killed replica before its mark); polls %v", deliveries, lost, twice, p.polls)
	if lost > 0 {
		t.Errorf("%d lost", lost)
	}
	if p.pollers > 1 {
		t.Errorf("%d polled at one time", p.pollers)
	}
	if p.generations["r1"] != "new" || p.generations["r2"] != "new" {
		t.Errorf("generations: %v", p.generations)
	}
}

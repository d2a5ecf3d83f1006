package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"wenbao/bot/jobs"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/reindex"
)

// fleet is some replicas of the program on one Redis and one corpus.
type fleet struct {
	redis    *redistest.Server
	bin, dir string
	env      []string
	replicas []*server
	data     []string
}

func newFleet(t *testing.T, n int, env ...string) *fleet {
	t.Helper()
	f := &fleet{redis: redistest.Start(t, "--appendonly", "yes"), bin: buildProgram(t), dir: t.TempDir()}
	f.env = []string{"WENBAO_REDIS_URL=" + f.redis.URL(), "WENBAO_SECRET_KEY=a key of the test's", "WENBAO_RATE_USER=0"}
	f.env = append(f.env, env...)
	writeBridge(t, f.dir, 1)
	for i := range n {
		f.data = append(f.data, t.TempDir())
		f.replicas = append(f.replicas, f.start(t, i))
	}
	return f
}

func (f *fleet) start(t *testing.T, i int) *server {
	t.Helper()
	s := serveWith(t, f.bin, f.env, "--corpus", f.dir, "--data", f.data[i])
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("replica %d:\n%s", i, s.log.String())
		}
	})
	return s
}

// eventually waits for what comes by itself.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatal(what)
}

// metrics are those of one program, by name and labels as they are exported.
func (s *server) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	resp, err := http.Get("http://" + s.ops + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]float64{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if at := strings.LastIndexByte(lines.Text(), ' '); at > 0 {
			out[lines.Text()[:at]], _ = strconv.ParseFloat(lines.Text()[at+1:], 64)
		}
	}
	return out
}

// ready returns the status of /readyz, and what it says of Redis.
func (s *server) ready(t *testing.T) (status int, state, redis string) {
	t.Helper()
	resp, err := http.Get("http://" + s.ops + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Status   string            `json:"status"`
		Problems map[string]string `json:"problems"`
	}
	_ = json.Unmarshal(b, &said)
	return resp.StatusCode, said.Status, said.Problems["redis"]
}

// reindex reindexes on one replica and waits for the end.
func (s *server) reindex(t *testing.T) {
	t.Helper()
	id, err := s.client.Reindex(t.Context(), reindex.Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	var last jobs.Job
	eventually(t, "the job does not end", func() bool {
		var err error
		last, err = s.client.Job(t.Context(), id)
		return err == nil && last.State.Done()
	})
	if last.State != jobs.Succeeded {
		t.Fatalf("%+v", last)
	}
}

// computed is how many answers the replicas computed.
func (f *fleet) computed(t *testing.T) (n float64) {
	t.Helper()
	for _, s := range f.replicas {
		n += s.metrics(t)[`wenbao_answer_cache_total{from="computed"}`]
	}
	return n
}

const bridges = "新建跨海大桥多少座"

// Three replicas share what is kept, go on when one is killed, and all come to
// the generation that one was told to make, or to go back to.
func TestReplicasConverge(t *testing.T) {
	f := newFleet(t, 3)
	a, b, c := f.replicas[0], f.replicas[1], f.replicas[2]
	for _, s := range f.replicas {
		if quote := s.ask(t, bridges, ""); !strings.Contains(quote, "1座") {
			t.Errorf("answered %s", quote)
		}
	}
	once := false
	for i := 1; i < 4 && !once; i++ { // where the machine is busy, Redis may have no time
		before := f.computed(t)
		for _, s := range f.replicas {
			s.ask(t, "新建跨海"+strings.Repeat("大桥", i)+"多少座", "")
		}
		once = f.computed(t) == before+1
	}
	if !once {
		t.Error("each replica computes by itself")
	}
	code := a.code(t, bridges)
	b.vote(t, code)
	c.kill()
	old := t.TempDir() // as it is before there is a second generation
	if err := os.CopyFS(old, os.DirFS(f.data[2])); err != nil {
		t.Fatal(err)
	}

	first := a.live(t)
	writeBridge(t, f.dir, 2)
	a.reindex(t)
	second := a.live(t)
	if second == first {
		t.Fatal("the generation did not change")
	}
	eventually(t, "the other replica does not follow", func() bool { return b.live(t) == second })
	if quote := b.ask(t, bridges, ""); !strings.Contains(quote, "2座") {
		t.Errorf("after it followed: %s", quote)
	}
	c = f.start(t, 2)
	eventually(t, "a replica that was away does not follow", func() bool { return c.live(t) == second })

	if err := b.client.Activate(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*server{a, b, c} {
		eventually(t, "not every replica goes back", func() bool { return s.live(t) == first })
		if quote := s.ask(t, bridges, ""); !strings.Contains(quote, "1座") {
			t.Errorf("after going back: %s", quote)
		}
	}

	// One that was away all the while stays where the others went back to,
	// though its reports are newer.
	f.data = append(f.data, old)
	d := f.start(t, 3)
	eventually(t, "it does not stay", func() bool { return strings.Contains(d.log.String(), "went back to stays") })
	if err := a.client.Activate(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*server{a, b, c, d} {
		eventually(t, "not every replica goes forward again", func() bool { return s.live(t) == second })
	}
	jobs, err := d.client.Jobs(t.Context())
	if err != nil || len(jobs) != 1 || jobs[0].By != "replica" {
		t.Errorf("it did %+v, %v", jobs, err)
	}
}

// While Redis is away every replica answers, says that it does without, and
// logs a line; what was left behind meanwhile is there for all when it is
// back.
func TestReplicasWithoutRedis(t *testing.T) {
	f := newFleet(t, 2)
	a, b := f.replicas[0], f.replicas[1]
	a.ask(t, bridges, "")
	f.redis.Kill()
	for _, s := range f.replicas {
		for i := range 60 {
			if quote := s.ask(t, fmt.Sprint(bridges, strings.Repeat("？", i%3)), ""); !strings.Contains(quote, "1座") {
				t.Fatalf("answered %s", quote)
			}
		}
		if status, state, redis := s.ready(t); status != http.StatusOK || state != "degraded" || redis == "" {
			t.Errorf("readiness %d %q, redis %q", status, state, redis)
		}
		if m := s.metrics(t); m["wenbao_redis_degraded"] != 1 || m[`wenbao_redis_commands_total{outcome="left_alone"}`] == 0 {
			t.Error("the metrics do not say so")
		}
		if n := strings.Count(s.log.String(), "redis failed"); n != 1 {
			t.Errorf("%d lines of it in the log", n)
		}
		if n := strings.Count(s.log.String(), `"store failed","store":"popular"`); n > 1 {
			t.Errorf("%d lines of one store in the log", n)
		}
	}
	code := a.code(t, bridges)
	a.vote(t, code)
	f.redis.Restart(t)
	for _, s := range f.replicas {
		eventually(t, "still degraded", func() bool { _, state, _ := s.ready(t); return state != "degraded" })
	}
	eventually(t, "what waited is not written", func() bool {
		return a.metrics(t)[`wenbao_redis_waiting{kind="ledger"}`]+a.metrics(t)[`wenbao_redis_waiting{kind="vote"}`] == 0
	})
	resp, err := http.Get(b.public + "/?lang=zh&q=" + "核对" + "%20" + code)
	if shown := page(t, resp, err); !strings.Contains(shown, "未变") {
		t.Errorf("the other replica does not know the answer:\n%s", shown)
	}
	if votes, _ := f.redis.Do(t, "keys", "wenbao:{vote:*}:v:"+code+"/*").([]any); len(votes) != 1 {
		t.Errorf("votes: %v", votes)
	}
	if err := a.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-a.ended
	if err := a.Wait(); err != nil {
		t.Error(err)
	}
}

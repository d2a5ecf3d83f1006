package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/bot/admin/client"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/seeds"
)

// killsEnv says how often TestKilledWhileReindexing kills.
const killsEnv = "WENBAO_TEST_KILLS"

// server is a running program.
type server struct {
	*exec.Cmd
	public string
	ops    string
	client *client.Client
	ended  chan struct{}
	log    said // from when it is ready
}

// said is what a program wrote.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// serve starts the program and waits until it is ready.
func serve(t *testing.T, bin string, args ...string) *server {
	t.Helper()
	return serveWith(t, bin, nil, args...)
}

// serveWith is serve with more of an environment.
func serveWith(t *testing.T, bin string, env []string, args ...string) *server {
	t.Helper()
	s := &server{Cmd: exec.Command(bin, append([]string{"serve"}, args...)...), ended: make(chan struct{})}
	s.Env = append([]string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_LOG_FORMAT=json"}, env...)
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	var ready struct{ Msg, HTTP, Ops string }
	var said []string
	for ready.Msg != "ready" {
		if !lines.Scan() {
			t.Fatalf("the program ended before it was ready: %v\n%s", s.Wait(), strings.Join(said, "\n"))
		}
		said = append(said, lines.Text())
		if err := json.Unmarshal(lines.Bytes(), &ready); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
	}
	go func() {
		for lines.Scan() {
			fmt.Fprintln(&s.log, lines.Text())
		}
		_, _ = io.Copy(io.Discard, stderr)
		close(s.ended)
	}()
	s.public, s.ops = "http://"+ready.HTTP, ready.Ops
	if s.client, err = client.New(ready.Ops, "", &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// kill is kill -9; a second time it does nothing.
func (s *server) kill() {
	if s.ProcessState == nil {
		_ = s.Process.Kill()
		<-s.ended
		_ = s.Wait()
	}
}

// live returns the id of the live generation.
func (s *server) live(t *testing.T) string {
	t.Helper()
	list, err := s.client.Generations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list[0].ID
}

// ask returns the first quote.
func (s *server) ask(t *testing.T, question, report string) string {
	t.Helper()
	return s.first(t, question, report).Quote
}

// link returns that of the first citation.
func (s *server) link(t *testing.T, question string) string {
	t.Helper()
	return s.first(t, question, "").Citation.URL
}

func (s *server) first(t *testing.T, question, report string) answers.Excerpt {
	t.Helper()
	resp, err := http.Get(s.public + "/api/v1/ask?q=" + url.QueryEscape(question) + "&report=" + url.QueryEscape(report))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a answers.Answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || len(a.Excerpts) == 0 {
		t.Fatalf("%v: %d %+v", err, resp.StatusCode, a)
	}
	return a.Excerpts[0]
}

func writeBridge(t *testing.T, dir string, n int) {
	t.Helper()
	text := fmt.Sprintf("2024年某省政府工作报告\n一、2023年工作回顾\n新建跨海大桥%d座。\n", n)
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestKilledWhileReindexing kills the server at random moments of a
// reindexing: each time it starts again on a whole generation, nothing is left
// over, and the history says what happened.
func TestKilledWhileReindexing(t *testing.T) {
	kills := 6
	if s := os.Getenv(killsEnv); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	bin, dir, data := buildProgram(t), t.TempDir(), t.TempDir()
	if err := os.CopyFS(dir, seeds.FS); err != nil {
		t.Fatal(err)
	}
	writeBridge(t, dir, 1)
	s := serve(t, bin, "--corpus", dir, "--data", data)
	counts, live := map[jobs.State]int{}, 2
	span := reindexTime(t, s, dir, live)
	for n := 3; n < kills+3; n++ {
		writeBridge(t, dir, n)
		id, err := s.client.Reindex(t.Context(), reindex.Options{Force: true})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(span))))
		s.kill()
		writeBridge(t, dir, live) // or it would be taken up at the start
		s = serve(t, bin, "--corpus", dir, "--data", data)
		job, err := s.client.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		counts[job.State]++
		quote := s.ask(t, "新建跨海大桥多少座？", "a")
		switch {
		case strings.Contains(quote, fmt.Sprintf("%d座", n)) && (job.State == jobs.Succeeded || job.State == jobs.Interrupted):
			live = n // killed after it went live
		case strings.Contains(quote, fmt.Sprintf("%d座", live)) && job.State == jobs.Interrupted:
		default:
			t.Errorf("kill %d: the job is %s, the answer %s; %d was live", n, job.State, quote, live)
		}
		settled(t, s.client)
		whole(t, s.client, data)
	}
	t.Logf("jobs: %v", counts)
}

// reindexTime takes one change up and returns how long that took.
func reindexTime(t *testing.T, s *server, dir string, n int) time.Duration {
	t.Helper()
	writeBridge(t, dir, n)
	id, err := s.client.Reindex(t.Context(), reindex.Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.client.Follow(t.Context(), id, func(jobs.Job) {})
	if err != nil || job.State != jobs.Succeeded {
		t.Fatalf("%v: %+v", err, job)
	}
	return max(job.Finished.Sub(job.Queued), time.Millisecond)
}

// settled waits until no job runs.
func settled(t *testing.T, c *client.Client) {
	t.Helper()
	list, err := c.Jobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range list {
		if !j.State.Done() {
			if _, err := c.Follow(context.Background(), j.ID, func(jobs.Job) {}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// whole checks that the data folder holds the generations listed, each whole,
// and nothing else.
func whole(t *testing.T, c *client.Client, data string) {
	t.Helper()
	list, err := c.Generations(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found, err := os.ReadDir(filepath.Join(data, "generations"))
	if err != nil || len(list) > 3 || !list[0].Live {
		t.Fatalf("%v: %+v", err, list)
	}
	var names []string
	for _, d := range found {
		names = append(names, d.Name())
	}
	if len(names) != len(list)+1 { // and the lock
		t.Errorf("%d generations are kept, but there are %v", len(list), names)
	}
	for _, g := range list {
		if info, err := os.Stat(filepath.Join(data, "generations", g.ID, "manifest.json")); err != nil || info.Size() == 0 {
			t.Errorf("generation %s: %v", g.ID, err)
		}
	}
}

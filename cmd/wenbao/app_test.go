package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is a server in this process.
type running struct {
	HTTP, Ops string // addresses
	Stop      func()
	Done      chan error // of run
	log       *log
}

// log keeps what is logged as JSON.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// serve runs the serve command on free ports until it says that it is ready.
func serve(t *testing.T, environ ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	env := &environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: in, Now: time.Now,
		Environ: append([]string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_LOG_FORMAT=json"}, environ...)}
	r := &running{Stop: stop, Done: make(chan error, 1), log: &log{}}
	go func() {
		err := run(ctx, []string{"serve"}, env)
		in.Close()
		r.Done <- err
	}()
	type entry struct{ Msg, HTTP, Ops string }
	ready := make(chan entry, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.log.add(lines.Text())
			var e entry
			if json.Unmarshal(lines.Bytes(), &e) == nil && e.Msg == "ready" {
				ready <- e
			}
		}
	}()
	t.Cleanup(func() { stop(); <-read })
	select {
	case e := <-ready:
		r.HTTP, r.Ops = e.HTTP, e.Ops
	case err := <-r.Done:
		t.Fatalf("serve ended: %v\n%s", err, r.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("serve is not ready\n%s", r.log)
	}
	return r
}

// ended returns what run returned.
func (r *running) ended(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.Done:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("serve does not end")
		return nil
	}
}

func get(t *testing.T, address string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

const question = "2021年新建绿色矿山多少座"

func TestServe(t *testing.T) {
	r := serve(t)
	for address, want := range map[string]string{
		"http://" + r.HTTP + "/?q=" + url.QueryEscape(question):           "133座",
		"http://" + r.HTTP + "/api/v1/ask?q=" + url.QueryEscape(question): `"status":"answered"`,
		"http://" + r.HTTP + "/r/nmg-2022":                                "各位代表：",
		"http://" + r.HTTP + "/healthz":                                   "ok",
		"http://" + r.HTTP + "/readyz":                                    "ready",
		"http://" + r.Ops + "/healthz":                                    "ok",
		"http://" + r.Ops + "/readyz":                                     "ready",
	} {
		if status, body := get(t, address); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d without %q", address, status, want)
		}
	}
	get(t, "http://"+r.HTTP+"/api/v1/ask?q="+url.QueryEscape("北京2021年GDP是多少"))
	_, metrics := get(t, "http://"+r.Ops+"/metrics")
	for _, line := range []string{
		`wenbao_questions_total{platform="web",status="answered"} 2`, `wenbao_questions_total{platform="web",status="no_answer"} 1`,
		`wenbao_answer_seconds_count{platform="web"} 3`, "wenbao_quotes_withheld_total 0", "go_goroutines", "process_cpu_seconds_total",
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("metrics have no %s", line)
		}
	}
	if status, _ := get(t, "http://"+r.HTTP+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the public listener serves metrics: %d", status)
	}
	r.Stop()
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
	if strings.Contains(r.log.String(), "绿色矿山") || strings.Contains(r.log.String(), url.QueryEscape("绿色矿山")) {
		t.Error("a question is in the log")
	}
}

func TestOpsAsksForATokenWhereThereIsOne(t *testing.T) {
	r := serve(t, "WENBAO_OPS_TOKENS=ann:read:a-token-of-some-length")
	for _, tt := range []struct {
		path, authorization string
		status              int
	}{
		{"/metrics", "", 401}, {"/metrics", "Bearer wrong", 401}, {"/metrics", "Basic a-token-of-some-length", 401}, {"/metrics", "Bearer", 401},
		{"/metrics", "Bearer a-token-of-some-length", 200}, {"/metrics", "bearer a-token-of-some-length", 200}, {"/healthz", "", 200}, {"/readyz", "", 200},
	} {
		if status, _ := get(t, "http://"+r.Ops+tt.path, "Authorization", tt.authorization); status != tt.status {
			t.Errorf("%s with %q: %d, want %d", tt.path, tt.authorization, status, tt.status)
		}
	}
	if strings.Contains(r.log.String(), "a-token-of-some-length") {
		t.Error("the token is in the log")
	}
}

// TestRequestsInFlightFinish tells the server to stop while requests are half
// sent and others come in.
func TestRequestsInFlightFinish(t *testing.T) {
	r := serve(t)
	body := `{"question":"` + question + `"}`
	const slow = 8
	conns := make([]net.Conn, slow)
	for i := range conns {
		conn, err := net.Dial("tcp", r.HTTP)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
		conns[i] = conn
	}
	readers := make([]*bufio.Reader, slow)
	for i, conn := range conns { // the server reads the body: the request is in flight
		readers[i] = bufio.NewReader(conn)
		if line, err := readers[i].ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatal(line, err)
		}
		if _, err := readers[i].ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for {
				res, err := http.Get("http://" + r.HTTP + "/api/v1/ask?q=" + url.QueryEscape(question))
				if err != nil {
					return // no longer listening
				}
				if res.StatusCode != http.StatusOK {
					t.Errorf("status %d", res.StatusCode)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	r.Stop()
	others.Wait()
	select {
	case err := <-r.Done:
		t.Fatalf("serve ended with requests in flight: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	for i, conn := range conns {
		if _, err := io.WriteString(conn, body); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(readers[i], nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(b), "133座") {
			t.Errorf("status %d: %.200s %v", res.StatusCode, b, err)
		}
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

func TestServeSaysWhatToFix(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	here := taken.Addr().String()
	for _, tt := range []struct {
		environ []string
		status  int
		want    []string
	}{
		{[]string{"WENBAO_HTTP_ADDR=" + here}, statusFailed, []string{"http.addr", here, "WENBAO_HTTP_ADDR", "something else listens"}},
		{[]string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=" + here}, statusFailed, []string{"ops.addr", "WENBAO_OPS_ADDR"}},
		{[]string{"WENBAO_HTTP_ADDR=192.0.2.1:0"}, statusFailed, []string{"http.addr", "192.0.2.1", "address of this machine"}},
		{[]string{"WENBAO_HTTP_ADDR=nonsense"}, statusMisuse, []string{"http.addr", "127.0.0.1:8080"}},
		{[]string{"WENBAO_HTTP_ADRR=:1"}, statusMisuse, []string{"WENBAO_HTTP_ADDR"}},
		{[]string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=0.0.0.0:0"}, statusMisuse, []string{"ops.tokens"}},
		{[]string{"WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_CORPUS=/nowhere"}, statusMisuse, []string{"/nowhere"}},
	} {
		env := &environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, Environ: tt.environ}
		err := run(context.Background(), []string{"serve"}, env)
		if statusOf(err) != tt.status {
			t.Errorf("%q: status %d: %v", tt.environ, statusOf(err), err)
		}
		for _, want := range tt.want {
			if message := messageOf(err); !strings.Contains(message, want) {
				t.Errorf("%q: %q does not name %s", tt.environ, message, want)
			}
		}
	}
}

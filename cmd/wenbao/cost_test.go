package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/meter"
	"wenbao/bot/stores"
	"wenbao/bot/telemetry"
	"wenbao/bot/telemetry/otlptest"
	"wenbao/bot/web"
	"wenbao/configs"
	"wenbao/retrieval/stage"
)

// BenchmarkObserving is what it costs to see everything. The same questions go
// in turn to a server that counts, times, traces everything to a receiver in
// another process on this machine and logs JSON, and to one with nothing of the
// kind; what is compared is the median of each.
func BenchmarkObserving(b *testing.B) {
	on, off := server{Handler: built(b, seeing(b))}, server{Handler: built(b, seams{})}
	for _, s := range []*server{&on, &off} {
		listening := httptest.NewServer(s)
		b.Cleanup(listening.Close)
		s.address = listening.URL
	}
	asked := 0
	for _, kind := range []string{"made", "kept"} {
		path := func() string {
			if kind == "made" {
				asked++
			}
			return "/api/v1/ask?q=" + url.QueryEscape(fmt.Sprintf("%s（第%d次）", question, asked))
		}
		b.Run(kind+"/handler", func(b *testing.B) { compare(b, path, on.handle, off.handle) })
		b.Run(kind+"/loopback", func(b *testing.B) { compare(b, path, on.get, off.get) })
	}
}

// server answers in this process, and on loopback.
type server struct {
	http.Handler
	address string
}

func (s *server) handle(b *testing.B, path string) {
	req, rec := httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder()
	req.RemoteAddr = "127.0.0.1:1" // from here, nothing is limited
	s.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		b.Fatal(rec.Body)
	}
}

func (s *server) get(b *testing.B, path string) {
	res, err := http.Get(s.address + path)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
}

// compare asks both in turn.
func compare(b *testing.B, path func() string, on, off func(*testing.B, string)) {
	var took [2][]time.Duration
	for i := 0; b.Loop(); i++ {
		p := path()
		for _, which := range []int{i % 2, 1 - i%2} {
			ask := []func(*testing.B, string){on, off}[which]
			began := time.Now()
			ask(b, p)
			took[which] = append(took[which], time.Since(began))
		}
	}
	median := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2].Nanoseconds()) / 1000
	}
	seen, unseen := median(took[0]), median(took[1])
	b.ReportMetric(unseen, "off-µs")
	b.ReportMetric(seen, "on-µs")
	b.ReportMetric(100*(seen/unseen-1), "cost-%")
}

// seams are where a server can be looked at. The zero seams are blind.
type seams struct {
	telemetry *telemetry.Telemetry
	questions *meter.Questions
	metrics   *prometheus.Registry
	log       *slog.Logger
}

// seeing returns all of them, in use.
func seeing(b *testing.B) seams {
	environ := []string{"WENBAO_LOG_FORMAT=json"}
	cfg, err := configs.Load("", environ)
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	s := seams{metrics: prometheus.NewRegistry(), log: logger(&environment{Environ: environ, Stderr: file}, cfg, slog.LevelInfo)}
	if s.telemetry, err = telemetry.New(telemetry.Parts{Settings: telemetry.Settings{Endpoint: receiverProcess(b), Sample: 1}, Log: s.log, Metrics: s.metrics}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.telemetry.Close() })
	if s.questions, err = meter.NewQuestions(s.metrics); err != nil {
		b.Fatal(err)
	}
	return s
}

// built returns a server with these seams.
func built(b *testing.B, s seams) http.Handler {
	parts, err := openEngine(b.Context(), &configs.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = parts.Close() })
	var measure stage.Func
	var metrics prometheus.Registerer
	talk := conversation.Parts{Library: library.New(parts.Search, ""), Stores: stores.Memory(stores.Defaults(), time.Now).Stores, Log: s.log}
	page := web.Parts{Reports: parts.Search, Library: talk.Library, Log: s.log}
	if s.telemetry != nil {
		measure, metrics = s.telemetry.Stage, s.metrics
		talk.Meter, talk.Stage, talk.Metrics, page.Meter, page.Stage = s.questions, measure, metrics, s.questions, measure
	}
	layer, err := cache.New(cache.Parts{Source: answers.New(parts.Search, answers.Options{Stage: measure, Log: s.log}), Stage: measure, Metrics: metrics})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(layer.Close)
	talk.Answerer, page.Answerer = layer, layer
	if page.Conversation, err = conversation.New(talk); err != nil {
		b.Fatal(err)
	}
	w, err := web.New(page)
	if err != nil {
		b.Fatal(err)
	}
	if s.telemetry == nil {
		return w.Handler()
	}
	return s.telemetry.Incoming(w.Handler())
}

// receiverEnv makes a test the receiver of a benchmark.
const receiverEnv = "WENBAO_TEST_RECEIVER"

// TestReceiver is no test: it takes traces until its input ends.
func TestReceiver(t *testing.T) {
	if os.Getenv(receiverEnv) == "" {
		t.Skip("only the benchmark of the cost runs it")
	}
	to := otlptest.New()
	defer to.Close()
	fmt.Fprintln(os.Stderr, to.URL)
	every := time.NewTicker(time.Second)
	defer every.Stop()
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(ended) }()
	for {
		select {
		case <-ended:
			return
		case <-every.C:
			to.Reset()
		}
	}
}

// receiverProcess starts a receiver and returns its address.
func receiverProcess(b *testing.B) string {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestReceiver$")
	cmd.Env = append(os.Environ(), receiverEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	address, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"

	"wenbao/bot/telemetry"
	"wenbao/bot/telemetry/otlptest"
	"wenbao/retrieval/stage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, p telemetry.Parts) *telemetry.Telemetry {
	t.Helper()
	x, err := telemetry.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func to(r *otlptest.Receiver) telemetry.Settings {
	return telemetry.Settings{Endpoint: r.URL, Sample: 1, Version: "v1"}
}

func receiver(t *testing.T) *otlptest.Receiver {
	r := otlptest.New()
	t.Cleanup(r.Close)
	return r
}

// count sums a metric, of a histogram the observations, over its labels.
func count(t *testing.T, reg *prometheus.Registry, name string, labels ...string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if len(labels) == 2 && (m.GetLabel()[0].GetName() != labels[0] || m.GetLabel()[0].GetValue() != labels[1]) {
				continue
			}
			sum += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// answer goes through the stages of a question.
func answer(x *telemetry.Telemetry, ctx context.Context) context.Context {
	var f stage.Func = x.Stage
	ctx, asked := f.Begin(ctx, "slack event")
	within, answered := f.Begin(ctx, stage.Answer)
	_, looked := f.Begin(within, stage.Redis+" get")
	looked(slog.String("command", "get"), slog.String("outcome", "timeout"), slog.Bool("failed", true))
	_, searched := f.Begin(within, stage.Search)
	searched(slog.Int("hits", 7))
	answered(slog.String("status", "answered"), slog.String("question", "谁问的"), slog.String("person", "U123"), slog.String("generation", strings.Repeat("x", 200)))
	_, sent := f.Begin(ctx, stage.Send+" chat.postMessage")
	sent()
	asked(slog.String("platform", "slack"), slog.String("route", "POST /slack/events"), slog.Int("code", 200))
	return ctx
}

func TestStagesBecomeSpans(t *testing.T) {
	r, reg := receiver(t), prometheus.NewRegistry()
	settings := to(r)
	settings.Headers = map[string]string{"Authorization": "Bearer hush-hush"}
	x := open(t, telemetry.Parts{Settings: settings, Metrics: reg})
	answer(x, t.Context())
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	want := `POST /slack/events (server) wenbao.platform=slack http.route=POST /slack/events http.response.status_code=200
  answer wenbao.status=answered
    redis get (client) ! db.operation.name=get wenbao.outcome=timeout
    search wenbao.hits=7
  send chat.postMessage (client)
`
	if diff := cmp.Diff(want, otlptest.Tree(r.Spans(), otlptest.Style{})); diff != "" {
		t.Error(diff)
	}
	if got := r.Headers().Get("Authorization"); got != "Bearer hush-hush" {
		t.Errorf("the collector was told %q", got)
	}
	if got := r.Resource(); got["service.name"] != "wenbao" || got["service.version"] != "v1" || got["service.instance.id"] == "" {
		t.Errorf("from %v", got)
	}
	for _, secret := range []string{"谁问的", "U123"} {
		if strings.Contains(r.Raw(), secret) {
			t.Errorf("%s is in the spans", secret)
		}
	}
	if n := count(t, reg, "wenbao_spans_sent_total"); n != 5 {
		t.Errorf("%v spans were counted", n)
	}
	for _, name := range []string{stage.Answer, stage.Redis, stage.Search, stage.Send} {
		if n := count(t, reg, "wenbao_stage_seconds", "stage", name); n != 1 {
			t.Errorf("%s was timed %v times", name, n)
		}
	}
	if n := count(t, reg, "wenbao_stage_seconds"); n != 4 {
		t.Errorf("%v stages were timed", n)
	}
}

func TestQuestionsAreShownWhereThatIsWanted(t *testing.T) {
	r := receiver(t)
	settings := to(r)
	settings.Questions = true
	x := open(t, telemetry.Parts{Settings: settings})
	answer(x, t.Context())
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(otlptest.Tree(r.Spans(), otlptest.Style{}), "answer wenbao.status=answered wenbao.question=谁问的\n") || strings.Contains(r.Raw(), "U123") {
		t.Error(r.Raw())
	}
}

// What happens outside of a trace, such as looking whether Redis is there,
// leaves no span but is timed.
func TestOnlyWhatBeginsSomethingBeginsATrace(t *testing.T) {
	r, reg := receiver(t), prometheus.NewRegistry()
	x := open(t, telemetry.Parts{Settings: to(r), Metrics: reg})
	for _, name := range []string{"redis ping", stage.Search, "receive", "send getUpdates"} {
		ctx, end := x.Stage(t.Context(), name)
		end()
		if telemetry.TraceID(ctx) != "" {
			t.Errorf("%s is in a trace", name)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Spans()); n != 0 || count(t, reg, "wenbao_stage_seconds") != 3 {
		t.Errorf("%d spans", n)
	}
}

func TestWithoutACollectorStagesAreTimed(t *testing.T) {
	reg := prometheus.NewRegistry()
	x := open(t, telemetry.Parts{Metrics: reg})
	ctx := answer(x, t.Context())
	if telemetry.TraceID(ctx) != "" || x.Carry(ctx) != "" || count(t, reg, "wenbao_stage_seconds") != 4 {
		t.Error("there is a trace, or no time")
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	var none stage.Func
	ctx, end := none.Begin(t.Context(), stage.Search)
	end(slog.Int("hits", 1))
	if ctx != t.Context() {
		t.Error("nothing changes the context")
	}
}

// A question received by one process and handled by another is one trace,
// kept or not as the first decided.
func TestAnotherProcessGoesOn(t *testing.T) {
	for _, sample := range []float64{1, 0} {
		r := receiver(t)
		settings := to(r)
		settings.Sample = sample
		here := open(t, telemetry.Parts{Settings: settings})
		there := open(t, telemetry.Parts{Settings: to(r)})
		ctx, received := here.Stage(t.Context(), "slack event")
		carried := here.Carry(ctx)
		received()
		resumed := there.Resume(t.Context(), carried)
		ctx, handled := there.Stage(resumed, "handle")
		if again := there.Carry(ctx); again[:36] != carried[:36] {
			t.Errorf("%s goes on as %s", carried, again)
		}
		handled()
		if err := errors.Join(here.Close(), there.Close()); err != nil {
			t.Fatal(err)
		}
		want := "slack event (server)\n  handle (consumer)\n"
		if sample == 0 {
			want = ""
		}
		if diff := cmp.Diff(want, otlptest.Tree(r.Spans(), otlptest.Style{})); diff != "" {
			t.Error(diff)
		}
		if id := telemetry.TraceID(resumed); (sample == 1) != (id == carried[3:35]) || sample == 0 && id != "" {
			t.Errorf("%s logs trace %q", carried, id)
		}
	}
	x := open(t, telemetry.Parts{})
	for _, bad := range []string{"", "nonsense", "00-0-0-01"} {
		if id := telemetry.TraceID(x.Resume(t.Context(), bad)); id != "" {
			t.Errorf("%q resumes %s", bad, id)
		}
	}
}

// A stranger names a trace, which goes on, and wants it kept or not; that is
// decided here, whichever id was chosen.
func TestStrangersDecideNothing(t *testing.T) {
	const requests = 2000
	for _, tt := range []struct {
		sample      float64
		least, most int
	}{{1, requests, requests}, {0, 0, 0}, {0.5, 800, 1200}} {
		for _, flags := range []string{"00", "01"} {
			r := receiver(t)
			settings := to(r)
			settings.Sample = tt.sample
			x := open(t, telemetry.Parts{Settings: settings})
			h := x.Incoming(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if telemetry.TraceID(r.Context()) != "" {
					t.Error("a stranger's trace counts before it is decided")
				}
				_, end := x.Stage(r.Context(), "web")
				end()
			}))
			req := httptest.NewRequest(http.MethodGet, "/", nil)
			const id = "000000000000000a0000000000000001" // the first to be kept by its number
			req.Header.Set("traceparent", "00-"+id+"-00000000000000aa-"+flags)
			req.Header.Set("tracestate", "vendor=hush-hush")
			for range requests {
				h.ServeHTTP(httptest.NewRecorder(), req)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if n := len(r.Spans()); n < tt.least || n > tt.most {
				t.Errorf("sample %v, flags %s: %d of %d", tt.sample, flags, n, requests)
			}
			for _, s := range r.Spans()[:min(1, len(r.Spans()))] {
				if otlptest.TraceID(s) != id || s.GetTraceState() != "" {
					t.Errorf("goes on as %s with %q", otlptest.TraceID(s), s.GetTraceState())
				}
			}
		}
	}
}

// lines are what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func logger() (*slog.Logger, *lines) {
	l := &lines{}
	return slog.New(slog.NewTextHandler(l, nil)), l
}

// A collector that is not there, refuses or sends elsewhere costs spans, and
// one line a minute.
func TestTheCollectorFails(t *testing.T) {
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for name, h := range map[string]http.HandlerFunc{
		"away":    nil,
		"refuses": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(h)
			if h == nil {
				s.Close()
			}
			defer s.Close()
			log, lines := logger()
			reg := prometheus.NewRegistry()
			x := open(t, telemetry.Parts{Settings: telemetry.Settings{Endpoint: s.URL, Headers: map[string]string{"X-Key": "hush-hush"}, Sample: 1}, Log: log, Metrics: reg})
			const spans = 3000 // several batches
			for range spans {
				_, end := x.Stage(context.Background(), "web")
				end()
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			if n := count(t, reg, "wenbao_spans_dropped_total", "reason", "failed"); n != spans || count(t, reg, "wenbao_spans_sent_total") != 0 {
				t.Errorf("%v spans failed", n)
			}
			if n := strings.Count(lines.String(), "\n"); n != 1 || !strings.Contains(lines.String(), "level=WARN") || strings.Contains(lines.String(), "hush-hush") {
				t.Errorf("logged %s", lines)
			}
		})
	}
	if elsewhere != 0 {
		t.Error("the headers were sent elsewhere")
	}
}

// A collector that never answers holds nobody up: what does not fit is
// dropped, and the end of the program does not wait for it for long.
func TestTheCollectorHangs(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer s.Close()
	defer close(hang)
	log, _ := logger()
	reg := prometheus.NewRegistry()
	x := open(t, telemetry.Parts{Settings: telemetry.Settings{Endpoint: s.URL, Sample: 1}, Log: log, Metrics: reg})
	const spans = 20_000
	for range spans {
		_, end := x.Stage(context.Background(), "web")
		end()
	}
	full := count(t, reg, "wenbao_spans_dropped_total", "reason", "full")
	if full < spans/4 || full > spans*3/4 {
		t.Errorf("%v of %d were dropped", full, spans)
	}
	if err := x.Close(); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("closed with %v", err)
	}
}

func TestTheCollectorComesBack(t *testing.T) {
	r := receiver(t)
	var back atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !back.Load() {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		r.Config.Handler.ServeHTTP(w, req)
	}))
	defer s.Close()
	log, lines := logger()
	now := time.Unix(0, 0)
	x := open(t, telemetry.Parts{Settings: telemetry.Settings{Endpoint: s.URL, Sample: 1}, Log: log, Now: func() time.Time { return now }})
	flush := func() {
		for range 512 { // a batch is sent at once
			_, end := x.Stage(context.Background(), "web")
			end()
		}
	}
	flush()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(lines.String(), "level=WARN"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no failure is logged")
		}
	}
	back.Store(true)
	flush()
	if !r.Wait(10*time.Second, func(spans []*otlp.Span) bool { return len(spans) == 512 }) {
		t.Error("nothing is sent")
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(lines.String(), "takes traces again") {
		t.Errorf("logged %s", lines)
	}
}

func ExampleTelemetry() {
	r := otlptest.New()
	defer r.Close()
	x, err := telemetry.New(telemetry.Parts{Settings: telemetry.Settings{Endpoint: r.URL, Sample: 1}})
	if err != nil {
		panic(err)
	}
	ctx, asked := x.Stage(context.Background(), "web")
	_, answered := x.Stage(ctx, stage.Answer)
	answered(slog.String("status", "no_answer"), slog.String("reason", "no_figure"))
	asked()
	if err := x.Close(); err != nil {
		panic(err)
	}
	fmt.Print(otlptest.Tree(r.Spans(), otlptest.Style{}))
	// Output:
	// web (server)
	//   answer wenbao.status=no_answer wenbao.reason=no_figure
}

// BenchmarkStage is what measuring costs.
func BenchmarkStage(b *testing.B) {
	r := otlptest.New()
	defer r.Close()
	for name, settings := range map[string]telemetry.Settings{"timed": {}, "sampled": {Endpoint: r.URL, Sample: 1}, "unsampled": {Endpoint: r.URL}} {
		b.Run(name, func(b *testing.B) {
			x, err := telemetry.New(telemetry.Parts{Settings: settings, Metrics: prometheus.NewRegistry()})
			if err != nil {
				b.Fatal(err)
			}
			ctx, end := x.Stage(context.Background(), "web")
			for b.Loop() {
				_, end := x.Stage(ctx, stage.Search)
				end(slog.Int("hits", 7))
			}
			end()
			if err := x.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.Run("nil", func(b *testing.B) {
		var none stage.Func
		for b.Loop() {
			_, end := none.Begin(context.Background(), stage.Search)
			end(slog.Int("hits", 7))
		}
	})
}

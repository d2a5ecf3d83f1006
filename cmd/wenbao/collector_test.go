package main

import (
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// collectorEnv names the program of the OpenTelemetry Collector; make
// conformance-traces builds it.
const collectorEnv = "WENBAO_TEST_COLLECTOR"

// output is what a program says.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var _ io.Writer = (*output)(nil)

// TestConformanceOfTraces sends a question's trace to the OpenTelemetry
// Collector, which shows what it understood.
func TestConformanceOfTraces(t *testing.T) {
	program := os.Getenv(collectorEnv)
	if program == "" {
		t.Skip("make conformance-traces builds the collector")
	}
	addr, said := freeAddress(t), &output{}
	cmd := exec.Command(program, "--config", `yaml:
receivers: {otlp: {protocols: {http: {endpoint: "`+addr+`"}}}}
exporters: {debug: {verbosity: detailed}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
`)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	r := serve(t, "WENBAO_TRACE_ENDPOINT=http://"+addr)
	within(t, r, "the collector", func() bool { return strings.Contains(said.String(), "Everything is ready") })
	get(t, "http://"+r.HTTP+"/api/v1/ask?q="+url.QueryEscape(question), "X-Request-Id", "mine")
	within(t, r, "the trace", func() bool { return strings.Contains(said.String(), "GET /api/v1/ask") })
	var sent map[string]string
	within(t, r, "its end", func() bool {
		_, metrics := get(t, "http://"+r.Ops+"/metrics")
		sent = sampled(metrics, "wenbao_spans_sent_total")
		return sent[""] != "0"
	})
	text := said.String()
	for _, want := range []string{`"spans": ` + sent[""], "service.name: Str(wenbao)", "Name           : GET /api/v1/ask", "Kind           : Server", "Name           : answer",
		"wenbao.status: Str(answered)", "http.route: Str(GET /api/v1/ask)", "http.response.status_code: Int(200)", "Status code    : Unset"} {
		if !strings.Contains(text, want) {
			t.Errorf("the collector does not say %s", want)
		}
	}
	if strings.Contains(text, "绿色矿山") || t.Failed() {
		t.Errorf("the collector says\n%s", text)
	}
	if bad := strings.Count(text, "error"); bad != 0 {
		t.Errorf("the collector reports %d errors:\n%s", bad, text)
	}
}

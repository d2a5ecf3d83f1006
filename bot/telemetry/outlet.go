package telemetry

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	randv2 "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	mostSpans     = 8192 // waiting; further ones are dropped
	batchSpans    = 512
	batchEvery    = 2 * time.Second
	exportTimeout = 10 * time.Second
	// flushTimeout is how long the end of the program waits for the collector.
	flushTimeout = 3 * time.Second
	// quiet is how long a failing collector is not logged again.
	quiet = time.Minute
)

// resourceOf says which process spans are of.
func resourceOf(version string) *resource.Resource {
	return resource.NewSchemaless(attribute.String("service.name", "wenbao"), attribute.String("service.version", version),
		attribute.String("service.instance.id", strings.ToLower(rand.Text()[:12])))
}

// sampler keeps a share of the traces begun here, and what is decided for one
// holds for all of it. Strangers decide nothing.
func sampler(kept float64) sdktrace.Sampler {
	return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(kept),
		sdktrace.WithRemoteParentSampled(share(kept)), sdktrace.WithRemoteParentNotSampled(share(kept)))
}

// share keeps a share of what strangers begin, whichever trace id they choose.
type share float64

func (s share) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if randv2.Float64() < float64(s) {
		return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
	}
	return sdktrace.SamplingResult{Decision: sdktrace.Drop}
}

func (s share) Description() string { return fmt.Sprintf("Share{%g}", float64(s)) }

// outlet brings spans to the collector, in batches, and never makes anybody
// wait: what does not fit is dropped and counted. It stands on both sides of
// the library's batches, as their source and as their exporter.
type outlet struct {
	sdktrace.SpanProcessor // makes batches; nil until connect
	exporter               sdktrace.SpanExporter
	transport              *http.Transport
	log                    *slog.Logger
	now                    func() time.Time
	waiting                atomic.Int64
	sent                   prometheus.Counter
	dropped                *prometheus.CounterVec

	alive context.Context // ends with abandon
	stop  context.CancelFunc

	mu      sync.Mutex
	failing bool
	said    time.Time // when a failure was last logged
}

func newOutlet(log *slog.Logger, now func() time.Time) *outlet {
	o := &outlet{log: log, now: now,
		sent: prometheus.NewCounter(prometheus.CounterOpts{Name: "wenbao_spans_sent_total", Help: "Spans that the collector took."}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_spans_dropped_total", Help: "Spans given up: full (too many waited), failed (the collector did not take them)."}, []string{"reason"})}
	for _, reason := range []string{"full", "failed"} {
		o.dropped.WithLabelValues(reason)
	}
	o.alive, o.stop = context.WithCancel(context.Background())
	return o
}

func (o *outlet) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.sent, o.dropped}
}

func (o *outlet) connect(s Settings) error {
	o.transport = http.DefaultTransport.(*http.Transport).Clone()
	client := &http.Client{Transport: o.transport, Timeout: exportTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the headers are for this address
	var err error
	o.exporter, err = otlptracehttp.New(o.alive, otlptracehttp.WithEndpointURL(strings.TrimRight(s.Endpoint, "/")+"/v1/traces"),
		otlptracehttp.WithHTTPClient(client), otlptracehttp.WithHeaders(s.Headers), otlptracehttp.WithCompression(otlptracehttp.GzipCompression),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: 20 * time.Second}))
	if err != nil {
		return fmt.Errorf("trace.endpoint: %w", err)
	}
	o.SpanProcessor = sdktrace.NewBatchSpanProcessor(batches{o}, sdktrace.WithMaxQueueSize(mostSpans),
		sdktrace.WithMaxExportBatchSize(batchSpans), sdktrace.WithBatchTimeout(batchEvery), sdktrace.WithExportTimeout(2*exportTimeout))
	return nil
}

// OnEnd takes a span, unless too many wait.
func (o *outlet) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if o.waiting.Add(1) > mostSpans {
		o.waiting.Add(-1)
		o.dropped.WithLabelValues("full").Inc()
		return
	}
	o.SpanProcessor.OnEnd(s)
}

// batches is the outlet as the exporter of its batches. Its failures are
// counted and logged here, and nowhere else.
type batches struct{ *outlet }

func (b batches) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.alive, cancel)()
	err := b.exporter.ExportSpans(ctx, spans)
	b.waiting.Add(-int64(len(spans)))
	if err != nil {
		b.dropped.WithLabelValues("failed").Add(float64(len(spans)))
	} else {
		b.sent.Add(float64(len(spans)))
	}
	b.note(err)
	return nil
}

func (b batches) Shutdown(ctx context.Context) error { return b.exporter.Shutdown(ctx) }

// note logs a failure, at most one a minute, and the end of failing.
func (o *outlet) note(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil && o.failing:
		o.failing = false
		o.log.Info("the collector takes traces again")
	case err == nil:
	case o.now().Sub(o.said) >= quiet:
		o.log.Warn("the collector does not take traces; nothing else waits for it", "error", err)
		o.failing, o.said = true, o.now()
	default:
		o.failing = true
	}
}

// abandon ends an export that is under way.
func (o *outlet) abandon() { o.stop() }

func (o *outlet) close() {
	o.stop()
	o.transport.CloseIdleConnections()
}

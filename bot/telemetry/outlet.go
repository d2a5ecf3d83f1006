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
	batchEvery    = time.Second
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
// wait: what does not fit is dropped and counted. The library's own batches
// wake a goroutine for every span, which takes a question several times as
// long as the span itself.
type outlet struct {
	exporter  sdktrace.SpanExporter
	transport *http.Transport
	log       *slog.Logger
	now       func() time.Time
	sent      prometheus.Counter
	dropped   *prometheus.CounterVec

	mu      sync.Mutex
	waiting []sdktrace.ReadOnlySpan
	closed  bool

	full  chan struct{} // a batch waits
	alive context.Context
	stop  context.CancelFunc // ends an export that is under way, and run
	end   chan struct{}      // run is to send what waits, and end
	ended chan struct{}

	failing bool      // of run alone, like said
	said    time.Time // when a failure was last logged
}

var _ sdktrace.SpanProcessor = (*outlet)(nil)

func newOutlet(log *slog.Logger, now func() time.Time) *outlet {
	o := &outlet{log: log, now: now, full: make(chan struct{}, 1), end: make(chan struct{}), ended: make(chan struct{}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{Name: "wenbao_spans_sent_total", Help: "Spans that the collector took."}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_spans_dropped_total", Help: "Spans given up: full (too many waited), failed (the collector did not take them)."}, []string{"reason"})}
	for _, reason := range []string{"full", "failed"} {
		o.dropped.WithLabelValues(reason)
	}
	return o
}

func (o *outlet) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.sent, o.dropped}
}

func (o *outlet) connect(s Settings) error {
	o.alive, o.stop = context.WithCancel(context.Background())
	o.transport = http.DefaultTransport.(*http.Transport).Clone()
	client := &http.Client{Transport: o.transport, Timeout: exportTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the headers are for this address
	var err error
	o.exporter, err = otlptracehttp.New(o.alive, otlptracehttp.WithEndpointURL(strings.TrimRight(s.Endpoint, "/")+"/v1/traces"),
		otlptracehttp.WithHTTPClient(client), otlptracehttp.WithHeaders(s.Headers),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: 20 * time.Second}))
	if err != nil {
		o.stop()
		return fmt.Errorf("trace.endpoint: %w", err)
	}
	go o.run()
	return nil
}

// OnStart does nothing.
func (o *outlet) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes a span, unless too many wait.
func (o *outlet) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	o.mu.Lock()
	n := len(o.waiting)
	fits := n < mostSpans && !o.closed
	if fits {
		o.waiting = append(o.waiting, s)
	}
	o.mu.Unlock()
	switch {
	case !fits:
		o.dropped.WithLabelValues("full").Inc()
	case n+1 == batchSpans:
		select {
		case o.full <- struct{}{}:
		default: // it is awake
		}
	}
}

// run sends what waits: every so often, when a batch is there, and at the end.
func (o *outlet) run() {
	defer close(o.ended)
	t := time.NewTicker(batchEvery)
	defer t.Stop()
	for {
		over := false
		select {
		case <-t.C:
		case <-o.full:
		case <-o.end:
			over = true
		}
		for batch := o.take(); len(batch) > 0 && o.alive.Err() == nil; batch = o.take() {
			o.send(batch)
		}
		if over {
			return
		}
	}
}

// take takes a batch from the oldest spans.
func (o *outlet) take() []sdktrace.ReadOnlySpan {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(len(o.waiting), batchSpans)
	batch := o.waiting[:n:n]
	if o.waiting = o.waiting[n:]; len(o.waiting) == 0 {
		o.waiting = nil
	}
	return batch
}

func (o *outlet) send(batch []sdktrace.ReadOnlySpan) {
	ctx, cancel := context.WithTimeout(o.alive, 2*exportTimeout)
	defer cancel()
	err := o.exporter.ExportSpans(ctx, batch)
	if err != nil {
		o.dropped.WithLabelValues("failed").Add(float64(len(batch)))
	} else {
		o.sent.Add(float64(len(batch)))
	}
	o.note(err)
}

// note logs a failure, at most one a minute, and the end of failing.
func (o *outlet) note(err error) {
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

// Shutdown sends what waits while ctx allows, and gives up the rest.
func (o *outlet) Shutdown(ctx context.Context) error {
	o.mu.Lock()
	first := !o.closed
	o.closed = true
	o.mu.Unlock()
	if !first {
		return nil
	}
	close(o.end)
	var err error
	select {
	case <-o.ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	o.stop()
	<-o.ended
	if rest := len(o.waiting); rest > 0 {
		o.dropped.WithLabelValues("failed").Add(float64(rest))
	}
	_ = o.exporter.Shutdown(context.WithoutCancel(ctx)) // of a client that is idle
	o.transport.CloseIdleConnections()
	return err
}

// ForceFlush is not needed by anybody here.
func (o *outlet) ForceFlush(context.Context) error { return nil }

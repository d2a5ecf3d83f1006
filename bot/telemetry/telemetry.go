// Package telemetry measures stages: how long each took, as a histogram, and,
// where there is a collector, as the spans of traces that go there by OTLP.
//
// No span holds what people ask, who they are, a secret or an address: facts
// that it does not know by name are left out.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"wenbao/retrieval/stage"
)

// Settings say where traces go. The zero value has none.
type Settings struct {
	Endpoint  string            // base address of the collector, such as http://127.0.0.1:4318; "": no traces
	Headers   map[string]string // sent with every export; secrets
	Sample    float64           // share of traces that are kept, 0–1
	Questions bool              // the text of questions is a span's attribute
	Version   string            // of the program
}

// Parts are what a Telemetry works with.
type Parts struct {
	Settings Settings
	Log      *slog.Logger          // nil: discarded
	Now      func() time.Time      // nil: time.Now; for log lines only
	Metrics  prometheus.Registerer // nil: none
}

// Telemetry measures stages. It is safe for concurrent use.
type Telemetry struct {
	seconds   map[string]prometheus.Observer // by stage
	tracer    trace.Tracer                   // nil: no traces
	provider  *sdktrace.TracerProvider
	outlet    *outlet
	questions bool
}

// buckets reach from 10 µs to 10 s.
func buckets() []float64 {
	var out []float64
	for _, decade := range []float64{1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1} {
		out = append(out, decade, 2.5*decade, 5*decade)
	}
	return append(out, 10)
}

// New returns a Telemetry. It connects to nothing: a collector that is away is
// noticed when the first spans are sent.
func New(p Parts) (*Telemetry, error) {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "wenbao_stage_seconds", Help: "How long the stages of an answer took.", Buckets: buckets()}, []string{"stage"})
	t := &Telemetry{seconds: map[string]prometheus.Observer{}, questions: p.Settings.Questions}
	for _, name := range stage.Timed() {
		t.seconds[name] = seconds.WithLabelValues(name)
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	t.outlet = newOutlet(p.Log, p.Now)
	if p.Metrics != nil {
		for _, c := range append(t.outlet.collectors(), seconds) {
			if err := p.Metrics.Register(c); err != nil {
				return nil, fmt.Errorf("register metrics: %w", err)
			}
		}
	}
	if p.Settings.Endpoint == "" {
		return t, nil
	}
	if err := t.outlet.connect(p.Settings); err != nil {
		return nil, err
	}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(t.outlet), sdktrace.WithSampler(sampler(p.Settings.Sample)),
		sdktrace.WithResource(resourceOf(p.Settings.Version)))
	t.tracer = t.provider.Tracer("wenbao")
	return t, nil
}

// Close sends the spans that are still here, within a bounded time.
func (t *Telemetry) Close() error {
	if t == nil || t.provider == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	err := t.provider.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the collector did not take the last spans in time")
	}
	return err
}

// rootKind is the kind of the spans that begin something, by the first word of
// their name: they alone may be the root of a trace. What else happens outside
// of one (a probe of Redis) leaves no span.
func rootKind(word string) (kind trace.SpanKind, root bool) {
	switch word {
	case "web", "slack", "telegram":
		return trace.SpanKindServer, true
	case "handle", "deliver":
		return trace.SpanKindConsumer, true
	}
	return 0, false
}

// innerKind is that of the others.
func innerKind(word string) trace.SpanKind {
	switch word {
	case "receive":
		return trace.SpanKindProducer
	case stage.Send, stage.Redis:
		return trace.SpanKindClient
	}
	return trace.SpanKindInternal
}

// Stage is a stage.Func. A fact called route renames the span, failed says
// that the stage did. Looking into the process's own cache takes less time than
// a span does: what came of it is said of the span around it.
func (t *Telemetry) Stage(ctx context.Context, name string) (context.Context, stage.End) {
	began := time.Now()
	word, _, _ := strings.Cut(name, " ")
	seconds := t.seconds[word]
	if t.tracer == nil {
		return ctx, func(...slog.Attr) { observe(seconds, began) }
	}
	kind, root := rootKind(word)
	if !root {
		kind = innerKind(word)
		around := trace.SpanFromContext(ctx)
		switch {
		case !around.IsRecording():
			return ctx, func(...slog.Attr) { observe(seconds, began) }
		case word == stage.Cache:
			return ctx, func(facts ...slog.Attr) {
				observe(seconds, began)
				t.describe(around, facts)
			}
		}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, func(facts ...slog.Attr) {
		observe(seconds, began)
		t.describe(span, facts)
		span.End()
	}
}

func observe(seconds prometheus.Observer, began time.Time) {
	if seconds != nil {
		seconds.Observe(time.Since(began).Seconds())
	}
}

// attributeOf is the name of a fact that is known, "" of any other.
func attributeOf(fact string) attribute.Key {
	switch fact {
	case "platform":
		return "wenbao.platform"
	case "status":
		return "wenbao.status"
	case "reason":
		return "wenbao.reason"
	case "from":
		return "wenbao.from"
	case "generation":
		return "wenbao.generation"
	case "hits":
		return "wenbao.hits"
	case "outcome":
		return "wenbao.outcome"
	case "attempt":
		return "wenbao.attempt"
	case "route":
		return "http.route"
	case "code":
		return "http.response.status_code"
	case "command":
		return "db.operation.name"
	}
	return ""
}

// longest is how long an attribute is at most, in bytes; a question may have
// more.
const longest = 100

func (t *Telemetry) describe(span trace.Span, facts []slog.Attr) {
	if !span.IsRecording() {
		return
	}
	known := make([]attribute.KeyValue, 0, len(facts))
	for _, f := range facts {
		switch {
		case f.Key == "failed":
			if f.Value.Kind() == slog.KindBool && f.Value.Bool() {
				span.SetStatus(codes.Error, "")
			}
			continue
		case f.Key == "question":
			if t.questions {
				known = append(known, attribute.String("wenbao.question", f.Value.String()))
			}
			continue
		case f.Key == "route" && f.Value.String() != "":
			span.SetName(f.Value.String())
		}
		name := attributeOf(f.Key)
		switch {
		case name == "":
		case f.Value.Kind() == slog.KindInt64:
			known = append(known, name.Int64(f.Value.Int64()))
		default:
			if s := f.Value.String(); s != "" && len(s) <= longest {
				known = append(known, name.String(s))
			}
		}
	}
	if len(known) > 0 {
		span.SetAttributes(known...)
	}
}

const traceparent = "traceparent"

// Carry returns the trace that a context belongs to, as W3C's traceparent, ""
// for none.
func (t *Telemetry) Carry(ctx context.Context) string {
	c := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, c)
	return c[traceparent]
}

// Resume returns a context of a trace that Carry returned, here or in another
// process of ours: whether it is kept was decided there.
func (t *Telemetry) Resume(ctx context.Context, carried string) context.Context {
	if carried == "" {
		return ctx
	}
	sc := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{traceparent: carried}))
	return trace.ContextWithSpanContext(ctx, sc.WithRemote(false))
}

// Incoming lets requests go on with the trace that their traceparent names.
// Whether it is kept is not theirs to decide.
func (t *Telemetry) Incoming(next http.Handler) http.Handler {
	if t.tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if given := r.Header.Get(traceparent); given != "" {
			r = r.WithContext(propagation.TraceContext{}.Extract(r.Context(), propagation.MapCarrier{traceparent: given}))
		}
		next.ServeHTTP(w, r)
	})
}

// TraceID returns the id of the trace that a context belongs to, "" where there
// is none that is kept.
func TraceID(ctx context.Context) string {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsSampled() || sc.IsRemote() { // a stranger's, before it is decided
		return ""
	}
	return sc.TraceID().String()
}

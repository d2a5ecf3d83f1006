// Package otlptest is a collector for tests: it takes what the program sends
// by OTLP/HTTP and shows it as text.
package otlptest

import (
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Receiver takes spans. It is safe for concurrent use.
type Receiver struct {
	*httptest.Server

	mu       sync.Mutex
	spans    []*otlp.Span
	resource map[string]string
	headers  http.Header // of the last export
	raw      []*collector.ExportTraceServiceRequest
	changed  chan struct{}
}

// New returns a Receiver that listens on loopback. Close it.
func New() *Receiver {
	r := &Receiver{changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", r.export)
	r.Server = httptest.NewServer(mux)
	return r
}

func (r *Receiver) export(w http.ResponseWriter, req *http.Request) {
	got, err := decode(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headers = req.Header
	r.raw = append(r.raw, got)
	for _, rs := range got.GetResourceSpans() {
		r.resource = Attributes(rs.GetResource().GetAttributes())
		for _, ss := range rs.GetScopeSpans() {
			r.spans = append(r.spans, ss.GetSpans()...)
		}
	}
	close(r.changed)
	r.changed = make(chan struct{})
	w.Header().Set("Content-Type", "application/x-protobuf")
	b, _ := proto.Marshal(&collector.ExportTraceServiceResponse{}) // of nothing
	_, _ = w.Write(b)
}

func decode(req *http.Request) (*collector.ExportTraceServiceRequest, error) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			return nil, err
		}
		body = z
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	got := &collector.ExportTraceServiceRequest{}
	return got, proto.Unmarshal(b, got)
}

// Spans returns what was taken.
func (r *Receiver) Spans() []*otlp.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// Raw returns everything that was taken, as JSON.
func (r *Receiver) Raw() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := ""
	for _, got := range r.raw {
		text += protojson.Format(got)
	}
	return text
}

// Headers returns those of the last export.
func (r *Receiver) Headers() http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.headers.Clone()
}

// Resource returns what the spans say they come from.
func (r *Receiver) Resource() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resource
}

// Reset forgets what was taken.
func (r *Receiver) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans, r.headers, r.raw = nil, nil, nil
}

// Wait waits until what was taken fits, and reports whether it did in time.
func (r *Receiver) Wait(patience time.Duration, fits func([]*otlp.Span) bool) bool {
	over := time.After(patience)
	for {
		r.mu.Lock()
		changed, spans := r.changed, slices.Clone(r.spans)
		r.mu.Unlock()
		if fits(spans) {
			return true
		}
		select {
		case <-changed:
		case <-over:
			return false
		}
	}
}

// Attributes returns attributes as texts.
func Attributes(list []*common.KeyValue) map[string]string {
	out := map[string]string{}
	for _, kv := range list {
		switch v := kv.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			out[kv.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			out[kv.GetKey()] = fmt.Sprint(v.IntValue)
		case *common.AnyValue_BoolValue:
			out[kv.GetKey()] = fmt.Sprint(v.BoolValue)
		default:
			out[kv.GetKey()] = fmt.Sprint(v)
		}
	}
	return out
}

// TraceID is the id of a span's trace, as logs and traceparent have it.
func TraceID(s *otlp.Span) string { return hex.EncodeToString(s.GetTraceId()) }

// Style says what Tree shows beside names and kinds.
type Style struct {
	Times bool                   // when each began, and how long it took
	Show  func(name string) bool // attributes; nil: all
}

// Tree shows spans as a tree: one line each, children below in the order in
// which they began.
func Tree(spans []*otlp.Span, style Style) string {
	children, known := map[string][]*otlp.Span{}, map[string]bool{}
	for _, s := range spans {
		known[string(s.GetSpanId())] = true
	}
	for _, s := range spans {
		parent := string(s.GetParentSpanId())
		if !known[parent] {
			parent = ""
		}
		children[parent] = append(children[parent], s)
	}
	var out strings.Builder
	var show func(parent string, depth int, began uint64)
	show = func(parent string, depth int, began uint64) {
		list := children[parent]
		slices.SortStableFunc(list, func(a, b *otlp.Span) int {
			return cmp.Compare(a.GetStartTimeUnixNano(), b.GetStartTimeUnixNano())
		})
		for _, s := range list {
			from := began
			if depth == 0 {
				from = s.GetStartTimeUnixNano()
			}
			out.WriteString(line(s, depth, from, style) + "\n")
			show(string(s.GetSpanId()), depth+1, from)
		}
	}
	show("", 0, 0)
	return out.String()
}

func line(s *otlp.Span, depth int, began uint64, style Style) string {
	text := strings.Repeat("  ", depth) + s.GetName()
	if style.Times {
		ms := func(ns uint64) float64 { return float64(ns) / 1e6 }
		text = fmt.Sprintf("%7.2f ms  +%6.2f ms  %s", ms(s.GetEndTimeUnixNano()-s.GetStartTimeUnixNano()), ms(s.GetStartTimeUnixNano()-began), text)
	}
	if kind := strings.ToLower(strings.TrimPrefix(s.GetKind().String(), "SPAN_KIND_")); kind != "internal" {
		text += " (" + kind + ")"
	}
	if s.GetStatus().GetCode() == otlp.Status_STATUS_CODE_ERROR {
		text += " !"
	}
	attributes := Attributes(s.GetAttributes())
	for _, kv := range s.GetAttributes() {
		if style.Show == nil || style.Show(kv.GetKey()) {
			text += " " + kv.GetKey() + "=" + attributes[kv.GetKey()]
		}
	}
	return text
}

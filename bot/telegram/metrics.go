package telegram

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot/telegram/update"
)

type metrics struct {
	calls   *prometheus.CounterVec
	took    *prometheus.HistogramVec
	updates *prometheus.CounterVec
	plain   prometheus.Counter
	pages   prometheus.Counter
	chosen  prometheus.Counter
	inline  *prometheus.CounterVec
	webhook *prometheus.CounterVec
	up      prometheus.Gauge
	pending prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "wenbao_telegram_" + name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "wenbao_telegram_" + name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "wenbao_telegram_" + name, Help: help})
	}
	m := &metrics{
		calls: counters("calls_total", "Calls of the Bot API, by outcome.", "method", "outcome"),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "wenbao_telegram_call_seconds",
			Help: "How long calls of the Bot API took; long polls are left out.", Buckets: prometheus.ExponentialBuckets(0.01, 2.5, 9)}, []string{"method"}),
		updates: counters("updates_total", "Updates by what became of them.", "kind", "outcome"),
		plain:   counter("plain_retries_total", "Messages sent as plain text since their entities were refused."),
		pages:   counter("pages_total", "Messages sent or edited."),
		chosen:  counter("inline_chosen_total", "Inline results that people sent."),
		inline:  counters("inline_queries_total", "Inline queries.", "result"),
		webhook: counters("webhook_requests_total", "Requests to the webhook.", "result"),
		up:      gauge("up", "1 while Telegram answers and updates come."),
		pending: gauge("pending_updates", "Updates that wait at Telegram, as its webhook info says."),
	}
	for _, k := range update.Kinds() { // known from the start
		m.updates.WithLabelValues(string(k), "taken")
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.calls, m.took, m.updates, m.plain, m.pages, m.chosen, m.inline, m.webhook, m.up, m.pending} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

// observe counts a call.
func (m *metrics) observe(method, outcome string, took time.Duration) {
	m.calls.WithLabelValues(method, outcome).Inc()
	if method != "getUpdates" {
		m.took.WithLabelValues(method).Observe(took.Seconds())
	}
}

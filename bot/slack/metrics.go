package slack

import "github.com/prometheus/client_golang/prometheus"

type counters struct {
	requests *prometheus.CounterVec
	calls    *prometheus.CounterVec
	acks     prometheus.Histogram
}

func newCounters(reg prometheus.Registerer, ready func() bool) (counters, error) {
	c := counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_slack_requests_total", Help: "What Slack sent, by kind and what became of it."}, []string{"kind", "outcome"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_slack_calls_total", Help: "Calls of Slack's methods, by outcome."}, []string{"method", "outcome"}),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wenbao_slack_ack_seconds", Help: "Time until something from Slack was acknowledged.",
			Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 2, 3}}),
	}
	if reg == nil {
		return c, nil
	}
	up := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wenbao_slack_connected", Help: "1 while events can arrive: in socket mode, while it is connected."}, func() float64 {
		if ready() {
			return 1
		}
		return 0
	})
	for _, m := range []prometheus.Collector{c.requests, c.calls, c.acks, up} {
		if err := reg.Register(m); err != nil {
			return c, err
		}
	}
	return c, nil
}

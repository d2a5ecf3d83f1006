package redis

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
)

// meters count commands.
type meters struct {
	commands *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMeters() *meters {
	return &meters{
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_redis_commands_total", Help: "Commands by outcome: ok, refused, failed, timeout, left_alone, spent."}, []string{"outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wenbao_redis_command_seconds", Help: "How long commands took.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}}),
	}
}

func (m *meters) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.commands, m.seconds}
}

// outcomeOf names what a command came to.
func outcomeOf(err error) string {
	switch {
	case err == nil || errors.Is(err, goredis.Nil) || goredis.HasErrorPrefix(err, "NOSCRIPT"): // which is sent at once
		return "ok"
	case errors.Is(err, errSpent):
		return "spent"
	case errors.Is(err, errLeftAlone):
		return "left_alone"
	case refused(err):
		return "refused"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "failed"
}

func (m *meters) outcome(_ string, err error, took time.Duration) {
	outcome := outcomeOf(err)
	m.commands.WithLabelValues(outcome).Inc()
	if outcome != "spent" && outcome != "left_alone" {
		m.seconds.Observe(took.Seconds())
	}
}

// poolCollector exports the connection pool and the state of the breakers.
type poolCollector struct{ c *Client }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("wenbao_redis_"+name, help, labels, nil)
}

func (p poolCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, ch) }

func (p poolCollector) Collect(ch chan<- prometheus.Metric) {
	s := p.c.PoolStats()
	degraded := 0.0
	if p.c.Degraded() {
		degraded = 1
	}
	connections := desc("pool_connections", "Connections open: all of them, and those that no command uses.", "state")
	for _, m := range []struct {
		desc   *prometheus.Desc
		kind   prometheus.ValueType
		value  float64
		labels []string
	}{
		{desc("pool_hits_total", "Commands that found an idle connection."), prometheus.CounterValue, float64(s.Hits), nil},
		{desc("pool_misses_total", "Commands that made a connection."), prometheus.CounterValue, float64(s.Misses), nil},
		{desc("pool_timeouts_total", "Commands that found no connection in time."), prometheus.CounterValue, float64(s.Timeouts), nil},
		{desc("pool_stale_total", "Connections dropped as stale."), prometheus.CounterValue, float64(s.StaleConns), nil},
		{connections, prometheus.GaugeValue, float64(s.TotalConns), []string{"total"}},
		{connections, prometheus.GaugeValue, float64(s.IdleConns), []string{"idle"}},
		{desc("pool_idle", "Connections idle."), prometheus.GaugeValue, float64(s.IdleConns), nil},
		{desc("degraded", "1 while a node does not answer."), prometheus.GaugeValue, degraded, nil},
	} {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value, m.labels...)
	}
}

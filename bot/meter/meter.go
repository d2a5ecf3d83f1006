// Package meter counts questions, on whatever platform they are asked.
package meter

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Questions counts questions and times their answers.
type Questions struct {
	total    *prometheus.CounterVec
	refusals *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

// NewQuestions registers the metrics with r.
func NewQuestions(r prometheus.Registerer) (*Questions, error) {
	q := &Questions{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_questions_total",
			Help: "Questions by the platform they came from and what they came to.",
		}, []string{"platform", "status"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_refusals_total",
			Help: "Questions without an answer, by the reason.",
		}, []string{"reason"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "wenbao_answer_seconds",
			Help:    "Time from a question to its answer or refusal.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"platform"}),
	}
	for _, c := range []prometheus.Collector{q.total, q.refusals, q.took} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of questions: %w", err)
		}
	}
	return q, nil
}

// Answer notes one question that has an answer of this status, or, with a
// reason, a refusal.
func (q *Questions) Answer(platform, status, reason string, took time.Duration) {
	q.total.WithLabelValues(platform, status).Inc()
	q.took.WithLabelValues(platform).Observe(took.Seconds())
	if reason != "" {
		q.refusals.WithLabelValues(reason).Inc()
	}
}

// Lost notes one question that has none. why comes from a fixed set, never
// from the asker.
func (q *Questions) Lost(platform, why string) { q.total.WithLabelValues(platform, why).Inc() }

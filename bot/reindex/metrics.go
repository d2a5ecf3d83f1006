package reindex

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot/jobs"
)

// meters count jobs.
type meters struct {
	jobs    *prometheus.CounterVec
	seconds prometheus.Histogram
}

// Register registers the metrics of the live generation and of jobs.
func (s *Service) Register(r prometheus.Registerer) error {
	m := &meters{
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_reindex_jobs_total", Help: "Jobs that ended, by kind and state."}, []string{"kind", "state"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wenbao_reindex_seconds", Help: "How long reindexing took.", Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800}}),
	}
	for _, state := range []jobs.State{jobs.Succeeded, jobs.Rejected, jobs.Failed, jobs.Cancelled, jobs.Interrupted} {
		m.jobs.WithLabelValues(KindReindex, string(state)) // known from the start, so that the first of a state is an increase
	}
	for _, c := range []prometheus.Collector{m.jobs, m.seconds, generations{s}} {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("register metrics of reindexing: %w", err)
		}
	}
	s.meters.Store(m)
	return nil
}

// ended counts a job.
func (m *meters) ended(j jobs.Job) {
	if m == nil {
		return
	}
	m.jobs.WithLabelValues(j.Kind, string(j.State)).Inc()
	if j.Kind == KindReindex {
		m.seconds.Observe(j.Finished.Sub(j.Queued).Seconds())
	}
}

// generations collects what is live.
type generations struct{ s *Service }

func liveDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("wenbao_"+name, help, labels, nil)
}

var (
	infoDesc       = liveDesc("generation_info", "1, with the id of the live generation.", "generation")
	reportsDesc    = liveDesc("generation_reports", "Reports of the live generation.")
	paragraphsDesc = liveDesc("generation_paragraphs", "Paragraphs of the live generation.")
	termsDesc      = liveDesc("generation_terms", "Glossary terms of the live generation.")
	sinceDesc      = liveDesc("generation_live_seconds", "When the live generation went live, in seconds since 1970.")
	bytesDesc      = liveDesc("index_bytes", "What the live generation's index takes: on disk, or in memory where nothing is kept on disk.")
)

func (g generations) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{infoDesc, reportsDesc, paragraphsDesc, termsDesc, sinceDesc, bytesDesc} {
		ch <- d
	}
}

// Collect tells nothing once the engine is closed.
func (g generations) Collect(ch chan<- prometheus.Metric) {
	live, release, err := g.s.search.Acquire()
	if err != nil {
		return
	}
	defer release()
	seen := liveGeneration(live)
	terms := 0
	for _, r := range live.Corpus.Reports {
		terms += len(r.Terms)
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(infoDesc, 1, live.ID)
	gauge(reportsDesc, float64(seen.Reports))
	gauge(paragraphsDesc, float64(seen.Paragraphs))
	gauge(termsDesc, float64(terms))
	gauge(sinceDesc, float64(g.s.since.Load())/1000)
	gauge(bytesDesc, float64(live.IndexBytes()))
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// row is one engine's line in a set's table.
type row struct {
	name                    string
	err                     error
	recall1, recall5, mrr10 float64
	quoted                  float64 // share of first quotes that hold an answer; < 0: no quotes
	p50, p95                time.Duration
	perSecond               float64
	index                   time.Duration
	peak                    int64
}

// measure runs an engine on a set and judges what it found.
func measure(ctx context.Context, e engine, s *set) row {
	r, err := e.run(ctx, s)
	if err != nil {
		return row{name: e.name, err: err}
	}
	judged := judge(s.questions, r.findings)
	judged.name = e.name
	judged.index, judged.peak = r.index, r.peak
	judged.perSecond = float64(len(r.findings)) / r.asking.Seconds()
	return judged
}

// judge computes the metrics. Questions and findings correspond.
func judge(questions []question, findings []finding) row {
	var r row
	var took []time.Duration
	quotes := false
	for i, q := range questions {
		f := findings[i]
		rank := firstRight(q.Passages, f.passages)
		r.recall1 += within(rank, 1)
		r.recall5 += within(rank, 5)
		if rank > 0 && rank <= 10 {
			r.mrr10 += 1 / float64(rank)
		}
		quotes = quotes || f.quote != ""
		if holdsAny(f.quote, q.Answers) {
			r.quoted++
		}
		took = append(took, f.took)
	}
	n := float64(len(questions))
	r.recall1, r.recall5, r.mrr10, r.quoted = r.recall1/n, r.recall5/n, r.mrr10/n, r.quoted/n
	if !quotes {
		r.quoted = -1
	}
	slices.Sort(took)
	r.p50, r.p95 = percentile(took, 50), percentile(took, 95)
	return r
}

// firstRight returns the rank, from 1, of the first right id; 0 if none is.
func firstRight(right, found []string) int {
	return 1 + slices.IndexFunc(found, func(id string) bool { return slices.Contains(right, id) })
}

func within(rank, k int) float64 {
	if rank > 0 && rank <= k {
		return 1
	}
	return 0
}

func holdsAny(quote string, answers []string) bool {
	return slices.ContainsFunc(answers, func(a string) bool { return a != "" && strings.Contains(quote, a) })
}

// percentile takes the nearest rank of sorted, which is not empty.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[(len(sorted)*p+99)/100-1]
}

// writeTable writes the rows as a Markdown table.
func writeTable(w io.Writer, s *set, rows []row) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s: %d passages, %d questions\n\n", s.name, len(s.passages), len(s.questions))
	out.WriteString("| engine | recall@1 | recall@5 | MRR@10 | answer in quote | p50 ms | p95 ms | questions/s | index s | peak MB |\n")
	out.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		out.WriteString(r.String())
	}
	out.WriteString("\n")
	_, err := w.Write(out.Bytes())
	return err
}

func (r row) String() string {
	if r.err != nil {
		return fmt.Sprintf("| %s | failed: %s |||||||||\n", r.name, strings.ReplaceAll(r.err.Error(), "|", "/"))
	}
	return fmt.Sprintf("| %s | %.3f | %.3f | %.3f | %s | %.2f | %.2f | %.0f | %.2f | %s |\n",
		r.name, r.recall1, r.recall5, r.mrr10, dash(r.quoted >= 0, "%.3f", r.quoted),
		ms(r.p50), ms(r.p95), r.perSecond, r.index.Seconds(), dash(r.peak > 0, "%.0f", float64(r.peak)/(1<<20)))
}

// dash formats value where there is one.
func dash(known bool, format string, value float64) string {
	if !known {
		return "–"
	}
	return fmt.Sprintf(format, value)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

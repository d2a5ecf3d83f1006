package eval

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes the table for people.
func Print(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	all := rows[len(rows)-1]
	if all.Answerable+all.Unanswerable > 0 {
		fmt.Fprintln(t, "kind\tn\texcerpt@1\texcerpt@3\tparagraph@1\trefused right\trefused wrong\tquote\tp50 µs\tp95 µs\t")
		for _, r := range rows {
			if r.Answerable+r.Unanswerable == 0 {
				continue
			}
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%.0f\t%d\t%d\t\n", r.Kind, r.N,
				share(r.Excerpt1, r.Answerable), share(r.Excerpt3, r.Answerable), share(r.Paragraph1, r.Answerable),
				share(r.RefusedRight, r.Unanswerable), share(r.RefusedWrong, r.Answerable), r.QuoteLength, r.P50Micros, r.P95Micros)
		}
	}
	if n := all.N - all.Answerable - all.Unanswerable; n > 0 {
		fmt.Fprintln(t, "kind\tn\trecall@1\trecall@5\tMRR@10\tanswer in quote\tquote\tp50 µs\tp95 µs\t")
		for _, r := range rows {
			if r.Recall5 > 0 || r.Kind == passageKind {
				fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.0f\t%d\t%d\t\n", r.Kind, r.N, r.Recall1, r.Recall5, r.MRR10, r.AnswerInQuote, r.QuoteLength, r.P50Micros, r.P95Micros)
			}
		}
	}
	return t.Flush()
}

func share(v float64, n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", v)
}

// PrintFailures writes each miss beside its gold.
func PrintFailures(w io.Writer, outcomes []Outcome) {
	for _, o := range outcomes {
		if o.Right() {
			continue
		}
		fmt.Fprintf(w, "%s [%s] %s\n", o.Case.ID, o.Case.Kind, o.Case.Question)
		if len(o.Case.History) > 0 {
			fmt.Fprintf(w, "  after:  %s\n", strings.Join(o.Case.History, " / "))
		}
		if o.Case.Passage() {
			fmt.Fprintf(w, "  wanted: %s (rank %d)\n", strings.Join(o.Case.Passages, " "), o.Rank)
		} else {
			fmt.Fprintf(w, "  wanted: %s %v\n", o.Case.Expect, o.Case.Gold)
		}
		fmt.Fprintf(w, "  got:    %s %s", o.Answer.Status, o.Answer.Reason)
		if o.Answer.Understood != "" {
			fmt.Fprintf(w, " (understood: %s)", o.Answer.Understood)
		}
		fmt.Fprintln(w)
		for i, x := range o.Answer.Excerpts[:min(2, len(o.Answer.Excerpts))] {
			fmt.Fprintf(w, "  %d. %.2f [%s %d] %s\n", i+1, x.Score, x.Citation.Report, x.Citation.Paragraph, x.Quote)
		}
	}
}

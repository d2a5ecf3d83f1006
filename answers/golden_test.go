package answers_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers"
	"wenbao/answers/eval"
)

var update = flag.Bool("update", false, "write what ranking does now into testdata")

const (
	goldenFile = "testdata/nmg-2022.golden"
	statsFile  = "testdata/nmg-2022.stats"
)

// TestRankingIsGolden keeps what every golden question comes to in one file,
// and the figures in another, so that every change of ranking is a diff.
func TestRankingIsGolden(t *testing.T) {
	outcomes, err := eval.Run(t.Context(), wireSeeds(t).engine, questions(t))
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, o := range outcomes {
		lines.WriteString(goldenLine(o) + "\n")
	}
	golden(t, goldenFile, lines.String())
	golden(t, statsFile, stats(t, outcomes))
}

// goldenLine is one question: its verdict, id and text, then what it comes to
// and the first excerpt's place and beginning.
func goldenLine(o eval.Outcome) string {
	verdict := "miss"
	if o.Right() {
		verdict = "ok"
	}
	what := string(o.Answer.Status)
	if o.Answer.Reason != "" {
		what += " " + string(o.Answer.Reason)
	}
	if said := o.Answer.Said(); said != "" {
		what += fmt.Sprintf(" [%s]", said)
	}
	line := fmt.Sprintf("%-4s %s %s | %s", verdict, o.Case.ID, o.Case.Question, what)
	if len(o.Answer.Excerpts) > 0 {
		x := o.Answer.Excerpts[0]
		line += fmt.Sprintf(" | %d:%d-%d %s", x.Citation.Paragraph, x.Start, x.End, beginning(x.Quote))
	}
	return line
}

const shownRunes = 24

func beginning(quote string) string {
	rs := []rune(quote)
	if len(rs) <= shownRunes {
		return quote
	}
	return string(rs[:shownRunes]) + "…"
}

// stats is the table by kind without what differs from run to run: the times.
func stats(t *testing.T, outcomes []eval.Outcome) string {
	t.Helper()
	for i := range outcomes {
		outcomes[i].Took = 0
	}
	var b strings.Builder
	if err := eval.Print(&b, eval.Table(outcomes)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(b.String()) {
		fields := strings.Fields(strings.NewReplacer(" µs", "µs", "refused ", "refused_").Replace(line))
		if len(fields) < 3 {
			t.Fatalf("not a line of the table: %q", line)
		}
		fields = fields[:len(fields)-2]
		fmt.Fprintf(&out, "%-12s", fields[0])
		for _, f := range fields[1:] {
			fmt.Fprintf(&out, " %13s", f)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-before +now); if the change is wanted: make golden\n%s", name, diff)
	}
}

// TestGates are the least that the golden questions must come to.
func TestGates(t *testing.T) {
	outcomes, err := eval.Run(t.Context(), wireSeeds(t).engine, questions(t))
	if err != nil {
		t.Fatal(err)
	}
	rows := eval.Table(outcomes)
	all := rows[len(rows)-1]
	if all.Excerpt1 < 0.65 || all.RefusedRight < 0.70 {
		t.Errorf("excerpt@1 %.3f (least 0.65), refused right %.3f (least 0.70)", all.Excerpt1, all.RefusedRight)
	}
	if all.QuoteLength > answers.DefaultMaxQuote {
		t.Errorf("mean quote length %.0f", all.QuoteLength)
	}
}

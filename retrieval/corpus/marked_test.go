package corpus_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/width"

	"wenbao/configs"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/report"
)

// A mark is a figure marked by hand, with what else a careful reader accepts.
type mark struct {
	Start, End    int // characters of the text
	Value         string
	AlsoValue     []string `json:"also_value"`
	Indicator     string
	AlsoIndicator []string `json:"also_indicator"`
	NotIndicator  []string `json:"not_indicator"`
	Qualifier     string
	AlsoQualifier []string `json:"also_qualifier"`
	Verb          string
	Period        *string
	AlsoPeriod    []string `json:"also_period"`
	Kind          *string
	AlsoKind      []string `json:"also_kind"`
	Measure       string
	AlsoMeasure   []string  `json:"also_measure"`
	Number        *float64  // nil where it is not judged
	AlsoNumber    []float64 `json:"also_number"`
}

// A marked is a text with its figures.
type marked struct {
	Kind      string // of input
	Report    string
	Sentence  string
	Year      int
	Part      string // review, tasks or none
	Text      string
	Figures   []mark
	Optional  []string
	Paragraph int
}

// A tally counts what was right.
type tally struct{ marked, found, spurious, right, qualifiers, measures, numbers int }

func (t tally) String() string {
	read := t.found + t.spurious
	return fmt.Sprintf("marked %d, found %d, spurious %d, wholly right %d (precision %.3f, recall %.3f), qualifiers %d, measures %d, numbers %d",
		t.marked, t.found, t.spurious, t.right, float64(t.right)/float64(max(1, read)), float64(t.right)/float64(max(1, t.marked)), t.qualifiers, t.measures, t.numbers)
}

func (t *tally) add(o tally) {
	t.marked += o.marked
	t.found += o.found
	t.spurious += o.spurious
	t.right += o.right
	t.qualifiers += o.qualifiers
	t.measures += o.measures
	t.numbers += o.numbers
}

// TestMarkedSentences judges the figures of a hundred sentences of the example
// reports, marked by hand before the reader was tuned. The golden holds the
// counts and what is not right: a change of the reader is a change of it.
func TestMarkedSentences(t *testing.T) {
	c, err := reader(t).Open("../../seeds/examples", nil)
	if err != nil {
		t.Fatal(err)
	}
	var sum tally
	var lines []string
	for _, m := range readMarked(t, "../../seeds/examples/figures.jsonl") {
		r := c.Report(m.Report)
		if r == nil {
			t.Fatalf("no report %s", m.Report)
		}
		got, misses := judge(t, r, m, m.Sentence)
		sum.add(got)
		for _, miss := range misses {
			lines = append(lines, m.Report+": "+miss)
		}
	}
	compare(t, "marked.golden", append([]string{sum.String()}, lines...))
}

// TestKinds judges inputs of each kind that reports are written in.
func TestKinds(t *testing.T) {
	rows := readMarked(t, "testdata/kinds.jsonl")
	files := fstest.MapFS{}
	for i, m := range rows {
		files[fmt.Sprintf("%03d.txt", i)] = &fstest.MapFile{Data: []byte(placed(m))}
	}
	c, err := reader(t).Load(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]*tally{}
	var kinds, lines []string
	for i, m := range rows {
		if sums[m.Kind] == nil {
			sums[m.Kind] = &tally{}
			kinds = append(kinds, m.Kind)
		}
		got, misses := judge(t, c.Report(fmt.Sprintf("%03d", i)), m, m.Text)
		sums[m.Kind].add(got)
		for _, miss := range misses {
			lines = append(lines, m.Kind+": "+miss+" | "+m.Text)
		}
	}
	var head []string
	var all tally
	for _, k := range kinds {
		head = append(head, k+": "+sums[k].String())
		all.add(*sums[k])
	}
	compare(t, "kinds.golden", append(append([]string{"all: " + all.String()}, head...), lines...))
}

// TestFiguresAreGolden holds every figure of the embedded report and of the
// example reports, one a line.
func TestFiguresAreGolden(t *testing.T) {
	for _, dir := range []string{"../../seeds/nmg-2022.txt", "../../seeds/examples"} {
		c, err := reader(t).Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Reports {
			var lines []string
			for i := range r.Figures {
				lines = append(lines, fmt.Sprintf("%d %s", r.Paragraphs[r.Figures[i].Paragraph].Number, corpus.FigureLine(&r.Figures[i])))
			}
			compare(t, filepath.Join("figures", r.Slug()+".golden"), lines)
		}
	}
}

func reader(t testing.TB) corpus.Reader {
	t.Helper()
	l, err := indicators.Decode(configs.Indicators)
	if err != nil {
		t.Fatal(err)
	}
	return corpus.Reader{Indicators: l}
}

// placed puts a text where its part of a report is.
func placed(m marked) string {
	if m.Part == "none" {
		return "某地情况\n" + m.Text + "\n以上为有关情况说明文字，供参考使用。\n"
	}
	review, tasks := "过去一年，各项事业取得新进展。", "坚持稳中求进。"
	if m.Part == "review" {
		review = m.Text
	} else {
		tasks = m.Text
	}
	return fmt.Sprintf("%d年甲省政府工作报告\n各位代表：\n现在，我代表省人民政府，向大会报告工作，请予审议。\n一、%d年工作回顾\n%s\n二、%d年工作安排\n%s\n各位代表，让我们团结奋斗。\n", m.Year, m.Year-1, review, m.Year, tasks)
}

// judge compares the figures that were read in a text with those marked.
func judge(t *testing.T, r *report.Report, m marked, text string) (sum tally, misses []string) {
	t.Helper()
	at, base := -1, 0
	for i := range r.Paragraphs {
		if k := strings.Index(r.Paragraphs[i].Text, text); k >= 0 {
			at, base = i, k
			break
		}
	}
	if at < 0 {
		t.Fatalf("%s: the text is not there: %s", r.ID, text)
	}
	rs := []rune(text)
	offset := func(n int) int { return base + len(string(rs[:n])) }
	var got []*report.Figure
	for i := range r.Figures {
		if f := &r.Figures[i]; f.Paragraph == at && f.Start >= base && f.Start < base+len(text) {
			got = append(got, f)
		}
	}
	seen := map[*report.Figure]bool{}
	for i := range m.Figures {
		g := &m.Figures[i]
		sum.marked++
		var f *report.Figure
		for _, x := range got {
			if !seen[x] && x.Start < offset(g.End) && x.End > offset(g.Start) {
				f = x
				break
			}
		}
		if f == nil {
			misses = append(misses, "not found: "+g.Value+" "+g.Indicator)
			continue
		}
		seen[f] = true
		sum.found++
		wrong := g.wrong(f, strings.ContainsAny(text, "月季") || strings.Contains(text, "半年"))
		for what, n := range map[string]*int{"qualifier": &sum.qualifiers, "measure": &sum.measures, "number": &sum.numbers} {
			if !slices.Contains(wrong, what) {
				*n++
			}
		}
		if !slices.ContainsFunc(wrong, func(w string) bool { return w != "qualifier" && w != "measure" && w != "number" }) {
			sum.right++
		}
		if len(wrong) > 0 {
			misses = append(misses, strings.Join(wrong, "+")+": "+g.Value+" "+g.Indicator+" → "+corpus.FigureLine(f))
		}
	}
	for _, f := range got {
		if !seen[f] && !m.optional(text, base, f) {
			sum.spurious++
			misses = append(misses, "spurious: "+corpus.FigureLine(f))
		}
	}
	return sum, misses
}

func (m marked) optional(text string, base int, f *report.Figure) bool {
	for _, o := range m.Optional {
		for from := 0; ; {
			k := strings.Index(text[from:], o)
			if k < 0 {
				break
			}
			start := base + from + k
			if f.Start < start+len(o) && f.End > start {
				return true
			}
			from += k + len(o)
		}
	}
	return false
}

// wrong lists what of a figure is not as marked. parts says that a part of the
// marked year is right too.
func (g *mark) wrong(f *report.Figure, parts bool) (out []string) {
	if !slices.ContainsFunc(append(g.AlsoValue, g.Value), func(v string) bool { return fold(v) == fold(f.Value) }) {
		out = append(out, "value")
	}
	if !g.noun(fold(f.Indicator)) {
		out = append(out, "noun")
	}
	if g.Period != nil {
		period := f.Period.String()
		if year, _, part := strings.Cut(period, "-"); part && parts && !f.Period.Several() {
			period = year
		}
		if !slices.Contains(append(g.AlsoPeriod, *g.Period), period) {
			out = append(out, "period")
		}
	}
	if g.Kind != nil && !slices.Contains(append(g.AlsoKind, *g.Kind), f.Kind.String()) && !(f.Kind == report.Unknown && slices.Contains(g.AlsoPeriod, "")) {
		out = append(out, "kind")
	}
	if !g.qualified(f) {
		out = append(out, "qualifier")
	}
	if !slices.Contains(append(g.AlsoMeasure, g.Measure), f.Measure.String()) {
		out = append(out, "measure")
	}
	if g.Number != nil && !slices.ContainsFunc(append(g.AlsoNumber, *g.Number), func(n float64) bool { return math.Abs(n-f.Number) <= 1e-6*math.Max(1, math.Abs(n)) }) {
		out = append(out, "number")
	}
	return out
}

var joints = regexp.MustCompile("[、和与及]")

// noun accepts the names marked, and one with a short word more in front.
func (g *mark) noun(n string) bool {
	accepted := append([]string{g.Indicator}, g.AlsoIndicator...)
	for i := range accepted {
		if accepted[i] = fold(accepted[i]); accepted[i] == n {
			return true
		}
	}
	for _, no := range g.NotIndicator {
		if fold(no) == n {
			return false
		}
	}
	return slices.ContainsFunc(accepted, func(a string) bool {
		more, ok := strings.CutSuffix(n, a)
		return ok && n != "" && len([]rune(a)) >= 4 && len([]rune(more)) <= 6 && !joints.MatchString(more)
	})
}

func (g *mark) qualified(f *report.Figure) bool {
	have := fold(f.Qualifier) + "|" + fold(f.Verb) + "|" + fold(f.Value)
	return slices.ContainsFunc(append(g.AlsoQualifier, g.Qualifier), func(q string) bool {
		if q == "" {
			return f.Qualifier == ""
		}
		for part := range strings.SplitSeq(q, "…") {
			if !strings.Contains(have, part) {
				return false
			}
		}
		return true
	})
}

var unfolded = strings.NewReplacer(" ", "", "　", "", "“", "", "”", "", "\"", "")

func fold(s string) string { return unfolded.Replace(width.Fold.String(s)) }

func readMarked(t *testing.T, name string) (out []marked) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var m marked
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, m)
	}
	if len(out) < 50 {
		t.Fatalf("%s holds %d rows", name, len(out))
	}
	return out
}

// compare holds lines against a golden file; with -update it is rewritten.
func compare(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got := strings.Join(lines, "\n") + "\n"
	if u := flag.Lookup("update"); u != nil && u.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			t.Errorf("%s:%d\n got %s\nwant %s\n(run with -update and read the difference)", path, i+1, b, a)
			return
		}
	}
}

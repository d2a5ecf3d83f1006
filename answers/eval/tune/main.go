// Tune searches for the ranking weights that answer questions with gold best:
// a coordinate search, deterministic for the same sets.
//
//	go run ./answers/eval/tune -set CORPUS:QUESTIONS[:SHARE[:MOST]] … [-half even|odd] [-rounds N] [-start FILE]
//
// A set counts SHARE (1) in the objective; of a passage set at most MOST
// questions are asked, evenly spread. -half keeps every other question of the
// sets that are not passage sets, to see whether weights generalise.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"wenbao/answers"
	"wenbao/answers/eval"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
)

func main() {
	log.SetFlags(0)
	var sets setFlags
	flag.Var(&sets, "set", "CORPUS:QUESTIONS[:SHARE[:MOST]]; may be repeated")
	half := flag.String("half", "", "even or odd: keep only these questions of the report sets")
	rounds := flag.Int("rounds", 2, "how often every weight is tried")
	start := flag.String("start", "", "JSON file of the weights to start from")
	only := flag.String("only", "", "weights to tune, separated by commas; default all")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, sets, *half, *rounds, *start, *only); err != nil {
		log.Fatal(err)
	}
}

type setFlags []string

func (s *setFlags) String() string     { return strings.Join(*s, " ") }
func (s *setFlags) Set(v string) error { *s = append(*s, v); return nil }

// set is a corpus with the questions asked of it.
type set struct {
	name       string
	share      float64
	cases      []eval.Case
	generation *retrieval.Generation
}

func run(ctx context.Context, w io.Writer, specs []string, half string, rounds int, start, only string) error {
	weights := retrieval.DefaultWeights()
	if start != "" {
		raw, err := os.ReadFile(start)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &weights); err != nil {
			return fmt.Errorf("%s: %w", start, err)
		}
	}
	var sets []set
	for _, spec := range specs {
		s, err := open(ctx, spec, half)
		if err != nil {
			return fmt.Errorf("%s: %w", spec, err)
		}
		sets = append(sets, s)
	}
	t := tuner{sets: sets, w: w, best: weights}
	score, err := t.score(ctx, weights, true)
	if err != nil {
		return err
	}
	t.top = score
	if err := t.search(ctx, rounds, only); err != nil {
		return err
	}
	if _, err := t.score(ctx, t.best, true); err != nil {
		return err
	}
	out, err := json.MarshalIndent(t.best, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, string(out))
	return nil
}

func open(ctx context.Context, spec, half string) (set, error) {
	parts := strings.Split(spec, ":")
	if len(parts) < 2 {
		return set{}, fmt.Errorf("want CORPUS:QUESTIONS")
	}
	s := set{name: parts[1], share: 1}
	most := 0
	var err error
	if len(parts) > 2 {
		if s.share, err = strconv.ParseFloat(parts[2], 64); err != nil {
			return set{}, err
		}
	}
	if len(parts) > 3 {
		if most, err = strconv.Atoi(parts[3]); err != nil {
			return set{}, err
		}
	}
	l, err := lexicon.Load(os.DirFS(filepath.Join("configs", "lexicon")))
	if err != nil {
		return set{}, err
	}
	c, err := corpus.Open(parts[0])
	if err != nil {
		return set{}, err
	}
	if s.generation, err = retrieval.NewGeneration(ctx, "", c, l, nil); err != nil {
		return set{}, err
	}
	f, err := os.Open(parts[1])
	if err != nil {
		return set{}, err
	}
	defer f.Close()
	if s.cases, err = eval.ReadCases(parts[1], f); err != nil {
		return set{}, err
	}
	s.cases = sample(s.cases, half, most)
	return s, nil
}

// sample keeps the answerable cases of one half, and of a passage set at most
// so many.
func sample(cases []eval.Case, half string, most int) []eval.Case {
	var out []eval.Case
	step := 1
	if most > 0 {
		step = max(1, len(cases)/most)
	}
	for i, c := range cases {
		switch {
		case c.Passage() && i%step != 0:
		case !c.Passage() && c.Expect == "none":
		case !c.Passage() && half == "even" && i%2 != 1, !c.Passage() && half == "odd" && i%2 != 0:
			// Ids count from 1: the second case has an even one.
		default:
			out = append(out, c)
		}
	}
	return out
}

type tuner struct {
	sets []set
	w    io.Writer
	best retrieval.Weights
	top  float64
}

var steps = []float64{0.8, 1.25, 0.55, 1.8}

// search tries every weight in turn, up and down, and keeps what helps.
func (t *tuner) search(ctx context.Context, rounds int, only string) error {
	for round := range rounds {
		improved := false
		for _, name := range names(t.best) {
			if only != "" && !slices.Contains(strings.Split(only, ","), name) {
				continue
			}
			for _, step := range steps {
				w, err := scaled(t.best, name, step)
				if err != nil {
					return err
				}
				s, err := t.score(ctx, w, false)
				if err != nil {
					return err
				}
				if s > t.top+1e-6 {
					t.best, t.top, improved = w, s, true
					fmt.Fprintf(t.w, "round %d: %s × %.2f: %.5f\n", round+1, name, step, s)
				}
			}
		}
		if !improved {
			return nil
		}
	}
	return nil
}

func names(w retrieval.Weights) []string {
	m := asMap(w)
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func asMap(w retrieval.Weights) map[string]float64 {
	raw, err := json.Marshal(w)
	if err != nil {
		panic(err) // a struct of numbers always marshals
	}
	var m map[string]float64
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	return m
}

func scaled(w retrieval.Weights, name string, by float64) (retrieval.Weights, error) {
	m := asMap(w)
	m[name] *= by
	raw, err := json.Marshal(m)
	if err != nil {
		return w, err
	}
	var out retrieval.Weights
	return out, json.Unmarshal(raw, &out)
}

// score asks every set, two at a time, and adds up what the answers are worth.
func (t *tuner) score(ctx context.Context, w retrieval.Weights, show bool) (float64, error) {
	worth := make([]float64, len(t.sets))
	lines := make([]string, len(t.sets))
	errs := make([]error, len(t.sets))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i := range t.sets {
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			worth[i], lines[i], errs[i] = t.sets[i].ask(ctx, w)
		}()
	}
	wg.Wait()
	total, shares := 0.0, 0.0
	for i, s := range t.sets {
		if errs[i] != nil {
			return 0, errs[i]
		}
		total += s.share * worth[i]
		shares += s.share
		if show {
			fmt.Fprintln(t.w, lines[i])
		}
	}
	return total / shares, nil
}

// ask judges the retrieval of one set, whatever is refused.
func (s set) ask(ctx context.Context, w retrieval.Weights) (float64, string, error) {
	e := answers.New(retrieval.NewEngine(s.generation, retrieval.Options{Weights: &w, Dictionary: cedict.Open()}), answers.Options{})
	outcomes, err := eval.Run(ctx, e, s.cases)
	if err != nil {
		return 0, "", err
	}
	for i := range outcomes {
		outcomes[i].Answer.Status = answers.Answered
		outcomes[i] = eval.Judge(outcomes[i].Case, outcomes[i].Answer)
	}
	rows := eval.Table(outcomes)
	all := rows[len(rows)-1]
	if all.Answerable > 0 {
		worth := all.Excerpt1 + 0.3*all.Excerpt3 + 0.2*all.Paragraph1
		return worth, fmt.Sprintf("%s: excerpt@1 %.3f @3 %.3f paragraph@1 %.3f", s.name, all.Excerpt1, all.Excerpt3, all.Paragraph1), nil
	}
	worth := all.Recall1 + 0.3*all.MRR10 + 0.4*all.AnswerInQuote
	return worth, fmt.Sprintf("%s: recall@1 %.3f MRR %.3f in quote %.3f", s.name, all.Recall1, all.MRR10, all.AnswerInQuote), nil
}

// Package bottest holds what tests of the conversation and its platforms
// share: a small, deterministic Answerer over real reports, and a text form
// of replies.
package bottest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

// Toy answers by counting shared pairs of characters. It finds what a test
// asks in the words of a report, and no more; it is safe for concurrent use.
type Toy struct {
	live atomic.Pointer[shelf]
}

type shelf struct {
	generation *retrieval.Generation
	sentences  []sentence
	byPair     map[[2]rune][]int32 // ascending
}

type sentence struct {
	report     *report.Report
	paragraph  *report.Paragraph
	start, end int
	pairs      int
}

// NewToy returns a Toy over the reports of c.
func NewToy(c *corpus.Corpus) *Toy {
	t := &Toy{}
	t.Swap(c)
	return t
}

// Swap makes c what it answers from.
func (t *Toy) Swap(c *corpus.Corpus) {
	sum := sha256.New()
	s := &shelf{byPair: map[[2]rune][]int32{}}
	for _, r := range c.Reports {
		sum.Write([]byte(r.Digest))
		for i := range r.Paragraphs {
			p := &r.Paragraphs[i]
			if p.Role != report.Body && p.Role != report.Glossary {
				continue
			}
			if p.Term >= 0 {
				s.add(sentence{r, p, 0, len(p.Text), 0})
				continue
			}
			for _, x := range p.Sentences {
				s.add(sentence{r, p, x.Start, x.End, 0})
			}
		}
	}
	s.generation = &retrieval.Generation{ID: fmt.Sprintf("%x", sum.Sum(nil)[:4]), Corpus: c}
	t.live.Store(s)
}

func (s *shelf) add(x sentence) {
	pairs := pairsOf(x.paragraph.Text[x.start:x.end])
	x.pairs = len(pairs)
	n := int32(len(s.sentences))
	s.sentences = append(s.sentences, x)
	for _, p := range pairs {
		s.byPair[p] = append(s.byPair[p], n)
	}
}

// Acquire gives the library of the same reports its generation.
func (t *Toy) Acquire() (*retrieval.Generation, func(), error) {
	return t.live.Load().generation, func() {}, nil
}

// asking are words of questions, not of their matter.
var asking = strings.NewReplacer("是什么意思", "", "是什么", "", "什么是", "", "有哪些", "", "多少", "", "怎么样", "", "如何", "", "呢", "", "？", "", "?", "", "去年", "", "今年", "", "吗", "")

// Answer implements answers.Answerer.
func (t *Toy) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	if err := ctx.Err(); err != nil {
		return answers.Answer{}, err
	}
	s := t.live.Load()
	lang := text.Pick(r.Lang, text.Zh)
	a := answers.Answer{ID: r.ID, Question: r.Question, Generation: s.generation.ID}
	if talk, key := small(r.Question); talk != "" {
		a.Status, a.Talk, a.Message = answers.SmallTalk, talk, lang.Say(key)
		return a, nil
	}
	q := r.Question
	if rest, found := strings.CutPrefix(q, "那"); found && len(r.History) > 0 {
		q = strings.TrimRight(rest, "呢？?")
		a.Understood = q + "是什么"
	}
	matter := asking.Replace(q)
	best := s.search(matter, r)
	a.Status, a.Reason = answers.NoAnswer, answers.NoMatch
	if len(best) > 0 && best[0].share >= 0.6 {
		a.Status, a.Reason = answers.Answered, ""
	}
	top := r.Top
	if top <= 0 {
		top = answers.DefaultTop
	}
	for _, b := range best[:min(top, len(best))] {
		a.Excerpts = append(a.Excerpts, excerpt(s.sentences[b.at], matter, b.share))
	}
	if a.Status == answers.Answered && strings.Contains(q, "多少") {
		a.Figure = figure(a.Excerpts[0])
	}
	if a.Status == answers.NoAnswer {
		a.Message = lang.Say(text.Refused)
	}
	return a, nil
}

func small(q string) (string, text.Key) {
	switch strings.ToLower(strings.Trim(q, "！!。.～ ")) {
	case "你好", "hello", "hi":
		return "greeting", text.Greeting
	case "谢谢", "thanks", "thank you":
		return "thanks", text.Thanks
	case "再见", "bye":
		return "farewell", text.Farewell
	case "你是谁", "who are you":
		return "identity", text.Identity
	}
	return "", 0
}

type found struct {
	at    int32
	share float64
}

// search returns the best sentence of each paragraph, best first.
func (s *shelf) search(matter string, r answers.Request) []found {
	pairs := pairsOf(matter)
	if len(pairs) == 0 {
		return nil
	}
	counts := map[int32]int{}
	for _, p := range pairs {
		for _, at := range s.byPair[p] {
			counts[at]++
		}
	}
	best := map[*report.Paragraph]found{}
	for at, n := range counts {
		x := s.sentences[at]
		if r.Report != "" && x.report.ID != r.Report {
			continue
		}
		f := found{at, float64(n)/float64(len(pairs)) - float64(x.pairs)/1e4}
		if old, ok := best[x.paragraph]; f.share > 0.2 && (!ok || f.share > old.share || f.share == old.share && at < old.at) {
			best[x.paragraph] = f
		}
	}
	out := make([]found, 0, len(best))
	for _, f := range best {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].share != out[j].share {
			return out[i].share > out[j].share
		}
		return out[i].at < out[j].at
	})
	return out
}

func excerpt(x sentence, matter string, score float64) answers.Excerpt {
	out := answers.Excerpt{Quote: x.paragraph.Text[x.start:x.end], Text: x.paragraph.Text, Start: x.start, End: x.end, Score: score}
	c := answers.Citation{Report: x.report.ID, Title: x.report.Title, Section: x.report.Path(x.paragraph.Section),
		Paragraph: x.paragraph.Number, ParagraphID: x.paragraph.ID}
	if x.paragraph.Term >= 0 {
		c.Term = x.report.Terms[x.paragraph.Term].Name
	}
	c.Label = fmt.Sprintf("《%s》 第%d段", c.Title, c.Paragraph)
	c.URL = fmt.Sprintf("/r/%s/p/%s?s=%d-%d", x.report.Slug(), c.ParagraphID, x.start, x.end)
	out.Citation = c
	out.Marks = marks(out.Quote, matter)
	return out
}

// marks finds the longest stretches of the question's matter in a quote.
func marks(quote, matter string) []answers.Mark {
	var out []answers.Mark
	wanted := map[[2]rune]bool{}
	for _, p := range pairsOf(matter) {
		wanted[p] = true
	}
	var last rune
	lastAt := 0
	for i, r := range quote {
		if i > 0 && wanted[[2]rune{last, r}] {
			end := i + utf8.RuneLen(r)
			if n := len(out); n > 0 && out[n-1].End > lastAt {
				out[n-1].End = end
			} else {
				out = append(out, answers.Mark{Start: lastAt, End: end})
			}
		}
		last, lastAt = r, i
	}
	return out
}

var quantity = regexp.MustCompile(`[0-9.]+[％%]|[0-9.]+万?亿?[元户吨个公里]+`)

func figure(x answers.Excerpt) *answers.Figure {
	v := quantity.FindString(x.Quote)
	if v == "" {
		return nil
	}
	return &answers.Figure{FigureWire: report.FigureWire{Value: v, Kind: "achieved"}}
}

// pairsOf returns the pairs of neighbouring letters of s, each once.
func pairsOf(s string) [][2]rune {
	seen := map[[2]rune]bool{}
	var out [][2]rune
	var last rune
	for _, r := range s {
		if strings.ContainsRune(" \t\n“”‘’（）()，。、；：！？,.;:!?《》", r) {
			last = 0
			continue
		}
		if p := [2]rune{last, r}; last != 0 && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
		last = r
	}
	return out
}

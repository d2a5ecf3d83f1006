package answers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"wenbao/answers/text"
	"wenbao/retrieval"
	"wenbao/retrieval/question"
	"wenbao/retrieval/stage"
)

// Engine answers questions from what retrieval finds.
type Engine struct {
	search    *retrieval.Engine
	log       *slog.Logger
	publicURL string
	limits    Limits
	stage     stage.Func
	dropped   atomic.Int64
}

// Options configure an engine.
type Options struct {
	Log       *slog.Logger // nil: discarded
	PublicURL string       // base of citation links; "": they are relative
	Limits    *Limits      // nil: DefaultLimits
	Stage     stage.Func   // nil: stages are not measured
}

// Errors of a request. Their text is fit for the asker.
var (
	ErrEmpty         = errors.New("the question is empty")
	ErrTooLong       = fmt.Errorf("the question is longer than %d characters", MaxQuestion)
	ErrUnknownReport = errors.New("there is no such report")
)

// New returns an engine over search, which it does not own.
func New(search *retrieval.Engine, o Options) *Engine {
	e := &Engine{search: search, log: o.Log, publicURL: strings.TrimRight(o.PublicURL, "/"), limits: DefaultLimits(), stage: o.Stage}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if o.Limits != nil {
		e.limits = *o.Limits
	}
	return e
}

// Dropped returns how many quotes failed the check against the source and
// were withheld.
func (e *Engine) Dropped() int64 { return e.dropped.Load() }

// Answer answers one question.
func (e *Engine) Answer(ctx context.Context, r Request) (Answer, error) {
	began := time.Now()
	a, err := e.answer(ctx, r)
	a.ID, a.Question = r.ID, r.Question
	a.TookMicros = time.Since(began).Microseconds()
	return a, err
}

func (e *Engine) answer(ctx context.Context, r Request) (Answer, error) {
	if strings.TrimSpace(r.Question) == "" {
		return Answer{}, ErrEmpty
	}
	if utf8.RuneCountInString(r.Question) > MaxQuestion {
		return Answer{}, ErrTooLong
	}
	r = withDefaults(r)
	g, release, err := e.search.Acquire()
	if err != nil {
		return Answer{}, err
	}
	defer release()
	lang := text.Pick(r.Lang, text.Zh)
	_, end := e.stage.Begin(ctx, stage.Understand)
	asks := e.understand(g, r)
	end()
	if asks.talk == question.OffTopic {
		return Answer{Status: NoAnswer, Reason: OffTopic, Message: lang.Say(text.RefusedOffTopic), Suggestions: e.openers(g, r.Report), Generation: g.ID}, nil
	}
	if talk := asks.talk; talk != question.NoTalk {
		return Answer{Status: SmallTalk, Talk: string(talk), Message: talkMessage(lang, talk), Suggestions: e.openers(g, r.Report), Generation: g.ID}, nil
	}
	found := make([]finding, 0, len(asks.parts))
	for _, q := range asks.parts {
		f, err := e.find(ctx, g, r, q)
		if err != nil {
			return Answer{}, err
		}
		found = append(found, f)
	}
	composing, end := e.stage.Begin(ctx, stage.Compose)
	a := e.compose(composing, r, found)
	end()
	a.Understood, a.Generation = asks.understood, g.ID
	if a.Status == Answered && asks.spreads {
		a.Message = unanswered(lang, found)
	}
	if a.Status == NoAnswer {
		a.Message = refusal(lang, a.Reason, found[0].result)
		a.Suggestions = suggestions(found)
	}
	return a, nil
}

// unanswered names the asks of a question over several regions or years that
// found no answer; "" where all did.
func unanswered(lang text.Lang, found []finding) string {
	var asks []string
	for _, f := range found {
		if f.reason != "" {
			asks = append(asks, f.result.Question.Text)
		}
	}
	if len(asks) == 0 {
		return ""
	}
	return lang.Say(text.Partly, text.List(lang, asks...))
}

func withDefaults(r Request) Request {
	if r.Top <= 0 {
		r.Top = DefaultTop
	}
	r.Top = min(r.Top, MaxTop)
	if r.MaxQuote <= 0 {
		r.MaxQuote = DefaultMaxQuote
	}
	return r
}

// leastHits are looked at whatever number is asked for, since the first may
// not fit; spareHits make up for paragraphs that are quoted already.
const (
	leastHits = 16
	spareHits = 6
)

// finding is what one ask of a question came to.
type finding struct {
	result *retrieval.Result
	hits   []retrieval.Hit
	reason Reason // "" when the first hit answers
}

// find searches for one ask and decides whether it is answered.
func (e *Engine) find(ctx context.Context, g *retrieval.Generation, r Request, q question.Question) (finding, error) {
	res, err := e.search.SearchIn(ctx, g, retrieval.Query{Question: q, Report: r.Report, Now: r.Now, Limit: max(leastHits, r.Top+spareHits), Stage: e.stage})
	if errors.Is(err, retrieval.ErrUnknownReport) {
		return finding{}, fmt.Errorf("%w: %q", ErrUnknownReport, r.Report)
	}
	if err != nil {
		return finding{}, err
	}
	f := finding{result: res, hits: res.Hits}
	if q.AboutReport {
		if hits := preamble(res, q); len(hits) > 0 {
			f.hits = append(hits, f.hits...)
			return f, nil
		}
	}
	f.reason = decide(e.limits, res)
	return f, nil
}

// compose makes one answer of the asks: the best excerpt of each first, then
// the rest in turn. A paragraph is quoted once.
func (e *Engine) compose(ctx context.Context, r Request, found []finding) Answer {
	a := Answer{Status: Answered}
	answered := found[:0:0]
	for _, f := range found {
		if f.reason == "" {
			answered = append(answered, f)
		}
	}
	if len(answered) == 0 {
		a.Status, a.Reason = NoAnswer, found[0].reason
		answered = found
	}
	type key struct{ report, paragraph int }
	seen := map[key]bool{}
	for rank := 0; len(a.Excerpts) < r.Top; rank++ {
		more := false
		for i := range answered {
			f := &answered[i]
			if rank >= len(f.hits) {
				continue
			}
			more = true
			h := &f.hits[rank]
			if k := (key{h.Report, h.Paragraph}); seen[k] || len(a.Excerpts) >= r.Top {
				continue
			} else if x, ok := e.excerpt(ctx, f.result, h, r.MaxQuote); ok {
				seen[k] = true
				a.Excerpts = append(a.Excerpts, x)
				if a.Figure == nil && a.Status == Answered && len(a.Excerpts) == 1 {
					a.Figure = figureOf(f.result, h, x)
				}
			}
		}
		if !more {
			break
		}
	}
	if len(a.Excerpts) == 0 && a.Status == Answered {
		a.Status, a.Reason = NoAnswer, NoMatch
	}
	return a
}

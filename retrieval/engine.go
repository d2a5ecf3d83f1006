// Package retrieval finds the paragraphs and sentences of reports that answer
// a question: it understands the question, searches one generation of corpus
// and index, and ranks what it finds.
package retrieval

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"wenbao/retrieval/index"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
	"wenbao/retrieval/stage"
)

// ErrClosed is returned by a search on an engine that is closed.
var ErrClosed = errors.New("the engine is closed")

// Engine searches the live generation, which Swap replaces while searches run.
type Engine struct {
	live       atomic.Pointer[Generation]
	dictionary Dictionary
	weights    Weights
}

// Options are what an engine may be given besides its first generation.
type Options struct {
	Weights    *Weights   // nil: DefaultWeights
	Dictionary Dictionary // nil: English is understood through the lexicon only
}

// NewEngine returns an engine that owns g from now on.
func NewEngine(g *Generation, o Options) *Engine {
	e := &Engine{dictionary: o.Dictionary, weights: DefaultWeights()}
	if o.Weights != nil {
		e.weights = *o.Weights
	}
	e.live.Store(g)
	return e
}

// Acquire returns the live generation, kept open until release is called.
func (e *Engine) Acquire() (g *Generation, release func(), err error) {
	for {
		g := e.live.Load()
		if g == nil {
			return nil, nil, ErrClosed
		}
		if g.acquire() {
			return g, func() { _ = g.release() }, nil
		}
	}
}

// Swap makes next the live generation. The one before goes on serving the
// searches that began on it and closes when the last is done.
func (e *Engine) Swap(next *Generation) {
	if old := e.live.Swap(next); old != nil {
		_ = old.release()
	}
}

// Close drops the live generation.
func (e *Engine) Close() error {
	if g := e.live.Swap(nil); g != nil {
		return g.release()
	}
	return nil
}

// A Query is a question put to the engine.
type Query struct {
	Question question.Question
	Report   string    // id of the report to keep to, "" for all
	Now      time.Time // zero: the day of the newest report in scope
	Limit    int
	Stage    stage.Func // nil: stages are not measured
	// At is the paragraph to look at, and no other; nil: the best are found.
	At *Place
}

// A Place is a paragraph of the corpus.
type Place struct {
	Report    string // id
	Paragraph string // id
}

// ErrUnknownPlace says that a query looks at a paragraph that the corpus does
// not hold, or that holds no text to quote.
var ErrUnknownPlace = errors.New("no such paragraph")

// ErrUnknownReport says that a query names a report the corpus does not hold.
var ErrUnknownReport = errors.New("no such report")

// A Result holds hits of one generation.
type Result struct {
	Generation *Generation
	Question   question.Question
	Hits       []Hit
	Base       int   // the year that 今年 was taken for, 0 when unknown
	Years      []int // asked for
	Places     []PlaceAsked
	Terms      []TermAsked
	Scope      []int // indices of the reports the question is about
	wheres     []where
	TermShare  float64 // share of the question's content that names glossary terms, 0–1
}

// A PlaceAsked is a place the question names.
type PlaceAsked struct {
	Name   string
	Home   bool // the region that the reports in scope are about
	Within bool // it lies inside that region
}

// A TermAsked is a glossary term the question names.
type TermAsked struct {
	Text string
	Refs []TermRef
}

// Search finds what answers q in the live generation, which stays open until
// release is called; the hits must not be used afterwards.
func (e *Engine) Search(ctx context.Context, q Query) (res *Result, release func(), err error) {
	g, release, err := e.Acquire()
	if err != nil {
		return nil, nil, err
	}
	res, err = e.SearchIn(ctx, g, q)
	if err != nil {
		release()
		return nil, nil, err
	}
	return res, release, nil
}

// SearchIn finds what answers q in a generation that the caller has acquired.
func (e *Engine) SearchIn(ctx context.Context, g *Generation, q Query) (*Result, error) {
	return g.search(ctx, q, &e.weights, e.dictionary)
}

// search is Search on one generation, whose reference the caller holds.
func (g *Generation) search(ctx context.Context, query Query, w *Weights, tr Dictionary) (*Result, error) {
	only := -1
	if query.Report != "" {
		if only = g.reportIndex(query.Report); only < 0 {
			return nil, ErrUnknownReport
		}
	}
	q := query.Question
	scope := g.scope(&q, only)
	base := g.baseYear(scope, query.Now, only >= 0)
	r := &ranking{g: g, q: &q, w: w, when: whenOf(&q, base), wheres: g.wheresOf(&q, scope), aliases: map[[2]int]float64{}}
	res := &Result{Generation: g, Scope: scope, Base: base, Years: r.when.years}
	within, end := query.Stage.Begin(ctx, stage.Compile)
	e, terms, err := g.compile(within, &q, w, tr, r.wheres)
	end()
	if err != nil {
		return nil, err
	}
	r.e = e
	res.Question, res.TermShare = q, r.aliasShare()
	r.noteTerms(res, only)
	r.notePlaces(res, scope)
	res.wheres = r.wheres
	if query.At != nil {
		return res, r.lookAt(res, *query.At)
	}
	within, end = query.Stage.Begin(ctx, stage.Search)
	matches, err := g.candidates(within, terms, only, scope)
	end(slog.Int("hits", len(matches)))
	if err != nil {
		return nil, err
	}
	within, end = query.Stage.Begin(ctx, stage.Rank)
	res.Hits, err = r.rank(within, matches, query.Limit)
	end(slog.Int("hits", len(res.Hits)))
	if err != nil {
		return nil, err
	}
	return res, nil
}

// mostScope is of how many reports candidates are looked for one by one.
const mostScope = 12

// candidates finds what is worth ranking: in the one report chosen, or in all;
// where the question names a region, in each of that region's reports too, of
// which others must not crowd out the paragraphs.
func (g *Generation) candidates(ctx context.Context, terms []index.Term, only int, scope []int) ([]index.Match, error) {
	matches, err := g.index.Search(ctx, index.Query{Terms: terms, Report: only, Limit: candidates})
	if err != nil || only >= 0 || len(scope) == len(g.Corpus.Reports) || len(scope) > mostScope {
		return matches, err
	}
	for _, report := range scope {
		own, err := g.index.Search(ctx, index.Query{Terms: terms, Report: report, Limit: candidates / 2})
		if err != nil {
			return nil, err
		}
		matches = append(matches, own...)
	}
	return matches, nil
}

// noteTerms finds the glossary entries that the question names.
func (r *ranking) noteTerms(res *Result, only int) {
	for _, a := range r.g.literalAliases(r.q) {
		t := TermAsked{Text: string(r.q.Folded.Runes[a.start:a.end])}
		weights := r.apart(a)
		for i, ref := range a.refs {
			if only >= 0 && ref.Report != only {
				continue
			}
			t.Refs = append(t.Refs, ref)
			r.nameEntry(ref, weights[i])
		}
		if len(t.Refs) > 0 {
			res.Terms = append(res.Terms, t)
		}
	}
}

func (r *ranking) notePlaces(res *Result, scope []int) {
	for _, w := range r.wheres {
		p := PlaceAsked{Name: r.g.lexicon.Places[w.place].Name, Home: w.home}
		for _, s := range scope {
			p.Within = p.Within || r.g.regions[s] >= 0 && r.g.lexicon.Within(w.place, r.g.regions[s])
		}
		res.Places = append(res.Places, p)
	}
}

// scope lists the reports that a question is about: the chosen one, else
// those of a region it names, else all.
func (g *Generation) scope(q *question.Question, only int) []int {
	if only >= 0 {
		return []int{only}
	}
	var all, named []int
	for i := range g.Corpus.Reports {
		all = append(all, i)
	}
	for _, m := range g.lexicon.Find(q.Folded.Runes) {
		for i, region := range g.regions {
			if m.Place >= 0 && region == m.Place {
				named = append(named, i)
			}
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// baseYear is the year that 今年 means: of the report in view, else of now,
// else of the newest report in scope.
func (g *Generation) baseYear(scope []int, now time.Time, chosen bool) int {
	newest := 0
	for _, i := range scope {
		newest = max(newest, g.Corpus.Reports[i].Year)
	}
	if chosen && newest > 0 || now.IsZero() {
		return newest
	}
	return now.Year()
}

func (g *Generation) reportIndex(id string) int {
	for i, r := range g.Corpus.Reports {
		if r.ID == id {
			return i
		}
	}
	return -1
}

// Report returns the report of a hit.
func (r *Result) Report(h *Hit) *report.Report { return r.Generation.Corpus.Reports[h.Report] }

// Package curation lays what operators decided over answers: an alias says
// which term of a glossary a phrase means, a pin which paragraph answers a
// question. It is a layer of answers.Answerer above the cache: what is cached
// stays free of it, so a decision holds from the moment it is made.
package curation

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"wenbao/answers"
)

// Kind says what a rule leads to.
type Kind string

const (
	Alias Kind = "alias" // a term of a glossary
	Pin   Kind = "pin"   // a paragraph
)

// A Rule is one decision of an operator.
type Rule struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Phrase is what people say. It is compared as questions are: width,
	// case, traditional characters, fillers and final marks do not count.
	Phrase string `json:"phrase"`
	// Part says that a question need only hold the phrase; otherwise it is
	// the phrase.
	Part bool `json:"part,omitempty"`
	// Workspace is whose questions it is for (answers.Request); "": all.
	Workspace string         `json:"workspace,omitempty"`
	Term      string         `json:"term,omitempty"`  // of an alias
	Place     *answers.Place `json:"place,omitempty"` // of a pin
	By        string         `json:"by,omitempty"`    // the operator
	At        time.Time      `json:"at,omitzero"`
}

// A Quoter answers with one place; *answers.Engine is one.
type Quoter interface {
	// Quote fails with answers.ErrNoPlace where the place is not there.
	Quote(ctx context.Context, r answers.Request, at answers.Place) (answers.Answer, error)
}

var _ Quoter = (*answers.Engine)(nil)

// Parts are what a Layer works with; all are needed.
type Parts struct {
	Next   answers.Answerer
	Quoter Quoter
	// HasTerm reports whether a glossary of the live generation has a term.
	HasTerm func(name string) bool
}

// Layer answers as its rules say, and as Next does where they say nothing. It
// is safe for concurrent use.
type Layer struct {
	Parts
	rules   atomic.Pointer[book]
	applied [2]atomic.Int64 // by alias, by pin
	stale   atomic.Int64
}

var _ answers.Answerer = (*Layer)(nil)

// New returns a Layer without rules.
func New(p Parts) *Layer {
	l := &Layer{Parts: p}
	l.Set(nil)
	return l
}

// Set makes these the rules from now on. Of two for the same phrase and
// workspace the later one counts.
func (l *Layer) Set(rules []Rule) { l.rules.Store(newBook(rules)) }

// Meaning returns the term that a phrase alone is an alias of in a workspace.
func (l *Layer) Meaning(workspace, phrase string) (term string, found bool) {
	rules := l.rules.Load()
	for _, w := range scopes(workspace) {
		for _, e := range rules.aliases[w] {
			if e.phrase == Key(phrase) && l.HasTerm(e.Term) {
				return e.Term, true
			}
		}
	}
	return "", false
}

// Applied returns how many answers followed an alias and how many a pin, and
// how often a pin led nowhere since its paragraph is gone.
func (l *Layer) Applied() (aliases, pins, stale int64) {
	return l.applied[0].Load(), l.applied[1].Load(), l.stale.Load()
}

// attempts is how often an answer is asked for again because the live
// generation changed between its parts.
const attempts = 3

// Answer answers one question.
func (l *Layer) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	rules := l.rules.Load()
	if rules.empty() {
		return l.Next.Answer(ctx, r)
	}
	began := time.Now()
	said, translated := rules.translate(r, l.HasTerm)
	a, pinned, err := l.pinned(ctx, rules, r, said)
	switch {
	case err != nil:
		return answers.Answer{}, err
	case pinned:
		l.applied[1].Add(1)
	case !translated:
		return l.Next.Answer(ctx, r)
	default:
		if a, err = l.Next.Answer(ctx, said); err != nil {
			return answers.Answer{}, err
		}
		l.applied[0].Add(1)
		a.Excerpts = slices.Clone(a.Excerpts) // a cache may hold the others
		for i := range a.Excerpts {
			a.Excerpts[i].Citation.Curated = true
		}
	}
	if said.Question != r.Question && a.Understood == "" {
		a.Understood = said.Question
	}
	a.ID, a.Question, a.TookMicros = r.ID, r.Question, time.Since(began).Microseconds()
	return a, nil
}

// pinned answers with the place that a pin gives, and after it what is found
// without; false where no pin is for the question, or its place is gone.
func (l *Layer) pinned(ctx context.Context, rules *book, r, said answers.Request) (answers.Answer, bool, error) {
	rule, found := rules.pin(r)
	if !found {
		rule, found = rules.pin(said)
	}
	if !found {
		return answers.Answer{}, false, nil
	}
	for n := range attempts {
		a, err := l.Quoter.Quote(ctx, said, *rule.Place)
		if errors.Is(err, answers.ErrNoPlace) {
			l.stale.Add(1)
			return answers.Answer{}, false, nil
		}
		if err != nil {
			return answers.Answer{}, false, err
		}
		a.Excerpts[0].Citation.Curated = true
		rest, err := l.Next.Answer(ctx, said)
		if err != nil {
			return answers.Answer{}, false, err
		}
		if rest.Generation == a.Generation {
			return follow(a, rest, r.Top), true, nil
		}
		if n == attempts-1 {
			return a, true, nil
		}
	}
	return answers.Answer{}, false, nil
}

// follow adds to a what rest found elsewhere, where that is an answer too.
func follow(a, rest answers.Answer, top int) answers.Answer {
	if rest.Status != answers.Answered {
		return a
	}
	if top <= 0 {
		top = answers.DefaultTop
	}
	first := a.Excerpts[0].Citation
	a.Understood = rest.Understood
	for _, x := range rest.Excerpts {
		if len(a.Excerpts) >= min(top, answers.MaxTop) {
			break
		}
		if x.Citation.Report != first.Report || x.Citation.ParagraphID != first.ParagraphID {
			a.Excerpts = append(a.Excerpts, x)
		}
	}
	return a
}

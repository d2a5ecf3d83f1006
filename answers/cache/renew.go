package cache

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"wenbao/answers"
)

// Renew answers anew, one after the other, at most n questions, and counts
// them: for after a reindex. First come those of often, which are asked often
// wherever, in the forms in which answers are asked for here most; then those
// asked most here of generations that are gone.
func (l *Layer) Renew(ctx context.Context, n int, often []string) (int, error) {
	_, generation, err := l.Source.Context(answers.Request{})
	if err != nil {
		return 0, err
	}
	renewed := 0
	for _, question := range often[:min(n, len(often))] {
		for _, r := range l.forms.requests(question) {
			if _, err := l.give(ctx, r); err != nil && ctx.Err() != nil {
				return renewed, ctx.Err()
			}
		}
		renewed++
	}
	var again []kept
	for _, k := range l.local.All() {
		if k.answer.Generation != generation && k.request.Question != "" && k.answer.Status == answers.Answered {
			again = append(again, k)
		}
	}
	slices.SortFunc(again, func(a, b kept) int { return cmp.Compare(b.asked.Load(), a.asked.Load()) })
	for _, k := range again {
		if renewed == n {
			break
		}
		if _, done := l.local.GetIfPresent(scope{l.Variant, nil, generation}.key(k.request)); done {
			continue
		}
		if _, err := l.give(ctx, k.request); err != nil && ctx.Err() != nil {
			return renewed, ctx.Err()
		}
		renewed++
	}
	return renewed, nil
}

// form is how an answer is asked for, beside the question.
type form struct {
	top, quote int
	lang       string
}

const (
	mostForms    = 32 // told apart
	renewedForms = 3
)

// forms counts how answers are asked for in all reports. The zero value is
// ready for use.
type forms struct {
	mu    sync.Mutex
	asked map[form]int
}

func (f *forms) note(r answers.Request) {
	if r.Report != "" || !r.Now.IsZero() || len(r.History) > 0 {
		return
	}
	its := form{r.Top, r.MaxQuote, r.Lang}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked == nil {
		f.asked = map[form]int{}
	}
	if _, known := f.asked[its]; known || len(f.asked) < mostForms {
		f.asked[its]++
	}
}

// requests returns a question in the forms asked for most, the plain one where
// nothing was asked.
func (f *forms) requests(question string) []answers.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	most := slices.SortedFunc(maps.Keys(f.asked), func(a, b form) int {
		return cmp.Or(cmp.Compare(f.asked[b], f.asked[a]), cmp.Compare(a.top, b.top), cmp.Compare(a.quote, b.quote), cmp.Compare(a.lang, b.lang))
	})
	if len(most) == 0 {
		most = []form{{}}
	}
	var out []answers.Request
	for _, its := range most[:min(renewedForms, len(most))] {
		out = append(out, answers.Request{Question: question, Top: its.top, MaxQuote: its.quote, Lang: its.lang})
	}
	return out
}

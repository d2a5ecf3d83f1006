package redis

import (
	"context"
	"sync/atomic"
	"time"
)

// DefaultBudget is how long one answer may spend on Redis in total.
const DefaultBudget = 100 * time.Millisecond

type budgetKey struct{}
type patientKey struct{}
type probeKey struct{}
type payerKey struct{}

// Within returns a context whose commands together take at most the budget,
// the one that ctx has already where it has one.
func Within(ctx context.Context, budget time.Duration) context.Context { return Share(budget)(ctx) }

// Share returns a Within for several contexts: commands of all of them
// together take at most the budget.
func Share(budget time.Duration) func(context.Context) context.Context {
	left := new(atomic.Int64)
	left.Store(int64(budget))
	return func(ctx context.Context) context.Context {
		if _, has := ctx.Value(budgetKey{}).(*atomic.Int64); has {
			return ctx
		}
		return context.WithValue(ctx, budgetKey{}, left)
	}
}

// Patient returns a context each of whose commands may take this long: for
// work that no asker waits for.
func Patient(ctx context.Context, each time.Duration) context.Context {
	return context.WithValue(ctx, patientKey{}, each)
}

// allowance returns how long the next command may take, each where ctx says
// nothing, and the budget that pays for it.
func allowance(ctx context.Context, each time.Duration) (time.Duration, *atomic.Int64) {
	if each, patient := ctx.Value(patientKey{}).(time.Duration); patient {
		return each, nil
	}
	if left, has := ctx.Value(budgetKey{}).(*atomic.Int64); has {
		return time.Duration(left.Load()), left
	}
	return each, nil
}

// Left returns how much of the budget of ctx is left; where it has none, as
// much as a new one.
func Left(ctx context.Context) time.Duration {
	if left, has := ctx.Value(budgetKey{}).(*atomic.Int64); has {
		return time.Duration(left.Load())
	}
	return DefaultBudget
}

// Spend takes d from the budget of ctx, if it has one: for waiting that is
// not a command's.
func Spend(ctx context.Context, d time.Duration) {
	if left, has := ctx.Value(budgetKey{}).(*atomic.Int64); has {
		left.Add(-int64(d))
	}
}

package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"wenbao/retrieval/stage"
)

// trip is after how many failures in a row a node is left alone.
const trip = 3

// errLeftAlone is the failure of a command to a node that is left alone.
var errLeftAlone = fmt.Errorf("%w: it failed a moment ago", ErrUnavailable)

// guard is the breaker of one node: commands fail at once while it is open,
// and only a probe can close it, so that no asker pays for finding out.
type guard struct {
	node    *goredis.Client
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	log     *slow
	gone    atomic.Bool
	wanted  atomic.Int64 // when a command was last meant for the node, in ns
}

func newGuard(node *goredis.Client, log *slow) *guard {
	g := &guard{node: node, log: log}
	g.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Timeout:     probing,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= trip },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateClosed {
				log.back()
			}
		},
	})
	return g
}

func (g *guard) open() bool { return g.breaker.State() != gobreaker.StateClosed }

func (g *guard) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, probeKey{}, true), DefaultBudget)
	defer cancel()
	if errors.Is(g.node.Ping(ctx).Err(), goredis.ErrClosed) {
		g.gone.Store(true)
	}
}

// run runs a command unless the node is left alone.
func (g *guard) run(ctx context.Context, do func(context.Context) error) error {
	if ctx.Value(g) != nil { // what a new connection says first is part of its command
		return do(ctx)
	}
	if ctx.Value(probeKey{}) == nil {
		g.wanted.Store(g.log.now().UnixNano())
		if g.open() {
			return errLeftAlone
		}
	}
	done, err := g.breaker.Allow()
	if err != nil {
		return errLeftAlone
	}
	err = do(context.WithValue(ctx, g, true))
	switch {
	case errors.Is(err, context.Canceled):
		done(nil) // the caller went away
	case down(err):
		g.log.failed(ctx, err)
		done(err)
	default:
		done(nil)
	}
	return err
}

// down reports whether an error says that the node does not serve, rather
// than that it refused one command.
func down(err error) bool {
	if err == nil || errors.Is(err, goredis.Nil) || errors.Is(err, errSpent) {
		return false
	}
	var reply goredis.Error
	if !errors.As(err, &reply) {
		return true
	}
	for _, p := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "NOAUTH", "WRONGPASS", "NOREPLICAS", "MISCONF", "max number of clients"} {
		if strings.Contains(reply.Error(), p) {
			return true
		}
	}
	return false
}

func (g *guard) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (g *guard) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := g.run(ctx, func(ctx context.Context) error { return next(ctx, cmd) })
		if errors.Is(err, errLeftAlone) {
			cmd.SetErr(err)
		}
		return err
	}
}

func (g *guard) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := g.run(ctx, func(ctx context.Context) error { return next(ctx, cmds) })
		if errors.Is(err, errLeftAlone) {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}

// errSpent is the failure of a command that the answer has no time left for.
var errSpent = fmt.Errorf("%w: this answer has spent its time on it", ErrUnavailable)

// payer makes each command fit the budget of its answer and counts it.
type payer struct{ c *Client }

func (p payer) pay(ctx context.Context, what, store string, do func(context.Context) error) error {
	if ctx.Value(payerKey{}) != nil {
		return do(ctx)
	}
	ctx = context.WithValue(ctx, payerKey{}, true)
	each, budget := allowance(ctx, p.c.each)
	if each <= 0 {
		p.c.seen.outcome(what, errSpent, 0)
		return errSpent
	}
	ctx, end := p.c.stage.Begin(ctx, strings.TrimSuffix(stage.Redis+" "+what+" "+store, " "))
	limited, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	began := time.Now()
	err := do(limited)
	took := time.Since(began)
	outcome := outcomeOf(err)
	end(slog.String("command", what), slog.String("outcome", outcome), slog.Bool("failed", outcome != "ok"))
	if budget != nil {
		budget.Add(-int64(took))
	}
	p.c.seen.outcome(what, err, took)
	if err != nil && refused(err) {
		p.c.log.failed(ctx, err)
	}
	return err
}

// refused reports whether the server would not do what it was asked.
func refused(err error) bool {
	var reply goredis.Error
	return errors.As(err, &reply) && !errors.Is(err, goredis.Nil) && !strings.HasPrefix(reply.Error(), "NOSCRIPT")
}

// Refused reports whether a server that serves would not do what it was asked,
// and would not later: not that it is full.
func Refused(err error) bool {
	return err != nil && refused(err) && !down(err) && !goredis.HasErrorPrefix(err, "OOM")
}

func (p payer) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (p payer) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if ctx.Value(probeKey{}) != nil {
			return next(ctx, cmd)
		}
		err := p.pay(ctx, cmd.Name(), storeOf(cmd), func(ctx context.Context) error { return next(ctx, cmd) })
		if errors.Is(err, errSpent) {
			cmd.SetErr(err)
		}
		return err
	}
}

func (p payer) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if ctx.Value(probeKey{}) != nil {
			return next(ctx, cmds)
		}
		err := p.pay(ctx, "pipeline", storeOf(cmds...), func(ctx context.Context) error { return next(ctx, cmds) })
		if errors.Is(err, errSpent) {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}

// slow logs the first failure, then one line a minute, and the recovery.
type slow struct {
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	last    time.Time
	silent  int
	failing bool
}

func (s *slow) failed(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = true
	if now := s.now(); s.last.IsZero() || now.Sub(s.last) >= time.Minute {
		s.log.WarnContext(ctx, "redis failed; answers do without it", "error", err, "failures_since_last_line", s.silent)
		s.last, s.silent = now, 0
		return
	}
	s.silent++
}

func (s *slow) back() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing {
		s.log.Info("redis answers again")
	}
	s.failing = false
}

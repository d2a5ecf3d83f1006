package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"wenbao/answers"
	"wenbao/retrieval/stage"
)

func (l *Layer) answer(ctx context.Context, r answers.Request, s scope) (answers.Answer, error) {
	key := s.key(r)
	if a, kept := l.kept(ctx, key); kept {
		return a, nil
	}
	computed := l.being(key)
	if computed == nil && l.Shared != nil {
		a, found, being, err := l.findOnce(ctx, r, s, key)
		if found || err != nil {
			return a, err
		}
		computed = being
	}
	if computed == nil {
		computed = l.compute(ctx, r, s, key)
	}
	return computed.await(ctx)
}

func (l *Layer) kept(ctx context.Context, key string) (answers.Answer, bool) {
	_, end := l.Stage.Begin(ctx, stage.Cache)
	k, kept := l.local.GetIfPresent(key)
	end(slog.String("from", from(kept, "local")))
	if !kept {
		return answers.Answer{}, false
	}
	l.count.WithLabelValues("local").Inc()
	k.asked.Add(1)
	return k.answer, true
}

// findOnce looks behind the process, once for all who want the same; what is
// not found is being computed. Who waits for another's looking pays for it, and
// waits no longer than that lasts: then neither is returned.
func (l *Layer) findOnce(ctx context.Context, r answers.Request, s scope, key string) (a answers.Answer, found bool, being *result, err error) {
	mine, began := false, time.Now()
	done := l.finding.DoChan(key, func() (any, error) {
		mine = true
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Settings.Compute)
		defer cancel()
		a, found, locked := l.find(detached, key)
		if found {
			l.count.WithLabelValues("shared").Inc()
			l.keep(key, a, r, s)
			return a, nil
		}
		computed := l.compute(ctx, r, s, key)
		l.sharing.run(func() { l.share(computed, r, s, key, locked) })
		return computed, nil
	})
	select {
	case <-ctx.Done():
		return a, false, nil, ctx.Err()
	case <-l.late(ctx):
		l.spend(ctx, time.Since(began))
		return a, false, nil, nil
	case out := <-done:
		if !mine {
			l.spend(ctx, time.Since(began))
		}
		if a, found = out.Val.(answers.Answer); !found {
			being = out.Val.(*result)
		}
		return a, found, being, nil
	}
}

// late is ready when an asker waits no longer for what is shared.
func (l *Layer) late(ctx context.Context) <-chan time.Time {
	if l.Purse == nil {
		return nil
	}
	return time.After(l.Purse.Left(ctx))
}

func (l *Layer) spend(ctx context.Context, d time.Duration) {
	if l.Purse != nil {
		l.Purse.Spend(ctx, d)
	}
}

// find returns what other processes computed, after a while where one is at it;
// locked says that this one is to compute it.
func (l *Layer) find(ctx context.Context, key string) (a answers.Answer, found, locked bool) {
	a, found, err := l.shared(ctx, key)
	if found || err != nil {
		return a, found, false
	}
	if locked, err = l.Shared.Lock(ctx, key, l.Settings.LockTTL); locked || err != nil {
		return a, false, locked && err == nil
	}
	a, found = l.wait(ctx, key)
	return a, found, false
}

// shared returns what other processes computed; what does not decode, or is of
// another generation, is a miss.
func (l *Layer) shared(ctx context.Context, key string) (a answers.Answer, found bool, err error) {
	ctx, end := l.Stage.Begin(ctx, stage.CacheShared)
	defer func() { end(slog.String("from", from(found, "shared")), slog.Bool("failed", err != nil)) }()
	b, found, err := l.Shared.Get(ctx, key)
	if err != nil || !found {
		return answers.Answer{}, false, err
	}
	a, err = l.codec.Decode(b)
	if err != nil || !strings.HasPrefix(key, prefix(a.Generation)) {
		l.count.WithLabelValues("undecodable").Inc()
		return answers.Answer{}, false, nil
	}
	return a, true, nil
}

// from is where an answer was found, "" where it was not.
func from(found bool, where string) string {
	if found {
		return where
	}
	return ""
}

// wait waits, not for long, for the process that computes.
func (l *Layer) wait(ctx context.Context, key string) (answers.Answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, l.Settings.Patience)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause *= 2 {
		began := time.Now()
		select {
		case <-ctx.Done():
			return answers.Answer{}, false
		case <-l.late(ctx):
			return answers.Answer{}, false
		case <-time.After(pause):
		}
		l.spend(ctx, time.Since(began))
		if a, found, err := l.shared(ctx, key); found || err != nil {
			return a, found
		}
	}
}

// share gives what is computed to the other processes. Nobody waits for that,
// or pays for it.
func (l *Layer) share(computed *result, r answers.Request, s scope, key string, locked bool) {
	<-computed.done
	ctx, cancel := context.WithTimeout(context.Background(), l.Settings.Compute)
	defer cancel()
	if s, known := s.of(r, computed.answer); known && computed.err == nil {
		if b, err := l.codec.Encode(computed.answer); err == nil {
			_ = l.Shared.Set(ctx, s.key(r), b, l.ttl(computed.answer)) // counted and logged below the interface
		}
	}
	if locked {
		_ = l.Shared.Unlock(ctx, key) // else it expires
	}
}

// result is an answer being computed, and what came of it once done is closed.
type result struct {
	done   chan struct{}
	answer answers.Answer
	err    error
}

// await waits for the result. A panic of the Source is one of who asked.
func (r *result) await(ctx context.Context) (answers.Answer, error) {
	select {
	case <-ctx.Done():
		return answers.Answer{}, ctx.Err()
	case <-r.done:
		var p panicked
		if errors.As(r.err, &p) {
			panic(p.value)
		}
		return r.answer, r.err
	}
}

// panicked carries a panic of the Source to those who asked.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// being is the answer that is being computed, nil where none is.
func (l *Layer) being(key string) *result {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.computing[key]
}

// compute begins to compute an answer, once for all who want it now and
// whoever gives up waiting.
func (l *Layer) compute(ctx context.Context, r answers.Request, s scope, key string) *result {
	l.mu.Lock()
	defer l.mu.Unlock()
	if being := l.computing[key]; being != nil {
		return being
	}
	being := &result{done: make(chan struct{})}
	l.computing[key] = being
	go func() {
		defer func() {
			if p := recover(); p != nil {
				being.answer, being.err = answers.Answer{}, panicked{p}
			}
			l.mu.Lock()
			delete(l.computing, key)
			l.mu.Unlock()
			close(being.done)
		}()
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Settings.Compute)
		defer cancel()
		being.answer, being.err = l.ask(detached, r, s, key)
	}()
	return being
}

// ask asks the Source, unless somebody was faster, and keeps what it says in
// the process, under the generation that it says it from.
func (l *Layer) ask(ctx context.Context, r answers.Request, s scope, key string) (answers.Answer, error) {
	if k, kept := l.local.GetIfPresent(key); kept {
		return k.answer, nil
	}
	a, err := l.Source.Answer(ctx, r)
	if err != nil {
		return answers.Answer{}, err
	}
	l.count.WithLabelValues("computed").Inc()
	a.ID, a.Question, a.TookMicros = "", "", 0
	if s, known := s.of(r, a); known {
		l.keep(s.key(r), a, r, s)
	}
	return a, nil
}

// tail runs what nobody waits for, until it is to end. The zero tail is ready.
type tail struct {
	mu    sync.Mutex
	ended bool
	wg    sync.WaitGroup
}

// run runs f beside its caller; once the tail is to end, in its place.
func (t *tail) run(f func()) {
	t.mu.Lock()
	ended := t.ended
	if !ended {
		t.wg.Go(f)
	}
	t.mu.Unlock()
	if ended {
		f()
	}
}

// end waits for all that runs.
func (t *tail) end() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.wg.Wait()
}

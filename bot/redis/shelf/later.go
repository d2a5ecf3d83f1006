package shelf

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot/redis"
)

// Later is what is to be written when Redis is back: for each key the latest
// change, oldest first, at most so many. It is safe for concurrent use.
type Later struct {
	most    int
	waiting prometheus.Gauge
	lost    prometheus.Counter
	writing sync.Mutex // held while one change is written

	mu    sync.Mutex
	order *list.List // of *change
	byKey map[string]*list.Element
}

// change is something to be written.
type change struct {
	key   string
	value any // for the owner of the Later
	write func(ctx context.Context) error
}

// Meters count what Laters hold and lost.
type Meters struct {
	Waiting *prometheus.GaugeVec
	Lost    *prometheus.CounterVec
}

// NewMeters returns Meters registered with metrics, which may be nil.
func NewMeters(metrics prometheus.Registerer) (*Meters, error) {
	m := &Meters{
		Waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "wenbao_redis_waiting", Help: "Changes to be written when Redis is back."}, []string{"kind"}),
		Lost:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "wenbao_redis_lost_total", Help: "Changes given up while Redis was away."}, []string{"kind"}),
	}
	if metrics == nil {
		return m, nil
	}
	return m, errors.Join(metrics.Register(m.Waiting), metrics.Register(m.Lost))
}

// NewLater returns an empty Later of at most so many changes.
func NewLater(kind string, most int, m *Meters) *Later {
	return &Later{most: most, waiting: m.Waiting.WithLabelValues(kind), lost: m.Lost.WithLabelValues(kind), order: list.New(), byKey: map[string]*list.Element{}}
}

// Add takes a change in the place of the one with its key. When there are too
// many, the oldest is lost, and counted.
func (l *Later) Add(key string, value any, write func(ctx context.Context) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.byKey[key]; e != nil {
		l.order.Remove(e)
	}
	l.byKey[key] = l.order.PushBack(&change{key, value, write})
	for l.order.Len() > l.most {
		l.remove(l.order.Front())
		l.lost.Inc()
	}
	l.waiting.Set(float64(l.order.Len()))
}

// Find returns the value of the change that waits under key.
func (l *Later) Find(key string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.byKey[key]; e != nil {
		return e.Value.(*change).value, true
	}
	return nil, false
}

// Drop gives up the changes for which f returns true and counts them. When it
// returns, none of them is being written any more.
func (l *Later) Drop(f func(key string, value any) bool) int {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for e := l.order.Front(); e != nil; {
		next := e.Next()
		if c := e.Value.(*change); f(c.key, c.value) {
			l.remove(e)
			n++
		}
		e = next
	}
	l.waiting.Set(float64(l.order.Len()))
	return n
}

// Each calls f for every waiting value, oldest first.
func (l *Later) Each(f func(key string, value any)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.order.Front(); e != nil; e = e.Next() {
		c := e.Value.(*change)
		f(c.key, c.value)
	}
}

// Len counts what waits.
func (l *Later) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len()
}

func (l *Later) remove(e *list.Element) {
	l.order.Remove(e)
	delete(l.byKey, e.Value.(*change).key)
}

// Flush writes what waits, oldest first, until Redis fails. What it refuses,
// though it is there, waits on behind the rest.
func (l *Later) Flush(ctx context.Context) error {
	ctx = redis.Patient(ctx, patience)
	for refusals := 0; ; {
		left, err := l.writeFirst(ctx)
		if redis.Refused(err) && refusals < mostRefusals {
			refusals++
			continue
		}
		if !left || err != nil {
			return err
		}
	}
}

// mostRefusals is how much Flush tries beyond what is refused.
const mostRefusals = 10

// writeFirst writes what waits longest, if anything does.
func (l *Later) writeFirst(ctx context.Context) (bool, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	e := l.order.Front()
	l.mu.Unlock()
	if e == nil {
		return false, nil
	}
	c := e.Value.(*change)
	err := c.write(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch still := l.byKey[c.key] == e; { // else it was changed meanwhile
	case redis.Refused(err):
		if still {
			l.order.MoveToBack(e)
		}
		return true, err
	case errors.Is(err, redis.ErrUnavailable) || ctx.Err() != nil:
		return true, err
	case still:
		l.remove(e)
		if err != nil {
			l.lost.Inc()
		}
	}
	l.waiting.Set(float64(l.order.Len()))
	return true, nil
}

// flushing is how often what waits is tried again.
const flushing = 200 * time.Millisecond

// Run flushes now and then until ctx is done.
func (l *Later) Run(ctx context.Context) {
	t := time.NewTicker(flushing)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			_ = l.Flush(ctx) // tried again
		}
	}
}

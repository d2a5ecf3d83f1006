package delivery

import (
	"context"
	"sync"
	"time"
)

// lanes is a queue in which the jobs of one lane run one after the other and
// lanes take turns. It has no bound of its own.
type lanes struct {
	mu     sync.Mutex
	byName map[string]*lane
	ready  []*lane
	wake   chan struct{} // holds a token while ready is not empty
}

type lane struct {
	name string
	jobs []*job // the first is running while busy
	busy bool
}

func newLanes() *lanes {
	return &lanes{byName: map[string]*lane{}, wake: make(chan struct{}, 1)}
}

// push adds a job to the end of a lane.
func (q *lanes) push(name string, j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.byName[name]
	if l == nil {
		l = &lane{name: name}
		q.byName[name] = l
	}
	l.jobs = append(l.jobs, j)
	if len(l.jobs) == 1 && !l.busy {
		q.makeReady(l)
	}
}

// pop waits for the next job, and returns what to call when it ran: with a
// wait, the job runs again after it, before the others of its lane.
func (q *lanes) pop(ctx context.Context) (*job, func(again time.Duration), bool) {
	for {
		if ctx.Err() != nil {
			return nil, nil, false
		}
		if l, j := q.take(); l != nil {
			return j, func(again time.Duration) { q.ran(l, again) }, true
		}
		select {
		case <-ctx.Done():
			return nil, nil, false
		case <-q.wake:
		}
	}
}

// take returns the lane whose turn it is, and its first job.
func (q *lanes) take() (*lane, *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ready) == 0 {
		return nil, nil
	}
	l := q.ready[0]
	q.ready[0] = nil
	q.ready = q.ready[1:]
	l.busy = true
	q.signal()
	return l, l.jobs[0]
}

func (q *lanes) ran(l *lane, again time.Duration) {
	if again > 0 {
		time.AfterFunc(again, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.makeReady(l)
		})
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	l.jobs[0] = nil
	l.jobs = l.jobs[1:]
	l.busy = false
	if len(l.jobs) == 0 {
		delete(q.byName, l.name)
		return
	}
	q.makeReady(l)
}

func (q *lanes) makeReady(l *lane) {
	q.ready = append(q.ready, l)
	q.signal()
}

// signal leaves a token where something is ready.
func (q *lanes) signal() {
	if len(q.ready) == 0 {
		return
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

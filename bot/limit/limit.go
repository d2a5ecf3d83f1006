// Package limit says how fast people and teams may ask.
package limit

import (
	"context"
	"sync"
	"time"
)

// A Rate is how many turns a minute there are, all of which may come at once;
// 0 means unlimited.
type Rate int

// Memory limits in memory. It holds only who asked within the last minute,
// and at most MaxKeys of them.
type Memory struct {
	person, team Rate
	now          func() time.Time

	mu    sync.Mutex
	full  map[string]time.Time // when all turns are there again
	sweep int                  // entries at which to drop those that are full
}

// MaxKeys bounds the people and teams that are limited at one time; beyond,
// some are forgotten, and may ask anew.
const MaxKeys = 200_000

// NewMemory returns limits for each person and each team.
func NewMemory(person, team Rate, now func() time.Time) *Memory {
	return &Memory{person: person, team: team, now: now, full: map[string]time.Time{}, sweep: 1024}
}

// Take takes a turn of both, or of neither and says how long until there is
// one, and whose is missing.
func (m *Memory) Take(_ context.Context, person, team string) (wait time.Duration, byTeam bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	person, team = "p"+person, "t"+team
	p, wait := next(m.full[person], now, m.person)
	if wait > 0 {
		return wait, false, nil
	}
	t, wait := next(m.full[team], now, m.team)
	if wait > 0 {
		return wait, true, nil
	}
	m.keep(person, p, m.person, now)
	m.keep(team, t, m.team, now)
	return 0, false, nil
}

// next returns when all turns are there again after one is taken, or how long
// until one can be taken.
func next(full, now time.Time, r Rate) (time.Time, time.Duration) {
	if r <= 0 {
		return time.Time{}, 0
	}
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Minute / time.Duration(r))
	if over := full.Sub(now) - time.Minute; over > 0 {
		return full, over
	}
	return full, 0
}

func (m *Memory) keep(key string, full time.Time, r Rate, now time.Time) {
	if r <= 0 {
		return
	}
	m.full[key] = full
	if len(m.full) < m.sweep {
		return
	}
	for k, t := range m.full {
		if !t.After(now) || len(m.full) > MaxKeys {
			delete(m.full, k)
		}
	}
	m.sweep = max(1024, min(2*len(m.full), MaxKeys+1))
}

// Len counts who is remembered.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.full)
}

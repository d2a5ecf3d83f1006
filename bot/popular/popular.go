// Package popular counts questions in a decaying window, by team, and names
// those that several people asked.
package popular

import (
	"context"
	"math"
	"sort"
	"sync"
	"time"

	"wenbao/retrieval/question"
)

// A Question is one asking of a question that was answered.
type Question struct {
	Team  string
	Text  string
	Asker string // told apart, never told; kept as a keyed hash
	At    time.Time
}

// Memory counts in memory. It holds at most MaxTeams teams of MaxQuestions
// questions; the least asked give way.
type Memory struct {
	halfLife time.Duration
	floor    int
	hash     func(string) string
	now      func() time.Time

	mu    sync.Mutex
	teams map[string]*team
}

const (
	MaxTeams     = 500
	MaxQuestions = 200
	maxAskers    = 8 // told apart for one question
)

type team struct {
	last      time.Time
	questions map[string]*count
}

type count struct {
	text   string
	weight float64 // at last
	last   time.Time
	askers []string
}

// NewMemory returns an empty Memory in which an asking counts half after
// halfLife, and a question is named once floor people asked it. People are
// known by hash of their name only.
func NewMemory(halfLife time.Duration, floor int, hash func(string) string, now func() time.Time) *Memory {
	return &Memory{halfLife: halfLife, floor: min(floor, maxAskers), hash: hash, now: now, teams: map[string]*team{}}
}

// Asked counts a question.
func (m *Memory) Asked(_ context.Context, q Question) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.teams[q.Team]
	if t == nil {
		m.makeRoom()
		t = &team{questions: map[string]*count{}}
		m.teams[q.Team] = t
	}
	t.last = q.At
	asker := m.hash(q.Asker)
	key := question.Normal(q.Text)
	c := t.questions[key]
	if c == nil {
		m.evict(t)
		c = &count{text: q.Text, last: q.At}
		t.questions[key] = c
	}
	c.weight = m.decayed(c, q.At) + 1
	c.last = q.At
	for _, a := range c.askers {
		if a == asker {
			return nil
		}
	}
	if len(c.askers) < maxAskers {
		c.askers = append(c.askers, asker)
	}
	return nil
}

// Top returns the questions of a team, most asked first.
func (m *Memory) Top(_ context.Context, name string, n int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.teams[name]
	if t == nil {
		return nil, nil
	}
	now := m.now()
	var named []*count
	for _, c := range t.questions {
		if len(c.askers) >= m.floor && m.decayed(c, now) > 0.01 {
			named = append(named, c)
		}
	}
	sort.Slice(named, func(i, j int) bool {
		a, b := m.decayed(named[i], now), m.decayed(named[j], now)
		if a != b {
			return a > b
		}
		return named[i].text < named[j].text
	})
	var out []string
	for _, c := range named[:min(n, len(named))] {
		out = append(out, c.text)
	}
	return out, nil
}

// Forget makes a person's askings count as nobody's.
func (m *Memory) Forget(_ context.Context, person string) (int, error) {
	asker := m.hash(person)
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, t := range m.teams {
		for key, c := range t.questions {
			for i, a := range c.askers {
				if a == asker {
					c.askers = append(c.askers[:i:i], c.askers[i+1:]...)
					n++
					break
				}
			}
			if len(c.askers) == 0 {
				delete(t.questions, key)
			}
		}
	}
	return n, nil
}

func (m *Memory) decayed(c *count, now time.Time) float64 {
	return c.weight * math.Exp2(-now.Sub(c.last).Seconds()/m.halfLife.Seconds())
}

// evict makes room for one more question.
func (m *Memory) evict(t *team) {
	if len(t.questions) < MaxQuestions {
		return
	}
	least, weight := "", math.Inf(1)
	for key, c := range t.questions {
		if w := m.decayed(c, t.last); w < weight || w == weight && key < least {
			least, weight = key, w
		}
	}
	delete(t.questions, least)
}

// makeRoom makes room for one more team.
func (m *Memory) makeRoom() {
	if len(m.teams) < MaxTeams {
		return
	}
	oldest := ""
	for name, t := range m.teams {
		if oldest == "" || t.last.Before(m.teams[oldest].last) {
			oldest = name
		}
	}
	delete(m.teams, oldest)
}

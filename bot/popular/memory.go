package popular

import (
	"context"
	"math"
	"slices"
	"sort"
	"sync"
	"time"

	"wenbao/retrieval/question"
)

// Memory counts in memory. It holds at most MaxTeams teams of MaxQuestions
// questions; the least asked give way.
type Memory struct {
	floor int
	hash  func(string) string
	now   func() time.Time

	mu      sync.Mutex
	windows map[string]*window
}

// window is what is counted in one window.
type window struct {
	halfLife time.Duration
	teams    map[string]*team
	all      *team
}

// team is what is counted of one team.
type team struct {
	last      time.Time
	most      int
	questions map[string]*count
}

type count struct {
	text   string
	rank   float64 // logarithm of the weight, counted on from when time began
	last   time.Time
	askers map[string]time.Time // when each asked last
}

// at is a moment in half-lives.
func (w *window) at(t time.Time) float64 {
	return t.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds() / w.halfLife.Seconds()
}

// NewMemory returns an empty Memory in which a question is named once floor
// people asked it. People are known by hash of their name only.
func NewMemory(floor int, hash func(string) string, now func() time.Time) *Memory {
	m := &Memory{floor: min(floor, MaxAskers), hash: hash, now: now, windows: map[string]*window{}}
	for _, name := range []string{Day, Week} {
		halfLife, _ := HalfLife(name) // there are these
		m.windows[name] = &window{halfLife, map[string]*team{}, &team{most: MaxOverall, questions: map[string]*count{}}}
	}
	return m
}

// Asked counts a question, for its team and for all together.
func (m *Memory) Asked(_ context.Context, q Question) error {
	key, asker := question.Normal(q.Text), m.hash(q.Asker)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.windows {
		w.count(w.all, key, asker, q)
		if q.Team != "" {
			w.count(w.team(q.Team), key, asker, q)
		}
	}
	return nil
}

func (w *window) count(t *team, key, asker string, q Question) {
	t.last = q.At
	c := t.questions[key]
	if c == nil {
		w.evict(t)
		c = &count{text: q.Text, rank: math.Inf(-1), askers: map[string]time.Time{}}
		t.questions[key] = c
	}
	now := w.at(q.At)
	c.rank, c.last = now+math.Log2(1+math.Exp2(c.rank-now)), q.At
	for a, at := range c.askers {
		if q.At.Sub(at) > Known*w.halfLife {
			delete(c.askers, a)
		}
	}
	if _, known := c.askers[asker]; known || len(c.askers) < MaxAskers {
		c.askers[asker] = q.At
	}
}

// Top returns the questions of a team that were most asked in a week or so.
func (m *Memory) Top(_ context.Context, team string, n int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return texts(m.windows[Week].ranking(m.windows[Week].teams[team], m.now(), m.floor, n)), nil
}

// Overall returns the questions most asked in a week or so by all teams
// together.
func (m *Memory) Overall(_ context.Context, n int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return texts(m.windows[Week].ranking(m.windows[Week].all, m.now(), m.floor, n)), nil
}

// Ranking returns at most n questions of a team, or of all together where it
// is "", most asked in a window first, however few people asked them.
func (m *Memory) Ranking(_ context.Context, team, window string, n int) ([]Ranked, error) {
	if _, err := HalfLife(window); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.windows[window]
	if team == "" {
		return w.ranking(w.all, m.now(), 0, n), nil
	}
	return w.ranking(w.teams[team], m.now(), 0, n), nil
}

// ranking returns the questions of t, which may be nil, that at least floor
// people asked.
func (w *window) ranking(t *team, now time.Time, floor, n int) []Ranked {
	if t == nil {
		return nil
	}
	var all []Ranked
	moment := w.at(now)
	for _, c := range t.questions {
		r := Ranked{Text: c.text, Weight: math.Exp2(c.rank - moment)}
		for _, at := range c.askers {
			if now.Sub(at) <= Known*w.halfLife {
				r.Askers++
			}
		}
		if r.Weight > Faint && r.Askers >= floor {
			all = append(all, r)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Weight != all[j].Weight {
			return all[i].Weight > all[j].Weight
		}
		return all[i].Text < all[j].Text
	})
	return slices.Clip(all[:max(0, min(n, len(all)))])
}

func texts(ranked []Ranked) []string {
	var out []string
	for _, r := range ranked {
		out = append(out, r.Text)
	}
	return out
}

// Forget makes a person's askings count as nobody's, and counts the questions
// of teams.
func (m *Memory) Forget(_ context.Context, person string) (int, error) {
	asker := m.hash(person)
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for name, w := range m.windows {
		w.all.forget(asker)
		for _, t := range w.teams {
			if k := t.forget(asker); name == Week {
				n += k
			}
		}
	}
	return n, nil
}

func (t *team) forget(asker string) int {
	n := 0
	for key, c := range t.questions {
		if _, known := c.askers[asker]; !known {
			continue
		}
		n++
		if delete(c.askers, asker); len(c.askers) == 0 {
			delete(t.questions, key)
		}
	}
	return n
}

// evict makes room for one more question.
func (w *window) evict(t *team) {
	if len(t.questions) < t.most {
		return
	}
	least, rank := "", math.Inf(1)
	for key, c := range t.questions {
		if t.last.Sub(c.last) > Halves*w.halfLife {
			delete(t.questions, key)
			continue
		}
		if c.rank < rank || c.rank == rank && key < least {
			least, rank = key, c.rank
		}
	}
	if len(t.questions) >= t.most {
		delete(t.questions, least)
	}
}

// team returns the counts of a team, in the place of those of the team that
// asked least lately where there are too many.
func (w *window) team(name string) *team {
	if t := w.teams[name]; t != nil {
		return t
	}
	if len(w.teams) >= MaxTeams {
		oldest := ""
		for name, t := range w.teams {
			if oldest == "" || t.last.Before(w.teams[oldest].last) {
				oldest = name
			}
		}
		delete(w.teams, oldest)
	}
	t := &team{most: MaxQuestions, questions: map[string]*count{}}
	w.teams[name] = t
	return t
}

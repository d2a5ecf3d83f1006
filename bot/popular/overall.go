package popular

import (
	"cmp"
	"context"
	"slices"
)

// Overall returns the questions asked most by all teams together, most asked
// first; those that fewer than floor people asked are left out here too.
func (m *Memory) Overall(_ context.Context, n int) ([]string, error) {
	type sum struct {
		text   string
		weight float64
		askers map[string]bool
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	by := map[string]*sum{}
	for _, t := range m.teams {
		for key, c := range t.questions {
			s := by[key]
			if s == nil {
				s = &sum{text: c.text, askers: map[string]bool{}}
				by[key] = s
			}
			s.text = min(s.text, c.text)
			s.weight += m.decayed(c, now)
			for _, a := range c.askers {
				s.askers[a] = true
			}
		}
	}
	var named []*sum
	for _, s := range by {
		if len(s.askers) >= m.floor {
			named = append(named, s)
		}
	}
	slices.SortFunc(named, func(a, b *sum) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.text, b.text)) })
	var out []string
	for _, s := range named[:min(n, len(named))] {
		out = append(out, s.text)
	}
	return out, nil
}

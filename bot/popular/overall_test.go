package popular

import (
	"slices"
	"testing"
	"time"
)

func TestOverallCountsAllTeamsTogether(t *testing.T) {
	now := time.Unix(1e9, 0)
	m := NewMemory(time.Hour, 2, func(s string) string { return s }, func() time.Time { return now })
	for _, q := range []Question{
		{Team: "a", Text: "乙？", Asker: "1"}, {Team: "a", Text: "乙", Asker: "2"},
		{Team: "a", Text: "甲", Asker: "1"}, {Team: "b", Text: "甲", Asker: "3"}, {Team: "b", Text: "甲", Asker: "3"},
		{Team: "b", Text: "丙", Asker: "3"}, {Team: "b", Text: "丙", Asker: "3"}, {Team: "b", Text: "丙", Asker: "3"},
	} {
		q.At = now
		if err := m.Asked(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.Overall(t.Context(), 9); err != nil || !slices.Equal(got, []string{"甲", "乙？"}) {
		t.Error(got, err)
	}
	if got, _ := m.Overall(t.Context(), 1); len(got) != 1 {
		t.Error(got)
	}
}

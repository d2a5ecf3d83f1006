package conformance

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/popular"
	"wenbao/bot/stores"
)

// Counter is what counts questions.
type Counter interface {
	bot.Popular
	bot.Forgetter
	stores.Counts
}

// Popular tests a Counter with a floor of 2 people; open returns an empty one.
func Popular(t *testing.T, open func(t *testing.T, clock *Clock) Counter) {
	for name, test := range map[string]func(*testing.T, crowd){
		"named": popularNamed, "windows": popularWindows, "overall": popularOverall,
		"people": popularPeople, "forget": popularForget, "bounded": popularBounded,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			test(t, crowd{open(t, clock), clock})
		})
	}
}

// crowd asks.
type crowd struct {
	Counter
	*Clock
}

func (c crowd) ask(t *testing.T, team, text string, askers ...string) {
	t.Helper()
	for _, asker := range askers {
		ok(t, c.Asked(t.Context(), popular.Question{Team: team, Text: text, Asker: asker, At: c.Now()}))
	}
}

func (c crowd) top(t *testing.T, team string, want ...string) {
	t.Helper()
	if got, err := c.Top(t.Context(), team, 3); err != nil || !slices.Equal(got, want) {
		t.Errorf("top of %s: %q, %v; want %q", team, got, err, want)
	}
}

// ranked expects a ranking, weights to a millionth.
func (c crowd) ranked(t *testing.T, team, window string, want ...popular.Ranked) {
	t.Helper()
	got, err := c.Ranking(t.Context(), team, window, 9)
	same := slices.EqualFunc(got, want, func(a, b popular.Ranked) bool {
		return a.Text == b.Text && a.Askers == b.Askers && math.Abs(a.Weight-b.Weight) < 1e-6
	})
	if err != nil || !same {
		t.Errorf("the %s of %q: %+v, %v; want %+v", window, team, got, err, want)
	}
}

func popularNamed(t *testing.T, c crowd) {
	c.top(t, "t")
	c.ask(t, "t", "only a asks", "a", "a", "a", "a", "a")
	c.top(t, "t")
	c.ask(t, "t", "GDP 多少？", "a")
	c.ask(t, "t", "gdp多少", "b")
	c.ask(t, "t", "old", "a", "b", "c")
	c.top(t, "t", "old", "GDP 多少？")
	c.top(t, "u")
	c.Advance(48 * time.Hour)
	c.ask(t, "t", "GDP 多少？", "a")
	c.top(t, "t", "GDP 多少？", "old")
	if got, err := c.Top(t.Context(), "t", 1); len(got) != 1 || err != nil {
		t.Errorf("the first: %q, %v", got, err)
	}
}

func popularWindows(t *testing.T, c crowd) {
	c.ask(t, "t", "then", "a", "b", "c", "a")
	c.ranked(t, "t", popular.Day, popular.Ranked{Text: "then", Weight: 4, Askers: 3})
	c.Advance(24 * time.Hour)
	c.ranked(t, "t", popular.Day, popular.Ranked{Text: "then", Weight: 2, Askers: 3})
	c.ranked(t, "t", popular.Week, popular.Ranked{Text: "then", Weight: 4 * math.Exp2(-1./7), Askers: 3})
	c.Advance(48 * time.Hour)
	c.ask(t, "t", "now", "a", "b")
	now, then := popular.Ranked{Text: "now", Weight: 2, Askers: 2}, popular.Ranked{Text: "then", Weight: 0.5, Askers: 3}
	c.ranked(t, "t", popular.Day, now, then)
	then.Weight = 4 * math.Exp2(-3./7)
	c.ranked(t, "t", popular.Week, then, now)
	c.top(t, "t", "then", "now")
	c.ask(t, "t", "then", "a")
	then.Weight++
	c.ranked(t, "t", popular.Week, then, now)
	c.Advance(9 * 24 * time.Hour)
	c.ranked(t, "t", popular.Day)
	c.top(t, "t", "then", "now")
	if _, err := c.Ranking(t.Context(), "t", "month", 1); !errors.Is(err, popular.ErrWindow) {
		t.Errorf("a window that there is not: %v", err)
	}
	if got, err := c.Ranking(t.Context(), "t", popular.Week, 0); len(got) > 0 || err != nil {
		t.Errorf("none of them: %v, %v", got, err)
	}
}

func popularOverall(t *testing.T, c crowd) {
	c.ask(t, "t", "甲？", "a")
	c.ask(t, "u", "甲", "b", "b")
	c.ask(t, "u", "乙", "a", "a")
	c.top(t, "t")
	c.top(t, "u")
	if got, err := c.Overall(t.Context(), 9); err != nil || !slices.Equal(got, []string{"甲？"}) {
		t.Errorf("asked by all teams: %q, %v", got, err)
	}
	for _, window := range []string{popular.Day, popular.Week} {
		c.ranked(t, "", window, popular.Ranked{Text: "甲？", Weight: 3, Askers: 2}, popular.Ranked{Text: "乙", Weight: 2, Askers: 1})
	}
	c.ask(t, "", "丙", "a", "b", "c", "d")
	c.top(t, "")
	if got, err := c.Overall(t.Context(), 9); err != nil || !slices.Equal(got, []string{"丙", "甲？"}) {
		t.Errorf("with what no team asked: %q, %v", got, err)
	}
}

// People are told apart, some of them, for some time.
func popularPeople(t *testing.T, c crowd) {
	for i := range 3 * popular.MaxAskers {
		c.ask(t, "t", "q", fmt.Sprint(i))
	}
	c.ranked(t, "t", popular.Day, popular.Ranked{Text: "q", Weight: 3 * popular.MaxAskers, Askers: popular.MaxAskers})
	c.ask(t, "u", "q", "a")
	c.Advance(5 * 24 * time.Hour)
	c.ranked(t, "u", popular.Day, popular.Ranked{Text: "q", Weight: 1. / 32, Askers: 0})
	c.ask(t, "u", "q", "b")
	c.ranked(t, "u", popular.Day, popular.Ranked{Text: "q", Weight: 1 + 1./32, Askers: 1})
	c.ranked(t, "u", popular.Week, popular.Ranked{Text: "q", Weight: 1 + math.Exp2(-5./7), Askers: 2})
	c.top(t, "u", "q")
	c.Advance(4 * 7 * 24 * time.Hour)
	c.top(t, "u")
}

func popularForget(t *testing.T, c crowd) {
	c.ask(t, "t", "both", "a", "b", "c")
	c.ask(t, "t", "a's", "a")
	c.ask(t, "u", "a's too", "a")
	if n, err := c.Forget(t.Context(), "a"); n != 3 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
	both := popular.Ranked{Text: "both", Weight: 3, Askers: 2}
	for _, window := range []string{popular.Day, popular.Week} {
		c.ranked(t, "t", window, both)
		c.ranked(t, "u", window)
		c.ranked(t, "", window, both)
	}
	c.top(t, "t", "both")
	if n, err := c.Forget(t.Context(), "a"); n != 0 || err != nil {
		t.Errorf("forgot %d again, %v", n, err)
	}
	if n, err := c.Forget(t.Context(), "b"); n != 1 || err != nil {
		t.Errorf("forgot %d of another, %v", n, err)
	}
	c.top(t, "t")
	c.ask(t, "t", "a's", "a", "d")
	c.top(t, "t", "a's")
}

// Of more questions than are kept the least asked give way.
func popularBounded(t *testing.T, c crowd) {
	c.ask(t, "t", "often", "a", "b", "c")
	for i := range popular.MaxQuestions + 20 {
		c.ask(t, "t", fmt.Sprint("q", i), "a")
	}
	got, err := c.Ranking(t.Context(), "t", popular.Week, 10_000)
	if err != nil || len(got) != popular.MaxQuestions || got[0].Text != "often" {
		t.Errorf("%d are kept, %v", len(got), err)
	}
	all, err := c.Ranking(t.Context(), "", popular.Day, 10_000)
	if err != nil || len(all) != popular.MaxQuestions+21 {
		t.Errorf("%d of all teams are kept, %v", len(all), err)
	}
}

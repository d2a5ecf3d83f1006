// Package popular counts questions in windows that decay, by team and for all
// teams together, and names those that several people asked.
package popular

import (
	"errors"
	"fmt"
	"time"
)

// A Question is one asking of a question that was answered.
type Question struct {
	Team  string // "": it counts for all teams together only
	Text  string
	Asker string // told apart, never told; kept as a keyed hash
	At    time.Time
}

// Ranked is a question among others.
type Ranked struct {
	Text   string  // as first asked
	Weight float64 // askings, each worth less as it ages
	Askers int     // people told apart, at most MaxAskers
}

// The windows that askings are counted in.
const (
	Day  = "day"
	Week = "week"
)

// Bounds of what is counted.
const (
	MaxTeams     = 500  // in memory
	MaxQuestions = 200  // of a team
	MaxOverall   = 1000 // of all teams together
	MaxAskers    = 8    // told apart for one question
)

const (
	// Halves is how many half-lives of a window after its last asking a
	// question is gone.
	Halves = 8
	// Known is for how many half-lives an asker is told apart.
	Known = 4
	// Faint is the weight below which a question is not named.
	Faint = 0.01
)

// ErrWindow is wrapped by the error of a window that there is not.
var ErrWindow = errors.New("no such window")

// HalfLife returns after how long an asking counts half in a window.
func HalfLife(window string) (time.Duration, error) {
	switch window {
	case Day:
		return 24 * time.Hour, nil
	case Week:
		return 7 * 24 * time.Hour, nil
	}
	return 0, fmt.Errorf("%w: %q; there are %s and %s", ErrWindow, window, Day, Week)
}

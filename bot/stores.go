package bot

import (
	"context"
	"time"

	"wenbao/bot/feedback"
	"wenbao/bot/ledger"
	"wenbao/bot/popular"
	"wenbao/bot/session"
	"wenbao/bot/watch"
)

// The stores below are the conversation's memory. Each may fail: a reply then
// does without it. All are safe for concurrent use, bounded and forgetful by
// themselves. A person is Address.Person or "", a team Address.Team.

// Sessions keeps conversations.
type Sessions interface {
	Get(ctx context.Context, conversation string) (session.Session, bool, error)
	Put(ctx context.Context, conversation, person string, s session.Session) error
	Delete(ctx context.Context, conversation string) error
}

// Ledger keeps answers given, for their buttons and for verify.
type Ledger interface {
	// Add keeps r under r.Code, false when the code is taken.
	Add(ctx context.Context, r ledger.Record) (bool, error)
	// Update replaces the record with r's code.
	Update(ctx context.Context, r ledger.Record) error
	Get(ctx context.Context, code string) (ledger.Record, bool, error)
}

// Votes keeps what people think of answers, one vote a person and answer.
type Votes interface {
	Vote(ctx context.Context, v feedback.Vote) error
}

// Unanswered keeps questions without an answer, never who asked.
type Unanswered interface {
	Miss(ctx context.Context, m feedback.Miss) error
}

// Watches keeps who waits for an answer.
type Watches interface {
	Add(ctx context.Context, w watch.Watch) (watch.Outcome, error)
	// Each calls f for every watch, oldest first, until f returns false.
	Each(ctx context.Context, f func(watch.Watch) bool) error
	Done(ctx context.Context, id string) error
}

// Popular counts questions that were answered.
type Popular interface {
	Asked(ctx context.Context, q popular.Question) error
	// Top returns at most n questions of a team, most asked first, none that
	// fewer people asked than the store's floor.
	Top(ctx context.Context, team string, n int) ([]string, error)
}

// Phrases keeps the words behind buttons under their token.Key.
type Phrases interface {
	Keep(ctx context.Context, key, phrase string) error
	Find(ctx context.Context, key string) (phrase string, found bool, err error)
}

// A Limiter says how fast somebody may ask.
type Limiter interface {
	// Take takes one turn of a person and of a team, or of neither, and then
	// says how long to wait. Whose limit it was is in team.
	Take(ctx context.Context, person, team string) (wait time.Duration, byTeam bool, err error)
}

// A Forgetter erases what it keeps about a person and counts it.
type Forgetter interface {
	Forget(ctx context.Context, person string) (int, error)
}

// Stores is the conversation's memory. Sessions, Ledger and Phrases are
// needed; whatever else is nil is done without.
type Stores struct {
	Sessions   Sessions
	Ledger     Ledger
	Phrases    Phrases
	Votes      Votes
	Unanswered Unanswered
	Watches    Watches
	Popular    Popular
	Questions  Limiter // of messages
	Presses    Limiter // of actions
	// Forgetters are asked in turn when a person wants to be forgotten:
	// every store that knows people.
	Forgetters []Forgetter
}

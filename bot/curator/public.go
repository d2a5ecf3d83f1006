package curator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/popular"
	"wenbao/retrieval/question"
)

const (
	// MaxPublic is how long a question on the public page may be, in runes.
	MaxPublic = 60
	// MaxDecisions is the most questions that are decided on.
	MaxDecisions = 1000
	// PublicFloor is how many people must have asked a question on the page
	// before it shows it to others without an operator.
	PublicFloor = 3
)

// A Decision says whether the public page shows a question.
type Decision struct {
	Question string    `json:"question"`
	Approved bool      `json:"approved"` // otherwise it is never shown
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// Decide shows a question on the public page, which answers it then, or keeps
// it from there.
func (c *Curator) Decide(ctx context.Context, by, text string, approve bool) error {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minPhrase || n > MaxPublic || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return invalid("the question has %d characters; it can have %d to %d, on one line", n, minPhrase, MaxPublic)
	}
	if approve {
		a, err := c.Answerer.Answer(ctx, answers.Request{Question: text, Workspace: PublicTeam()})
		if err != nil {
			return fmt.Errorf("ask the question: %w", err)
		}
		if a.Status != answers.Answered {
			return invalid("the reports do not answer %q: %s", text, a.Message)
		}
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	key := decisionKeyOf(text)
	decided := c.known.Load().public
	if len(decided) >= MaxDecisions && !slices.ContainsFunc(decided, func(d Decision) bool { return decisionKeyOf(d.Question) == key }) {
		return invalid("%d questions are decided on, the most there can be; take some back", MaxDecisions)
	}
	return c.put(ctx, key, Decision{Question: text, Approved: approve, By: by, At: c.Now().UTC()})
}

// Undecide takes a decision back.
func (c *Curator) Undecide(ctx context.Context, text string) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	key := decisionKeyOf(text)
	if !slices.ContainsFunc(c.known.Load().public, func(d Decision) bool { return decisionKeyOf(d.Question) == key }) {
		return fmt.Errorf("%w: on %s", ErrUnknown, text)
	}
	return c.remove(ctx, key)
}

func decisionKeyOf(text string) string { return decisionKey + digest(question.Normal(text)) }

// Decisions returns the decisions on the public page, the newest first.
func (c *Curator) Decisions() []Decision {
	out := append([]Decision{}, c.known.Load().public...)
	slices.Reverse(out)
	return out
}

// PublicTeam is the team of everybody on the page.
func PublicTeam() string { return bot.Address{Platform: "web"}.Team() }

// A Ranker counts what is asked; the stores of popular questions are ones.
type Ranker interface {
	Ranking(ctx context.Context, team, window string, n int) ([]popular.Ranked, error)
}

// Popular is a layer of bot.Popular: the public page shows the questions that
// an operator approved, then those that PublicFloor people asked on it, but
// none that an operator keeps from there. Other teams see what Next says.
type Popular struct {
	bot.Popular
	Ranker  Ranker
	Curator *Curator
}

var _ bot.Popular = Popular{}

// Top returns at most n questions of a team.
func (p Popular) Top(ctx context.Context, team string, n int) ([]string, error) {
	if team != PublicTeam() {
		return p.Popular.Top(ctx, team, n)
	}
	decided := map[string]bool{}
	var out []string
	for _, d := range p.Curator.Decisions() {
		decided[question.Normal(d.Question)] = true
		if d.Approved && len(out) < n {
			out = append(out, d.Question)
		}
	}
	if len(out) >= n {
		return out, nil
	}
	ranked, err := p.Ranker.Ranking(ctx, team, popular.Week, popular.MaxQuestions)
	if err != nil {
		return out, err
	}
	for _, r := range ranked {
		if len(out) < n && r.Askers >= PublicFloor && r.Weight > popular.Faint && !decided[question.Normal(r.Text)] {
			out = append(out, r.Text)
		}
	}
	return out, nil
}

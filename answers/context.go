package answers

import (
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/question"
)

// Context returns the turns of r.History that its answer depends on, none
// where the question stands on its own, and the live generation.
func (e *Engine) Context(r Request) (turns []string, generation string, err error) {
	g, release, err := e.search.Acquire()
	if err != nil {
		return nil, "", err
	}
	defer release()
	if len(r.History) == 0 {
		return nil, g.ID, nil
	}
	alone := r
	alone.History = nil
	asks := e.understand(g, alone)
	before, turns := lastTurns(g, r.History)
	if len(asks.parts) == 0 || len(turns) == 0 {
		return nil, g.ID, nil
	}
	if _, follows := question.FollowUp(before, asks.parts[0], g); !follows {
		return nil, g.ID, nil
	}
	return turns, g.ID, nil
}

// lastTurns is lastQuestion with the turns it was made of.
func lastTurns(g *retrieval.Generation, history []string) (question.Question, []string) {
	before, found := lastQuestion(g, history)
	if !found {
		return before, nil
	}
	recent := history[max(0, len(history)-5):]
	for from := len(recent) - 1; from > 0; from-- {
		if strings.TrimSpace(recent[from]) == "" {
			continue
		}
		if q, ok := lastQuestion(g, recent[from:]); ok && q.Text == before.Text {
			return before, recent[from:]
		}
	}
	return before, recent
}

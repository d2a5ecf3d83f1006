package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// schema changes with the shape of answers and of their encoding.
const schema = 2

// scope is what an entry belongs to beside the request.
type scope struct {
	variant    string
	turns      []string // that the answer depends on
	generation string
}

// of returns the scope of an answer to r. Which turns it depends on was read in
// the scope's generation: where it comes from another, that is not known.
func (s scope) of(r answers.Request, a answers.Answer) (scope, bool) {
	if a.Generation != s.generation && len(r.History) > 0 {
		return s, false
	}
	s.generation = a.Generation
	return s, true
}

// prefix of the keys of a generation.
func prefix(generation string) string { return fmt.Sprintf("%d:%s:", schema, generation) }

// key names the entry of a request. A question that stands on its own is
// normalised; in a follow-up every word may decide what it follows.
func (s scope) key(r answers.Request) string {
	top, quote := r.Top, r.MaxQuote
	if top <= 0 {
		top = answers.DefaultTop
	}
	if quote <= 0 {
		quote = answers.DefaultMaxQuote
	}
	day := "newest"
	if !r.Now.IsZero() {
		day = r.Now.Format("2006-01-02")
	}
	parts := []string{s.variant, string(text.Pick(r.Lang, text.Zh)), r.Report, fmt.Sprint(min(top, answers.MaxTop), quote), day}
	if len(s.turns) == 0 {
		parts = append(parts, question.Normal(r.Question))
	} else {
		parts = append(parts, analysis.FoldString(r.Question))
	}
	for _, turn := range s.turns {
		parts = append(parts, analysis.FoldString(turn))
	}
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return prefix(s.generation) + hex.EncodeToString(sum[:16])
}

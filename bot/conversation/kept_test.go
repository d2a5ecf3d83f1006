package conversation_test

import (
	"context"
	"fmt"
	"strings"

	"wenbao/bot/feedback"
	"wenbao/bot/limit"
)

func limitRate(n int) limit.Rate { return limit.Rate(n) }

// kept prints the votes or the unanswered questions that are kept.
func (s *stage) kept(what string) string {
	var out strings.Builder
	var err error
	if what == "votes" {
		err = s.set.Given.Each(context.Background(), func(v feedback.Vote) bool {
			fmt.Fprintf(&out, "up=%v reason=%q question=%q excerpts=%d generation=%v\n", v.Up, v.Reason, v.Question, len(v.Excerpts), v.Generation != "")
			return true
		})
	} else {
		err = s.set.Missed.Each(context.Background(), func(m feedback.Miss) bool {
			fmt.Fprintf(&out, "%q asked %d time(s): %s\n", m.Question, m.Count, m.Reason)
			return true
		})
	}
	if err != nil {
		s.t.Error(err)
	}
	if out.Len() == 0 {
		return "none\n"
	}
	return out.String()
}

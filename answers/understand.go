package answers

import (
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/question"
)

// asks is a request understood: its asks, each with what it inherits from the
// conversation.
type asks struct {
	parts      []question.Question
	talk       question.Talk
	understood string
	spreads    bool // the parts are one question, asked of several regions or years
}

// understand reads a request: small talk, several asks in one, follow-ups.
func (e *Engine) understand(g *retrieval.Generation, r Request) asks {
	mended, changed := e.search.Mend(g, r.Question)
	if changed && len(each(g, question.Parse(r.Question))) > len(each(g, question.Parse(mended))) {
		mended, changed = r.Question, false // 北京跟河南 is no 运河
	}
	var out asks
	if changed {
		out.understood = mended
	}
	for _, part := range question.Split(mended) {
		q := question.Parse(part)
		if q.Talk != question.NoTalk {
			if out.talk == question.NoTalk {
				out.talk = q.Talk
			}
			continue
		}
		out.parts = append(out.parts, q)
	}
	if len(out.parts) > 0 {
		out.talk = question.NoTalk
	} else if out.talk == question.NoTalk {
		out.parts = append(out.parts, question.Parse(mended))
	}
	out.resolve(g, r)
	out.spread(g)
	return out
}

// mostParts is how many asks one question comes to at most.
const mostParts = 6

// spread takes an ask of several regions or years, each with reports of its
// own, for one ask of each.
func (a *asks) spread(g *retrieval.Generation) {
	var parts []question.Question
	for _, q := range a.parts {
		parts = append(parts, each(g, q)...)
	}
	if len(parts) > len(a.parts) && len(parts) <= mostParts {
		a.parts, a.spreads = parts, true
	}
}

func each(g *retrieval.Generation, q question.Question) []question.Question {
	if q.Shown != "" { // a follow-up, put together of two questions
		return []question.Question{q}
	}
	texts := question.Each(q.Text, g.Regions(q.Text))
	if texts == nil {
		texts = []string{q.Text}
	}
	var out []question.Question
	for _, text := range texts {
		byYear := question.EachYear(text)
		if byYear == nil {
			byYear = []string{text}
		}
		for _, t := range byYear {
			out = append(out, question.Parse(t))
		}
	}
	if len(out) == 1 {
		return []question.Question{q}
	}
	return out
}

// resolve fills what a follow-up leaves out from the question before it, and
// what a later ask leaves out from the first.
func (a *asks) resolve(g *retrieval.Generation, r Request) {
	if len(a.parts) == 0 {
		return
	}
	if before, ok := lastQuestion(g, r.History); ok {
		if q, ok := question.FollowUp(before, a.parts[0], g); ok {
			a.parts[0] = q
			a.understood = q.Shown
		}
	}
	for i := 1; i < len(a.parts); i++ {
		if q, ok := question.Continue(a.parts[i-1], a.parts[i], g); ok {
			a.parts[i] = q
		}
	}
}

// lastQuestion is the newest question of the history that stands on its own,
// with the follow-ups after it resolved.
func lastQuestion(g *retrieval.Generation, history []string) (question.Question, bool) {
	var before question.Question
	found := false
	for _, h := range history[max(0, len(history)-5):] {
		if strings.TrimSpace(h) == "" || len([]rune(h)) > MaxQuestion {
			continue
		}
		q := question.Parse(h)
		if q.Talk != question.NoTalk {
			continue
		}
		if found {
			if joined, ok := question.FollowUp(before, q, g); ok {
				q = joined
			}
		}
		before, found = q, true
	}
	return before, found
}

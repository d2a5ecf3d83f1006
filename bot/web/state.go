package web

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/bot/ledger"
	"wenbao/bot/session"
)

// A state is the session of the conversation as a page carries it, in its
// links and forms.
type state struct {
	base    string
	Report  string
	History []string // earlier questions, the oldest first
	Code    string   // of the answer to the last of them
	Chosen  string   // lang, where it was chosen
	Top     int      // excerpts, where that was chosen
}

// stateOf reads what a page carries; it may be anything.
func stateOf(q url.Values) state {
	out := state{Report: q.Get("report"), History: history(q["h"]), Top: number(q.Get("top"))}
	if code, ok := ledger.ParseCode(q.Get("c")); ok {
		out.Code = code
	}
	switch lang := q.Get("lang"); lang {
	case "zh", "en":
		out.Chosen = lang
	}
	return out
}

// history keeps the last earlier questions that can be ones.
func history(asked []string) []string {
	var kept []string
	for _, q := range asked {
		if q = strings.TrimSpace(q); q != "" && utf8.RuneCountInString(q) <= answers.MaxQuestion {
			kept = append(kept, q)
		}
	}
	return kept[max(0, len(kept)-maxHistory):]
}

// session is what the conversation takes up.
func (c state) session() *session.Session {
	out := &session.Session{Lang: c.Chosen, Report: c.Report, Top: c.Top}
	for _, q := range c.History {
		out.Turns = append(out.Turns, session.Turn{Question: q})
	}
	if n := len(out.Turns); n > 0 {
		out.Turns[n-1].Code = c.Code
	}
	return out
}

// with is what the conversation leaves.
func (c state) with(s session.Session) state {
	var asked []string
	for _, t := range s.Turns {
		asked = append(asked, t.Question)
	}
	out := state{base: c.base, Report: s.Report, History: history(asked), Chosen: s.Lang, Top: s.Top}
	if last, ok := s.Last(); ok {
		out.Code = last.Code
	}
	return out
}

// address is where q is asked, of the same report and in the same language, as
// the first question of a conversation.
func (c state) address(q string) string {
	c.History, c.Code = nil, ""
	return c.to("q", q)
}

// pressing is where a link presses a button.
func (c state) pressing(tok string) string { return c.to("a", tok) }

// to is the page with one parameter beside what it carries.
func (c state) to(name, value string) string {
	q := url.Values{}
	for name, value := range map[string]string{name: value, "report": c.Report, "lang": c.Chosen, "c": c.Code} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if c.Top > 0 {
		q.Set("top", strconv.Itoa(c.Top))
	}
	if len(c.History) > 0 {
		q["h"] = c.History
	}
	return c.base + (&url.URL{Path: "/", RawQuery: q.Encode()}).String()
}

// Package questions is the part of the operators' API that shows what is
// asked: often, without an answer, with a thumb down, and on the public page.
package questions

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"wenbao/bot"
	"wenbao/bot/admin"
	"wenbao/bot/admin/pins"
	"wenbao/bot/audit"
	"wenbao/bot/curator"
	"wenbao/bot/feedback"
	"wenbao/bot/popular"
)

// Parts are what is shown; Popular may be nil.
type Parts struct {
	Popular    Popular
	Unanswered Unanswered
	Votes      Votes
	Public     Public
	// Note writes down what was done, and by whom.
	Note func(r *http.Request, e audit.Entry)
}

// Popular ranks what is asked often; team "" is all together.
type Popular interface {
	Ranking(ctx context.Context, team, window string, n int) ([]popular.Ranked, error)
}

// Unanswered lists questions without an answer; *feedback.Misses does.
type Unanswered interface {
	Each(ctx context.Context, f func(feedback.Miss) bool) error
}

// Votes lists votes; *feedback.Votes does.
type Votes interface {
	Each(ctx context.Context, f func(feedback.Vote) bool) error
}

// Public decides what the public page shows; *curator.Curator does.
type Public interface {
	Decide(ctx context.Context, by, question string, approve bool) error
	Undecide(ctx context.Context, question string) error
	Decisions() []curator.Decision
}

var (
	_ Unanswered = (*feedback.Misses)(nil)
	_ Votes      = (*feedback.Votes)(nil)
	_ Public     = (*curator.Curator)(nil)
)

// Routes returns the routes.
func Routes(p Parts) []admin.Route {
	s := server{p}
	return []admin.Route{
		{Pattern: "GET /admin/questions/popular", Role: admin.RoleRead, Handler: s.popular},
		{Pattern: "GET /admin/questions/unanswered", Role: admin.RoleRead, Handler: s.unanswered},
		{Pattern: "GET /admin/questions/votes", Role: admin.RoleRead, Handler: s.votes},
		{Pattern: "GET /admin/questions/public", Role: admin.RoleRead, Handler: s.public},
		{Pattern: "PUT /admin/questions/public", Role: admin.RoleOperate, Handler: s.decide},
		{Pattern: "DELETE /admin/questions/public", Role: admin.RoleOperate, Handler: s.undecide},
	}
}

type server struct{ Parts }

// The most rows of one list, and how many there are where nobody says.
const (
	maxRows     = 10_000
	defaultRows = 100
)

// A query is what the parameters of a list say.
type query struct {
	team  string // "" all
	limit int
	csv   bool
}

func queryOf(w http.ResponseWriter, r *http.Request) (query, bool) {
	q := query{limit: defaultRows}
	values := r.URL.Query()
	var err error
	if q.team, err = bot.ParseTeam(values.Get("workspace")); err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return q, false
	}
	if n := values.Get("limit"); n != "" {
		if q.limit, err = strconv.Atoi(n); err != nil || q.limit < 1 || q.limit > maxRows {
			admin.Problem(w, r, http.StatusBadRequest, "limit is a number of rows, 1 to "+strconv.Itoa(maxRows))
			return q, false
		}
	}
	switch values.Get("format") {
	case "", "json":
	case "csv":
		q.csv = true
	default:
		admin.Problem(w, r, http.StatusBadRequest, "format is json or csv")
		return q, false
	}
	return q, true
}

// A PopularRow is a question asked often.
type PopularRow struct {
	Question string  `json:"question"`
	Weight   float64 `json:"weight"` // decayed count
	Askers   int     `json:"askers"` // people told apart, at most 8
}

func (s server) popular(w http.ResponseWriter, r *http.Request) {
	q, ok := queryOf(w, r)
	if !ok {
		return
	}
	window := cmp.Or(r.URL.Query().Get("window"), popular.Week)
	if window != popular.Day && window != popular.Week {
		admin.Problem(w, r, http.StatusBadRequest, "window is day or week")
		return
	}
	rows := []PopularRow{}
	if s.Popular != nil {
		ranked, err := s.Popular.Ranking(r.Context(), q.team, window, q.limit)
		if err != nil {
			admin.Problem(w, r, http.StatusServiceUnavailable, "what is asked often cannot be read now; try again")
			return
		}
		for _, x := range ranked {
			rows = append(rows, PopularRow{x.Text, x.Weight, x.Askers})
		}
	}
	send(w, q, "popular", rows, []string{"question", "weight", "askers"}, func(x PopularRow) []string {
		return []string{x.Question, strconv.FormatFloat(x.Weight, 'f', 2, 64), strconv.Itoa(x.Askers)}
	})
}

// A MissRow is a question without an answer; those that read alike are one.
type MissRow struct {
	feedback.Miss
	Workspace string `json:"workspace,omitempty"`
}

// unanswered lists what found no answer, the most asked first.
func (s server) unanswered(w http.ResponseWriter, r *http.Request) {
	q, ok := queryOf(w, r)
	if !ok {
		return
	}
	rows := []MissRow{}
	err := s.Unanswered.Each(r.Context(), func(m feedback.Miss) bool {
		if q.team == "" || m.Team == q.team {
			row := MissRow{m, bot.ShowTeam(m.Team)}
			row.Team = ""
			rows = append(rows, row)
		}
		return true
	})
	if err != nil {
		admin.Problem(w, r, http.StatusServiceUnavailable, "unanswered questions cannot be read now; try again")
		return
	}
	slices.SortStableFunc(rows, func(a, b MissRow) int { return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last)) })
	send(w, q, "unanswered", rows, []string{"question", "reason", "count", "first", "last", "platform", "workspace", "report"}, func(m MissRow) []string {
		return []string{m.Question, m.Reason, strconv.Itoa(m.Count), stamp(m.First), stamp(m.Last), m.Platform, m.Workspace, m.Report}
	})
}

// A VoteRow is what somebody thinks of an answer.
type VoteRow struct {
	feedback.Vote
	Workspace string `json:"workspace,omitempty"`
}

// votes lists thumbs down, the newest first; with vote=up or vote=all others.
func (s server) votes(w http.ResponseWriter, r *http.Request) {
	q, ok := queryOf(w, r)
	if !ok {
		return
	}
	which := cmp.Or(r.URL.Query().Get("vote"), "down")
	if which != "down" && which != "up" && which != "all" {
		admin.Problem(w, r, http.StatusBadRequest, "vote is down, up or all")
		return
	}
	rows := []VoteRow{}
	err := s.Votes.Each(r.Context(), func(v feedback.Vote) bool {
		if (q.team == "" || v.Team == q.team) && (which == "all" || v.Up == (which == "up")) {
			row := VoteRow{v, bot.ShowTeam(v.Team)}
			row.Team = ""
			rows = append(rows, row)
		}
		return true
	})
	if err != nil {
		admin.Problem(w, r, http.StatusServiceUnavailable, "votes cannot be read now; try again")
		return
	}
	slices.SortStableFunc(rows, func(a, b VoteRow) int { return b.At.Compare(a.At) })
	send(w, q, "votes", rows, []string{"at", "vote", "reason", "question", "code", "excerpts", "platform", "workspace", "generation"}, func(v VoteRow) []string {
		vote := "down"
		if v.Up {
			vote = "up"
		}
		return []string{stamp(v.At), vote, v.Reason, v.Question, v.Code, joined(v.Excerpts), v.Platform, v.Workspace, v.Generation}
	})
}

func (s server) public(w http.ResponseWriter, r *http.Request) {
	q, ok := queryOf(w, r)
	if !ok {
		return
	}
	send(w, q, "public", s.Public.Decisions(), []string{"question", "approved", "by", "at"}, func(d curator.Decision) []string {
		return []string{d.Question, strconv.FormatBool(d.Approved), d.By, stamp(d.At)}
	})
}

// A Choice is what an operator decides about a question on the public page.
type Choice struct {
	Question string `json:"question"`
	Approved *bool  `json:"approved"`
}

func (s server) decide(w http.ResponseWriter, r *http.Request) {
	var c Choice
	if err := admin.Decode(w, r, &c); err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	if c.Approved == nil {
		admin.Problem(w, r, http.StatusBadRequest, `"approved" is missing: true shows the question on the public page, false keeps it from there`)
		return
	}
	what := "block public question"
	if *c.Approved {
		what = "approve public question"
	}
	s.done(w, r, what, s.Public.Decide(r.Context(), admin.CallerOf(r).Name, c.Question, *c.Approved))
}

func (s server) undecide(w http.ResponseWriter, r *http.Request) {
	question := r.URL.Query().Get("question")
	if question == "" {
		admin.Problem(w, r, http.StatusBadRequest, "the parameter question is missing")
		return
	}
	s.done(w, r, "take back public question", s.Public.Undecide(r.Context(), question))
}

func (s server) done(w http.ResponseWriter, r *http.Request, what string, err error) {
	entry := audit.Entry{What: what, Outcome: "ok"}
	if err != nil {
		entry.Outcome = "refused"
	}
	s.Note(r, entry)
	if err != nil {
		pins.Fail(w, r, err)
		return
	}
	admin.JSON(w, http.StatusOK, map[string]any{"public": s.Public.Decisions()})
}

// Package pins is the part of the operators' API that makes aliases and pinned
// answers.
package pins

import (
	"context"
	"errors"
	"net/http"

	"wenbao/answers/curation"
	"wenbao/bot"
	"wenbao/bot/admin"
	"wenbao/bot/audit"
	"wenbao/bot/curator"
)

// Curator keeps the rules; *curator.Curator is one.
type Curator interface {
	Add(ctx context.Context, by string, w curator.Wish) (curator.Shown, bool, error)
	Remove(ctx context.Context, id string) (curator.Shown, error)
	List(workspace string) []curator.Shown
}

var _ Curator = (*curator.Curator)(nil)

// Routes returns the routes; note writes down what was done, and by whom.
func Routes(c Curator, note func(r *http.Request, e audit.Entry)) []admin.Route {
	s := server{c, note}
	return []admin.Route{
		{Pattern: "GET /admin/pins", Role: admin.RoleRead, Handler: s.list},
		{Pattern: "POST /admin/pins", Role: admin.RoleOperate, Handler: s.add},
		{Pattern: "DELETE /admin/pins/{id}", Role: admin.RoleOperate, Handler: s.remove},
	}
}

type server struct {
	curator Curator
	note    func(r *http.Request, e audit.Entry)
}

func (s server) list(w http.ResponseWriter, r *http.Request) {
	workspace, err := bot.ParseTeam(r.URL.Query().Get("workspace"))
	if err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	admin.JSON(w, http.StatusOK, map[string]any{"pins": s.curator.List(workspace)})
}

func (s server) add(w http.ResponseWriter, r *http.Request) {
	var wish curator.Wish
	if err := admin.Decode(w, r, &wish); err != nil {
		admin.Problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	rule, replaced, err := s.curator.Add(r.Context(), admin.CallerOf(r).Name, wish)
	entry := audit.Entry{What: "pin", Target: rule.ID, Detail: detail(rule)}
	if err != nil {
		entry.Outcome = "refused"
		s.note(r, entry)
		Fail(w, r, err)
		return
	}
	entry.Outcome = "ok"
	s.note(r, entry)
	status := http.StatusCreated
	if replaced {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/admin/pins/"+rule.ID)
	admin.JSON(w, status, rule)
}

func (s server) remove(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	rule, err := s.curator.Remove(r.Context(), id)
	entry := audit.Entry{What: "unpin", Target: id, Detail: detail(rule), Outcome: "ok"}
	if err != nil {
		entry.Outcome = "refused"
	}
	s.note(r, entry)
	if err != nil {
		Fail(w, r, err)
		return
	}
	admin.JSON(w, http.StatusOK, rule)
}

// detail says where a rule leads; not its phrase, which is what people ask.
func detail(r curator.Shown) string {
	switch {
	case r.Kind == curation.Alias:
		return "alias of " + r.Term
	case r.Place != nil:
		return "pinned to " + r.Place.Report + "#" + r.Place.Paragraph
	}
	return ""
}

// Fail answers with what is wrong with a decision.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	var wrong curator.Invalid
	switch {
	case errors.As(err, &wrong):
		admin.Problem(w, r, http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, curator.ErrUnknown):
		admin.Problem(w, r, http.StatusNotFound, err.Error())
	default:
		admin.Problem(w, r, http.StatusServiceUnavailable, "the decision could not be kept; try again: "+err.Error())
	}
}

package curator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/curation"
	"wenbao/bot"
)

const (
	// MaxRules is the most rules there can be.
	MaxRules = 5000
	// MaxPhrase and minPhrase bound a phrase, in runes; one character stands in
	// too many words.
	MaxPhrase = 200
	minPhrase = 2
)

// ErrUnknown says that there is no such rule, or no decision on a question.
var ErrUnknown = errors.New("there is no such decision")

// Invalid says what is wrong with a decision, in words for the operator.
type Invalid string

func (i Invalid) Error() string { return string(i) }

func invalid(format string, args ...any) error { return Invalid(fmt.Sprintf(format, args...)) }

// A Wish is a rule as an operator asks for it.
type Wish struct {
	Phrase    string `json:"phrase"`
	Workspace string `json:"workspace"` // as bot.ParseTeam reads it
	// Match is whole, where the question is the phrase, or part, where it only
	// holds it; "": part for a term, whole for a paragraph.
	Match string `json:"match"`

	Term string `json:"term"` // of an alias: a name under which a glossary has it

	Report    string `json:"report"` // of a pin, with
	Paragraph string `json:"paragraph"`
	Quote     string `json:"quote"` // a part of the paragraph, verbatim; "": what answers best
	// At is the link of a citation, in the place of report and paragraph.
	At string `json:"at"`
}

// The values of Wish.Match.
const (
	MatchWhole = "whole"
	MatchPart  = "part"
)

// rule makes a rule of a wish, or says why it cannot be one.
func (c *Curator) rule(w Wish) (curation.Rule, error) {
	r := curation.Rule{Phrase: strings.TrimSpace(w.Phrase), At: c.Now().UTC()}
	n := utf8.RuneCountInString(r.Phrase)
	switch {
	case !utf8.ValidString(r.Phrase):
		return r, invalid("the phrase is not UTF-8")
	case n < minPhrase || n > MaxPhrase || utf8.RuneCountInString(curation.Key(r.Phrase)) < minPhrase:
		return r, invalid("the phrase has %d characters; it needs %d to %d, fillers and marks aside", n, minPhrase, MaxPhrase)
	}
	var err error
	if r.Workspace, err = bot.ParseTeam(w.Workspace); err != nil {
		return r, Invalid(err.Error())
	}
	r.ID = digest(r.Workspace, curation.Key(r.Phrase))
	switch w.Match {
	case "":
		r.Part = w.Term != ""
	case MatchPart, MatchWhole:
		r.Part = w.Match == MatchPart
	default:
		return r, invalid("match is %q; it can be whole or part", w.Match)
	}
	if pin := w.At != "" || w.Report != "" || w.Paragraph != ""; pin == (w.Term != "") {
		return r, invalid("a phrase leads to a term, or to a paragraph (report and paragraph, or the link of a citation as at)")
	}
	if w.Term != "" {
		return r, c.alias(&r, w.Term)
	}
	return r, c.pin(&r, w)
}

// alias makes r lead to a term that a glossary has.
func (c *Curator) alias(r *curation.Rule, name string) error {
	entries := c.Library.Term("", strings.TrimSpace(name))
	if len(entries) == 0 {
		return invalid("no glossary has the term %q; wenbao inspect lists the terms of each report", name)
	}
	r.Kind, r.Term = curation.Alias, entries[0].Name
	if curation.Key(r.Term) == curation.Key(r.Phrase) {
		return invalid("%q is the term itself", r.Phrase)
	}
	return nil
}

// pin makes r lead to a paragraph, or a part of it.
func (c *Curator) pin(r *curation.Rule, w Wish) error {
	at := answers.Place{Report: w.Report, Paragraph: w.Paragraph}
	if w.At != "" {
		if w.Report != "" || w.Paragraph != "" {
			return invalid("give a citation's link as at, or report and paragraph, not both")
		}
		var err error
		if at, err = ParseLink(w.At); err != nil {
			return err
		}
	}
	p, found := c.Library.Paragraph(at.Report, at.Paragraph)
	if !found {
		return invalid("the reports have no paragraph %q in a report %q", at.Paragraph, at.Report)
	}
	if w.Quote != "" {
		at.Start = strings.Index(p.Text, w.Quote)
		if at.Start < 0 || strings.Count(p.Text, w.Quote) > 1 {
			return invalid("the quote does not stand in the paragraph exactly once, as it is written there")
		}
		at.End = at.Start + len(w.Quote)
	}
	if at.Start != 0 || at.End != 0 {
		if at.Start < 0 || at.Start >= at.End || at.End > len(p.Text) || !utf8.ValidString(p.Text[at.Start:at.End]) {
			return invalid("the paragraph has no text from byte %d to %d", at.Start, at.End)
		}
	}
	r.Kind, r.Place = curation.Pin, &at
	return nil
}

// ParseLink reads the link of a citation, /r/SLUG/p/PARAGRAPH?s=START-END, with
// whatever stands before it.
func ParseLink(link string) (answers.Place, error) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		return answers.Place{}, invalid("%q is not the link of a citation", link)
	}
	parts := strings.Split(u.EscapedPath(), "/")
	n := len(parts)
	if n < 4 || parts[n-4] != "r" || parts[n-2] != "p" || parts[n-3] == "" || parts[n-1] == "" {
		return answers.Place{}, invalid("%q is not the link of a citation, such as /r/nmg-2022/p/3f2a?s=0-120", link)
	}
	slug, err1 := url.PathUnescape(parts[n-3])
	id, err2 := url.PathUnescape(parts[n-1])
	if err := errors.Join(err1, err2); err != nil {
		return answers.Place{}, invalid("%q is not the link of a citation: %v", link, err)
	}
	at := answers.Place{Report: strings.ReplaceAll(slug, "~", "/"), Paragraph: id}
	if span := u.Query().Get("s"); span != "" {
		from, to, _ := strings.Cut(span, "-")
		var err1, err2 error
		at.Start, err1 = strconv.Atoi(from)
		at.End, err2 = strconv.Atoi(to)
		if err1 != nil || err2 != nil {
			return answers.Place{}, invalid("%q has no span such as s=0-120", link)
		}
	}
	return at, nil
}

// Add makes a rule, in the place of the one for the same phrase and workspace,
// and returns whether there was one.
func (c *Curator) Add(ctx context.Context, by string, w Wish) (Shown, bool, error) {
	r, err := c.rule(w)
	if err != nil {
		return Shown{}, false, err
	}
	r.By = by
	c.changing.Lock()
	defer c.changing.Unlock()
	_, replaced := c.find(r.ID)
	if !replaced && len(c.known.Load().rules) >= MaxRules {
		return Shown{}, false, invalid("there are %d rules, the most there can be; remove some", MaxRules)
	}
	if err := c.put(ctx, ruleKey+r.ID, r); err != nil {
		return Shown{}, false, err
	}
	return c.show(r), replaced, nil
}

// Remove ends a rule.
func (c *Curator) Remove(ctx context.Context, id string) (Shown, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	r, found := c.find(id)
	if !found {
		return Shown{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return c.show(r), c.remove(ctx, ruleKey+id)
}

func (c *Curator) find(id string) (curation.Rule, bool) {
	rules := c.known.Load().rules
	i := slices.IndexFunc(rules, func(r curation.Rule) bool { return r.ID == id })
	if i < 0 {
		return curation.Rule{}, false
	}
	return rules[i], true
}

// A Shown is a rule with what it leads to in the live generation.
type Shown struct {
	curation.Rule
	Workspace string `json:"workspace,omitempty"` // as bot.ShowTeam writes it
	Match     string `json:"match"`
	// Stale says that what it leads to is not there any more: answers do as if
	// there were no such rule.
	Stale bool   `json:"stale,omitempty"`
	Label string `json:"label,omitempty"` // of the place
	Quote string `json:"quote,omitempty"` // of the place, where it is a part of a paragraph
}

func (c *Curator) show(r curation.Rule) Shown {
	s := Shown{Rule: r, Workspace: bot.ShowTeam(r.Workspace), Match: MatchWhole}
	if r.Part {
		s.Match = MatchPart
	}
	if r.Kind == curation.Alias {
		s.Stale = !HasTerm(c.Library, r.Term)
		return s
	}
	p, found := c.Library.Paragraph(r.Place.Report, r.Place.Paragraph)
	s.Stale = !found || r.Place.End > len(p.Text)
	if !s.Stale {
		s.Label, s.Quote = p.Label, p.Text[r.Place.Start:r.Place.End]
	}
	return s
}

// HasTerm reports whether a glossary has a term of this very name.
func HasTerm(l Library, name string) bool {
	return slices.ContainsFunc(l.Term("", name), func(e bot.TermEntry) bool { return e.Name == name })
}

// List returns the rules, the newest first; workspace "" lists all, otherwise
// those that are for it alone.
func (c *Curator) List(workspace string) []Shown {
	shown := []Shown{}
	for _, r := range slices.Backward(c.known.Load().rules) {
		if workspace == "" || r.Workspace == workspace {
			shown = append(shown, c.show(r))
		}
	}
	return shown
}

// Count counts the rules, and those among them that lead nowhere.
func (c *Curator) Count() (rules, stale int) {
	for _, r := range c.known.Load().rules {
		rules++
		if c.show(r).Stale {
			stale++
		}
	}
	return rules, stale
}

package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/feedback"
	"wenbao/bot/ledger"
	"wenbao/bot/token"
	"wenbao/bot/watch"
)

// longestReason is how much of a reason in somebody's own words is kept, in
// runes.
const longestReason = 500

// Act replies to the press of a button.
func (h *Handler) Act(ctx context.Context, a bot.Action) (r bot.Reply, err error) {
	lang := text.Pick(a.Locale, h.Settings.Lang)
	verb := "unknown"
	defer func() {
		if p := recover(); p != nil {
			r, err = h.broken(ctx, lang, p)
		}
		h.counters.actions.WithLabelValues(a.Platform, verb).Inc()
	}()
	if !h.Settings.Allow.Has(a.Address) {
		return compose.Toast(lang, text.NotAllowed), nil
	}
	t := h.turn(ctx, bot.Message{Address: a.Address, ID: a.ID, Addressed: true, Whisper: a.Whisper, Locale: a.Locale,
		Carried: a.Carried, Unlimited: a.Unlimited})
	lang = t.lang
	if limited, ok := h.limited(ctx, h.Stores.Presses, t); !ok {
		limited.Toast = true
		return limited, nil
	}
	tok, err := token.Parse(a.Token)
	if err != nil {
		return compose.Toast(lang, text.Expired), nil
	}
	verb = string(tok.Verb)
	r, err = h.press(ctx, t, a, tok)
	r, err = h.ready(ctx, lang, r, err)
	r.Carried = t.Carried
	return r, err
}

// press does what a button says that needs no answer, and hands on the rest.
func (h *Handler) press(ctx context.Context, t turn, a bot.Action, tok token.Token) (bot.Reply, error) {
	replaces := ""
	if tok.Args[1] == 1 {
		replaces = a.Posted
	}
	switch tok.Verb {
	case token.Ask:
		q, found, err := h.Stores.Phrases.Find(ctx, tok.Name)
		if err != nil {
			return bot.Reply{}, err
		}
		if !found {
			return compose.Toast(t.lang, text.Expired), nil
		}
		if limited, ok := h.limited(ctx, h.Stores.Questions, t); !ok {
			limited.Toast = true
			h.lost(t.Message, lostLimited)
			return limited, nil
		}
		return h.ask(ctx, t, q)
	case token.Term:
		return h.chip(t.lang, tok.Name), nil
	case token.Use:
		for _, r := range h.Library.Reports() {
			if compose.ReportKey(r.ID) == tok.Name {
				return h.choose(ctx, t, r.ID), nil
			}
		}
		return compose.Toast(t.lang, text.Expired), nil
	case token.Forget:
		return h.forget(ctx, t), nil
	case token.Terms:
		r := compose.Terms(t.lang, h.Library.Terms(t.session.Report), tok.Args[0])
		r.Replaces = replaces
		return r, nil
	case token.Sources:
		r := compose.Sources(t.lang, h.Library.Reports(), t.session.Report, tok.Args[0])
		r.Replaces = replaces
		return r, nil
	}
	return h.pressAnswer(ctx, t, a, tok)
}

// chip explains the term behind a glossary chip.
func (h *Handler) chip(lang text.Lang, key string) bot.Reply {
	for _, info := range h.Library.Terms("") {
		if compose.TermKey(info) != key {
			continue
		}
		for _, e := range h.Library.Term(info.Report, info.Name) {
			if e.Report == info.Report && e.Name == info.Name {
				r := compose.Term(lang, []bot.TermEntry{e})
				r.Private = true
				return r
			}
		}
	}
	return compose.Toast(lang, text.Expired)
}

// pressAnswer does what a button of an answer says. Everybody in the chat may
// vote. The rest is for who asked, and for others where they alone see it.
func (h *Handler) pressAnswer(ctx context.Context, t turn, a bot.Action, tok token.Token) (bot.Reply, error) {
	rec, found, err := h.Stores.Ledger.Get(ctx, tok.Name)
	if err != nil {
		return bot.Reply{}, err
	}
	if !found || rec.Place != a.Place() {
		return compose.Toast(t.lang, text.Expired), nil
	}
	vote := tok.Verb == token.Up || tok.Verb == token.Down
	other := rec.Person != a.Person()
	if other && !vote && !a.Whisper {
		return compose.Toast(t.lang, text.NotYours), nil
	}
	var r bot.Reply
	switch tok.Verb {
	case token.Up, token.Down:
		r, err = h.vote(ctx, t, rec, tok, a.Input)
	case token.More:
		r, err = h.more(ctx, t, rec.Code)
	case token.Paragraph:
		r, err = h.passage(t.lang, rec, tok, a.Posted), nil
	case token.Why:
		r, err = h.why(t.lang, rec, tok.Args[0]), nil
	case token.Related:
		r, err = compose.Ask(t.lang, text.RelatedTitle, text.RelatedNone, h.related(ctx, t, rec.Answer)), nil
	case token.Watch:
		r, err = h.watch(ctx, t, rec, a)
	case token.Open:
		r, err = compose.Answer(t.lang, rec.Code, rec.Answer, h.Library), nil
	default:
		return compose.Toast(t.lang, text.Expired), nil
	}
	r.Private = r.Private || other
	return r, err
}

// vote keeps what somebody thinks of an answer.
func (h *Handler) vote(ctx context.Context, t turn, rec ledger.Record, tok token.Token, words string) (bot.Reply, error) {
	if h.Stores.Votes == nil {
		return compose.Toast(t.lang, text.VotedUp), nil
	}
	v := feedback.Vote{Code: rec.Code, Voter: t.Person(), Up: tok.Verb == token.Up, Question: rec.Answer.Question,
		Generation: rec.Answer.Generation, Platform: t.Platform, Team: t.crowd(), At: h.Now()}
	if h.Settings.OmitQuestions {
		v.Question = ""
	}
	for _, x := range rec.Answer.Excerpts {
		v.Excerpts = append(v.Excerpts, fmt.Sprintf("%s#%s:%d-%d", x.Citation.Report, x.Citation.ParagraphID, x.Start, x.End))
	}
	if !v.Up {
		v.Reason = compose.Reason(tok.Args[0])
		if words = clean(words); words != "" {
			v.Reason = shorten(words, longestReason)
		}
	}
	if err := h.Stores.Votes.Vote(ctx, v); err != nil {
		return bot.Reply{}, err
	}
	switch {
	case v.Up:
		return compose.Toast(t.lang, text.VotedUp), nil
	case v.Reason != "":
		return compose.Toast(t.lang, text.VotedReason), nil
	}
	return compose.Down(t.lang, rec.Code), nil
}

func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// more asks again for more excerpts and shows those not yet shown.
func (h *Handler) more(ctx context.Context, t turn, code string) (bot.Reply, error) {
	rec, found, err := h.Stores.Ledger.Get(ctx, code)
	if err != nil {
		return bot.Reply{}, err
	}
	if !found {
		return compose.Toast(t.lang, text.Expired), nil
	}
	shown := len(rec.Answer.Excerpts)
	if shown >= answers.MaxTop {
		return compose.Say(t.lang, text.MoreNone), nil
	}
	a, err := h.answer(ctx, answers.Request{Question: rec.Answer.Question, History: rec.History, Report: rec.Report,
		Top: min(answers.MaxTop, shown+h.top(t)), MaxQuote: h.Settings.MaxQuote, Lang: string(t.lang), Workspace: t.Team()})
	if err != nil {
		return bot.Reply{}, err
	}
	further := unseen(a.Excerpts, rec.Answer.Excerpts)
	further = further[:min(len(further), answers.MaxTop-shown)]
	if len(further) == 0 {
		return compose.Say(t.lang, text.MoreNone), nil
	}
	rec.Answer.Excerpts = append(rec.Answer.Excerpts, ledger.Slim(answers.Answer{Excerpts: further}).Excerpts...)
	if err := h.Stores.Ledger.Update(ctx, rec); err != nil {
		return bot.Reply{}, err // its buttons would show other quotes
	}
	return compose.More(t.lang, code, further, shown, h.Library), nil
}

// unseen returns the excerpts of paragraphs that seen does not quote.
func unseen(excerpts, seen []answers.Excerpt) []answers.Excerpt {
	var out []answers.Excerpt
	for _, x := range excerpts {
		if !slices.ContainsFunc(seen, func(s answers.Excerpt) bool {
			return s.Citation.Report == x.Citation.Report && s.Citation.ParagraphID == x.Citation.ParagraphID
		}) {
			out = append(out, x)
		}
	}
	return out
}

// passage shows the paragraph around a quote, or one some steps from it.
func (h *Handler) passage(lang text.Lang, rec ledger.Record, tok token.Token, posted string) bot.Reply {
	i := tok.Args[0]
	steps, replaces := compose.Steps(tok.Args[1])
	if i < 0 || i >= len(rec.Answer.Excerpts) || max(steps, -steps) > compose.MaxSteps {
		return compose.Toast(lang, text.Expired)
	}
	x := rec.Answer.Excerpts[i]
	p, found := h.Library.Paragraph(x.Citation.Report, x.Citation.ParagraphID)
	for n := 0; n < max(steps, -steps) && found; n++ {
		id := p.Next
		if steps < 0 {
			id = p.Previous
		}
		p, found = h.Library.Paragraph(x.Citation.Report, id)
	}
	if !found {
		return compose.Toast(lang, text.ParagraphGone)
	}
	var at *answers.Mark
	if steps == 0 && x.Start >= 0 && x.Start <= x.End && x.End <= len(p.Text) && p.Text[x.Start:x.End] == x.Quote {
		at = &answers.Mark{Start: x.Start, End: x.End}
	}
	r := compose.Passage(lang, rec.Code, i, steps, p, at)
	if replaces {
		r.Replaces = posted
	}
	return r
}

func (h *Handler) why(lang text.Lang, rec ledger.Record, i int) bot.Reply {
	if i < 0 || i >= len(rec.Answer.Excerpts) {
		return compose.Toast(lang, text.Expired)
	}
	return compose.Why(lang, rec.Code, rec.Answer.Excerpts[i], i)
}

// related returns questions near an answer: those the answer suggests, the
// terms its quotes use, what is often asked.
func (h *Handler) related(ctx context.Context, t turn, a answers.Answer) []string {
	var out []string
	add := func(q string) {
		if q != a.Question && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	for _, q := range a.Suggestions {
		add(q)
	}
	for _, x := range a.Excerpts {
		for _, term := range compose.TermsIn(h.Library, x) {
			add(text.Zh.Say(text.AskTerm, text.Name(term.Name)))
		}
	}
	for _, q := range h.popular(ctx, t.crowd()) {
		add(q)
	}
	return out
}

// watch notes that somebody wants to be told when a question is answered.
func (h *Handler) watch(ctx context.Context, t turn, rec ledger.Record, a bot.Action) (bot.Reply, error) {
	if rec.Answer.Status != answers.NoAnswer || h.Stores.Watches == nil {
		return compose.Toast(t.lang, text.WatchNeedless), nil
	}
	to, err := json.Marshal(bot.Notice{Address: a.Address, Posted: a.Posted})
	if err != nil {
		return bot.Reply{}, err
	}
	outcome, err := h.Stores.Watches.Add(ctx, watch.Watch{Person: t.Person(), Question: rec.Answer.Question,
		History: rec.History, Report: rec.Report, Lang: string(t.lang), At: h.Now(), To: to})
	if err != nil {
		return bot.Reply{}, err
	}
	return compose.Toast(t.lang, map[watch.Outcome]text.Key{
		watch.Added: text.WatchDone, watch.Already: text.WatchAlready, watch.Full: text.WatchFull}[outcome]), nil
}

// open shows an answer again, in a conversation of its own: who opens it may
// press its buttons, and sees no words of who asked.
func (h *Handler) open(ctx context.Context, t turn, code string) (bot.Reply, error) {
	rec, found, err := h.Stores.Ledger.Get(ctx, code)
	if err != nil {
		return bot.Reply{}, err
	}
	if !found {
		return compose.Say(t.lang, text.VerifyUnknown, text.Code(code)), nil
	}
	if rec.Conversation != t.Conversation() {
		rec.Answer.Understood = ""
		rec.Conversation, rec.Person, rec.Place, rec.Message = t.Conversation(), t.Person(), t.Place(), ""
		rec.At = h.Now()
		rec.Code = h.add(ctx, rec)
	}
	return compose.Answer(t.lang, rec.Code, rec.Answer, h.Library), nil
}

package conversation

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/command"
	"wenbao/bot/compose"
	"wenbao/bot/ledger"
	"wenbao/bot/session"
	"wenbao/bot/token"
)

// popularShown is how many often asked questions are shown.
const popularShown = 5

// longestEcho is how much of what somebody wrote is repeated to them, in
// runes.
const longestEcho = 40

// reply does what a message says.
func (h *Handler) reply(ctx context.Context, t turn) (bot.Reply, error) {
	c := command.Parse(t.Text, t.Command)
	if utf8.RuneCountInString(c.Arg) > answers.MaxQuestion {
		return h.ask(ctx, t, t.Text) // which says that it is too long
	}
	if !t.Addressed { // a follow-up in a thread
		switch c.Name {
		case command.None, command.More:
		default:
			return bot.Reply{Kind: bot.KindSilent, Lang: t.lang}, nil
		}
	}
	switch c.Name {
	case command.Help:
		return h.help(t.lang), nil
	case command.Start:
		if code, ok := ledger.ParseCode(c.Arg); ok {
			return h.open(ctx, t, code)
		}
		return h.help(t.lang), nil
	case command.Terms:
		return compose.Terms(t.lang, h.Library.Terms(t.session.Report), 0), nil
	case command.Term:
		return h.term(ctx, t, c)
	case command.Sources:
		return compose.Sources(t.lang, h.Library.Reports(), t.session.Report, 0), nil
	case command.Use, command.UseAll:
		return h.use(ctx, t, c)
	case command.Top:
		return h.popularOrTop(ctx, t, c)
	case command.More:
		last, asked := t.session.Last()
		if !asked || last.Code == "" {
			return compose.Say(t.lang, text.MoreNothing), nil
		}
		return h.more(ctx, t, last.Code)
	case command.Verify:
		return h.verify(ctx, t, c.Arg)
	case command.Unknown:
		return h.unknown(t.lang, c), nil
	case command.Reset, command.Forget, command.Lang:
		return h.settings(ctx, t, c)
	case command.Ask:
		return h.ask(ctx, t, c.Arg)
	}
	return h.ask(ctx, t, strings.TrimPrefix(t.Text, "/"))
}

func echo(s string) text.Arg {
	if short := shorten(s, longestEcho); short != s {
		return text.Name(short + "…")
	}
	return text.Name(s)
}

func (h *Handler) help(lang text.Lang) bot.Reply {
	return compose.Notice(bot.KindHelp, lang, lang.Say(text.Help))
}

func (h *Handler) unknown(lang text.Lang, c command.Command) bot.Reply {
	r := compose.Say(lang, text.UnknownCommand, echo(c.Arg))
	if c.Near != "" {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockText, Text: lang.Say(text.NearCommand, text.Name("/"+c.Near))})
	}
	return r
}

// term explains a term. What was not written as a command and is not in the
// glossary is a question.
func (h *Handler) term(ctx context.Context, t turn, c command.Command) (bot.Reply, error) {
	if c.Arg == "" {
		return compose.Say(t.lang, text.TermUsage), nil
	}
	entries := h.Library.Term(t.session.Report, c.Arg)
	if name, found := h.meaning(t, c.Arg); len(entries) == 0 && found {
		entries = h.Library.Term(t.session.Report, name)
	}
	if len(entries) == 0 && !c.Explicit {
		return h.ask(ctx, t, t.Text)
	}
	if len(entries) == 0 {
		r := compose.Say(t.lang, text.TermUnknown, echo(c.Arg))
		if utf8.RuneCountInString(c.Arg) <= longestEcho {
			r.Suggestions = compose.Questions([]string{text.Zh.Say(text.AskTerm, text.Name(c.Arg))})
		}
		return r, nil
	}
	return compose.Term(t.lang, entries), nil
}

// meaning returns the term that an operator said a phrase means.
func (h *Handler) meaning(t turn, phrase string) (string, bool) {
	if h.Meaning == nil {
		return "", false
	}
	return h.Meaning(t.Team(), phrase)
}

// use chooses the report to keep to.
func (h *Handler) use(ctx context.Context, t turn, c command.Command) (bot.Reply, error) {
	if c.Name == command.UseAll {
		return h.choose(ctx, t, ""), nil
	}
	if c.Arg == "" {
		key, arg := text.UseUsage, text.Name("")
		for _, r := range h.Library.Reports() {
			if r.ID == t.session.Report {
				key, arg = text.UseCurrent, text.Name(compose.Title(r))
			}
		}
		return compose.Say(t.lang, key, arg), nil
	}
	switch found := find(h.Library.Reports(), c.Arg); {
	case len(found) == 1:
		return h.choose(ctx, t, found[0].ID), nil
	case len(found) > 1:
		return compose.Choices(t.lang, t.lang.Say(text.UseAmbiguous, echo(c.Arg)), found), nil
	case !c.Explicit:
		return h.ask(ctx, t, t.Text)
	}
	return compose.Choices(t.lang, t.lang.Say(text.UseUnknown, echo(c.Arg)), h.Library.Reports()), nil
}

// choose keeps the conversation to a report, "" for none.
func (h *Handler) choose(ctx context.Context, t turn, id string) bot.Reply {
	t.session.Report = id
	h.keep(ctx, t)
	for _, r := range h.Library.Reports() {
		if r.ID == id {
			return compose.Say(t.lang, text.UseDone, text.Name(compose.Title(r)))
		}
	}
	return compose.Say(t.lang, text.UseAll)
}

// find returns the reports that words name: the one with this id or title,
// else those in which every word occurs.
func find(reports []bot.ReportInfo, name string) []bot.ReportInfo {
	name = strings.ToLower(strings.Trim(name, "《》“”\"' "))
	var out []bot.ReportInfo
	for _, r := range reports {
		if strings.ToLower(r.ID) == name || strings.ToLower(r.Title) == name {
			return []bot.ReportInfo{r}
		}
		in := strings.ToLower(strings.Join([]string{r.ID, r.Title, r.Region, strconv.Itoa(r.Year)}, "\x00"))
		all := name != ""
		for _, w := range strings.Fields(name) {
			all = all && strings.Contains(in, strings.TrimSuffix(w, "年"))
		}
		if all {
			out = append(out, r)
		}
	}
	return out
}

func (h *Handler) popularOrTop(ctx context.Context, t turn, c command.Command) (bot.Reply, error) {
	if c.N > 0 {
		t.session.Top = min(c.N, answers.MaxTop)
		h.keep(ctx, t)
		return compose.Say(t.lang, text.TopSet, text.Count(t.session.Top)), nil
	}
	return compose.Ask(t.lang, text.PopularTitle, text.PopularNone, h.popular(ctx, t.crowd())), nil
}

// popular returns what is often asked in a team.
func (h *Handler) popular(ctx context.Context, team string) []string {
	if h.Stores.Popular == nil || team == "" {
		return nil
	}
	questions, err := h.Stores.Popular.Top(ctx, team, popularShown)
	if err != nil {
		h.missed(ctx, "popular", err)
	}
	return questions
}

func (h *Handler) verify(ctx context.Context, t turn, arg string) (bot.Reply, error) {
	if arg == "" {
		return compose.Say(t.lang, text.VerifyUsage), nil
	}
	code, ok := ledger.ParseCode(arg)
	if !ok {
		return compose.Say(t.lang, text.VerifyUnknown, text.Code(shorten(arg, longestEcho))), nil
	}
	rec, found, err := h.Stores.Ledger.Get(ctx, code)
	if err != nil {
		return bot.Reply{}, err
	}
	if !found {
		return compose.Say(t.lang, text.VerifyUnknown, text.Code(code)), nil
	}
	return compose.Verify(t.lang, code, rec.Answer, h.Library), nil
}

// settings does the commands that change what is remembered.
func (h *Handler) settings(ctx context.Context, t turn, c command.Command) (bot.Reply, error) {
	switch c.Name {
	case command.Lang:
		if c.Arg != "zh" && c.Arg != "en" {
			return compose.Say(t.lang, text.LangUsage), nil
		}
		t.session.Lang, t.lang = c.Arg, text.Lang(c.Arg)
		h.keep(ctx, t)
		return compose.Say(t.lang, text.LangSet), nil
	case command.Reset:
		return h.reset(ctx, t)
	}
	if t.Confirm {
		return compose.Confirm(t.lang, token.Forget, text.ForgetConfirm, text.ButtonForget), nil
	}
	return h.forget(ctx, t), nil
}

// forget erases what is kept about who asks for it.
func (h *Handler) forget(ctx context.Context, t turn) bot.Reply {
	n, failed := 0, false
	for _, f := range h.Stores.Forgetters {
		k, err := f.Forget(ctx, t.Person())
		if err != nil {
			h.missed(ctx, "forget", err)
			failed = true
		}
		n += k
	}
	switch {
	case failed:
		return h.private(compose.Say(t.lang, text.ForgetFailed))
	case n == 0:
		return h.private(compose.Say(t.lang, text.ForgetNothing))
	}
	return h.private(compose.Say(t.lang, text.Forgotten, text.Count(n)))
}

// reset ends the conversation; the language stays.
func (h *Handler) reset(ctx context.Context, t turn) (bot.Reply, error) {
	if t.Carried == nil {
		if err := h.Stores.Sessions.Delete(ctx, t.Conversation()); err != nil {
			return bot.Reply{}, err
		}
	}
	if t.session.Lang != "" || t.Carried != nil {
		t.session = session.Session{Lang: t.session.Lang}
		h.keep(ctx, t)
	}
	return compose.Say(t.lang, text.ResetDone), nil
}

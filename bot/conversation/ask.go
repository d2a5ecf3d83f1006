package conversation

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/feedback"
	"wenbao/bot/ledger"
	"wenbao/bot/popular"
	"wenbao/bot/session"
	"wenbao/retrieval/stage"
)

// longestPopular is how long a question that others are shown may be.
const longestPopular = 60

// ask answers a question.
func (h *Handler) ask(ctx context.Context, t turn, q string) (bot.Reply, error) {
	switch {
	case !t.Addressed && utf8.RuneCountInString(q) > answers.MaxQuestion:
		return bot.Reply{Kind: bot.KindSilent, Lang: t.lang}, nil
	case q == "":
		return compose.Say(t.lang, text.Empty), nil
	case utf8.RuneCountInString(q) > answers.MaxQuestion:
		h.lost(t.Message, lostInvalid)
		return compose.Say(t.lang, text.TooLong, text.Count(answers.MaxQuestion)), nil
	}
	return h.question(ctx, t, q)
}

// question answers a question that can be one.
func (h *Handler) question(ctx context.Context, t turn, q string) (r bot.Reply, err error) {
	over := false
	defer func() { h.count(ctx, t, q, r, err, over) }()
	r, err = h.answered(ctx, t, q)
	over = true
	return r, err
}

// answered asks and makes the reply.
func (h *Handler) answered(ctx context.Context, t turn, q string) (bot.Reply, error) {
	req := answers.Request{ID: t.ID, Question: q, History: t.session.Before(t.ID), Report: t.session.Report,
		Top: h.top(t), MaxQuote: cmp.Or(t.MaxQuote, h.Settings.MaxQuote), Lang: string(t.lang), Workspace: t.Team()}
	if t.Report != "" {
		req.Report = t.Report
	}
	a, err := h.answer(ctx, req)
	if err != nil {
		return bot.Reply{}, err
	}
	if !t.Addressed && a.Status != answers.Answered {
		return bot.Reply{Kind: bot.KindSilent, Lang: t.lang}, nil
	}
	code := ""
	if a.Status != answers.SmallTalk && !t.Fleeting {
		code = h.record(ctx, t, req, a)
		h.note(ctx, t, req, a)
		t.session = t.session.With(session.Turn{Message: t.ID, Question: q, Code: code})
		h.keep(ctx, t)
	}
	r := compose.Answer(t.lang, code, a, h.Library)
	r.Answer = &a
	return r, nil
}

func (h *Handler) top(t turn) int {
	for _, n := range []int{t.Top, t.session.Top} {
		if n > 0 {
			return min(n, answers.MaxTop)
		}
	}
	return h.Settings.Top
}

// answer asks the Answerer and withholds what is not verbatim.
func (h *Handler) answer(ctx context.Context, req answers.Request) (answers.Answer, error) {
	within, end := h.Stage.Begin(ctx, stage.Answer)
	a, err := h.Answerer.Answer(within, req)
	end(slog.String("question", req.Question), slog.String("status", string(a.Status)), slog.String("reason", string(a.Reason)),
		slog.String("generation", a.Generation), slog.Int("hits", len(a.Excerpts)), slog.Bool("failed", err != nil))
	if err != nil {
		return a, err
	}
	kept := make([]answers.Excerpt, 0, len(a.Excerpts))
	for _, x := range a.Excerpts {
		if x.Start < 0 || x.End > len(x.Text) || x.Start >= x.End || x.Text[x.Start:x.End] != x.Quote {
			h.counters.unverbatim.Inc()
			h.Log.ErrorContext(ctx, "quote withheld: not its paragraph's bytes", "report", x.Citation.Report, "paragraph", x.Citation.ParagraphID)
			continue
		}
		kept = append(kept, x)
	}
	if len(kept) == 0 && a.Status == answers.Answered {
		return a, errors.New("answered without a verbatim quote")
	}
	a.Excerpts = kept
	return a, nil
}

// record keeps an answer under a new code, "" when it cannot be kept.
func (h *Handler) record(ctx context.Context, t turn, req answers.Request, a answers.Answer) string {
	return h.add(ctx, ledger.Record{
		At: h.Now(), Conversation: t.Conversation(), Person: t.Person(), Place: t.Place(), Message: t.ID,
		Lang: string(t.lang), Report: req.Report, History: req.History, Answer: ledger.Slim(a)})
}

func (h *Handler) add(ctx context.Context, r ledger.Record) string {
	for range 3 {
		code, err := ledger.NewCode(h.Random)
		if err != nil {
			h.missed(ctx, "ledger", err)
			return ""
		}
		r.Code = code
		added, err := h.Stores.Ledger.Add(ctx, r)
		if err != nil {
			h.missed(ctx, "ledger", err)
			return ""
		}
		if added {
			return code
		}
	}
	return ""
}

// note counts a question as often asked, or as unanswered.
func (h *Handler) note(ctx context.Context, t turn, req answers.Request, a answers.Answer) {
	q := req.Question
	if a.Understood != "" {
		q = a.Understood
	}
	switch {
	case a.Status == answers.Answered && h.Stores.Popular != nil && utf8.RuneCountInString(q) <= longestPopular:
		err := h.Stores.Popular.Asked(ctx, popular.Question{Team: t.crowd(), Text: q, Asker: t.Person(), At: h.Now()})
		if err != nil {
			h.missed(ctx, "popular", err)
		}
	case a.Status == answers.NoAnswer && h.Stores.Unanswered != nil && a.Reason != answers.OffTopic:
		err := h.Stores.Unanswered.Miss(ctx, feedback.Miss{Question: q, Reason: string(a.Reason), Report: req.Report,
			Platform: t.Platform, Team: t.crowd(), Last: h.Now()})
		if err != nil {
			h.missed(ctx, "unanswered", err)
		}
	}
}

// keep keeps the session, or gives it back to who carries it.
func (h *Handler) keep(ctx context.Context, t turn) {
	if t.Carried != nil {
		*t.Carried = t.session
		return
	}
	if t.Fleeting {
		return
	}
	if err := h.Stores.Sessions.Put(ctx, t.Conversation(), t.Person(), t.session); err != nil {
		h.missed(ctx, "sessions", err)
	}
}

package conversation

import (
	"context"
	"encoding/json"
	"fmt"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/watch"
)

// A Delivery is a reply that nobody asked for just now.
type Delivery struct {
	Watch string // its id
	Event bot.Event
	Reply bot.Reply
}

// Recheck asks again what people wait for, after the reports or the pinned
// answers changed, and returns what to tell whom. Each delivery comes again
// until Told; its Event's key stays the same, so that a Desk tells it once.
func (h *Handler) Recheck(ctx context.Context) ([]Delivery, error) {
	if h.Stores.Watches == nil {
		return nil, nil
	}
	var out []Delivery
	var failure error
	err := h.Stores.Watches.Each(ctx, func(w watch.Watch) bool {
		d, answered, err := h.recheck(ctx, w)
		if err != nil {
			failure = fmt.Errorf("recheck: %w", err)
			return ctx.Err() == nil
		}
		if answered {
			out = append(out, d)
		}
		return true
	})
	if err != nil {
		return out, fmt.Errorf("recheck: %w", err)
	}
	return out, failure
}

func (h *Handler) recheck(ctx context.Context, w watch.Watch) (Delivery, bool, error) {
	var to bot.Notice
	if err := json.Unmarshal(w.To, &to); err != nil {
		return Delivery{}, false, h.Told(ctx, w.ID)
	}
	to.ID = w.ID
	t := turn{Message: bot.Message{Address: to.Address}, lang: text.Pick(w.Lang, h.Settings.Lang)}
	req := answers.Request{Question: w.Question, History: w.History, Report: w.Report,
		Top: h.Settings.Top, MaxQuote: h.Settings.MaxQuote, Lang: w.Lang, Workspace: to.Team()}
	a, err := h.answer(ctx, req)
	if err != nil || a.Status != answers.Answered {
		return Delivery{}, false, err
	}
	r := compose.Answer(t.lang, h.record(ctx, t, req, a), a, h.Library)
	r.Private = true
	r.Blocks = append([]bot.Block{{Kind: bot.BlockText, Text: t.lang.Say(text.WatchAnswered, text.Name(w.Question))}}, r.Blocks...)
	r, err = h.ready(ctx, t.lang, r, nil)
	return Delivery{Watch: w.ID, Event: bot.Event{Notice: &to}, Reply: r}, true, err
}

// Told ends a watch: the person was told, or the telling is in safe hands.
func (h *Handler) Told(ctx context.Context, id string) error {
	return h.Stores.Watches.Done(ctx, id)
}

package conversation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wenbao/answers"
	"wenbao/bot"
)

// Why a question has no answer, as metrics name it. What is limited or finds
// no room was not read: it may have been a command.
const (
	lostLimited   = "limited"
	lostBusy      = "busy"
	lostInvalid   = "invalid"
	lostCancelled = "cancelled"
	lostFailed    = "failed"
)

// Lost names why an error left a question without an answer.
func Lost(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return lostBusy
	case errors.Is(err, context.Canceled):
		return lostCancelled
	case errors.Is(err, answers.ErrEmpty), errors.Is(err, answers.ErrTooLong), errors.Is(err, answers.ErrUnknownReport):
		return lostInvalid
	}
	return lostFailed
}

func (h *Handler) lost(m bot.Message, why string) {
	if h.Meter != nil && !m.Fleeting {
		h.Meter.Lost(m.Platform, why)
	}
}

// count counts a question: over says that answering it came to an end, and was
// no panic. A message that was not for the bot, and a query that is still being
// typed, are no questions.
func (h *Handler) count(ctx context.Context, t turn, q string, r bot.Reply, err error, over bool) {
	switch {
	case t.Fleeting, over && err == nil && r.Answer == nil:
	case !over:
		h.lost(t.Message, lostFailed)
	case err != nil:
		h.lost(t.Message, Lost(err))
	default:
		took := time.Since(t.began)
		if h.Meter != nil {
			h.Meter.Answer(t.Platform, string(r.Answer.Status), string(r.Answer.Reason), took)
		}
		h.tell(ctx, t, q, r.Answer, took)
	}
}

// tell logs an answer, with its question only where that is wanted.
func (h *Handler) tell(ctx context.Context, t turn, q string, a *answers.Answer, took time.Duration) {
	level := slog.LevelDebug
	if h.Settings.LogQuestions {
		level = slog.LevelInfo
	}
	if !h.Log.Enabled(ctx, level) {
		return
	}
	facts := []slog.Attr{slog.String("platform", t.Platform), slog.String("status", string(a.Status)), slog.Duration("took", took)}
	if a.Reason != "" {
		facts = append(facts, slog.String("reason", string(a.Reason)))
	}
	if h.Settings.LogQuestions {
		facts = append(facts, slog.String("text", q))
	}
	h.Log.LogAttrs(ctx, level, "question", facts...)
}

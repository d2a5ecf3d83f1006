package telegram

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/delivery"
	"wenbao/bot/request"
	"wenbao/bot/telegram/update"
)

func isBusy(err error) bool { return errors.Is(err, delivery.ErrBusy) }

func (b *Bot) count(u update.Update, outcome string) {
	b.metrics.updates.WithLabelValues(string(u.Kind), outcome).Inc()
}

// about returns the context of an update.
func about(ctx context.Context, u update.Update) context.Context {
	if u.ID == 0 {
		return request.With(ctx, request.New())
	}
	return request.With(ctx, "update-"+strconv.FormatInt(u.ID, 10))
}

// take hands an update on. On an error it must come again.
func (b *Bot) take(ctx context.Context, u update.Update) error {
	ctx, end := b.stage.Begin(ctx, Platform+" "+string(u.Kind))
	err := b.handOn(ctx, u)
	end(slog.String("platform", Platform), slog.Bool("failed", err != nil))
	return err
}

func (b *Bot) handOn(ctx context.Context, u update.Update) error {
	switch u.Kind {
	case update.Message, update.Edited:
		if err := b.receive(ctx, u.Event); err != nil {
			return err
		}
	case update.Callback:
		if err := b.press(ctx, u); err != nil {
			return err
		}
	case update.Inline:
		b.query(ctx, u.Query)
	case update.Chosen:
		b.metrics.chosen.Inc()
	}
	b.count(u, "taken")
	return nil
}

// receive gives an event to the Desk. The chat is watched from before: the
// reply may be sent before Receive returns.
func (b *Bot) receive(ctx context.Context, e bot.Event) error {
	b.waiting.add(e, b.now())
	err := b.Desk.Receive(ctx, e)
	if err != nil {
		b.waiting.done(e.Key())
	}
	return err
}

// press takes the press of a button. One for somebody else, or at a message
// that is nowhere, is acknowledged at once.
func (b *Bot) press(ctx context.Context, u update.Update) error {
	a := u.Event.Action
	switch {
	case u.Press.Homeless:
		b.toast(ctx, u.Press.ID, compose.Toast(b.settings.Lang, text.Expired))
		return nil
	case u.Press.Owner != "" && u.Press.Owner != a.User:
		b.toast(ctx, u.Press.ID, compose.Toast(text.Pick(a.Locale, b.settings.Lang), text.NotYours))
		return nil
	}
	err := b.receive(ctx, u.Event)
	if isBusy(err) { // a press need not be kept: it can be made again
		b.toast(ctx, u.Press.ID, b.busy(a))
		return nil
	}
	return err
}

func (b *Bot) busy(a *bot.Action) bot.Reply {
	r := b.Conversation.Busy(bot.Message{Address: a.Address, Locale: a.Locale})
	r.Toast = true
	return r
}

// toast acknowledges a press with a hint.
func (b *Bot) toast(ctx context.Context, press string, r bot.Reply) {
	ctx, cancel := context.WithTimeout(ctx, signWithin)
	defer cancel()
	if err := b.acknowledge(ctx, press, r); err != nil {
		b.log.InfoContext(ctx, "a press was not acknowledged", "error", err)
	}
}

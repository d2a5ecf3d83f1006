package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"wenbao/bot/telegram/api"
	"wenbao/bot/telegram/update"
)

const (
	batch        = 100              // updates at one time
	beyondPoll   = 15 * time.Second // how long a poll may take beyond its own wait
	confirmAtEnd = 2 * time.Second
)

// poll takes updates while ctx lasts. What a poll brings is handed on before
// the next one confirms it to Telegram; where the program stops, the last is
// confirmed at once.
func (b *Bot) poll(ctx, program context.Context) error {
	if err := b.insist(ctx, "deleteWebhook", b.problem, b.deleteWebhook); err != nil {
		return err
	}
	b.problem("")
	p := poller{Bot: b, limit: batch}
	defer func() {
		if program.Err() != nil { // else another replica polls by now
			p.confirm(program)
		}
	}()
	for failures := 0; ctx.Err() == nil; {
		advanced, err := p.once(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil && advanced:
			failures = 0
			b.problem("")
			continue
		case errors.Is(err, ErrUnauthorized):
			return err
		}
		if !sleep(ctx, b.backoff(failures, err)) {
			break
		}
		failures++
	}
	return ctx.Err()
}

func (b *Bot) deleteWebhook(ctx context.Context) error {
	return b.client.Call(ctx, "deleteWebhook", api.Params{"drop_pending_updates": false}, nil)
}

// poller is where a replica's polling stands.
type poller struct {
	*Bot
	offset int64 // of the first update that is not taken; 0 for whatever comes
	limit  int
	last   string // the last problem that was explained
}

// once polls once, and reports whether there is no need to wait before the
// next time.
func (p *poller) once(ctx context.Context) (bool, error) {
	within, cancel := context.WithTimeout(ctx, p.settings.Poll+beyondPoll)
	defer cancel()
	wait := p.settings.Poll
	if p.last != "" {
		wait = 0 // find out at once whether the problem is over
	}
	began := p.now()
	var updates []json.RawMessage
	err := p.client.Call(within, "getUpdates", api.Params{"offset": p.offset, "limit": p.limit,
		"timeout": int(wait / time.Second), "allowed_updates": update.Wanted()}, &updates)
	if err != nil {
		return p.failed(ctx, err)
	}
	if len(updates) == 0 {
		// All before was confirmed. After a quiet week Telegram numbers anew.
		p.offset, p.limit, p.last = 0, batch, ""
		if p.now().Sub(began) < p.settings.Pause && wait > 0 { // a server that does not wait
			sleep(ctx, p.settings.Pause)
		}
		p.problem("")
		return true, nil
	}
	before := p.offset
	for _, raw := range updates {
		u := update.Read(raw, *p.me.Load())
		if !p.hand(ctx, u) {
			return false, ctx.Err()
		}
		p.offset = max(p.offset, u.ID+1)
	}
	p.limit, p.last = batch, ""
	return p.offset > before, nil
}

// hand hands an update on and reports whether it is in safe hands, or none
// are needed. It waits for a Desk that has no room: Telegram keeps the rest.
func (p *poller) hand(ctx context.Context, u update.Update) bool {
	began := p.now()
	ctx = about(ctx, u)
	for failures := 0; ; failures++ {
		err := p.take(ctx, u)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if isBusy(err) && p.now().Sub(began) >= p.settings.Patience {
			// One chat's flood must not keep the others waiting.
			p.count(u, "refused")
			p.log.WarnContext(ctx, "an update was refused: there was no room for it", "kind", u.Kind)
			return true
		}
		if !isBusy(err) {
			p.problem("updates cannot be kept: " + err.Error())
			p.log.ErrorContext(ctx, "an update cannot be kept; trying again", "error", err)
		}
		if !sleep(ctx, min(p.settings.Pause/4<<min(failures, 10), p.settings.Pause*5)) {
			return false
		}
	}
}

// failed notes why a poll failed, and does what can be done about it.
func (p *poller) failed(ctx context.Context, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	var broken *api.BrokenError
	switch kind := api.KindOf(err); {
	case kind == api.Unauthorized:
		return false, p.unauthorized(err)
	case kind == api.Conflict:
		return p.conflict(ctx, err)
	case errors.As(err, &broken) && broken.Status == 200:
		return p.narrow(broken), err
	}
	p.explain("Telegram does not answer", err)
	return false, err
}

// explain logs a problem when it begins.
func (p *poller) explain(what string, err error) {
	p.problem(what + ": " + err.Error())
	if p.last != what {
		p.last = what
		p.log.Warn(what, "error", err)
	}
}

// conflict explains a 409. A webhook that is in the way is deleted.
func (p *poller) conflict(ctx context.Context, err error) (bool, error) {
	if !strings.Contains(err.Error(), "webhook") {
		p.explain("another program takes this bot's updates with the same token; stop it, or give it a bot of its own", err)
		return false, err
	}
	p.explain("a webhook is set for this bot and keeps updates from being polled; deleting it", err)
	within, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	return false, errors.Join(err, p.deleteWebhook(within))
}

// narrow isolates an update that makes the whole answer unreadable, and steps
// over it.
func (p *poller) narrow(broken *api.BrokenError) bool {
	if p.limit > 1 {
		p.limit = 1
		return true
	}
	id, found := update.IDIn(broken.Body)
	if !found || id < p.offset {
		return false
	}
	p.log.Error("an update cannot be read, passed over")
	p.metrics.updates.WithLabelValues(string(update.Broken), "taken").Inc()
	p.offset = id + 1
	return true
}

// confirm tells Telegram what was taken, so that the next poller is not given
// it again.
func (p *poller) confirm(ctx context.Context) {
	if p.offset == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmAtEnd)
	defer cancel()
	err := p.client.Call(ctx, "getUpdates", api.Params{"offset": p.offset, "limit": 1, "timeout": 0, "allowed_updates": update.Wanted()}, nil)
	if err != nil {
		p.log.Debug("the last updates were not confirmed", "error", err)
	}
}

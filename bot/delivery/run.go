package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"wenbao/bot"
	"wenbao/bot/inbox"
)

// grace is how long replies that are being sent may take after Run was told
// to stop.
const grace = 5 * time.Second

// Run works until ctx is done and then until no reply is being sent any more.
// What is left stays in the inbox.
func (d *Desk) Run(ctx context.Context) error {
	if err := d.resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	var wg sync.WaitGroup
	for range d.Settings.Handlers {
		wg.Go(func() { d.work(ctx, d.asking, d.ask) })
	}
	for range d.Settings.Senders {
		wg.Go(func() { d.work(ctx, d.sending, d.send) })
	}
	wg.Go(func() { d.keepResuming(ctx) })
	wg.Wait()
	return nil
}

// work runs the jobs of a queue.
func (d *Desk) work(ctx context.Context, q *lanes, run func(context.Context, *job) time.Duration) {
	for {
		j, ran, ok := q.pop(ctx)
		if !ok {
			return
		}
		ran(d.guarded(ctx, j, run))
	}
}

// guarded runs a job; one that panics is dropped, not the Desk.
func (d *Desk) guarded(ctx context.Context, j *job, run func(context.Context, *job) time.Duration) (again time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			d.Log.ErrorContext(d.about(ctx, j.event), "panic in delivery", "platform", j.event.Address().Platform, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			d.delivered(ctx, j, "", "dropped")
		}
	}()
	return run(d.about(ctx, j.event), j)
}

// keepResuming takes up what was laid aside, or left by others, every so
// often.
func (d *Desk) keepResuming(ctx context.Context) {
	t := time.NewTicker(d.Settings.Aside)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := d.resume(ctx); err != nil {
				d.Log.Warn("inbox failed", "error", err)
			}
		}
	}
}

// resume takes up undelivered events that nobody works on.
func (d *Desk) resume(ctx context.Context) error {
	d.mu.Lock()
	room := d.Settings.Capacity - d.onWay
	d.mu.Unlock()
	if room <= 0 {
		return nil
	}
	entries, err := d.Inbox.Claim(ctx, room)
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	for _, e := range entries {
		d.takeUp(ctx, e)
	}
	return nil
}

// takeUp goes on with an entry where it stopped.
func (d *Desk) takeUp(ctx context.Context, e inbox.Entry) {
	j := &job{key: e.Key, at: e.At, within: d.Budget()}
	if err := json.Unmarshal(e.Event, &j.event); err != nil || j.event.Key() != e.Key {
		d.Log.Error("inbox entry is damaged, dropped", "error", err)
		if err := d.Inbox.Delivered(ctx, e.Key, ""); err != nil {
			d.Log.Warn("inbox failed", "error", err)
		}
		return
	}
	j.place = j.event.Address().Place()
	d.mu.Lock()
	d.onWay++
	d.places[j.place]++
	d.mu.Unlock()
	if d.Now().Sub(e.At) > d.Settings.Expiry {
		d.delivered(ctx, j, "", "expired")
		return
	}
	if e.State == inbox.Answered {
		var r bot.Reply
		if json.Unmarshal(e.Reply, &r) == nil {
			j.reply = &r
			d.sending.push(j.place, j)
			return
		}
	}
	if j.event.Notice != nil { // its watch is still there and makes it anew
		d.delivered(ctx, j, "", "dropped")
		return
	}
	d.queue(d.about(ctx, j.event), j)
}

// ask handles an event and passes its reply on.
func (d *Desk) ask(ctx context.Context, j *job) time.Duration {
	j.handling()
	handling, end := d.Stage.Begin(ctx, "handle")
	patient, cancel := context.WithTimeout(j.within(handling), d.Settings.Patience)
	defer cancel()
	var r bot.Reply
	var err error
	if j.event.Message != nil {
		r, err = d.Handler.Handle(patient, *j.event.Message)
	} else {
		r, err = d.Handler.Act(patient, *j.event.Action)
	}
	defer end(slog.String("platform", j.event.Address().Platform), slog.String("outcome", string(r.Kind)), slog.Bool("failed", err != nil))
	if ctx.Err() != nil { // stopping: it is handled after the next start
		d.free(j.place)
		return 0
	}
	if err != nil {
		d.Log.ErrorContext(ctx, "handling failed", "platform", j.event.Address().Platform, "error", err)
	}
	if r.Silent() {
		d.delivered(handling, j, "", "silent")
		return 0
	}
	d.answered(handling, j, r)
	return 0
}

// answered keeps a reply and queues it for sending.
func (d *Desk) answered(ctx context.Context, j *job, r bot.Reply) {
	b, err := json.Marshal(r)
	if err == nil {
		err = d.Inbox.Answered(j.within(context.WithoutCancel(ctx)), j.key, b)
	}
	if err != nil { // it is handled again after a crash
		d.Log.WarnContext(ctx, "inbox failed", "error", err)
	}
	j.reply = &r
	d.sending.push(j.place, j)
}

// send sends a reply, or says when to try again.
func (d *Desk) send(ctx context.Context, j *job) time.Duration {
	a := j.event.Address()
	sender := d.Senders[a.Platform]
	if sender == nil {
		d.Log.WarnContext(ctx, "no sender for platform", "platform", a.Platform)
		d.layAside(ctx, j)
		return 0
	}
	r := *j.reply
	if first := j.event.Original(); first != "" && r.Replaces == "" {
		posted, err := d.Inbox.Posted(j.within(ctx), first)
		if err != nil {
			d.Log.WarnContext(ctx, "inbox failed", "error", err)
		}
		r.Replaces = posted
	}
	ctx, end := d.Stage.Begin(ctx, "deliver")
	again, outcome := d.deliver(ctx, sender, j, r)
	end(slog.String("platform", a.Platform), slog.String("outcome", outcome), slog.Int("attempt", j.attempts), slog.Bool("failed", outcome == "dropped"))
	return again
}

// deliver sends a reply, and returns when to try again, if that is to be done,
// and what became of the event.
func (d *Desk) deliver(ctx context.Context, sender Sender, j *job, r bot.Reply) (again time.Duration, outcome string) {
	going, cancel := d.going(ctx)
	posted, err := sender.Send(going, j.event, r)
	cancel()
	if err == nil {
		if posted == "" {
			posted = r.Replaces
		}
		d.delivered(ctx, j, posted, "delivered")
		return 0, "delivered"
	}
	return d.failed(ctx, j, err)
}

// going is the context of a send that has begun: stopping gives it grace.
func (d *Desk) going(ctx context.Context) (context.Context, context.CancelFunc) {
	going, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Settings.Patience)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return going, func() { stop(); cancel() }
}

func (d *Desk) failed(ctx context.Context, j *job, err error) (again time.Duration, outcome string) {
	platform := j.event.Address().Platform
	var turn interface{ NotYet() time.Duration }
	if errors.As(err, &turn) && turn.NotYet() > 0 && ctx.Err() == nil {
		return turn.NotYet(), "not_yet"
	}
	if errors.Is(err, ErrPermanent) {
		d.Log.WarnContext(ctx, "reply cannot be delivered", "platform", platform, "error", err)
		d.delivered(ctx, j, "", "dropped")
		return 0, "dropped"
	}
	j.attempts++
	d.count(j.event, "retried")
	d.Log.InfoContext(ctx, "sending failed", "platform", platform, "attempt", j.attempts, "error", err)
	if j.attempts >= d.Settings.Attempts || ctx.Err() != nil {
		d.layAside(ctx, j)
		return 0, "aside"
	}
	var after interface{ RetryAfter() time.Duration }
	if errors.As(err, &after) && after.RetryAfter() > 0 {
		return after.RetryAfter(), "retried"
	}
	return min(500*time.Millisecond<<(j.attempts-1), 30*time.Second), "retried"
}

// layAside leaves an event in the inbox for later.
func (d *Desk) layAside(ctx context.Context, j *job) {
	if err := d.Inbox.Release(context.WithoutCancel(ctx), j.key); err != nil {
		d.Log.WarnContext(ctx, "inbox failed", "error", err)
	}
	d.count(j.event, "aside")
	d.free(j.place)
}

// delivered ends an event.
func (d *Desk) delivered(ctx context.Context, j *job, posted, outcome string) {
	if err := d.Inbox.Delivered(context.WithoutCancel(ctx), j.key, posted); err != nil {
		d.Log.WarnContext(ctx, "inbox failed", "error", err)
	}
	d.count(j.event, outcome)
	d.free(j.place)
}

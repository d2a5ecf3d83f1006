// Package delivery brings what platforms post to a Handler and its replies
// back, each once.
//
// An adapter hands every event to [Desk.Receive] and acknowledges it to the
// platform when that returns nil. From then on the Desk answers for it: it
// handles the events of a conversation one after the other, sends the replies
// of a chat one after the other, retries what the platform would not take
// yet, and after a crash goes on with what is left in the inbox. A reply is
// sent twice only where the process died after the platform took it and
// before that was marked.
package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/inbox"
	"wenbao/bot/request"
	"wenbao/retrieval/stage"
)

// A Sender posts a reply where its event came from, or in the place of the
// message that the reply Replaces, and returns the platform's id of the
// posted message. It does not retry: an error that is ErrPermanent drops the
// reply, one with RetryAfter() time.Duration is tried again then, any other
// after a while. One with NotYet() time.Duration is no failure: the reply's
// turn comes then. It is called for one reply of a chat at a time.
type Sender interface {
	Send(ctx context.Context, e bot.Event, r bot.Reply) (posted string, err error)
}

// ErrPermanent is wrapped by an error after which sending again is no use: the
// chat is gone, the bot was removed.
var ErrPermanent = errors.New("cannot be delivered")

// ErrBusy is returned by Receive where there is no room even to say so: the
// adapter says it on the connection, or lets the platform deliver again.
var ErrBusy = errors.New("too busy to take this")

// A Handler is a bot.Handler that can say that it is busy.
type Handler interface {
	bot.Handler
	Busy(m bot.Message) bot.Reply
}

// An Inbox keeps events until they are delivered; see package inbox.
type Inbox interface {
	Receive(ctx context.Context, e inbox.Entry) (fresh bool, err error)
	Answered(ctx context.Context, key string, reply []byte) error
	Delivered(ctx context.Context, key, posted string) error
	Receipts
	Claims
}

// Receipts knows the platform's ids of delivered replies.
type Receipts interface {
	Posted(ctx context.Context, key string) (string, error)
}

// Claims hands out undelivered events that nobody works on.
type Claims interface {
	Claim(ctx context.Context, n int) ([]inbox.Entry, error)
	Release(ctx context.Context, key string) error
}

// Settings are bounds. Zero fields take the value of DefaultSettings.
type Settings struct {
	Capacity int           // events on their way at one time
	Reserve  int           // replies that say busy, beyond Capacity
	PerPlace int           // events of one chat on their way at one time
	Handlers int           // events handled at one time
	Senders  int           // replies being sent at one time
	Patience time.Duration // to handle one event, and to send one reply
	Attempts int           // to send a reply before it is laid aside
	Aside    time.Duration // until what is laid aside or left by others is taken up
	Expiry   time.Duration // after which an event is not answered any more
}

// DefaultSettings suit one machine.
func DefaultSettings() Settings {
	return Settings{Capacity: 2000, Reserve: 200, PerPlace: 200, Handlers: 16, Senders: 64,
		Patience: 30 * time.Second, Attempts: 8, Aside: 30 * time.Second, Expiry: 24 * time.Hour}
}

func (s Settings) withDefaults() Settings {
	d := DefaultSettings()
	for _, f := range []struct{ have, want *int }{{&s.Capacity, &d.Capacity}, {&s.Reserve, &d.Reserve},
		{&s.PerPlace, &d.PerPlace}, {&s.Handlers, &d.Handlers}, {&s.Senders, &d.Senders}, {&s.Attempts, &d.Attempts}} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	for _, f := range []struct{ have, want *time.Duration }{{&s.Patience, &d.Patience}, {&s.Aside, &d.Aside}, {&s.Expiry, &d.Expiry}} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	return s
}

// Traces lets what happens later belong to the trace that an event came with;
// *telemetry.Telemetry is one.
type Traces interface {
	Carry(ctx context.Context) string
	Resume(ctx context.Context, carried string) context.Context
}

// Parts are what a Desk works with; Traces, Stage, Log, Now, Metrics and Budget
// may be nil.
type Parts struct {
	Handler  Handler
	Inbox    Inbox
	Senders  map[string]Sender // by platform
	Settings Settings
	// Budget is called once an event, and returns what puts into a context
	// what the event may spend on stores until its reply is sent.
	Budget  func() func(context.Context) context.Context
	Traces  Traces
	Stage   stage.Func
	Log     *slog.Logger
	Now     func() time.Time
	Metrics prometheus.Registerer
}

// Desk brings events to the Handler and replies back.
type Desk struct {
	Parts
	asking  *lanes // by conversation
	sending *lanes // by chat
	outcome *prometheus.CounterVec

	mu     sync.Mutex
	onWay  int
	places map[string]int
}

// job is an event on its way.
type job struct {
	key      string
	place    string
	event    bot.Event
	at       time.Time
	reply    *bot.Reply // nil until handled
	attempts int
	within   func(context.Context) context.Context // see Parts.Budget
	handling stage.End                             // ends its wait to be handled
}

// New returns a Desk that does nothing until Run.
func New(p Parts) (*Desk, error) {
	if p.Handler == nil || p.Inbox == nil {
		return nil, errors.New("delivery: a handler and an inbox are needed")
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Budget == nil {
		p.Budget = func() func(context.Context) context.Context {
			return func(ctx context.Context) context.Context { return ctx }
		}
	}
	p.Settings = p.Settings.withDefaults()
	d := &Desk{Parts: p, asking: newLanes(), sending: newLanes(), places: map[string]int{},
		outcome: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wenbao_deliveries_total", Help: "Events by what became of them."}, []string{"platform", "outcome"})}
	if p.Metrics == nil {
		return d, nil
	}
	depth := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wenbao_queue_depth", Help: "Events received and not yet delivered."}, func() float64 { return float64(d.Depth()) })
	for _, c := range []prometheus.Collector{d.outcome, depth} {
		if err := p.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return d, nil
}

// Depth counts the events on their way.
func (d *Desk) Depth() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.onWay
}

// Receive takes an event. When it returns nil, the event is in safe hands,
// was received before, or is not for the bot; on any other result nothing was
// kept and the platform should deliver it again.
func (d *Desk) Receive(ctx context.Context, e bot.Event) error {
	if len(e.Return()) > bot.MaxReturn {
		return fmt.Errorf("receive: %d bytes to return are too many", len(e.Return()))
	}
	e = e.Cut()
	e.Request, e.Trace = request.ID(ctx), d.carry(ctx)
	within := d.Budget()
	ctx = within(ctx)
	if e.Message != nil && !d.Handler.Wants(ctx, *e.Message) {
		return nil
	}
	j := &job{key: e.Key(), place: e.Address().Place(), event: e, at: d.Now(), within: within}
	if j.key == "" {
		return errors.New("receive: an event without content")
	}
	busy, room := d.reserve(j.place)
	if !room {
		d.count(e, "refused")
		return ErrBusy
	}
	if fresh, err := d.receive(ctx, j); err != nil || !fresh {
		d.free(j.place)
		if errors.Is(err, inbox.ErrFull) {
			d.count(e, "refused")
			return ErrBusy
		}
		return err
	}
	if busy {
		d.sayBusy(ctx, j)
		return nil
	}
	d.queue(ctx, j)
	return nil
}

func (d *Desk) carry(ctx context.Context) string {
	if d.Traces == nil {
		return ""
	}
	return d.Traces.Carry(ctx)
}

// about returns the context of what is done for an event.
func (d *Desk) about(ctx context.Context, e bot.Event) context.Context {
	if e.Request != "" {
		ctx = request.With(ctx, e.Request)
	}
	if d.Traces != nil {
		ctx = d.Traces.Resume(ctx, e.Trace)
	}
	return ctx
}

// queue queues an event to be handled.
func (d *Desk) queue(ctx context.Context, j *job) {
	_, j.handling = d.Stage.Begin(ctx, stage.Queue)
	d.asking.push(j.event.Address().Conversation(), j)
}

func (d *Desk) receive(ctx context.Context, j *job) (bool, error) {
	b, err := json.Marshal(j.event)
	if err != nil {
		return false, fmt.Errorf("encode event: %w", err)
	}
	ctx, end := d.Stage.Begin(ctx, "receive")
	fresh, err := d.Inbox.Receive(ctx, inbox.Entry{Key: j.key, Owner: j.event.Address().Person(), Event: b, At: j.at})
	end(slog.Bool("failed", err != nil))
	if err != nil {
		return false, fmt.Errorf("receive: %w", err)
	}
	if !fresh {
		d.count(j.event, "duplicate")
	}
	return fresh, nil
}

func (d *Desk) sayBusy(ctx context.Context, j *job) {
	d.count(j.event, "busy")
	m := bot.Message{Address: j.event.Address()}
	if j.event.Message != nil {
		m = *j.event.Message
	} else if a := j.event.Action; a != nil {
		m.Locale = a.Locale
	}
	d.answered(ctx, j, d.Handler.Busy(m))
}

// Tell takes replies that nobody asked for just now, and calls told for each
// that is in safe hands.
func (d *Desk) Tell(ctx context.Context, deliveries []conversation.Delivery, told func(ctx context.Context, watch string) error) error {
	for _, t := range deliveries {
		j := &job{key: t.Event.Key(), place: t.Event.Address().Place(), event: t.Event, at: d.Now(), within: d.Budget()}
		if _, room := d.reserve(j.place); !room {
			return ErrBusy
		}
		fresh, err := d.receive(ctx, j)
		if err != nil {
			d.free(j.place)
			return err
		}
		if fresh {
			d.answered(ctx, j, t.Reply)
		} else {
			d.free(j.place)
		}
		if err := told(ctx, t.Watch); err != nil {
			return fmt.Errorf("end watch: %w", err)
		}
	}
	return nil
}

// reserve makes room for one event; busy where there is room only to say so.
func (d *Desk) reserve(place string) (busy, room bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	busy = d.onWay >= d.Settings.Capacity || d.places[place] >= d.Settings.PerPlace
	if d.onWay >= d.Settings.Capacity+d.Settings.Reserve || d.places[place] >= d.Settings.PerPlace+d.Settings.Reserve {
		return busy, false
	}
	d.onWay++
	d.places[place]++
	return busy, true
}

func (d *Desk) free(place string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onWay--
	if d.places[place]--; d.places[place] <= 0 {
		delete(d.places, place)
	}
}

func (d *Desk) count(e bot.Event, outcome string) {
	d.outcome.WithLabelValues(e.Address().Platform, outcome).Inc()
}

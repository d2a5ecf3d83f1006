package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wenbao/bot/request"
	"wenbao/bot/slack/wire"
)

const (
	// atOnce is how many envelopes are received at one time; beyond it they
	// are left for Slack to deliver again.
	atOnce = 256
	// mostFrame is the most bytes of one envelope.
	mostFrame = 4 << 20
)

// listen keeps a socket open until ctx is done, or until Slack refuses the
// app token.
func (a *App) listen(ctx context.Context) error {
	seats := make(chan struct{}, atOnce)
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		begun := time.Now()
		err := a.connection(ctx, seats)
		a.connected.Store(false)
		switch {
		case ctx.Err() != nil:
			return nil
		case refused(err):
			return fmt.Errorf("slack: the app token is refused: %w", err)
		}
		if time.Since(begun) > time.Minute {
			wait = time.Second
		}
		a.Log.Warn("slack socket ended", "error", a.Redactor.Error(err), "again", wait)
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// connection runs a client; it reconnects by itself and returns on what it
// does not try again.
func (a *App) connection(ctx context.Context, seats chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	quiet := log.New(quietly{}, "", 0)
	client := socketmode.New(a.calls.socket(a.Settings.AppToken), socketmode.OptionReadLimit(mostFrame), socketmode.OptionLog(quiet))
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	var wg sync.WaitGroup
	defer func() { cancel(); wg.Wait() }()
	for {
		select {
		case err := <-ended:
			return err
		case e := <-client.Events:
			a.heard(ctx, client, e, seats, &wg)
		}
	}
}

// quietly drops the client's own log: it says nothing that its events do not.
type quietly struct{}

func (quietly) Write(p []byte) (int, error) { return len(p), nil }

// heard never blocks.
func (a *App) heard(ctx context.Context, client *socketmode.Client, e socketmode.Event, seats chan struct{}, wg *sync.WaitGroup) {
	switch e.Type {
	case socketmode.EventTypeHello:
		a.connected.Store(true)
		a.Log.Info("slack socket connected")
		return
	case socketmode.EventTypeConnecting:
		a.connected.Store(false)
		return
	case socketmode.EventTypeConnectionError:
		if ce, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			a.Log.Warn("slack socket not connected", "error", a.Redactor.Error(ce.ErrorObj), "again", ce.Backoff)
		}
		return
	}
	env, ok := envelopeOf(e)
	if !ok {
		return
	}
	select {
	case seats <- struct{}{}:
	default:
		a.counters.requests.WithLabelValues("envelope", "again").Inc()
		return
	}
	wg.Go(func() {
		defer func() { <-seats }()
		a.take(ctx, client, env)
	})
}

// envelope is what the socket brings.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// envelopeOf returns the envelope of an event, of one that the library could
// not read too: it must be acknowledged, or Slack sends it again.
func envelopeOf(e socketmode.Event) (envelope, bool) {
	if e.Request != nil {
		return envelope{e.Request.EnvelopeID, e.Request.Type, e.Request.Payload}, e.Request.EnvelopeID != ""
	}
	if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
		var env envelope
		if json.Unmarshal(bad.Message, &env) == nil && env.ID != "" {
			return env, true
		}
	}
	return envelope{}, false
}

// take takes one envelope and acknowledges it.
func (a *App) take(ctx context.Context, client *socketmode.Client, env envelope) {
	begun := time.Now()
	ctx = request.With(ctx, request.Pick(env.ID))
	got := a.measured(ctx, kindOf(env.Type), func(ctx context.Context) ack { return a.unpack(ctx, env) })
	if got.again {
		a.counters.requests.WithLabelValues(kindOf(env.Type), "again").Inc()
		return
	}
	outcome := "taken"
	if got.refused {
		outcome = "garbled"
	}
	a.counters.requests.WithLabelValues(kindOf(env.Type), outcome).Inc()
	if err := client.AckCtx(ctx, env.ID, got.body); err != nil && ctx.Err() == nil {
		a.Log.WarnContext(ctx, "slack envelope not acknowledged", "error", err)
		return
	}
	a.counters.acks.Observe(time.Since(begun).Seconds())
}

// kindOf keeps what others can choose out of labels.
func kindOf(envelope string) string {
	switch envelope {
	case "events_api":
		return "event"
	case "slash_commands":
		return "command"
	case "interactive":
		return "interaction"
	}
	return "unknown"
}

func (a *App) unpack(ctx context.Context, env envelope) ack {
	switch env.Type {
	case "slash_commands":
		c, err := wire.DecodeCommand(env.Payload)
		if err != nil {
			return ack{refused: true}
		}
		return a.command(ctx, c)
	case "events_api":
		e, err := wire.DecodeEnvelope(env.Payload)
		if err != nil {
			return ack{refused: true}
		}
		return a.event(ctx, e)
	case "interactive":
		i, err := wire.DecodeInteraction(env.Payload)
		if err != nil {
			return ack{refused: true}
		}
		return a.interaction(ctx, i)
	}
	return ack{}
}

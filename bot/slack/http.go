package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/request"
	"wenbao/bot/slack/wire"
)

// Handler serves /slack/…: what Slack calls in HTTP mode, and the pages for
// installing where others may install.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	if !a.Settings.Socket {
		mux.Handle("POST /slack/commands", a.signed("command", a.commandBody))
		mux.Handle("POST /slack/events", a.signed("event", a.eventBody))
		mux.Handle("POST /slack/interactions", a.signed("interaction", a.interactionBody))
	}
	if a.flow != nil {
		mux.HandleFunc("GET /slack/install", a.flow.Start)
		mux.HandleFunc("GET /slack/oauth", a.flow.Finish)
	}
	return identified(mux)
}

// identified gives each request an id, a proxy's where there is one.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := request.Pick(r.Header.Get(request.Header))
		w.Header().Set(request.Header, id)
		next.ServeHTTP(w, r.WithContext(request.With(r.Context(), id)))
	})
}

// signed takes only what Slack signed.
func (a *App) signed(kind string, take func(ctx context.Context, r *http.Request, body []byte) ack) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		body, err := a.verifier.Read(w, r)
		switch {
		case errors.Is(err, wire.ErrTooLarge):
			a.refuse(w, kind, "oversized", http.StatusRequestEntityTooLarge)
			return
		case errors.Is(err, wire.ErrUnsigned) && kind == "command" && sslCheck(r, body):
			w.WriteHeader(http.StatusOK) // Slack looks at the certificate; nothing is done
			return
		case errors.Is(err, wire.ErrUnsigned):
			a.refuse(w, kind, "unsigned", http.StatusUnauthorized)
			return
		case err != nil:
			a.refuse(w, kind, "broken", http.StatusBadRequest)
			return
		}
		got := a.measured(r.Context(), kind, func(ctx context.Context) ack { return take(ctx, r, body) })
		switch {
		case got.refused:
			a.refuse(w, kind, "garbled", http.StatusBadRequest)
			return
		case got.again:
			w.Header().Set("Retry-After", "1")
			a.refuse(w, kind, "again", http.StatusServiceUnavailable)
			return
		}
		a.counters.requests.WithLabelValues(kind, "taken").Inc()
		a.counters.acks.Observe(time.Since(begun).Seconds())
		a.acknowledge(r.Context(), w, got.body)
	})
}

// measured takes what Slack sent as one stage.
func (a *App) measured(ctx context.Context, kind string, take func(context.Context) ack) ack {
	ctx, end := a.Stage.Begin(ctx, "slack "+kind)
	got := a.safely(ctx, func() ack { return take(ctx) })
	outcome := "taken"
	switch {
	case got.refused:
		outcome = "garbled"
	case got.again:
		outcome = "again"
	}
	end(slog.String("platform", Platform), slog.String("outcome", outcome), slog.Bool("failed", got.again))
	return got
}

// safely keeps a panic from being more than one refused request.
func (a *App) safely(ctx context.Context, take func() ack) (got ack) {
	defer func() {
		if p := recover(); p != nil {
			a.Log.ErrorContext(ctx, "panic in slack", "type", fmt.Sprintf("%T", p))
			got = ack{again: true}
		}
	}()
	return take()
}

func (a *App) acknowledge(ctx context.Context, w http.ResponseWriter, body any) {
	switch b := body.(type) {
	case nil:
		w.WriteHeader(http.StatusOK)
	case string:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		fmt.Fprint(w, b)
	default:
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(b); err != nil {
			a.Log.DebugContext(ctx, "slack acknowledgement not sent", "error", err)
		}
	}
}

func (a *App) refuse(w http.ResponseWriter, kind, outcome string, status int) {
	a.counters.requests.WithLabelValues(kind, outcome).Inc()
	http.Error(w, http.StatusText(status), status)
}

// form reports whether a request says that it is a form: decoding anything
// else as one would find nothing and notice nothing.
func form(r *http.Request) bool {
	t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(t), "application/x-www-form-urlencoded")
}

// sslCheck reports whether a request only looks at the certificate.
func sslCheck(r *http.Request, body []byte) bool {
	if !form(r) {
		return false
	}
	c, err := wire.ParseCommand(body)
	return err == nil && c.SSLCheck
}

func (a *App) commandBody(ctx context.Context, r *http.Request, body []byte) ack {
	if !form(r) {
		return ack{refused: true}
	}
	c, err := wire.ParseCommand(body)
	switch {
	case err != nil:
		return ack{refused: true}
	case c.SSLCheck:
		return ack{}
	}
	return a.command(ctx, c)
}

func (a *App) eventBody(ctx context.Context, _ *http.Request, body []byte) ack {
	e, err := wire.DecodeEnvelope(body)
	if err != nil {
		return ack{refused: true}
	}
	if e.Type == "url_verification" {
		return ack{body: e.Challenge}
	}
	return a.event(ctx, e)
}

func (a *App) interactionBody(ctx context.Context, r *http.Request, body []byte) ack {
	if !form(r) {
		return ack{refused: true}
	}
	i, err := wire.ParseInteraction(body)
	if err != nil {
		return ack{refused: true}
	}
	return a.interaction(ctx, i)
}

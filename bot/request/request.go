// Package request gives what comes in an id, and puts it into every log line
// that is about it.
package request

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strings"
)

// Header is the HTTP header that carries an id, in and out.
const Header = "X-Request-Id"

// longest is how long an id may be, in bytes.
const longest = 64

type key struct{}

// With returns a context of the request with this id.
func With(ctx context.Context, id string) context.Context { return context.WithValue(ctx, key{}, id) }

// ID returns the id of the request that a context is of, "" for none.
func ID(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}

// New returns an id that nothing else has.
func New() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Pick returns the id that somebody else gave, where it is fit to be one, or a
// new one.
func Pick(given string) string {
	if given == "" || len(given) > longest {
		return New()
	}
	for _, c := range given {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("-_.", c):
		default:
			return New()
		}
	}
	return given
}

// Handler adds to each line the id of its context's request, and what trace
// says the context belongs to; trace may be nil.
func Handler(next slog.Handler, trace func(context.Context) string) slog.Handler {
	return handler{next, trace}
}

type handler struct {
	slog.Handler
	trace func(context.Context) string
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	var ids []slog.Attr
	if id := ID(ctx); id != "" {
		ids = append(make([]slog.Attr, 0, 2), slog.String("request", id))
	}
	if h.trace != nil {
		if id := h.trace(ctx); id != "" {
			ids = append(ids, slog.String("trace", id))
		}
	}
	r.AddAttrs(ids...)
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.trace}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.trace}
}

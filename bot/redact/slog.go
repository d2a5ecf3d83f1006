package redact

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

// Handler wraps next so that messages and attributes, in groups too, carry no
// secrets. Attributes bound with Logger.With are stripped when they are bound.
func (r *Redactor) Handler(next slog.Handler) slog.Handler { return handler{next, r} }

type handler struct {
	next     slog.Handler
	redactor *Redactor
}

func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h handler) Handle(ctx context.Context, rec slog.Record) error {
	if h.redactor.clean(rec) {
		return h.next.Handle(ctx, rec)
	}
	clean := slog.NewRecord(rec.Time, rec.Level, h.redactor.String(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.redactor.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// clean reports whether a record plainly holds no secret, as most do: then it
// need not be copied.
func (r *Redactor) clean(rec slog.Record) bool {
	is := r.String(rec.Message) == rec.Message
	rec.Attrs(func(a slog.Attr) bool {
		is = is && r.String(a.Key) == a.Key
		switch a.Value.Kind() {
		case slog.KindString:
			is = is && r.String(a.Value.String()) == a.Value.String()
		case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
			is = false // found out by copying
		}
		return is
	})
	return is
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.next.WithAttrs(h.redactor.attrs(attrs)), h.redactor}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.next.WithGroup(name), h.redactor}
}

func (r *Redactor) attrs(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = r.attr(a)
	}
	return out
}

func (r *Redactor) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(r.String(v.String()))
	case slog.KindGroup:
		v = slog.GroupValue(r.attrs(v.Group())...)
	case slog.KindAny:
		v = r.any(v.Any())
	}
	return slog.Attr{Key: r.String(a.Key), Value: v}
}

// any strips a value of any type. One that would print a secret, as text or
// as JSON, is replaced by its stripped text; every other one stays what it is.
// A value whose own methods panic (a nil pointer's, usually) is named as such.
func (r *Redactor) any(value any) (v slog.Value) {
	defer func() {
		if recover() != nil {
			v = slog.StringValue(fmt.Sprintf("!PANIC in %T", value))
		}
	}()
	if err, ok := value.(error); ok {
		return slog.AnyValue(r.Error(err))
	}
	for _, text := range printed(value) {
		if clean := r.String(text); clean != text {
			return slog.StringValue(clean)
		}
	}
	return slog.AnyValue(value)
}

// printed returns the ways in which handlers may print value.
func printed(value any) []string {
	if b, ok := value.([]byte); ok {
		return []string{string(b)}
	}
	texts := []string{fmt.Sprintf("%+v", value)}
	if encoded, err := json.Marshal(value); err == nil {
		texts = append(texts, string(encoded))
	}
	return texts
}

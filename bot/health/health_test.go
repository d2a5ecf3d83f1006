package health_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"wenbao/bot/health"
)

func TestLook(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var none *health.Registry
	if s := none.Look(ctx); s.Down || len(s.Problems) != 0 {
		t.Errorf("no registry: %+v", s)
	}
	r := &health.Registry{}
	var failure error
	r.Register("well", true, func(context.Context) error { return nil })
	r.Register("chat", false, func(context.Context) error { return failure })
	if s := r.Look(ctx); s.Down || len(s.Problems) != 0 || !maps.Equal(s.Parts, map[string]string{"well": "ok", "chat": "ok"}) {
		t.Errorf("all is well: %+v", s)
	}
	failure = errors.New("not connected: dial 192.0.2.1:443")
	if s := r.Look(ctx); s.Down || !maps.Equal(s.Problems, map[string]string{"chat": "not connected"}) || s.Parts["chat"] != "not connected" || s.Parts["well"] != "ok" {
		t.Errorf("a chat is away: %+v", s)
	}
	r.Register("index", true, func(context.Context) error { panic("secret") })
	if s := r.Look(ctx); !s.Down || s.Problems["index"] != "its check panicked" {
		t.Errorf("the index is away: %+v", s)
	}
}

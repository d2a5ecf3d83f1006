package redis

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"
)

func TestStoreOf(t *testing.T) {
	ctx := t.Context()
	for want, cmd := range map[string]goredis.Cmder{
		"session":   goredis.NewCmd(ctx, "get", "wenbao:{session:3}:v:slack/T1"),
		"answer":    goredis.NewCmd(ctx, "evalsha", "0123", 1, "wenbao:{answer:2:abc:def}:v", "问"),
		"inbox":     goredis.NewCmd(ctx, "evalsha", "0123", 2, "wenbao:{inbox}:pending"),
		"questions": goredis.NewCmd(ctx, "evalsha", "0123", 1, "rate:wenbao:questions:person:0123"),
	} {
		if got := storeOf(cmd); got != want {
			t.Errorf("%v is of %q, not %q", cmd.Args(), got, want)
		}
	}
	for _, cmd := range []goredis.Cmder{goredis.NewCmd(ctx, "ping"), goredis.NewCmd(ctx, "get", "wenbao:{谁:1}"), goredis.NewCmd(ctx, "get", "other:{session:3}"),
		goredis.NewCmd(ctx, "get", "wenbao:session"), goredis.NewCmd(ctx, "set", "x", "y", "z", "wenbao:{session:1}")} {
		if got := storeOf(cmd); got != "" {
			t.Errorf("%v is of %q", cmd.Args(), got)
		}
	}
	if storeOf() != "" {
		t.Error("an empty pipeline is of something")
	}
}

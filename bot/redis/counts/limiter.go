package counts

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"wenbao/bot"
	"wenbao/bot/limit"
	"wenbao/bot/redis"
)

// Limiter limits people and teams over all processes. While Redis is away
// each process limits by itself.
type Limiter struct {
	rates        *redis_rate.Limiter
	name         string
	person, team limit.Rate
	local        *limit.Memory
}

var _ bot.Limiter = (*Limiter)(nil)

// NewLimiter returns limits for each person and each team; name keeps apart
// those of different things.
func NewLimiter(c *redis.Client, name string, person, team limit.Rate, now func() time.Time) *Limiter {
	return &Limiter{redis_rate.NewLimiter(c), name, person, team, limit.NewMemory(person, team, now)}
}

// Take takes a turn of both, or of neither and says how long until there is
// one, and whose is missing.
func (l *Limiter) Take(ctx context.Context, person, team string) (wait time.Duration, byTeam bool, err error) {
	personKey, teamKey := l.key("person", person), l.key("team", team)
	wait, err = l.take(ctx, personKey, l.person)
	if err != nil {
		return l.local.Take(ctx, person, team)
	}
	if wait > 0 {
		return wait, false, nil
	}
	wait, err = l.take(ctx, teamKey, l.team)
	if err == nil && wait <= 0 {
		return 0, false, nil
	}
	l.giveBack(ctx, personKey, l.person)
	if err != nil {
		return l.local.Take(ctx, person, team)
	}
	return wait, true, nil
}

// key names a person or team by a digest: who asked is not to be read there.
func (l *Limiter) key(whose, name string) string {
	return redis.Prefix + l.name + ":" + whose + ":" + digest(name)
}

func (l *Limiter) take(ctx context.Context, key string, r limit.Rate) (time.Duration, error) {
	if r <= 0 {
		return 0, nil
	}
	got, err := l.rates.Allow(ctx, key, redis_rate.PerMinute(int(r)))
	if err != nil {
		return 0, redis.Failure("limit", err)
	}
	if got.Allowed > 0 {
		return 0, nil
	}
	return max(got.RetryAfter, time.Millisecond), nil
}

// giveBack undoes a take; a turn that cannot be given back comes back by
// itself.
func (l *Limiter) giveBack(ctx context.Context, key string, r limit.Rate) {
	if r <= 0 {
		return
	}
	got, err := l.rates.AllowN(ctx, key, redis_rate.PerMinute(int(r)), -1)
	if err == nil && got.ResetAfter <= 0 {
		_ = l.rates.Reset(ctx, key)
	}
}

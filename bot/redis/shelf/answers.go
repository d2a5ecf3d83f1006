package shelf

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"wenbao/answers/cache"
	"wenbao/bot/redis"
)

// Answers is the part of the answer cache that processes share.
type Answers struct{ client *redis.Client }

var _ cache.Shared = Answers{}

// NewAnswers returns the shared answers.
func NewAnswers(c *redis.Client) Answers { return Answers{c} }

func answerKey(key string) string { return redis.Prefix + "{answer:" + key + "}:v" }
func lockKey(key string) string   { return redis.Prefix + "{answer:" + key + "}:lock" }

// Get returns the encoded answer under key.
func (a Answers) Get(ctx context.Context, key string) ([]byte, bool, error) {
	b, err := a.client.Get(ctx, answerKey(key)).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, false, nil
	}
	return b, err == nil, redis.Failure("get answer", err)
}

// Set keeps an encoded answer for ttl.
func (a Answers) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return redis.Failure("set answer", a.client.Set(ctx, answerKey(key), value, ttl).Err())
}

// Lock reports whether the caller is to compute the answer.
func (a Answers) Lock(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	_, err := a.client.SetArgs(ctx, lockKey(key), 1, goredis.SetArgs{Mode: "NX", TTL: ttl}).Result()
	if errors.Is(err, goredis.Nil) {
		return false, nil
	}
	return err == nil, redis.Failure("lock answer", err)
}

// Unlock lets others compute the answer.
func (a Answers) Unlock(ctx context.Context, key string) error {
	return redis.Failure("unlock answer", a.client.Del(ctx, lockKey(key)).Err())
}

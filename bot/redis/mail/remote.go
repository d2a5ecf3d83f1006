package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"wenbao/bot/inbox"
	"wenbao/bot/redis"
)

const base = redis.Prefix + "{inbox}:"

// patience is how long one command may take that no asker waits for.
const patience = 500 * time.Millisecond

// remote is the inbox as it is in Redis.
type remote struct {
	client *redis.Client
	holder string // this process
	bound  inbox.Bound
	now    func() time.Time
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

func entryKey(id string) string   { return base + "e:" + id }
func receiptKey(id string) string { return base + "d:" + id }

// receive writes an entry; with over also over one that is there.
func (r *remote) receive(ctx context.Context, e inbox.Entry, over bool) (bool, error) {
	id, flag := digest(e.Key), "0"
	if over {
		flag = "1"
	}
	n, err := receive.Run(ctx, r.client, []string{entryKey(id), receiptKey(id), base + "pending", base + "last"},
		id, e.Key, digest(e.Owner), int(e.State), e.Event, e.Reply, e.At.UnixMilli(), r.holder, r.now().UnixMilli(), r.bound.Pending, r.bound.Keep.Milliseconds(), flag).Int()
	if err != nil {
		return false, redis.Failure("receive", err)
	}
	if n < 0 {
		return false, inbox.ErrFull
	}
	return n == 1, nil
}

func (r *remote) answered(ctx context.Context, key string, reply []byte) (bool, error) {
	n, err := answered.Run(ctx, r.client, []string{entryKey(digest(key))}, reply).Int()
	return n == 1, redis.Failure("mark answered", err)
}

func (r *remote) delivered(ctx context.Context, key, posted string) error {
	id := digest(key)
	receipt := fmt.Sprintf("%014d%s", r.now().Add(r.bound.Keep).UnixMilli(), posted)
	return redis.Failure("mark delivered", delivered.Run(redis.Patient(ctx, patience), r.client,
		[]string{entryKey(id), receiptKey(id), base + "pending"}, id, receipt, r.bound.Keep.Milliseconds()).Err())
}

func (r *remote) posted(ctx context.Context, key string) (string, error) {
	receipt, err := r.client.Get(ctx, receiptKey(digest(key))).Result()
	if errors.Is(err, goredis.Nil) || err == nil && len(receipt) < 14 {
		return "", nil
	}
	if err != nil {
		return "", redis.Failure("find receipt", err)
	}
	return receipt[14:], nil
}

func (r *remote) release(ctx context.Context, key string) error {
	return redis.Failure("release", release.Run(redis.Patient(ctx, patience), r.client, []string{entryKey(digest(key))}, r.holder).Err())
}

func (r *remote) claim(ctx context.Context, n int) ([]inbox.Entry, error) {
	got, err := claim.Run(redis.Patient(ctx, 3*time.Second), r.client, []string{base + "pending", base + "alive"}, base, n, r.holder).Slice()
	if err != nil {
		return nil, redis.Failure("claim", err)
	}
	var out []inbox.Entry
	for _, row := range got {
		fields, ok := row.([]any)
		if !ok || len(fields) != 5 {
			continue
		}
		text := func(i int) string { s, _ := fields[i].(string); return s }
		state, _ := strconv.Atoi(text(1))
		at, _ := strconv.ParseInt(text(4), 10, 64)
		e := inbox.Entry{Key: text(0), State: inbox.State(state), Event: []byte(text(2)), At: time.UnixMilli(at)}
		if text(3) != "" {
			e.Reply = []byte(text(3))
		}
		out = append(out, e)
	}
	return out, nil
}

func (r *remote) forget(ctx context.Context, person string) (int, error) {
	n, err := forget.Run(redis.Patient(ctx, 3*time.Second), r.client, []string{base + "pending", base + "alive"}, base, digest(person)).Int()
	return n, redis.Failure("forget deliveries", err)
}

// alive says that this process works on what it holds.
func (r *remote) alive(ctx context.Context, ttl time.Duration) error {
	return redis.Failure("say alive", live.Run(redis.Patient(ctx, patience), r.client, []string{base + "alive"}, r.holder, ttl.Milliseconds()).Err())
}

func (r *remote) gone(ctx context.Context) error {
	return redis.Failure("say gone", r.client.ZRem(redis.Patient(ctx, patience), base+"alive", r.holder).Err())
}

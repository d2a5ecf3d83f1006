// Package lead keeps leases and announcements in Redis.
package lead

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"wenbao/bot/lease"
	"wenbao/bot/redis"
)

// Leases are leases over all processes on one Redis.
type Leases struct{ client *redis.Client }

var _ lease.Leases = Leases{}

// NewLeases returns the leases kept by c.
func NewLeases(c *redis.Client) Leases { return Leases{c} }

// patience is how long one command may take; nobody waits for an answer.
const patience = time.Second

// A lease is a hash of holder, ends and fence that Redis does not make expire:
// where it evicts what ends soonest, a lease would be the first. The time is
// Redis' own.

// take: KEYS lease; ARGV holder, ttl (ms). A fence counts on from the time, so
// that it grows even after Redis lost everything.
var take = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local got = redis.call('HMGET', KEYS[1], 'holder', 'ends', 'fence')
local held = got[1] and tonumber(got[2]) > now
if held and got[1] ~= ARGV[1] then return 0 end
local fence = tonumber(got[3] or 0)
if not held then fence = math.max(fence + 1, now) end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'ends', string.format('%.0f', now + ARGV[2]), 'fence', string.format('%.0f', fence))
return fence`)

var give = goredis.NewScript(`
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then return redis.call('HDEL', KEYS[1], 'holder', 'ends') end
return 0`)

func leaseKey(name string) []string { return []string{redis.Prefix + "{lease:" + name + "}"} }

// Take takes or renews a lease.
func (l Leases) Take(ctx context.Context, name, holder string, ttl time.Duration) (int64, bool, error) {
	ctx = redis.Patient(ctx, patience)
	fence, err := take.Run(ctx, l.client, leaseKey(name), holder, ttl.Milliseconds()).Int64()
	return fence, fence > 0, redis.Failure("take lease", err)
}

// Give gives a lease up.
func (l Leases) Give(ctx context.Context, name, holder string) error {
	ctx = redis.Patient(ctx, patience)
	return redis.Failure("give lease up", give.Run(ctx, l.client, leaseKey(name), holder).Err())
}

// Board tells all processes on one Redis: by pub/sub at once, and by asking
// now and then where that was missed.
type Board struct {
	client *redis.Client
	poll   time.Duration
}

var _ lease.Board = Board{}

// NewBoard returns the board kept by c that looks again every poll.
func NewBoard(c *redis.Client, poll time.Duration) Board { return Board{c, poll} }

func topicKey(topic string) string { return redis.Prefix + "{board:" + topic + "}:value" }
func channel(topic string) string  { return redis.Prefix + "{board:" + topic + "}:changed" }

// Post writes the value of a topic.
func (b Board) Post(ctx context.Context, topic, value string) error {
	ctx = redis.Patient(ctx, patience)
	if err := b.client.Set(ctx, topicKey(topic), value, 0).Err(); err != nil {
		return redis.Failure("post", err)
	}
	return redis.Failure("post", b.client.Publish(ctx, channel(topic), value).Err())
}

// Read returns the value of a topic, "" when there is none.
func (b Board) Read(ctx context.Context, topic string) (string, error) {
	value, err := b.client.Get(redis.Patient(ctx, patience), topicKey(topic)).Result()
	if errors.Is(err, goredis.Nil) {
		return "", nil
	}
	return value, redis.Failure("read board", err)
}

// Follow calls f with the value of a topic now and whenever it changed.
func (b Board) Follow(ctx context.Context, topic string, f func(string)) error {
	sub := b.client.Subscribe(ctx, channel(topic))
	defer sub.Close()
	heard := sub.Channel(goredis.WithChannelSize(16))
	poll := time.NewTicker(b.poll)
	defer poll.Stop()
	last := ""
	for {
		if value, err := b.Read(ctx, topic); err == nil && value != "" && value != last {
			last = value
			f(value)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		case _, open := <-heard:
			if !open {
				heard = nil // asking now and then is left
			}
		}
	}
}

// Package shelf keeps the values of the conversation's stores in Redis.
//
// A [Shelf] is the stores.KV of one kind of value. What it cannot write now it
// keeps, bounded, and writes when Redis is back; until then this process reads
// what it would have written.
package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"wenbao/bot/redis"
	"wenbao/bot/store"
)

// slots is over how many hash tags one kind of value is spread.
const slots = 8

// Kind says what a shelf keeps.
type Kind struct {
	Name string // part of the keys
	// Listed shelves can be scanned and hold at most Items; others are bound
	// by the expiry of their values.
	Listed bool
	Items  int
}

// Raw is a shelf that fails when Redis does.
type Raw struct {
	client *redis.Client
	kind   Kind
	now    func() time.Time
}

// header is what precedes a value: when it expires, in milliseconds, and whose
// it is.
const (
	expiryWidth = 14
	ownerWidth  = 24
	headerWidth = expiryWidth + ownerWidth
)

// ErrDamaged is returned for a value that was not written by a shelf.
var ErrDamaged = errors.New("damaged value")

// NewRaw returns the shelf of a kind.
func NewRaw(c *redis.Client, kind Kind, now func() time.Time) *Raw { return &Raw{c, kind, now} }

func (s *Raw) base(slot int) string {
	return fmt.Sprintf("%s{%s:%d}:", redis.Prefix, s.kind.Name, slot)
}

func slotOf(key string) int {
	sum := sha256.Sum256([]byte(key))
	return int(sum[0] % slots)
}

// ownerOf returns what stands for an owner in keys and values.
func ownerOf(owner string) string {
	if owner == "" {
		return strings.Repeat("-", ownerWidth)
	}
	sum := sha256.Sum256([]byte(owner))
	return hex.EncodeToString(sum[:ownerWidth/2])
}

// put: KEYS value, owner's keys, order, expiry; ARGV base, key, value with
// header, owner ("" for none), expires, now (µs), life (ms, 0 for ever), when
// (always, new: unless there is one, same: in the place of this very value),
// listed, most items, the very value.
var put = goredis.NewScript(`
local now = tonumber(ARGV[6]) / 1000
local old = redis.call('GET', KEYS[1])
if ARGV[8] == 'same' and old ~= ARGV[11] then return 0 end
if old then
  local ends = tonumber(string.sub(old, 1, 14))
  if ARGV[8] == 'new' and (ends == 0 or ends > now) then return 0 end
  local whose = string.sub(old, 15, 38)
  if string.sub(whose, 1, 1) ~= '-' then redis.call('ZREM', ARGV[1]..'o:'..whose, ARGV[2]) end
end
local life = tonumber(ARGV[7])
if life > 0 then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[7]) else redis.call('SET', KEYS[1], ARGV[3]) end
local ends = ARGV[5]
if ends == '0' then ends = '+inf' end
if ARGV[4] ~= '' then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  redis.call('ZADD', KEYS[2], ends, ARGV[2])
  local left = redis.call('PTTL', KEYS[2])
  if life == 0 then redis.call('PERSIST', KEYS[2])
  elseif redis.call('ZCARD', KEYS[2]) == 1 or (left > 0 and left < life) then redis.call('PEXPIRE', KEYS[2], life) end
end
if ARGV[9] == '1' then
  redis.call('ZADD', KEYS[3], ARGV[6], ARGV[2])
  redis.call('ZADD', KEYS[4], ends, ARGV[2])
  for _, k in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, 20)) do
    redis.call('ZREM', KEYS[3], k) redis.call('ZREM', KEYS[4], k)
  end
  local most = tonumber(ARGV[10])
  local over = redis.call('ZCARD', KEYS[3]) - most
  if most > 0 and over > 0 then
    for _, k in ipairs(redis.call('ZRANGE', KEYS[3], 0, over - 1)) do
      redis.call('ZREM', KEYS[3], k) redis.call('ZREM', KEYS[4], k) redis.call('DEL', ARGV[1]..'v:'..k)
    end
  end
end
return 1`)

// drop: KEYS value, order, expiry; ARGV base, key, owner ("" for whoever).
var drop = goredis.NewScript(`
local old = redis.call('GET', KEYS[1])
if not old then return 0 end
local whose = string.sub(old, 15, 38)
if ARGV[3] ~= '' and whose ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
if string.sub(whose, 1, 1) ~= '-' then redis.call('ZREM', ARGV[1]..'o:'..whose, ARGV[2]) end
return 1`)

// Get returns the value under key.
func (s *Raw) Get(ctx context.Context, key string) ([]byte, bool, error) {
	b, err := s.client.Get(ctx, s.base(slotOf(key))+"v:"+key).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, redis.Failure("get "+s.kind.Name, err)
	}
	i, err := s.read(key, b)
	if err != nil || i.Value == nil {
		return nil, false, nil // damaged or expired: as good as missing
	}
	return i.Value, true, nil
}

// read takes a value from behind its header; Value is nil when it expired.
func (s *Raw) read(key string, b []byte) (store.Item, error) {
	if len(b) < headerWidth {
		return store.Item{}, ErrDamaged
	}
	ends, err := strconv.ParseInt(string(b[:expiryWidth]), 10, 64)
	if err != nil {
		return store.Item{}, ErrDamaged
	}
	i := store.Item{Key: key}
	if ends > 0 {
		i.Expires = time.UnixMilli(ends)
	}
	if ends == 0 || s.now().Before(i.Expires) {
		i.Value = b[headerWidth:len(b):len(b)]
	}
	return i, nil
}

// Put keeps an item in the place of the one with its key.
func (s *Raw) Put(ctx context.Context, i store.Item) error {
	_, err := s.put(ctx, i, always, nil)
	return err
}

// PutNew keeps an item unless there is one with its key.
func (s *Raw) PutNew(ctx context.Context, i store.Item) (bool, error) {
	return s.put(ctx, i, onlyNew, nil)
}

// Merge keeps an item, with what merge makes of the value that is there and of
// its own where its key has one.
func (s *Raw) Merge(ctx context.Context, i store.Item, merge func(old, its []byte) []byte) error {
	its := i.Value
	for again := 0; ; again++ {
		old, err := s.client.Get(ctx, s.base(slotOf(i.Key))+"v:"+i.Key).Bytes()
		if err != nil && !errors.Is(err, goredis.Nil) {
			return redis.Failure("merge "+s.kind.Name, err)
		}
		when := onlyNew
		if known, bad := s.read(i.Key, old); bad == nil && known.Value != nil {
			when, i.Value = same, merge(known.Value, its)
		} else if i.Value = its; err == nil { // damaged or expired
			when = same
		}
		if done, err := s.put(ctx, i, when, old); done || err != nil {
			return err
		}
		if again > 2 { // others are at it
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(rand.N(2 * time.Millisecond)):
			}
		}
	}
}

// When an item is put.
const (
	always  = "always"
	onlyNew = "new"
	same    = "same"
)

func (s *Raw) put(ctx context.Context, i store.Item, when string, old []byte) (bool, error) {
	now := s.now()
	var ends, life int64
	if !i.Expires.IsZero() {
		ends = i.Expires.UnixMilli()
		if life = ends - now.UnixMilli(); life <= 0 {
			return true, s.Delete(ctx, i.Key)
		}
	}
	base, whose := s.base(slotOf(i.Key)), ownerOf(i.Owner)
	owner := whose
	if i.Owner == "" {
		owner = ""
	}
	value := fmt.Sprintf("%0*d%s%s", expiryWidth, ends, whose, i.Value)
	n, err := put.Run(ctx, s.client, []string{base + "v:" + i.Key, base + "o:" + whose, base + "order", base + "ends"},
		base, i.Key, value, owner, ends, now.UnixMicro(), life, when, flag(s.kind.Listed), (s.kind.Items+slots-1)/slots, old).Int()
	return n == 1, redis.Failure("put "+s.kind.Name, err)
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// Delete removes the item with this key, if there is one.
func (s *Raw) Delete(ctx context.Context, key string) error {
	_, err := s.drop(ctx, key, "")
	return err
}

func (s *Raw) drop(ctx context.Context, key, owner string) (bool, error) {
	base := s.base(slotOf(key))
	n, err := drop.Run(ctx, s.client, []string{base + "v:" + key, base + "order", base + "ends"}, base, key, owner).Int()
	return n == 1, redis.Failure("delete "+s.kind.Name, err)
}

// Count counts the items of an owner.
func (s *Raw) Count(ctx context.Context, owner string) (int, error) {
	total := 0
	for slot := range slots {
		n, err := s.client.ZCount(ctx, s.base(slot)+"o:"+ownerOf(owner), "("+strconv.FormatInt(s.now().UnixMilli(), 10), "+inf").Result()
		if err != nil {
			return 0, redis.Failure("count "+s.kind.Name, err)
		}
		total += int(n)
	}
	return total, nil
}

// patience is how long one command of what no asker waits for may take.
const patience = 3 * time.Second

// Forget removes every item of an owner and counts them.
func (s *Raw) Forget(ctx context.Context, owner string) (int, error) {
	ctx = redis.Patient(ctx, patience)
	total, whose := 0, ownerOf(owner)
	for slot := range slots {
		held := s.base(slot) + "o:" + whose
		keys, err := s.client.ZRangeByScore(ctx, held, &goredis.ZRangeBy{Min: "(" + strconv.FormatInt(s.now().UnixMilli(), 10), Max: "+inf"}).Result()
		if err != nil {
			return total, redis.Failure("forget "+s.kind.Name, err)
		}
		for _, key := range keys {
			dropped, err := s.drop(ctx, key, whose)
			if err != nil {
				return total, err
			}
			if dropped {
				total++
			}
		}
		if err := s.client.Del(ctx, held).Err(); err != nil {
			return total, redis.Failure("forget "+s.kind.Name, err)
		}
	}
	return total, nil
}

// ErrUnlisted is returned by Scan of a shelf that is not listed.
var ErrUnlisted = errors.New("not a listed shelf")

// Scan calls f for every item of a listed shelf, the one put longest ago
// first, until it returns false. Items come without their owner.
func (s *Raw) Scan(ctx context.Context, f func(store.Item) bool) error {
	if !s.kind.Listed {
		return ErrUnlisted
	}
	ctx = redis.Patient(ctx, patience)
	var all []goredis.Z
	for slot := range slots {
		zs, err := s.client.ZRangeWithScores(ctx, s.base(slot)+"order", 0, -1).Result()
		if err != nil {
			return redis.Failure("scan "+s.kind.Name, err)
		}
		all = append(all, zs...)
	}
	slices.SortStableFunc(all, func(a, b goredis.Z) int {
		switch {
		case a.Score < b.Score:
			return -1
		case a.Score > b.Score:
			return 1
		}
		return 0
	})
	for _, z := range all {
		key := z.Member.(string)
		b, err := s.client.Get(ctx, s.base(slotOf(key))+"v:"+key).Bytes()
		if errors.Is(err, goredis.Nil) {
			continue
		}
		if err != nil {
			return redis.Failure("scan "+s.kind.Name, err)
		}
		i, err := s.read(key, b)
		if err != nil || i.Value == nil {
			continue
		}
		if !f(i) {
			return nil
		}
	}
	return ctx.Err()
}

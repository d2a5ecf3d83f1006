// Package counts keeps in Redis what is counted: questions often asked, and
// how fast somebody asks.
package counts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"wenbao/bot"
	"wenbao/bot/popular"
	"wenbao/bot/redis"
	"wenbao/retrieval/question"
)

// Popular counts questions of teams in a window that decays. A weight is kept
// as the logarithm of what the question would weigh at the beginning of 2020,
// so that time passing changes nothing in Redis and the order stays right.
type Popular struct {
	client   *redis.Client
	window   string
	halfLife time.Duration
	floor    int
	hash     func(string) string
	now      func() time.Time
}

var (
	_ bot.Popular   = (*Popular)(nil)
	_ bot.Forgetter = (*Popular)(nil)
)

const (
	maxAskers = 8 // told apart for one question
	halves    = 8 // half-lives after which a question that nobody asks is gone
)

// NewPopular returns the counts of a window (day, week) in which an asking
// counts half after halfLife; a question is named once floor people asked it,
// who are known by hash of their name only.
func NewPopular(c *redis.Client, window string, halfLife time.Duration, floor int, hash func(string) string, now func() time.Time) *Popular {
	return &Popular{c, window, halfLife, min(floor, maxAskers), hash, now}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:12])
}

func (p *Popular) base(teamDigest string) string {
	return fmt.Sprintf("%s{popular:%s}:%s:", redis.Prefix, teamDigest, p.window)
}

func (p *Popular) askerKey(asker string) string {
	return fmt.Sprintf("%s{popular:by:%s}:%s", redis.Prefix, asker, p.window)
}

// at is a moment in half-lives.
func (p *Popular) at(t time.Time) float64 {
	return t.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds() / p.halfLife.Seconds()
}

// asked: KEYS weights, texts, askers of the question; ARGV base, question,
// text, asker, moment, most questions, most askers, life (ms).
var asked = goredis.NewScript(`
local moment = tonumber(ARGV[5])
local old = redis.call('ZSCORE', KEYS[1], ARGV[2])
local weight = moment
if old then
  local high, low = moment, tonumber(old)
  if low > high then high, low = low, high end
  weight = high + math.log(1 + 2 ^ (low - high)) / math.log(2)
end
redis.call('ZADD', KEYS[1], string.format('%.12f', weight), ARGV[2])
redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[3])
if redis.call('SCARD', KEYS[3]) < tonumber(ARGV[7]) then redis.call('SADD', KEYS[3], ARGV[4]) end
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[6])
if over > 0 then
  for _, q in ipairs(redis.call('ZRANGE', KEYS[1], 0, over - 1)) do
    redis.call('ZREM', KEYS[1], q) redis.call('HDEL', KEYS[2], q) redis.call('DEL', ARGV[1]..'askers:'..q)
  end
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[8]) end
return 1`)

// everyTeam stands for all teams together; no platform has a team of that
// name.
const everyTeam = "\x00every team"

// Asked counts a question, for its team and for all together.
func (p *Popular) Asked(ctx context.Context, q popular.Question) error {
	for _, team := range []string{q.Team, everyTeam} {
		if err := p.count(ctx, digest(team), q); err != nil {
			return err
		}
	}
	return nil
}

func (p *Popular) count(ctx context.Context, team string, q popular.Question) error {
	key, asker := digest(question.Normal(q.Text)), p.hash(q.Asker)
	base, life := p.base(team), (halves * p.halfLife).Milliseconds()
	err := asked.Run(ctx, p.client, []string{base + "weights", base + "texts", base + "askers:" + key},
		base, key, q.Text, asker, strconv.FormatFloat(p.at(q.At), 'f', 12, 64), popular.MaxQuestions, maxAskers, life).Err()
	if err != nil {
		return redis.Failure("count question", err)
	}
	_, err = p.client.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		pipe.SAdd(ctx, p.askerKey(asker), team+"/"+key)
		pipe.PExpire(ctx, p.askerKey(asker), halves*p.halfLife)
		return nil
	})
	return redis.Failure("count question", err)
}

// Overall returns the questions asked most by all teams together, most asked
// first.
func (p *Popular) Overall(ctx context.Context, n int) ([]string, error) {
	return p.Top(ctx, everyTeam, n)
}

// top: KEYS weights, texts; ARGV base, floor, most.
var top = goredis.NewScript(`
local out = {}
for _, q in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  if #out / 2 >= tonumber(ARGV[3]) then break end
  if redis.call('SCARD', ARGV[1]..'askers:'..q) >= tonumber(ARGV[2]) then
    local text = redis.call('HGET', KEYS[2], q)
    if text then
      out[#out + 1] = text
      out[#out + 1] = redis.call('ZSCORE', KEYS[1], q)
    end
  end
end
return out`)

// Top returns the questions of a team, most asked first.
func (p *Popular) Top(ctx context.Context, team string, n int) ([]string, error) {
	base := p.base(digest(team))
	got, err := top.Run(ctx, p.client, []string{base + "weights", base + "texts"}, base, p.floor, n).StringSlice()
	if err != nil {
		return nil, redis.Failure("popular questions", err)
	}
	now := p.at(p.now())
	var out []string
	for i := 0; i+1 < len(got); i += 2 {
		if weight, err := strconv.ParseFloat(got[i+1], 64); err == nil && math.Exp2(weight-now) > 0.01 {
			out = append(out, got[i])
		}
	}
	return out, nil
}

// unask: KEYS askers, weights, texts; ARGV question, asker.
var unask = goredis.NewScript(`
local n = redis.call('SREM', KEYS[1], ARGV[2])
if n == 1 and redis.call('SCARD', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1]) redis.call('HDEL', KEYS[3], ARGV[1])
end
return n`)

// Forget makes a person's askings count as nobody's.
func (p *Popular) Forget(ctx context.Context, person string) (int, error) {
	ctx = redis.Patient(ctx, 3*time.Second)
	asker := p.hash(person)
	members, err := p.client.SMembers(ctx, p.askerKey(asker)).Result()
	if err != nil {
		return 0, redis.Failure("forget questions", err)
	}
	n := 0
	for _, m := range members {
		if len(m) != 49 {
			continue
		}
		base, key := p.base(m[:24]), m[25:]
		k, err := unask.Run(ctx, p.client, []string{base + "askers:" + key, base + "weights", base + "texts"}, key, asker).Int()
		if err != nil {
			return n, redis.Failure("forget questions", err)
		}
		if m[:24] != digest(everyTeam) {
			n += k
		}
	}
	return n, redis.Failure("forget questions", p.client.Del(ctx, p.askerKey(asker)).Err())
}

// Windows counts each asking in a day and in a week; Top is the week's.
type Windows struct{ Day, Week *Popular }

var _ bot.Popular = Windows{}

// Overall returns the questions asked most in the week by all teams together.
func (w Windows) Overall(ctx context.Context, n int) ([]string, error) {
	return w.Week.Overall(ctx, n)
}

// Asked counts a question.
func (w Windows) Asked(ctx context.Context, q popular.Question) error {
	if err := w.Day.Asked(ctx, q); err != nil {
		return err
	}
	return w.Week.Asked(ctx, q)
}

// Top returns the questions of a team that were most asked in a week or so.
func (w Windows) Top(ctx context.Context, team string, n int) ([]string, error) {
	return w.Week.Top(ctx, team, n)
}

// Forget makes a person's askings count as nobody's.
func (w Windows) Forget(ctx context.Context, person string) (int, error) {
	if _, err := w.Day.Forget(ctx, person); err != nil {
		return 0, err
	}
	return w.Week.Forget(ctx, person)
}

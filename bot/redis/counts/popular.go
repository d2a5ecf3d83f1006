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

// Popular counts questions of teams, and of all together, in windows that
// decay. A weight is kept as the logarithm of what the question would weigh at
// the beginning of 2020, so that time passing changes nothing in Redis and the
// order stays right.
type Popular struct {
	client    *redis.Client
	floor     int
	hash      func(string) string
	now       func() time.Time
	day, week window
}

var (
	_ bot.Popular   = (*Popular)(nil)
	_ bot.Forgetter = (*Popular)(nil)
)

// window is one window's name and half-life.
type window struct {
	name     string
	halfLife time.Duration
}

// NewPopular returns the counts kept by c; a question is named once floor
// people asked it, who are known by hash of their name only.
func NewPopular(c *redis.Client, floor int, hash func(string) string, now func() time.Time) *Popular {
	of := func(name string) window {
		halfLife, _ := popular.HalfLife(name) // there are these
		return window{name, halfLife}
	}
	return &Popular{c, min(floor, popular.MaxAskers), hash, now, of(popular.Day), of(popular.Week)}
}

func (p *Popular) windows() [2]window { return [2]window{p.day, p.week} }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:12])
}

// everyTeam stands for all teams together; no platform has a team of that
// name.
const everyTeam = "\x00every team"

func (w window) base(teamDigest string) string {
	return fmt.Sprintf("%s{popular:%s}:%s:", redis.Prefix, teamDigest, w.name)
}

// asksKey is where a person's questions are, to be forgotten.
func (w window) asksKey(asker string) string {
	return fmt.Sprintf("%s{popular:by:%s}:%s", redis.Prefix, asker, w.name)
}

// at is a moment in half-lives.
func (w window) at(t time.Time) float64 {
	return t.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds() / w.halfLife.Seconds()
}

func (w window) life() time.Duration { return popular.Halves * w.halfLife }

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 12, 64) }

// asked: KEYS weights, texts, people of the question; ARGV base, question,
// text, asker, moment, most questions, most people, life (ms), half-lives that
// a question and a person stay.
var asked = goredis.NewScript(`
local moment = tonumber(ARGV[5])
local function gone(questions)
  for _, q in ipairs(questions) do
    redis.call('ZREM', KEYS[1], q) redis.call('HDEL', KEYS[2], q) redis.call('DEL', ARGV[1]..'people:'..q)
  end
end
gone(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.12f', moment - tonumber(ARGV[9])), 'LIMIT', 0, 20))
local old = redis.call('ZSCORE', KEYS[1], ARGV[2])
local weight = moment
if old then
  local high, low = math.max(moment, tonumber(old)), math.min(moment, tonumber(old))
  weight = high + math.log(1 + 2 ^ (low - high)) / math.log(2)
end
redis.call('ZADD', KEYS[1], string.format('%.12f', weight), ARGV[2])
redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '('..string.format('%.12f', moment - tonumber(ARGV[10])))
if redis.call('ZCARD', KEYS[3]) < tonumber(ARGV[7]) or redis.call('ZSCORE', KEYS[3], ARGV[4]) then
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4])
end
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[6])
if over > 0 then gone(redis.call('ZRANGE', KEYS[1], 0, over - 1)) end
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('PEXPIRE', KEYS[2], ARGV[8])
redis.call('PEXPIRE', KEYS[3], math.floor(tonumber(ARGV[8]) * tonumber(ARGV[10]) / tonumber(ARGV[9])))
return 1`)

// call is one running of asked.
type call struct {
	keys []string
	args []any
}

// Asked counts a question, for its team and for all together.
func (p *Popular) Asked(ctx context.Context, q popular.Question) error {
	key, asker := digest(question.Normal(q.Text)), p.hash(q.Asker)
	teams := map[string]int{digest(everyTeam): popular.MaxOverall}
	if q.Team != "" {
		teams[digest(q.Team)] = popular.MaxQuestions
	}
	var calls []call
	var asks []string
	for team, most := range teams {
		asks = append(asks, team+"/"+key)
		for _, w := range p.windows() {
			base := w.base(team)
			calls = append(calls, call{[]string{base + "weights", base + "texts", base + "people:" + key},
				[]any{base, key, q.Text, asker, decimal(w.at(q.At)), most, popular.MaxAskers, w.life().Milliseconds(), popular.Halves, popular.Known}})
		}
	}
	// First where a person's askings are found again, so that none is left
	// that cannot be forgotten.
	if err := p.remember(ctx, asker, asks, q.At); err != nil {
		return redis.Failure("count question", err)
	}
	return redis.Failure("count question", p.count(ctx, calls))
}

// count runs asked with each of the calls, in one go.
func (p *Popular) count(ctx context.Context, calls []call) error {
	cmds, err := p.client.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		for _, c := range calls {
			asked.EvalSha(ctx, pipe, c.keys, c.args...)
		}
		return nil
	})
	if !goredis.HasErrorPrefix(err, "NOSCRIPT") || len(cmds) != len(calls) {
		return err
	}
	_, err = p.client.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		for i, c := range calls {
			if goredis.HasErrorPrefix(cmds[i].Err(), "NOSCRIPT") { // on this node of a cluster
				asked.Eval(ctx, pipe, c.keys, c.args...)
			}
		}
		return nil
	})
	return err
}

// mostAsks is how many different questions of one person are found again to
// be forgotten; older ones are nobody's from then on.
const mostAsks = 2000

// remember notes what a person asked, as unask reads it.
func (p *Popular) remember(ctx context.Context, asker string, asks []string, at time.Time) error {
	sizes := map[window]*goredis.IntCmd{}
	_, err := p.client.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		for _, w := range p.windows() {
			for _, a := range asks {
				pipe.ZAdd(ctx, w.asksKey(asker), goredis.Z{Score: w.at(at), Member: a})
			}
			sizes[w] = pipe.ZCard(ctx, w.asksKey(asker))
			pipe.PExpire(ctx, w.asksKey(asker), w.life())
		}
		return nil
	})
	for w, size := range sizes {
		if over := size.Val() - 2*mostAsks; err == nil && over > 0 {
			var oldest []string
			if oldest, err = p.client.ZRange(ctx, w.asksKey(asker), 0, over-1).Result(); err == nil {
				_, err = p.unask(ctx, w, asker, oldest)
			}
		}
	}
	return err
}

// ranked: KEYS weights, texts; ARGV base, floor, most, the score below which a
// person is known no more, and the one below which a question is not named.
var ranked = goredis.NewScript(`
local out = {}
for _, q in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '('..ARGV[5])) do
  if #out / 3 >= tonumber(ARGV[3]) then break end
  local people = redis.call('ZCOUNT', ARGV[1]..'people:'..q, ARGV[4], '+inf')
  local text = people >= tonumber(ARGV[2]) and redis.call('HGET', KEYS[2], q)
  if text then
    out[#out + 1] = text
    out[#out + 1] = redis.call('ZSCORE', KEYS[1], q)
    out[#out + 1] = tostring(people)
  end
end
return out`)

func (p *Popular) ranking(ctx context.Context, w window, team string, floor, n int) ([]popular.Ranked, error) {
	if n <= 0 {
		return nil, nil
	}
	base, now := w.base(digest(team)), w.at(p.now())
	got, err := ranked.Run(ctx, p.client, []string{base + "weights", base + "texts"},
		base, floor, n, decimal(now-popular.Known), decimal(now+math.Log2(popular.Faint))).StringSlice()
	if err != nil {
		return nil, redis.Failure("popular questions", err)
	}
	var out []popular.Ranked
	for i := 0; i+2 < len(got); i += 3 {
		weight, bad := strconv.ParseFloat(got[i+1], 64)
		askers, worse := strconv.Atoi(got[i+2])
		if bad == nil && worse == nil {
			out = append(out, popular.Ranked{Text: got[i], Weight: math.Exp2(weight - now), Askers: askers})
		}
	}
	return out, nil
}

// Top returns the questions of a team that were most asked in a week or so.
func (p *Popular) Top(ctx context.Context, team string, n int) ([]string, error) {
	return texts(p.ranking(ctx, p.week, team, p.floor, n))
}

// Overall returns the questions most asked in a week or so by all teams
// together.
func (p *Popular) Overall(ctx context.Context, n int) ([]string, error) {
	return texts(p.ranking(ctx, p.week, everyTeam, p.floor, n))
}

func texts(ranked []popular.Ranked, err error) ([]string, error) {
	var out []string
	for _, r := range ranked {
		out = append(out, r.Text)
	}
	return out, err
}

// Ranking returns at most n questions of a team, or of all together where it
// is "", most asked in a window first, however few people asked them.
func (p *Popular) Ranking(ctx context.Context, team, window string, n int) ([]popular.Ranked, error) {
	if _, err := popular.HalfLife(window); err != nil {
		return nil, err
	}
	if team == "" {
		team = everyTeam
	}
	w := p.week
	if window == popular.Day {
		w = p.day
	}
	return p.ranking(ctx, w, team, 0, n)
}

// unask: KEYS people, weights, texts; ARGV question, asker, the score below
// which a person is known no more.
var unask = goredis.NewScript(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '('..ARGV[3])
local n = redis.call('ZREM', KEYS[1], ARGV[2])
if redis.call('ZCARD', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1]) redis.call('HDEL', KEYS[3], ARGV[1])
end
return n`)

// Forget makes a person's askings count as nobody's, and counts the questions
// of teams.
func (p *Popular) Forget(ctx context.Context, person string) (int, error) {
	ctx = redis.Patient(ctx, 3*time.Second)
	asker, n := p.hash(person), 0
	for _, w := range p.windows() {
		asks, err := p.client.ZRange(ctx, w.asksKey(asker), 0, -1).Result()
		if err != nil {
			return n, redis.Failure("forget questions", err)
		}
		k, err := p.unask(ctx, w, asker, asks)
		if w == p.week {
			n += k
		}
		if err != nil {
			return n, redis.Failure("forget questions", err)
		}
	}
	return n, nil
}

// unask makes a person's askings nobody's, each a team's digest and a
// question's, and counts those of teams.
func (p *Popular) unask(ctx context.Context, w window, asker string, asks []string) (int, error) {
	n, known := 0, decimal(w.at(p.now())-popular.Known)
	var done []any
	for _, a := range asks {
		done = append(done, a)
		if len(a) != 49 {
			continue
		}
		base, key := w.base(a[:24]), a[25:]
		k, err := unask.Run(ctx, p.client, []string{base + "people:" + key, base + "weights", base + "texts"}, key, asker, known).Int()
		if err != nil {
			return n, err
		}
		if a[:24] != digest(everyTeam) {
			n += k
		}
	}
	if len(done) == 0 {
		return n, nil
	}
	return n, p.client.ZRem(ctx, w.asksKey(asker), done...).Err()
}

package mail

import goredis "github.com/redis/go-redis/v9"

// All keys share one hash tag: an entry and its place in the queue change
// together. An entry is a hash of k key, o digest of its owner, s state, e
// event, r reply, t received, h holder. A receipt is when it ends, in
// milliseconds and 14 digits, and what was posted.

// receive: KEYS entry, receipt, pending, last; ARGV id, key, owner, state,
// event, reply, received, holder, now (ms), most, life (ms), over (1: also
// over an entry that is there).
var receive = goredis.NewScript(`
local d = redis.call('GET', KEYS[2])
if d and tonumber(string.sub(d, 1, 14)) > tonumber(ARGV[9]) then return 0 end
local known = redis.call('EXISTS', KEYS[1]) == 1
if known and ARGV[12] ~= '1' then return 0 end
if not known then
  if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[10]) then return -1 end
  redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), ARGV[1])
end
redis.call('HSET', KEYS[1], 'k', ARGV[2], 'o', ARGV[3], 's', ARGV[4], 'e', ARGV[5], 'r', ARGV[6], 't', ARGV[7], 'h', ARGV[8])
redis.call('PEXPIRE', KEYS[1], ARGV[11])
return 1`)

// answered: KEYS entry; ARGV reply.
var answered = goredis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 's', '2', 'r', ARGV[1])
return 1`)

// delivered: KEYS entry, receipt, pending; ARGV id, receipt, life (ms).
var delivered = goredis.NewScript(`
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1`)

// release: KEYS entry; ARGV holder.
var release = goredis.NewScript(`
if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('HSET', KEYS[1], 'h', '') end
return 1`)

// Which processes live is a sorted set by when they are dead unless they say
// otherwise, by Redis' own time; see the leases for why it does not expire.
const now = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function alive(all, holder)
  local ends = redis.call('ZSCORE', all, holder)
  return ends and tonumber(ends) > now
end`

// live: KEYS alive; ARGV holder, life (ms).
var live = goredis.NewScript(now + `
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
return 1`)

// claim: KEYS pending, alive; ARGV base, most, holder.
var claim = goredis.NewScript(now + `
local out = {}
local dead = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if #out >= tonumber(ARGV[2]) then break end
  local e = ARGV[1]..'e:'..id
  local h = redis.call('HGET', e, 'h')
  if not h then
    redis.call('ZREM', KEYS[1], id)
  elseif h ~= ARGV[3] then
    if dead[h] == nil then dead[h] = h == '' or not alive(KEYS[2], h) end
    if dead[h] then
      redis.call('HSET', e, 'h', ARGV[3])
      out[#out + 1] = redis.call('HMGET', e, 'k', 's', 'e', 'r', 't')
    end
  end
end
return out`)

// forget: KEYS pending, alive; ARGV base, owner.
var forget = goredis.NewScript(now + `
local n = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local e = ARGV[1]..'e:'..id
  local got = redis.call('HMGET', e, 'o', 'h')
  if got[1] == ARGV[2] and (got[2] == '' or not alive(KEYS[2], got[2])) then
    redis.call('DEL', e)
    redis.call('ZREM', KEYS[1], id)
    n = n + 1
  end
end
return n`)

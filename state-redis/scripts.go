package redisstate

import (
	"crypto/sha1" //nolint:gosec // Redis names scripts by SHA-1.
	"encoding/hex"
)

// script is a Lua script and the name under which Redis knows it. It is sent by
// name; a server that does not know it yet gets the text once.
//
// Every script touches the one key KEYS[1], so it runs on any topology; only where
// there is one server anyway does startScript touch more.
type script struct {
	src  string
	hash any // a string, as commands take it
}

func newScript(src string) *script {
	sum := sha1.Sum([]byte(src)) //nolint:gosec // see above
	return &script{src: src, hash: hex.EncodeToString(sum[:])}
}

// fenceScript counts up. It is used where replicas must confirm what a script writes.
//
//	KEYS[1] fence   → the number
var fenceScript = newScript(`return redis.call('INCR', KEYS[1])`)

// lockScript gives the lock to the token, also if it has it already: a request
// whose reply was lost is asked again with it.
//
//	KEYS[1] lock   ARGV: token, TTL in ms   → 1 the token has the lock, 0 another has it
var lockScript = newScript(`
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)

// claimScript sets a value that only one caller writes, if the key is absent or
// holds that very value.
//
//	KEYS[1] cache   ARGV: value, TTL in ms or 0   → 1 set, 0 another value is there
var claimScript = newScript(`
local v = redis.call('GET', KEYS[1])
if v and v ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`)

// pushFunction pushes an entry onto a queue and drops the oldest beyond the bound.
// The queue lives at least as long as it already would, and as the new entry asks
// for. A queue that something else made without expiry stays so. It returns the
// depth, or a table with the error of a key that is no queue.
const pushFunction = `
local function push(queue, entry, max, ttl)
  local n = redis.pcall('RPUSH', queue, entry)
  if type(n) == 'table' then return n end
  local left = -2
  if n > 1 then left = redis.call('PTTL', queue) end
  if left ~= -1 and left < tonumber(ttl) then redis.call('PEXPIRE', queue, ttl) end
  max = tonumber(max)
  if max == 0 or n <= max then return n end
  redis.call('LTRIM', queue, -max, -1)
  return max
end`

// startScript does what claimScript does, or returns the value that it finds. If
// there is an entry it then does what markScript and enqueueScript do, and if there is
// a token what lockScript does. Executed again with the same value it stores no second
// entry: the value is there only if the first one was stored and marked.
//
//	KEYS: cache, queue and pending (if there is an entry), lock (if there is a token)
//	ARGV: value, TTL in ms or 0, token or '', TTL in ms,
//	      and if there is an entry: entry, maximum size or 0, TTL in ms, thread, now in microseconds
//	→ the value that is there, or if it was set 4 × depth + 2 if the entry was stored now
//	+ 1 if the lock was given
var startScript = newScript(pushFunction + `
local set
if ARGV[2] == '0' then set = redis.call('SET', KEYS[1], ARGV[1], 'NX')
else set = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) end
if not set then
  local v = redis.call('GET', KEYS[1])
  if v ~= ARGV[1] then return v end
  if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
end
local result = 0
if ARGV[5] and set then
  local depth = push(KEYS[2], ARGV[5], ARGV[6], ARGV[7])
  if type(depth) == 'table' then
    redis.call('DEL', KEYS[1])
    return depth
  end
  if redis.call('ZADD', KEYS[3], 'GT', 'CH', ARGV[9], ARGV[8]) == 0 then redis.call('ZADD', KEYS[3], 'INCR', 1, ARGV[8]) end
  result = 4 * depth + 2
elseif ARGV[5] then
  result = 4 * redis.call('LLEN', KEYS[2])
end
if ARGV[3] == '' then return result end
local lock = KEYS[#KEYS]
if redis.call('SET', lock, ARGV[3], 'NX', 'PX', ARGV[4]) then return result + 1 end
if redis.pcall('GET', lock) ~= ARGV[3] then return result end
redis.call('PEXPIRE', lock, ARGV[4])
return result + 1`)

// swapScript replaces a value if the old one is there. A claim that is already
// in place counts as swapped.
//
//	KEYS[1] cache   ARGV: new, TTL in ms or 0, '1' if new is a claim, old (missing: the key must be absent)
//	→ 1 swapped, 0 another value is there
var swapScript = newScript(`
local v = redis.call('GET', KEYS[1])
if v ~= (ARGV[4] or false) and not (ARGV[3] == '1' and v == ARGV[1]) then return 0 end
if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`)

// appendScript pushes a value onto a list, trims it and refreshes its expiry.
//
//	KEYS[1] list   ARGV: value, maximum length or 0, TTL in ms or 0   → 1
var appendScript = newScript(`
redis.call('RPUSH', KEYS[1], ARGV[1])
if ARGV[2] ~= '0' then redis.call('LTRIM', KEYS[1], '-' .. ARGV[2], -1) end
if ARGV[3] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1`)

// enqueueScript pushes an entry, as pushFunction does.
//
//	KEYS[1] queue   ARGV: entry, maximum size or 0, TTL in ms   → depth
var enqueueScript = newScript(pushFunction + `
return push(KEYS[1], ARGV[1], ARGV[2], ARGV[3])`)

// extendQueueScript lets a queue live for at least the TTL. A queue without expiry stays so.
// (PEXPIRE has an option for that since Redis 7.)
//
//	KEYS[1] queue   ARGV: TTL in ms   → 1 changed, 0 not
var extendQueueScript = newScript(`
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left >= tonumber(ARGV[1]) then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`)

// settleScript removes one entry for each receipt.
//
//	KEYS[1] queue   ARGV: entries   → depth
var settleScript = newScript(`
for i = 1, #ARGV do redis.call('LREM', KEYS[1], 1, ARGV[i]) end
return redis.call('LLEN', KEYS[1])`)

// markScript marks a thread as waiting where a mark with at least this score is there
// already, as clocks disagree. The score grows with every mark, so that unmarkScript
// sees whether one came in between.
//
//	KEYS[1] pending   ARGV: thread, now in microseconds   → 1
var markScript = newScript(`
local n = ARGV[2]
local s = redis.call('ZSCORE', KEYS[1], ARGV[1])
if s and tonumber(s) >= tonumber(n) then n = string.format('%.0f', tonumber(s) + 1) end
redis.call('ZADD', KEYS[1], n, ARGV[1])
return 1`)

// unmarkScript removes a mark if it is still the one that was read.
//
//	KEYS[1] pending   ARGV: thread, score   → 1 removed, 0 marked again or absent
var unmarkScript = newScript(`
local s = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not s or tonumber(s) ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])`)

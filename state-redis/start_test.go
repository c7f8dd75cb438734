package redisstate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// acceptingOf is a startOf that stores a message.
func acceptingOf(key, message string) state.StartTurn {
	req := startOf("t")
	req.Key = key
	req.Accept = state.AcceptTurn{ThreadID: "t", Entry: entryOf(message), Subscription: "t", Keys: []string{"a", "b"}}
	return req
}

func pendingOf(threadID string) string {
	k := newKeys("chat-sdk")
	return k.pendingFor(threadID)
}

// A message is claimed, locked, stored and looked for in one trip, or in two if others
// wait on its thread; a second delivery of it is one.
func TestStartTurnThatAcceptsIsOneTrip(t *testing.T) {
	for name, p := range map[string]Pipelining{"pipelined": {}, "plain": {Off: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			client, counter := s.client(), new(tripCounter)
			client.AddHook(counter)
			a := connect(t, Config{Client: client, Pipelining: p})
			_, err := a.StartTurn(t.Context(), startOf("other")) // the server learns the script
			require.NoError(t, err)
			for i, c := range []struct {
				key   string
				trips int
			}{{"1", 1}, {"2", 2}, {"2", 1}} {
				counter.trips.Store(0)
				out, err := a.StartTurn(t.Context(), acceptingOf(c.key, c.key))
				require.NoError(t, err)
				assert.EqualValues(t, c.trips, counter.trips.Load(), "call %d", i)
				if out.Lock != nil {
					assert.Equal(t, i+1, out.Accepted.Depth)
					assert.Len(t, out.Accepted.Waiting, i+1)
					require.NoError(t, a.ReleaseLock(t.Context(), out.Lock))
				}
			}
			assert.EqualValues(t, 2, client.LLen(t.Context(), "chat-sdk:queue:t").Val())
		})
	}
}

// A lost reply doubles no message that is stored with its claim, and leaves nothing out.
func TestLostReplyStartTurnThatAccepts(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx, c := t.Context(), s.client()
		require.NoError(t, c.Set(ctx, "chat-sdk:cache:b", "1", 0).Err())
		for i, threadID := range []string{"t", ""} {
			p.lose("chat-sdk:queue:t", 2)
			req := acceptingOf(fmt.Sprint("k", i), fmt.Sprint(i))
			req.ThreadID = threadID
			out, err := a.StartTurn(ctx, req)
			p.wantLost(t)
			require.NoError(t, err)
			assert.True(t, out.Set)
			assert.Equal(t, i+1, out.Accepted.Depth)
			assert.EqualValues(t, i+1, c.LLen(ctx, "chat-sdk:queue:t").Val(), "it is stored once")
			assert.EqualValues(t, 1, c.ZCard(ctx, pendingOf("t")).Val(), "it is marked")
			assert.Equal(t, threadID != "", out.Accepted.Looked)
			if out.Accepted.Looked {
				assert.Len(t, out.Accepted.Waiting, 1)
				assert.Equal(t, []string{"b"}, out.Accepted.Found)
			}
		}
	})
}

// A server that has forgotten the script executes what came after it too early.
func TestStartTurnThatAcceptsAfterScriptFlush(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		require.NoError(t, c.ScriptFlush(ctx).Err())
		require.NoError(t, c.SAdd(ctx, "chat-sdk:subscriptions", "t").Err())
		out, err := a.StartTurn(ctx, acceptingOf("k", "1"))
		require.NoError(t, err)
		assert.True(t, out.Set)
		assert.True(t, out.Accepted.Subscribed)
		assert.Len(t, out.Accepted.Waiting, 1)
		assert.EqualValues(t, 1, c.ZCard(ctx, pendingOf("t")).Val())
	})
}

// Where the message cannot be stored nothing says that it was.
func TestStartTurnOnWhatIsNoQueue(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		require.NoError(t, c.Set(ctx, "chat-sdk:queue:t", "text", 0).Err())
		out, err := a.StartTurn(ctx, acceptingOf("k", "1"))
		var corrupt *state.CorruptError
		require.ErrorAs(t, err, &corrupt)
		assert.False(t, out.Set)
		assert.Nil(t, out.Lock)
		assert.Zero(t, c.Exists(ctx, "chat-sdk:cache:k", "chat-sdk:lock:t").Val())
	})
}

// A mark from a clock that is ahead does not keep another from changing it.
func TestMarkGrowsBehindAClockThatIsAhead(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		ahead := float64(time.Now().Add(time.Hour).UnixMicro())
		calls := map[string]func() error{
			"Accept": func() error {
				_, err := a.Accept(ctx, "t", entryOf("1"), 0)
				return err
			},
			"AcceptTurn": func() error {
				_, err := a.AcceptTurn(ctx, state.AcceptTurn{ThreadID: "t", Entry: entryOf("1")})
				return err
			},
			"StartTurn": func() error {
				_, err := a.StartTurn(ctx, acceptingOf("k", "1"))
				return err
			},
		}
		for name, call := range calls {
			require.NoError(t, c.ZAdd(ctx, pendingOf("t"), redis.Z{Score: ahead, Member: "t"}).Err())
			require.NoError(t, call())
			assert.Greater(t, c.ZScore(ctx, pendingOf("t"), "t").Val(), ahead, name)
		}
	})
}

// startFaults are changes to startScript, each of which checkStart must find.
var startFaults = map[string][2]string{
	"it takes a claim that is another's":     {"if v ~= ARGV[1] then return v end", "if v ~= ARGV[1] then set = true end"},
	"its claim does not expire":              {"'NX', 'PX', ARGV[2])", "'NX')"},
	"an own claim is not prolonged":          {"if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end", ""},
	"it stores again":                        {"if ARGV[5] and set then", "if ARGV[5] then"},
	"it says that it stored what it did not": {"result = 4 * redis.call('LLEN', KEYS[2])", "result = 4 * redis.call('LLEN', KEYS[2]) + 2"},
	"a claim without its entry stays":        {"redis.call('DEL', KEYS[1])", ""},
	"it sets no mark":                        {"if redis.call('ZADD', KEYS[3], 'GT', 'CH', ARGV[9], ARGV[8]) == 0 then redis.call('ZADD', KEYS[3], 'INCR', 1, ARGV[8]) end", ""},
	"its mark does not grow":                 {"redis.call('ZADD', KEYS[3], 'INCR', 1, ARGV[8])", "redis.call('ZADD', KEYS[3], ARGV[9], ARGV[8])"},
	"its lock does not expire":               {"redis.call('SET', lock, ARGV[3], 'NX', 'PX', ARGV[4])", "redis.call('SET', lock, ARGV[3], 'NX')"},
	"it takes a lock that is held":           {"redis.call('SET', lock, ARGV[3], 'NX', 'PX', ARGV[4])", "redis.call('SET', lock, ARGV[3], 'PX', ARGV[4])"},
	"it does not know its lock again":        {"if redis.pcall('GET', lock) ~= ARGV[3] then return result end", "if true then return result end"},
	"it gives a lock that is another's":      {"if redis.pcall('GET', lock) ~= ARGV[3] then return result end", ""},
	"an own lock is not prolonged":           {"redis.call('PEXPIRE', lock, ARGV[4])", ""},
	"it takes the wrong lock":                {"local lock = KEYS[#KEYS]", "local lock = KEYS[4] or KEYS[1]"},
	"it drops the newest":                    {"redis.call('LTRIM', queue, -max, -1)", "redis.call('LTRIM', queue, 0, max - 1)"},
	"it drops nothing":                       {"redis.call('LTRIM', queue, -max, -1)", ""},
	"its queue does not expire":              {"redis.call('PEXPIRE', queue, ttl)", ""},
	"a queue expires sooner than it would":   {"if left ~= -1 and left < tonumber(ttl) then", "if left ~= -1 then"},
	"a queue that is to stay gets an expiry": {"left ~= -1 and left < tonumber(ttl)", "left < tonumber(ttl)"},
	"it reports the depth before the trim":   {"return max\nend", "return n\nend"},
}

func TestStartScriptFaultsAreFound(t *testing.T) {
	t.Parallel()
	c := newServer(t).client()
	require.NoError(t, checkStart(t.Context(), c, startScript.src))
	for name, f := range startFaults {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, startScript.src, f[0])
			err := checkStart(t.Context(), c, strings.Replace(startScript.src, f[0], f[1], 1))
			require.Error(t, err)
			t.Log(err)
		})
	}
}

// checkStart runs startScript on an empty server and returns what is wrong with it.
func checkStart(ctx context.Context, c *redis.Client, src string) (err error) {
	if err := c.FlushAll(ctx).Err(); err != nil {
		return err
	}
	lifetime := func(key string) time.Duration { return c.PTTL(ctx, key).Val().Round(time.Second) }
	check := func(what string, seen, want any) {
		if err == nil && fmt.Sprint(seen) != fmt.Sprint(want) {
			err = fmt.Errorf("%s: %v, want %v", what, seen, want)
		}
	}
	run := func(keys []string, args ...any) any {
		v, failed := c.Eval(ctx, src, keys, args...).Result()
		if failed != nil {
			return failed
		}
		return v
	}
	all := []string{"cache", "queue", "pending", "lock"}
	stored := func(entry string, size, ttl int) []any { return []any{entry, size, ttl, "thread", 1000} }
	with := func(args []any, stored []any) []any { return append(args, stored...) }
	// A message alone: depth 1, stored, the lock given; then the same again.
	for i, want := range []int{4 + 2 + 1, 4 + 1} {
		check("the result", run(all, with([]any{"claim", 60_000, "token", 80_000}, stored("entry", 0, 70_000))...), want)
		check("the claim", c.Get(ctx, "cache").Val(), "claim")
		check("its lifetime", lifetime("cache"), time.Minute)
		check("the queue", c.LRange(ctx, "queue", 0, -1).Val(), "[entry]")
		check("its lifetime", lifetime("queue"), 70*time.Second)
		check("the mark", c.ZScore(ctx, "pending", "thread").Val(), 1000)
		check("the lock", c.Get(ctx, "lock").Val(), "token")
		check("its lifetime", lifetime("lock"), 80*time.Second)
		if i == 0 {
			c.PExpire(ctx, "cache", time.Second)
			c.PExpire(ctx, "lock", time.Second)
		}
	}
	// Another message, whose lock is held, with a bound.
	check("behind a held lock", run([]string{"cache 2", "queue", "pending", "lock"}, with([]any{"claim 2", 0, "token 2", 80_000}, stored("entry 2", 0, 10_000))...), 8+2)
	check("the lock", c.Get(ctx, "lock").Val(), "token")
	check("the mark", c.ZScore(ctx, "pending", "thread").Val(), 1001)
	check("the claim's lifetime", c.PTTL(ctx, "cache 2").Val(), time.Duration(-1))
	check("the queue's lifetime", lifetime("queue"), 70*time.Second)
	c.Persist(ctx, "queue")
	check("the depth with a bound", run([]string{"cache 3", "queue", "pending"}, with([]any{"claim 3", 1000, "", 0}, stored("entry 3", 2, 10_000))...), 8+2)
	check("the queue", c.LRange(ctx, "queue", 0, -1).Val(), "[entry 2 entry 3]")
	check("the queue's lifetime", c.PTTL(ctx, "queue").Val(), time.Duration(-1))
	// A claim that is another's.
	check("what is there", run(all, with([]any{"mine", 60_000, "token 4", 80_000}, stored("entry 4", 0, 10_000))...), "claim")
	check("the depth", c.LLen(ctx, "queue").Val(), 2)
	// Without an entry, and without a lock.
	check("without an entry", run([]string{"cache 5", "lock 5"}, "claim 5", 1000, "token 5", 80_000), 1)
	check("the lock", c.Get(ctx, "lock 5").Val(), "token 5")
	check("alone", run([]string{"cache 6"}, "claim 6", 1000, "", 0), 0)
	// What is no queue.
	c.Set(ctx, "text", "text", 0)
	failure, _ := run([]string{"cache 7", "text", "pending", "lock 7"}, with([]any{"claim 7", 1000, "token", 1000}, stored("entry", 0, 1000))...).(error)
	check("the error", codeOf(failure), "WRONGTYPE")
	check("a claim or lock without its entry", c.Exists(ctx, "cache 7", "lock 7").Val(), 0)
	return err
}

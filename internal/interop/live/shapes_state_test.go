package live

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// expiry returns how long a key lives, 0 for one that does not end.
func (x *exchange) expiry(t *testing.T, kind, name string) time.Duration {
	t.Helper()
	key := x.Prefix + ":" + kind + ":" + name
	n, err := x.redis.Exists(t.Context(), key).Result()
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "%s is not there", key)
	ttl, err := x.redis.PTTL(t.Context(), key).Result()
	require.NoError(t, err)
	return max(ttl, 0)
}

// requireExpiry checks that a key lives about so long.
func (x *exchange) requireExpiry(t *testing.T, want time.Duration, kind, name string) {
	t.Helper()
	got := x.expiry(t, kind, name)
	require.LessOrEqual(t, got, want)
	require.Greater(t, got, want-patience)
}

// values are JSON of every kind.
var values = []string{
	`{}`, `[]`, `""`, `0`, `true`, `false`, `null`,
	`{"a":{"b":[1,"two",null,{"c":false}]}}`,
	`"quote \" backslash \\ line\nbreak \u2028 \u0007 é 🙂 <b> &amp;"`, `"{\"a\":1}"`, `" "`, `"null"`,
	`-1`, `1.5`, `1e300`, `9007199254740991`, `1e-7`,
	`{"":"","a b":1,"é":2,"🙂":[]}`,
}

var stateShapes = []shape{
	{"lock that is held", func(t *testing.T, x *exchange) {
		require.NotEmpty(t, x.writer.lock(t, x.id, time.Hour))
		require.Empty(t, x.reader.lock(t, x.id, time.Hour))
		require.False(t, x.reader.extend(t, x.id, "another token", time.Hour))
		x.reader.release(t, x.id, "another token")
		require.Empty(t, x.reader.lock(t, x.id, time.Hour))
		x.requireExpiry(t, time.Hour, "lock", x.id)
	}},
	{"lock that is extended", func(t *testing.T, x *exchange) {
		token := x.writer.lock(t, x.id, 10*time.Minute)
		require.True(t, x.writer.extend(t, x.id, token, time.Hour))
		x.requireExpiry(t, time.Hour, "lock", x.id)
		require.Empty(t, x.reader.lock(t, x.id, time.Hour))
		require.True(t, x.reader.extend(t, x.id, token, 2*time.Hour), "a token is one on either side")
		x.requireExpiry(t, 2*time.Hour, "lock", x.id)
	}},
	{"lock that is released", func(t *testing.T, x *exchange) {
		token := x.writer.lock(t, x.id, time.Hour)
		x.writer.release(t, x.id, token)
		require.NotEmpty(t, x.reader.lock(t, x.id, time.Hour))
		require.False(t, x.writer.extend(t, x.id, token, time.Hour))
	}},
	{"lock that is forced", func(t *testing.T, x *exchange) {
		token := x.writer.lock(t, x.id, time.Hour)
		x.reader.force(t, x.id)
		next := x.reader.lock(t, x.id, time.Hour)
		require.NotEmpty(t, next)
		require.False(t, x.writer.extend(t, x.id, token, time.Hour))
		x.writer.release(t, x.id, token)
		require.True(t, x.reader.extend(t, x.id, next, time.Hour))
	}},
	{"lock that expires", func(t *testing.T, x *exchange) {
		token := x.writer.lock(t, x.id, 100*time.Millisecond)
		require.NotEmpty(t, token)
		var next string
		require.Eventually(t, func() bool {
			next = x.reader.lock(t, x.id, time.Hour)
			return next != ""
		}, patience, pollInterval)
		require.False(t, x.writer.extend(t, x.id, token, time.Hour))
		require.True(t, x.reader.extend(t, x.id, next, time.Hour))
	}},
	{"values of every kind of JSON", func(t *testing.T, x *exchange) {
		for i, value := range values {
			key := fmt.Sprintf("%s:%d", x.id, i)
			x.writer.set(t, key, json.RawMessage(value), time.Hour)
			x.requireExpiry(t, time.Hour, "cache", key)
			got := x.reader.get(t, key)
			if value == "null" && got == nil {
				continue // the npm packages do not tell null from nothing
			}
			require.JSONEq(t, value, string(got))
			require.False(t, x.reader.setIfAbsent(t, key, json.RawMessage("1"), 0))
			x.reader.set(t, key, json.RawMessage(`"other"`), 0)
			require.Zero(t, x.expiry(t, "cache", key))
			require.JSONEq(t, `"other"`, string(x.writer.get(t, key)))
			x.reader.remove(t, key)
			require.Nil(t, x.writer.get(t, key))
			require.True(t, x.writer.setIfAbsent(t, key, json.RawMessage(value), time.Hour))
			x.requireExpiry(t, time.Hour, "cache", key)
		}
	}},
	{"lists with a bound and an expiry", func(t *testing.T, x *exchange) {
		for _, value := range values {
			x.writer.appendTo(t, x.id, json.RawMessage(value), 0, 0)
		}
		require.Zero(t, x.expiry(t, "list", x.id))
		got := x.reader.list(t, x.id)
		require.Len(t, got, len(values))
		for i, value := range values {
			require.JSONEq(t, value, string(got[i]))
		}
		x.reader.appendTo(t, x.id, json.RawMessage(`"last"`), 2, time.Hour)
		x.requireExpiry(t, time.Hour, "list", x.id)
		requireSame(t, []json.RawMessage{json.RawMessage(values[len(values)-1]), json.RawMessage(`"last"`)}, x.writer.list(t, x.id))
		x.writer.appendTo(t, x.id, json.RawMessage(`1`), 0, 0)
		require.Positive(t, x.expiry(t, "list", x.id), "without an expiry of its own it keeps the list's")
		require.Len(t, x.reader.list(t, x.id), 3)
	}},
	{"queue with a bound and an expiry", func(t *testing.T, x *exchange) {
		now := time.Now()
		entry := func(n int) json.RawMessage {
			return json.RawMessage(fmt.Sprintf(`{"message":{"n":%d},"enqueuedAt":%d,"expiresAt":%d}`, n, now.UnixMilli(), now.Add(time.Hour).UnixMilli()))
		}
		require.Equal(t, 1, x.writer.enqueue(t, x.id, entry(1), 0))
		require.Equal(t, 2, x.reader.enqueue(t, x.id, entry(2), 10))
		require.Equal(t, 2, x.writer.enqueue(t, x.id, entry(3), 2))
		require.Equal(t, 2, x.reader.depth(t, x.id))
		require.Greater(t, x.expiry(t, "queue", x.id), time.Hour-patience)
		require.JSONEq(t, string(entry(2)), string(x.reader.dequeue(t, x.id)))
		require.JSONEq(t, string(entry(3)), string(x.writer.dequeue(t, x.id)))
		require.Nil(t, x.reader.dequeue(t, x.id))
		require.Nil(t, x.writer.dequeue(t, x.id))
	}},
}

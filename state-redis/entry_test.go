package redisstate

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// FuzzDecodeUsual holds the short way of reading entries against the long one.
func FuzzDecodeUsual(f *testing.F) {
	for _, s := range []string{
		`{"message":{"id":"1"},"enqueuedAt":1700000000123,"expiresAt":1700000090123}`,
		`{"message": "a" ,"enqueuedAt":1,"expiresAt":2}`,
		`{"message":",\"enqueuedAt\":1,\"expiresAt\":2}","enqueuedAt":3,"expiresAt":4}`,
		`{"message":1,"enqueuedAt":1,"expiresAt":2,"enqueuedAt":3,"expiresAt":4}`,
		`{"message":{"message":1,"enqueuedAt":1,"expiresAt":2},"enqueuedAt":3,"expiresAt":4}`,
		`{"message":,"enqueuedAt":1,"expiresAt":2}`,
		`{"message":1,"enqueuedAt":01,"expiresAt":2}`,
		`{"message":1,"enqueuedAt":-1,"expiresAt":2.5}`,
		`{"message":1,"enqueuedAt":1}`,
		`{"expiresAt":1,"message":1,"enqueuedAt":1}`,
		`junk`, ``, `{"message":}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var quick, slow state.QueueEntry
		if !decodeUsual(raw, &quick) {
			return
		}
		if err := json.Unmarshal(raw, &slow); err != nil {
			t.Fatalf("%q: read as %+v, but %v", raw, quick, err)
		}
		assert.Equal(t, slow, quick, "%q", raw)
	})
}

// What a caller does to a message that it was given changes neither its receipt nor the
// next message.
func TestCallersMayChangeMessages(t *testing.T) {
	both(t, func(t *testing.T, _ *server, a *Adapter) {
		for _, message := range []string{`"first"`, `"second"`} {
			_, err := a.Enqueue(t.Context(), "q", entry(message, time.Minute), 0)
			require.NoError(t, err)
		}
		change := func(message []byte) {
			_ = append(message, "longer than what stands behind the message in its entry, and than all of that"...)
			clear(message)
		}
		waiting, err := a.Waiting(t.Context(), "q")
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		change(waiting[0].Message)
		assert.Equal(t, `"second"`, string(waiting[1].Message))
		left, err := a.Settle(t.Context(), "q", waiting[0].Receipt)
		require.NoError(t, err)
		assert.Equal(t, 1, left)
		taken, err := a.Dequeue(t.Context(), "q")
		require.NoError(t, err)
		assert.Equal(t, `"second"`, string(taken.Message))
		assert.Equal(t, len(taken.Message), cap(taken.Message))
		change(taken.Message)
	})
}

// FuzzEncodeEntry holds the short way of writing entries against that of package state.
func FuzzEncodeEntry(f *testing.F) {
	f.Add([]byte(`{"id":"1"}`), int64(1700000000123), int64(1700000090123))
	f.Add([]byte(` "a" `), int64(-1), int64(0))
	f.Add([]byte(`1`), int64(-1<<62), int64(1<<62))
	f.Fuzz(func(t *testing.T, message []byte, enqueued, expires int64) {
		e := state.QueueEntry{Message: message, EnqueuedAt: time.UnixMilli(enqueued), ExpiresAt: time.UnixMilli(expires)}
		want, err := e.MarshalJSON()
		if err != nil {
			return
		}
		assert.Equal(t, string(want), encodeEntry(e))
	})
}

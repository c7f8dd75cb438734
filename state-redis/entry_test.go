package redisstate

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

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

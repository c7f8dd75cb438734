package redisstate

import (
	"encoding/json"
	"testing"

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

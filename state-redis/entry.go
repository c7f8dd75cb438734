package redisstate

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// decodeEntry reads a stored entry. Its error is a *state.CorruptError.
func decodeEntry(threadID string, stored *redis.StringCmd, entry *state.QueueEntry) error {
	raw, _ := stored.Bytes() // the command's memory, which nobody else has
	return decodeRaw(threadID, raw, entry)
}

// decodeRaw is decodeEntry for bytes that become the entry's: its message is a part of
// them.
func decodeRaw(threadID string, raw []byte, entry *state.QueueEntry) error {
	if decodeUsual(raw, entry) {
		return nil
	}
	if err := entry.UnmarshalJSON(raw); err != nil {
		return &state.CorruptError{Kind: "queue", Name: threadID, Raw: bytes.Clone(raw), Cause: err}
	}
	return nil
}

var (
	entryHead     = []byte(`{"message":`)
	entryEnqueued = []byte(`,"enqueuedAt":`)
	entryExpires  = []byte(`,"expiresAt":`)
)

// encodeEntry returns what [state.QueueEntry.MarshalJSON] does for an entry that was
// checked, as a string, which is also the entry's receipt.
func encodeEntry(e state.QueueEntry) string {
	var b strings.Builder
	var number [20]byte
	b.Grow(len(entryHead) + len(e.Message) + len(entryEnqueued) + len(entryExpires) + 2*len(number) + 1)
	b.Write(entryHead)
	b.Write(e.Message)
	b.Write(entryEnqueued)
	b.Write(strconv.AppendInt(number[:0], e.EnqueuedAt.UnixMilli(), 10))
	b.Write(entryExpires)
	b.Write(strconv.AppendInt(number[:0], e.ExpiresAt.UnixMilli(), 10))
	b.WriteByte('}')
	return b.String()
}

// decodeUsual reads an entry as this adapter and the TypeScript adapters write
// it, in one pass and a fifth of the time. It reports false for anything else.
//
// What is cut out as the message is checked to be one JSON value, so a message
// that contains the same words cannot mislead it. The entry's message is a part of raw.
func decodeUsual(raw []byte, entry *state.QueueEntry) bool {
	rest, ok := bytes.CutPrefix(raw, entryHead)
	if !ok || !bytes.HasSuffix(rest, []byte{'}'}) {
		return false
	}
	rest = rest[:len(rest)-1]
	i := bytes.LastIndex(rest, entryExpires)
	if i < 0 {
		return false
	}
	j := bytes.LastIndex(rest[:i], entryEnqueued)
	if j < 0 {
		return false
	}
	enqueuedAt, ok1 := wholeMillis(rest[j+len(entryEnqueued) : i])
	expiresAt, ok2 := wholeMillis(rest[i+len(entryExpires):])
	if !ok1 || !ok2 {
		return false
	}
	e := state.QueueEntry{Message: rest[:j], EnqueuedAt: enqueuedAt, ExpiresAt: expiresAt}
	if state.CheckEntry("entry", e) != nil {
		return false
	}
	e.Message = slices.Clip(bytes.TrimSpace(e.Message))
	*entry = e
	return true
}

// wholeMillis reads a time that is a whole number of milliseconds, in digits.
func wholeMillis(b []byte) (time.Time, bool) {
	if len(b) == 0 || len(b) > 15 || b[0] == '0' && len(b) > 1 {
		return time.Time{}, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return time.UnixMilli(n), err == nil
}

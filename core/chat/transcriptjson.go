package chat

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// MarshalJSON returns the TypeScript SDK's transcript entry.
func (e TranscriptEntry) MarshalJSON() ([]byte, error) {
	b := jsontext.AppendString([]byte(`{"id":`), e.ID)
	b = jsontext.AppendString(append(b, `,"userKey":`...), e.UserKey)
	b = jsontext.AppendString(append(b, `,"role":`...), string(e.Role))
	b = jsontext.AppendString(append(b, `,"text":`...), e.Text)
	b = jsontext.AppendString(append(b, `,"platform":`...), e.Platform)
	b = jsontext.AppendString(append(b, `,"threadId":`...), string(e.ThreadID))
	b = strconv.AppendInt(append(b, `,"timestamp":`...), e.At.UnixMilli(), 10)
	if e.Formatted != nil {
		tree, err := json.Marshal(e.Formatted)
		if err != nil {
			return nil, fmt.Errorf("chat: entry.Formatted: %w", err)
		}
		b = append(append(b, `,"formatted":`...), tree...)
	}
	b = appendField(b, "platformMessageId", string(e.MessageID))
	return append(b, '}'), nil
}

// UnmarshalJSON reads the TypeScript SDK's transcript entry.
func (e *TranscriptEntry) UnmarshalJSON(data []byte) error {
	return unmarshal(data, "transcript entry", e.decode)
}

func (e *TranscriptEntry) decode(d *decoder) error {
	*e = TranscriptEntry{}
	var at int64
	_, err := d.object(func(name []byte) error {
		switch string(name) {
		case "id":
			return d.string(&e.ID)
		case "userKey":
			return d.string(&e.UserKey)
		case "role":
			return d.string((*string)(&e.Role))
		case "text":
			return d.string(&e.Text)
		case "platform":
			return d.string(&e.Platform)
		case "threadId":
			return d.string((*string)(&e.ThreadID))
		case "timestamp":
			return d.int(&at)
		case "formatted":
			if d.null() {
				return nil
			}
			e.Formatted = new(markdown.Root)
			return e.Formatted.UnmarshalJSON(d.raw())
		case "platformMessageId":
			return d.string((*string)(&e.MessageID))
		}
		return errUnknownField
	})
	e.At = time.UnixMilli(at).UTC()
	return err
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

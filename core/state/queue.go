package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// QueueEntry is a message that waits for its thread.
//
// Its JSON is {"message":…,"enqueuedAt":ms,"expiresAt":ms}, with times in
// milliseconds since 1970, as the TypeScript adapters store it.
type QueueEntry struct {
	// Message is one JSON value. The state knows nothing of its content.
	Message json.RawMessage
	// EnqueuedAt is when the message was queued, by the clock of its producer.
	EnqueuedAt time.Time
	// ExpiresAt is when the message is no longer worth handling.
	ExpiresAt time.Time
}

// MarshalJSON returns the stored form. The message's bytes stand in it as they
// are. It returns [ErrInvalidArgument] if Message is not one JSON value.
func (e QueueEntry) MarshalJSON() ([]byte, error) {
	if err := CheckEntry("entry", e); err != nil {
		return nil, err
	}
	return e.appendJSON(make([]byte, 0, len(e.Message)+96)), nil
}

func (e QueueEntry) appendJSON(b []byte) []byte {
	b = append(b, `{"message":`...)
	b = append(b, e.Message...)
	b = append(b, `,"enqueuedAt":`...)
	b = strconv.AppendInt(b, e.EnqueuedAt.UnixMilli(), 10)
	b = append(b, `,"expiresAt":`...)
	b = strconv.AppendInt(b, e.ExpiresAt.UnixMilli(), 10)
	return append(b, '}')
}

// UnmarshalJSON reads the stored form. It keeps no reference to data.
func (e *QueueEntry) UnmarshalJSON(data []byte) error {
	var v struct {
		Message    json.RawMessage `json:"message"`
		EnqueuedAt *float64        `json:"enqueuedAt"`
		ExpiresAt  *float64        `json:"expiresAt"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch {
	case len(v.Message) == 0:
		return errors.New(`queue entry: field "message" is missing`)
	case v.EnqueuedAt == nil:
		return errors.New(`queue entry: field "enqueuedAt" is missing`)
	case v.ExpiresAt == nil:
		return errors.New(`queue entry: field "expiresAt" is missing`)
	}
	enqueuedAt, err := millis("enqueuedAt", *v.EnqueuedAt)
	if err != nil {
		return err
	}
	expiresAt, err := millis("expiresAt", *v.ExpiresAt)
	if err != nil {
		return err
	}
	*e = QueueEntry{Message: bytes.Clone(v.Message), EnqueuedAt: enqueuedAt, ExpiresAt: expiresAt}
	return nil
}

// millis reads a time as JavaScript writes it: a number that need not be whole.
func millis(field string, ms float64) (time.Time, error) {
	const limit = 1 << 53 // a float64 counts single milliseconds up to here
	if ms < -limit || ms > limit {
		return time.Time{}, fmt.Errorf("queue entry: field %q is out of range", field)
	}
	return time.UnixMilli(int64(ms)), nil
}

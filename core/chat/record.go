package chat

import (
	"encoding/json"
	"errors"
	"time"
)

// errUnchanged ends a State.Update that has nothing to write.
var errUnchanged = errors.New("chat: nothing to change")

// newRecord returns a value of the bot's own in the state. It belongs to no turn.
func newRecord[T any](c *Chat, key string, ttl time.Duration) Data[T] {
	return Data[T]{chat: c, guard: contextError, key: key, ttl: ttl}
}

// unreadable reports whether the error says that what is stored is no record:
// asking again does not help.
func unreadable(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, wrong := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || wrong
}

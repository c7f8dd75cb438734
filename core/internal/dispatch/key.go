package dispatch

import (
	"strconv"
	"strings"
)

// Kind says what a key stands for.
type Kind uint8

// The kinds of keys.
const (
	// Conversation is a thread or a channel: the key's name is its id.
	Conversation Kind = iota
	// Single is one message of a conversation, which is handled concurrently with the
	// others.
	Single
	// Event is one event that is no message.
	Event
	// Slot is one of the places of a bounded number of handlers that run concurrently.
	Slot
)

// Key names a lock, and the queue that waits for it. Its name is stored and never
// changes: instances of other versions, and for conversations the TypeScript SDK,
// know it too.
type Key struct {
	name string
	kind Kind
}

// Names that the dispatcher has in the state start so. The bot keeps it reserved.
const reserved = "chat:"

const (
	eventPrefix = reserved + "event:"
	singleMark  = "#message:"
)

// ConversationKey returns the key of a thread or a channel.
func ConversationKey(id string) Key { return Key{id, Conversation} }

// EventKey returns the key of an event, whose id is unique for its adapter.
func EventKey(adapter, id string) Key { return Key{eventPrefix + adapter + ":" + id, Event} }

// Single returns the key of one message of the conversation.
func (k Key) Single(id string) Key { return Key{k.name + singleMark + id, Single} }

// slot returns the i-th place of the key, or of the conversation whose single message
// it is, for concurrent handlers of a group, or of none, which is 0.
func (k Key) slot(group, i int) Key {
	name, _, _ := strings.Cut(k.name, singleMark)
	if group != 0 {
		name += "#group:" + strconv.Itoa(group)
	}
	return Key{name + "#slot:" + strconv.Itoa(i), Slot}
}

// ParseKey returns the key with the name. A conversation whose id looks like the key of
// a single message is taken for one: shared tells them apart.
func ParseKey(name string) Key {
	switch {
	case strings.HasPrefix(name, eventPrefix):
		return Key{name, Event}
	case strings.Contains(name, singleMark):
		return Key{name, Single}
	}
	return Key{name, Conversation}
}

// shared returns the key of the conversation if k is that of its message with the id.
func (k Key) shared(id string) (Key, bool) {
	if k.kind != Single {
		return Key{}, false
	}
	base, ok := strings.CutSuffix(k.name, id)
	if !ok {
		return Key{}, false
	}
	base, ok = strings.CutSuffix(base, singleMark)
	return Key{base, Conversation}, ok
}

// String returns the key's name.
func (k Key) String() string { return k.name }

// Kind returns what the key stands for.
func (k Key) Kind() Kind { return k.kind }

// Of returns the name without what marks the key of an event: it begins with the name
// of an adapter.
func (k Key) Of() string {
	if k.kind == Event {
		return k.name[len(eventPrefix):]
	}
	return k.name
}

// heartbeat names the key that says that a handler runs under the lock.
func (k Key) heartbeat() string { return reserved + "running:" + k.name }

// retries names the record of the failed attempts with what waits on the key.
func (k Key) retries() string { return reserved + "retries:" + k.name }

// Names that all keys share.
const (
	// DeadLetters names the queue of what could not be handled.
	DeadLetters = reserved + "dead-letters"
	canaryName  = reserved + "canary"
	signalsName = reserved + "cancelled-turns"
)

package chat

import (
	"fmt"
	"strings"
)

// The names under which the bot keeps something in the state, of every kind. The
// package comment has the table of them. Names that are stored are never changed:
// instances of other versions, and for some the TypeScript SDK, know them too.

// Names of lists and queues that all threads share, and of the canary.
const (
	deadLettersKey  = reservedPrefix + "dead-letters"
	approvalsDueKey = reservedPrefix + "approvals-due" // requests that can still time out
	cancelsKey      = reservedPrefix + "cancelled-turns"
	canaryKey       = reservedPrefix + "canary"
	readyKey        = reservedPrefix + "ready"
)

const eventKeyPrefix = reservedPrefix + "event:"

// eventKey names the queue, and the lock, of an event other than a message.
func eventKey(a Adapter, id MessageID) string { return eventKeyPrefix + a.Name() + ":" + string(id) }

// isEvent reports whether the key is an eventKey.
func isEvent(key string) bool { return strings.HasPrefix(key, eventKeyPrefix) }

// messageMark separates a lock from the message of StrategyConcurrent that runs on it
// at the same time as others.
const messageMark = "#message:"

// messageKey names the queue, and the lock, of a single message of a lock.
func messageKey(lock string, id MessageID) string { return lock + messageMark + string(id) }

// sharedKey returns the lock of which the key is the message's own part. It
// reports false for other keys.
func sharedKey(key string, m *Message) (string, bool) {
	base, ok := strings.CutSuffix(key, string(m.ID))
	if !ok {
		return "", false
	}
	return strings.CutSuffix(base, messageMark)
}

// slotKey names the i-th place of a lock, which may be the messageKey of a part of it,
// for concurrent handlers of a group, or of none.
func slotKey(key string, g *Group, i int) string {
	lock, _, _ := strings.Cut(key, messageMark)
	if g != nil {
		return fmt.Sprintf("%s#group:%d#slot:%d", lock, g.ordinal, i)
	}
	return fmt.Sprintf("%s#slot:%d", lock, i)
}

func dedupeKey(m *Message) string { return dedupeKeyOf(m, m.ID) }

// dedupeKeyOf is the dedupeKey of the message under another id.
func dedupeKeyOf(m *Message, id MessageID) string {
	return "dedupe:" + m.ThreadID.Adapter() + ":" + string(id)
}

// runningKey names the beacon of a lock.
func runningKey(lock string) string { return reservedPrefix + "running:" + lock }

// retriesKey names what is known of the failed messages of a lock.
func retriesKey(lock string) string { return reservedPrefix + "retries:" + lock }

func botAnswersKey(id ThreadID) string { return reservedPrefix + "bot-answers:" + string(id) }

func approvalKey(id string) string { return reservedPrefix + "approval:" + id }

func onceKey(token string) string { return reservedPrefix + "once:" + token }

func callbackKey(token string) string { return reservedPrefix + "callback:" + token }

func modalContextKey(a Adapter, id string) string { return "modal-context:" + a.Name() + ":" + id }

func modalAnswerKey(a Adapter, eventID string) string {
	return reservedPrefix + "modal-answer:" + a.Name() + ":" + eventID
}

func threadDataKey(id ThreadID) string { return "thread-state:" + string(id) }

func channelDataKey(id ChannelID) string { return "channel-state:" + string(id) }

// historyKey takes the id of a thread or of a channel.
func historyKey(id string) string { return "msg-history:" + id }

func transcriptKey(userKey string) string { return "transcripts:user:" + userKey }

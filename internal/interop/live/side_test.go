package live

import (
	"encoding/json"
	"testing"
	"time"
)

// side is one of the two SDKs on a Redis. What a method cannot do fails the test.
type side interface {
	stateSide
	chatSide
	slackSide
}

// stateSide is what the state adapter of a side does.
type stateSide interface {
	// lock returns the lock's token, or "" if another holds it.
	lock(t *testing.T, thread string, ttl time.Duration) string
	extend(t *testing.T, thread, token string, ttl time.Duration) bool
	release(t *testing.T, thread, token string)
	force(t *testing.T, thread string)

	// get returns JSON, or nil if there is nothing.
	get(t *testing.T, key string) json.RawMessage
	set(t *testing.T, key string, value json.RawMessage, ttl time.Duration)
	setIfAbsent(t *testing.T, key string, value json.RawMessage, ttl time.Duration) bool
	remove(t *testing.T, key string)

	appendTo(t *testing.T, list string, value json.RawMessage, maxLength int, ttl time.Duration)
	list(t *testing.T, list string) []json.RawMessage

	enqueue(t *testing.T, thread string, entry json.RawMessage, maxSize int) int
	// dequeue returns the entry, or nil if there is none.
	dequeue(t *testing.T, thread string) json.RawMessage
	depth(t *testing.T, thread string) int
}

// chatSide is what the bot of a side does on the platform "fake".
type chatSide interface {
	subscribe(t *testing.T, thread string)
	unsubscribe(t *testing.T, thread string)

	// deliver delivers a message, which is JSON. It returns when its handler runs or
	// when it is stored.
	deliver(t *testing.T, message json.RawMessage)
	// handled returns what was handed to a handler next. One whose message ends with
	// "wait" waits for goOn, one whose message ends with "answer" posts **hi**.
	handled(t *testing.T) handledMessage
	goOn(t *testing.T)

	threadState(t *testing.T, thread string) json.RawMessage
	setThreadState(t *testing.T, thread string, data json.RawMessage)
	channelState(t *testing.T, channel string) json.RawMessage
	setChannelState(t *testing.T, channel string, data json.RawMessage)

	// history returns the messages that are kept of a thread or of a channel.
	history(t *testing.T, id string) []json.RawMessage
	appendTranscript(t *testing.T, user, thread, text string)
	transcript(t *testing.T, user string) []json.RawMessage
	deleteTranscript(t *testing.T, user string)

	// openModal opens a modal with a callback URL by a click on message m1.
	openModal(t *testing.T, thread, url string) (contextID string)
	submitModal(t *testing.T, contextID string) modalOrigin
	// postButton posts a button with a callback URL and returns its value.
	postButton(t *testing.T, thread, url string) (value string)
	// click clicks on it and returns the value that the handler got.
	click(t *testing.T, thread, value string) string
}

// slackSide is what the Slack adapter of a side does. The app is in one workspace, or
// in many: with tokens stored as they are, or encrypted.
type slackSide interface {
	saveInstallation(t *testing.T, app slackApp, id string, installation json.RawMessage)
	// installation returns JSON, or nil if there is none.
	installation(t *testing.T, app slackApp, id string) json.RawMessage
	deleteInstallation(t *testing.T, app slackApp, id string)
	// slackEvent delivers an event. Messages come to handled.
	slackEvent(t *testing.T, app slackApp, body string)
}

type slackApp string

const (
	oneWorkspace   slackApp = "one"
	manyWorkspaces slackApp = "plain"
	manyEncrypted  slackApp = "encrypted"
)

// handledMessage is a call of a handler.
type handledMessage struct {
	As      string // mention or subscribed
	Message json.RawMessage
	Skipped []json.RawMessage
}

// modalOrigin is where a modal was opened from, by ids.
type modalOrigin struct{ Thread, Message, Channel string }

// patience is for what comes on a busy machine.
const patience = time.Minute

// next returns what was handed over next.
func next(t *testing.T, handled <-chan handledMessage) handledMessage {
	t.Helper()
	select {
	case h := <-handled:
		return h
	case <-time.After(patience):
		t.Fatal("nothing was handled")
		panic("not reached")
	}
}

// pollInterval is the time between two looks at what nobody tells.
const pollInterval = 20 * time.Millisecond

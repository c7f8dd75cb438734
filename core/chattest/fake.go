package chattest

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Config describes a [Fake]. Its zero value works.
type Config struct {
	// Name is the name of its adapter. Default: fake.
	Name string
	// Without are abilities that the platform does not have. Default none.
	Without []Ability
	// With are abilities that a platform has only if they are named here:
	// MessageFetcher, ChannelFetcher and AttachmentFetcher. Default none.
	With []Ability
	// EditInterval is the least time that the platform wants between two edits of a
	// message. Default: it does not say.
	EditInterval time.Duration
}

// Fake is a platform that lives in memory, as the people on it see it: a test
// sends messages to the bot through it and looks at what the bot posted. The bot
// is given its [Fake.Adapter]. All methods are safe for concurrent use.
type Fake struct {
	*store

	adapter *Adapter
}

// NewFake returns a platform. What is wrong with the Config is an error when a bot
// takes its adapter.
func NewFake(cfg Config) *Fake {
	s := newStore(cfg)
	return &Fake{store: s, adapter: &Adapter{store: s}}
}

// Adapter returns the platform as a bot sees it. It is always the same one.
func (f *Fake) Adapter() *Adapter { return f.adapter }

// Message returns a message of a person, ready to be sent. Its id is unique to
// the fake.
func (f *Fake) Message(thread chat.ThreadID, text string) *chat.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &chat.Message{
		ID: chat.MessageID(f.newID("in")), ThreadID: thread, Text: text, SentAt: time.Now(),
		Author: Ada(),
	}
}

// Thread returns the id of a thread of the fake.
func (f *Fake) Thread(channel, thread string) chat.ThreadID {
	return f.threadID(channel, thread)
}

// Send delivers the message to the bot and returns when the bot has stored it.
func (f *Fake) Send(ctx context.Context, m *chat.Message) (*chat.Receipt, error) {
	return f.deliver(ctx, m)
}

// Host returns the bot as the platform sees it, or nil if no bot has the adapter.
func (f *Fake) Host() chat.Host {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.host
}

// Fail makes the platform answer every further request with the error, until it
// is called with nil.
func (f *Fake) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// FailNext makes the platform answer the next requests with these errors, one
// each. For nil it does what it is asked.
func (f *Fake) FailNext(errs ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failNext = append(f.failNext, errs...)
}

// Ada returns the person who writes the messages of a [Fake].
func Ada() chat.Author {
	return chat.Author{UserID: "u1", UserName: "ada", FullName: "Ada", Bot: new(bool)}
}

// event returns the base of an event with an id that no other fake has.
func (f *Fake) event(user chat.Author, thread chat.ThreadID) chat.EventBase {
	return chat.EventBase{ID: "event-" + rand.Text(), ThreadID: thread, User: user, At: time.Now()}
}

package chat

import (
	"context"
	"iter"
	"log/slog"
	"net/http"

	"github.com/chat-adapter/chat-go/core/state"
)

// Adapter connects the bot to one platform. Every method is safe for concurrent
// use and obeys its context. A thread id that the adapter did not make is
// [ErrInvalidArgument]. What else a platform can do is an ability: an optional
// interface from this package, found by type assertion. What a platform cannot
// do satisfies errors.Is(err, errors.ErrUnsupported).
//
// Package chattest proves that an adapter keeps this contract.
type Adapter interface {
	// Name is the platform's name in lower case: the first part of thread ids
	// and the last part of the webhook's path. It never changes.
	Name() string

	// Attach hands the adapter its bot. New calls it once, before any other
	// method but Name. It does no I/O; its error is New's error.
	Attach(host Host) error

	// ServeHTTP takes the platform's webhooks. The path is what follows
	// "/webhooks/{name}", at least "/". The adapter verifies the request, parses
	// it, hands what it holds to Host.Deliver and answers 2xx only if that
	// succeeded; [HTTPStatus] gives the status otherwise.
	//
	// A request that is not the platform's is answered 401 or 403 and delivers
	// nothing: its signature is missing, wrong, another body's or too old. A body
	// that cannot be read or is not the platform's is answered 4xx and delivers
	// nothing; no body makes the adapter panic. The body is already bounded in
	// size and time: reading further is an error.
	http.Handler

	// PostMessage sends a message and returns its id.
	PostMessage(ctx context.Context, thread ThreadID, post *Post) (MessageID, error)

	// EditMessage replaces the content of a message that the bot sent. It returns
	// [ErrNotFound] if the message is not there.
	EditMessage(ctx context.Context, thread ThreadID, id MessageID, post *Post) error

	// DeleteMessage removes a message. It returns [ErrNotFound] if the message is
	// not there.
	DeleteMessage(ctx context.Context, thread ThreadID, id MessageID) error

	// EncodeThreadID puts a thread id together. It is the inverse of
	// DecodeThreadID and returns [ErrInvalidArgument] for parts that cannot be.
	EncodeThreadID(ref ThreadRef) (ThreadID, error)

	// DecodeThreadID takes a thread id apart. It returns [ErrInvalidArgument] for
	// an id that this adapter did not make.
	DecodeThreadID(id ThreadID) (ThreadRef, error)
}

// Host is the bot as its adapters see it.
type Host interface {
	// UserName is the bot's name, for mentions.
	UserName() string

	// Logger logs with the adapter's name attached.
	Logger() *slog.Logger

	// State is the bot's state, for what an adapter caches. Keys start with the
	// adapter's name and a colon.
	State() state.Adapter

	// Deliver hands an event to the bot. When it returns without an error the
	// event is stored, or needs no handling, and the webhook can be answered 2xx.
	// The handlers run afterwards; Receipt.Wait waits for them.
	Deliver(ctx context.Context, event Inbound) (*Receipt, error)

	// History returns the thread's kept messages, oldest first, for adapters that
	// have the [HistoryKeeper] ability.
	History(ctx context.Context, thread ThreadID) ([]*Message, error)
}

// Inbound is what an adapter delivers: a *[Message].
type Inbound interface{ inbound() }

// The abilities.

// Runner is an adapter with a connection of its own, such as a socket or a
// polling loop.
type Runner interface {
	// Run keeps the connection until ctx ends and then returns nil. It reconnects
	// by itself; an error means that trying again is useless.
	Run(ctx context.Context) error
}

// Streamer posts a message while it grows.
type Streamer interface {
	// StreamMessage posts the concatenation of the chunks as one message, shows it
	// as it grows, and returns its id and the whole text, Markdown as it came.
	// When the sequence yields an error or ctx ends, it finishes the message with
	// what it has and returns the error with them.
	StreamMessage(ctx context.Context, thread ThreadID, chunks iter.Seq2[string, error]) (MessageID, string, error)
}

// Typer shows that the bot is writing.
type Typer interface {
	// StartTyping shows the indicator, with the status text where the platform
	// can. It ends by itself or with the next post.
	StartTyping(ctx context.Context, thread ThreadID, status string) error
}

// Reactor adds and removes emoji reactions of the bot.
type Reactor interface {
	// AddReaction adds the emoji, by its name or the platform's spelling.
	AddReaction(ctx context.Context, thread ThreadID, id MessageID, emoji string) error
	// RemoveReaction removes it again.
	RemoveReaction(ctx context.Context, thread ThreadID, id MessageID, emoji string) error
}

// DirectMessenger opens direct conversations.
type DirectMessenger interface {
	// OpenDM returns the thread of the direct conversation with the user.
	OpenDM(ctx context.Context, user UserID) (ThreadID, error)
}

// HistoryKeeper marks a platform that has no history of its own: the bot keeps
// the last messages of each thread in the state.
type HistoryKeeper interface {
	// KeepsHistory reports whether the bot should keep it.
	KeepsHistory() bool
}

// LockScoper is an adapter whose threads are locked per channel by default.
type LockScoper interface {
	// LockScope returns the scope that Config.LockScope defaults to.
	LockScope() LockScope
}

// LockScope says what one handler at a time means.
type LockScope int

const (
	// ScopeThread runs one handler at a time per thread.
	ScopeThread LockScope = iota
	// ScopeChannel runs one handler at a time per channel.
	ScopeChannel
)

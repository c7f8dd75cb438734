package chat

import (
	"context"
	"net/http"
)

// Adapter connects the bot to one platform. Every method is safe for concurrent
// use and obeys its context. A thread id that the adapter did not make is
// [ErrInvalidArgument]. A call that the platform's rate limit refuses is
// [ErrRateLimited] and has changed nothing: the bot makes it again after
// RetryAfter. In the middle of a call that takes several requests the adapter waits
// by itself, for no longer than Host.RateLimitWait. What else a platform can do is an
// ability: an optional interface from this package, found by type assertion. What a
// platform cannot do satisfies errors.Is(err, errors.ErrUnsupported).
//
// Package adaptertest proves that an adapter keeps this contract.
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
	//
	// Text is shown as it is: no character of it means formatting on the platform.
	// Formatting that the platform has is shown as such; where it has none, the words
	// stand without it, a link with its address and a table with its cells in order.
	//
	// A post that is longer than a message of the platform can be becomes several
	// messages, in order and with nothing left out, behind the id of the first:
	// EditMessage and DeleteMessage change all of them.
	PostMessage(ctx context.Context, thread ThreadID, post *Post) (MessageID, error)

	// EditMessage replaces the content of a message that the bot sent. It returns
	// [ErrNotFound] if the message is not there.
	EditMessage(ctx context.Context, thread ThreadID, id MessageID, post *Post) error

	// DeleteMessage removes a message. It returns [ErrNotFound] if the message is
	// not there.
	DeleteMessage(ctx context.Context, thread ThreadID, id MessageID) error

	// EncodeThreadID puts a thread id together. It is the inverse of DecodeThreadID and
	// returns [ErrInvalidArgument] for parts that make no id.
	EncodeThreadID(ref ThreadRef) (ThreadID, error)

	// DecodeThreadID takes a thread id apart. It returns [ErrInvalidArgument] for
	// an id that this adapter did not make. A thread whose channel has got another id
	// on the platform keeps its own: calls with it go to where the channel is now.
	DecodeThreadID(id ThreadID) (ThreadRef, error)
}

// Inbound is what an adapter delivers: a *[Message] or a pointer to one of the
// event types with an [EventBase].
type Inbound interface{ inbound() }

// LockScope says what one handler at a time means.
type LockScope int

const (
	// ScopeThread runs one handler at a time per thread.
	ScopeThread LockScope = iota
	// ScopeChannel runs one handler at a time per channel.
	ScopeChannel
)

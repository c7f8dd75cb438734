package chat

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
)

// The abilities are what a platform may be able to do beyond [Adapter]. An
// adapter has an ability if it implements its interface. A method that cannot
// do what it is asked for on this platform after all returns an error that
// satisfies errors.Is(err, errors.ErrUnsupported).

// Runner is an adapter with a connection of its own, such as a socket or a
// polling loop.
type Runner interface {
	// Run keeps the connection until ctx ends and then returns nil. It reconnects
	// by itself; an error means that trying again is useless.
	Run(ctx context.Context) error
}

// Closer is an adapter that has something to give back, such as connections or
// goroutines that do not end with Run.
type Closer interface {
	// Close is called once, by [Chat.Shutdown], when its handlers have ended and
	// while the state is still there. Its context ends after 5 s. Its error is part
	// of Shutdown's.
	Close(ctx context.Context) error
}

// Streamer posts a message while it grows.
type Streamer interface {
	// StreamMessage posts the concatenation of the chunks' text as one message, shows it
	// as it grows, with the tasks that come along, and returns its id and the whole text,
	// Markdown as it came. If nothing comes that can be shown, it posts nothing. When the
	// sequence yields an error or ctx ends, it finishes the message with what it has and
	// returns the error with them. A task whose end has not come when the stream fails or
	// ctx ends is shown as one that has failed, not as if it went on. No emoji placeholder
	// is split between two chunks. An error that satisfies errors.Is(err, errors.ErrUnsupported) is returned before
	// anything is read or posted: the bot then posts and edits.
	StreamMessage(ctx context.Context, thread ThreadID, chunks iter.Seq2[Chunk, error], opts StreamOptions) (MessageID, string, error)
}

// StreamBufferer is an adapter that can say that its platform's messages cannot be edited.
type StreamBufferer interface {
	// BuffersStreams reports whether a stream must be whole before its message is posted,
	// also as an answer and to a channel. Then the bot posts no beginning of it.
	BuffersStreams() bool
}

// EditPacer is an adapter whose platform wants some time between two edits of a
// message.
type EditPacer interface {
	// EditInterval returns the least time between two edits in the thread.
	EditInterval(thread ThreadID) time.Duration
}

// Drafter is an adapter whose platform shows a message before it is sent. A stream
// is shown so and posted when it is whole; its message is never half.
type Drafter interface {
	// ShowDraft shows what a message in the thread has so far, in place of what the
	// same draft showed before, and returns after what time the platform hides it
	// unless it is shown again; 0 is never. The number, 1 to 2,147,483,647, tells the
	// thread's drafts apart. A draft ends when a message follows. An error that
	// satisfies errors.Is(err, errors.ErrUnsupported) has the bot post and edit.
	ShowDraft(ctx context.Context, thread ThreadID, draft int32, post *Post) (lasts time.Duration, err error)
}

// PlanPoster shows a [Plan] in a form of its own. Elsewhere a plan is text.
type PlanPoster interface {
	// PostPlan posts the plan and returns the message's id.
	PostPlan(ctx context.Context, thread ThreadID, plan PlanState) (MessageID, error)
	// EditPlan shows the plan as it is now.
	EditPlan(ctx context.Context, thread ThreadID, id MessageID, plan PlanState) error
}

// Replier posts a message as the answer to another one of the thread.
type Replier interface {
	// ReplyMessage posts the answer and returns its id.
	ReplyMessage(ctx context.Context, thread ThreadID, to MessageID, post *Post) (MessageID, error)
}

// EphemeralPoster posts what only one user sees.
type EphemeralPoster interface {
	// PostEphemeral shows the post to the user and returns its id, which may not
	// name anything later.
	PostEphemeral(ctx context.Context, thread ThreadID, user UserID, post *Post) (MessageID, error)
}

// Scheduler posts later.
type Scheduler interface {
	// ScheduleMessage has the platform post the message at the time, and returns
	// what CancelScheduledMessage needs.
	ScheduleMessage(ctx context.Context, thread ThreadID, post *Post, at time.Time) (ScheduledID, error)
	// CancelScheduledMessage takes it back. It returns [ErrNotFound] if it was
	// posted or cancelled already.
	CancelScheduledMessage(ctx context.Context, thread ThreadID, id ScheduledID) error
}

// ChannelPoster posts outside of any thread.
type ChannelPoster interface {
	// PostChannelMessage posts to the channel and returns the message's id and the
	// thread that it begins.
	PostChannelMessage(ctx context.Context, channel ChannelID, post *Post) (ThreadID, MessageID, error)
}

// Typer shows that the bot is writing.
type Typer interface {
	// StartTyping shows the indicator, with the status text where the platform
	// can. It ends by itself or with the next post.
	StartTyping(ctx context.Context, thread ThreadID, status string) error
}

// TypingStopper takes the indicator of a [Typer] away again.
type TypingStopper interface {
	// StopTyping ends what StartTyping shows, with its status. It is no error if
	// nothing is shown.
	StopTyping(ctx context.Context, thread ThreadID) error
}

// SessionMarker shows where the bot's work in a thread stands.
type SessionMarker interface {
	// MarkSession shows the status until the next call.
	MarkSession(ctx context.Context, thread ThreadID, status SessionStatus) error
}

// Reactor adds and removes emoji reactions of the bot.
type Reactor interface {
	// AddReaction adds the emoji, by its name or the platform's spelling.
	AddReaction(ctx context.Context, thread ThreadID, id MessageID, emoji string) error
	// RemoveReaction removes it again.
	RemoveReaction(ctx context.Context, thread ThreadID, id MessageID, emoji string) error
}

// ReadMarker marks messages as read.
type ReadMarker interface {
	// MarkRead marks the thread's messages up to this one as read.
	MarkRead(ctx context.Context, thread ThreadID, id MessageID) error
}

// DirectMessenger opens direct conversations.
type DirectMessenger interface {
	// OpenDM returns the thread of the direct conversation with the user.
	OpenDM(ctx context.Context, user UserID) (ThreadID, error)
}

// ModalOpener opens modals.
type ModalOpener interface {
	// OpenModal opens the modal for the interaction that the trigger came with.
	// contextID comes back in [ModalSubmitEvent] and [ModalClosedEvent]; empty is
	// none.
	OpenModal(ctx context.Context, triggerID string, modal *card.Modal, contextID string) error
}

// UserFinder looks users up.
type UserFinder interface {
	// FetchUser returns what the platform says about the user, or [ErrNotFound].
	FetchUser(ctx context.Context, id UserID) (*User, error)
}

// ChannelFinder looks channels up.
type ChannelFinder interface {
	// FetchChannel returns what the platform says about the channel, or
	// [ErrNotFound].
	FetchChannel(ctx context.Context, id ChannelID) (*ChannelInfo, error)
}

// MessageFetcher reads the platform's history of a thread.
type MessageFetcher interface {
	// FetchMessages returns one page of the thread's messages.
	FetchMessages(ctx context.Context, thread ThreadID, req PageRequest) (Page[*Message], error)
	// FetchMessage returns one message, or [ErrNotFound].
	FetchMessage(ctx context.Context, thread ThreadID, id MessageID) (*Message, error)
}

// ChannelFetcher reads the platform's history of a channel.
type ChannelFetcher interface {
	// FetchChannelMessages returns one page of the channel's own messages, without
	// those within threads.
	FetchChannelMessages(ctx context.Context, channel ChannelID, req PageRequest) (Page[*Message], error)
	// ListThreads returns one page of the channel's threads, those that were
	// begun last first.
	ListThreads(ctx context.Context, channel ChannelID, req PageRequest) (Page[ThreadSummary], error)
}

// AttachmentFetcher fetches files that came with messages.
type AttachmentFetcher interface {
	// FetchAttachment returns the content, which the caller closes. It never reads
	// more than limit bytes: a larger file is [ErrInvalid]. A nil attachment is
	// [ErrInvalidArgument].
	FetchAttachment(ctx context.Context, a *Attachment, limit int64) (io.ReadCloser, error)
}

// Permalinker knows the addresses of messages for a browser.
type Permalinker interface {
	// Permalink returns the message's address.
	Permalink(ctx context.Context, thread ThreadID, id MessageID) (string, error)
}

// FailureMarker shows people which of their messages the bot could not handle.
type FailureMarker interface {
	// MarkFailed marks a message that was given up: its handlers have failed for the
	// last time, or it has waited too long; or one whose handlers ignore the end of
	// their turn, which is tried again all the same. It is called again for a message
	// that is marked. A message that is not there is [ErrNotFound].
	MarkFailed(ctx context.Context, thread ThreadID, id MessageID) error
	// UnmarkFailed takes the mark away: the message is being handled again, or was
	// handled after all. It is also called for a message without a mark.
	UnmarkFailed(ctx context.Context, thread ThreadID, id MessageID) error
}

// HistoryKeeper marks a platform that has no history of its own: the bot keeps
// the last messages of each thread in the state. It also keeps those of each
// channel.
type HistoryKeeper interface {
	// KeepsHistory reports whether the bot should keep it.
	KeepsHistory() bool
}

// SubscriptionWatcher is told of new subscriptions, for platforms that must be
// asked to send a thread's messages.
type SubscriptionWatcher interface {
	// ThreadSubscribed is called after the bot has subscribed to the thread.
	ThreadSubscribed(ctx context.Context, thread ThreadID) error
}

// LockScoper is an adapter whose threads are locked per channel by default.
type LockScoper interface {
	// LockScope returns the scope that Config.Lock.Scope defaults to.
	LockScope() LockScope
}

// TypeScriptNamer is an adapter whose messages have other ids in the TypeScript SDK.
type TypeScriptNamer interface {
	// TypeScriptID returns the id under which the TypeScript SDK's adapter delivers
	// the message, or "" if it does not deliver it under one of its own.
	TypeScriptID(m *Message) MessageID
}

// ScheduledID names a scheduled message on its platform.
type ScheduledID string

// PageRequest asks for one page.
type PageRequest struct {
	// Cursor is the Next of the page before. Default: the first page.
	Cursor string
	// Limit is how many items the page may have. Default 50; a platform with a
	// lower bound gives fewer.
	Limit int
	// Oldest asks for the oldest messages first. By default the first page holds
	// the newest messages and each further one older ones.
	Oldest bool
}

// Page is one page of a list.
type Page[T any] struct {
	// Items are the page's items. Messages stand in the order in which they were
	// sent, whichever way the pages go.
	Items []T
	// Next is the cursor of the next page. Empty: this was the last.
	Next string
}

// User is what a platform says about a user.
type User struct {
	// ID names the user on the platform.
	ID UserID `json:"userId"`
	// UserName is the handle, FullName the name for display.
	UserName string `json:"userName"`
	FullName string `json:"fullName"`
	// Email, AvatarURL and TimeZone are empty where the platform does not show
	// them. TimeZone is a name of the IANA database.
	Email     string `json:"email,omitempty"`
	AvatarURL string `json:"avatarUrl,omitempty"`
	TimeZone  string `json:"timeZone,omitempty"`
	// Bot says that it is a bot.
	Bot bool `json:"isBot"`

	adapter string // the adapter's name; empty: unknown
}

// Visibility says who can read a channel.
type Visibility string

// The visibilities, as the TypeScript SDK names them.
const (
	VisibilityUnknown   Visibility = "unknown"
	VisibilityPrivate   Visibility = "private"   // its members
	VisibilityWorkspace Visibility = "workspace" // the whole workspace
	VisibilityExternal  Visibility = "external"  // people of other workspaces too
)

// ChannelInfo is what a platform says about a channel.
type ChannelInfo struct {
	// ID names the channel.
	ID ChannelID
	// Name is what people call it.
	Name string
	// Topic is what it is about. Default none.
	Topic string
	// DM says that it is a direct conversation.
	DM bool
	// Visibility says who can read it. Default: unknown.
	Visibility Visibility
	// Members is how many there are; 0 means unknown.
	Members int
}

// ThreadSummary is a thread in a list.
type ThreadSummary struct {
	// ID names the thread.
	ID ThreadID
	// Root is the message that began it.
	Root *Message
	// Replies is how many answers it has; LastReplyAt is when the last one came.
	Replies     int
	LastReplyAt time.Time
}

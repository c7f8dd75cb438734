package chattools

import (
	"context"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// The arguments of the tools that write.
type (
	typingArguments struct {
		Thread chat.ThreadID `json:"threadId,omitempty" desc:"The full id of the thread. Default: the thread of this conversation."`
		Status string        `json:"status,omitempty" desc:"What people are shown where the platform can, such as: is looking it up."`
	}
	postArguments struct {
		Thread chat.ThreadID `json:"threadId,omitempty" desc:"The full id of the thread. Default: the thread of this conversation."`
		Text   string        `json:"message" desc:"The message, as Markdown."`
	}
	postChannelArguments struct {
		Channel chat.ChannelID `json:"channelId,omitempty" desc:"The full id of the channel. Default: the channel of this conversation."`
		Text    string         `json:"message" desc:"The message, as Markdown."`
	}
	directArguments struct {
		User chat.UserID `json:"userId" desc:"The id of the user on the platform, or with the platform's name before it, such as slack:U123."`
		Text string      `json:"message" desc:"The message, as Markdown."`
	}
	editArguments struct {
		Thread  chat.ThreadID  `json:"threadId,omitempty" desc:"The full id of the thread. Default: the thread of this conversation."`
		Message chat.MessageID `json:"messageId" desc:"The id of the message."`
		Text    string         `json:"message" desc:"The message as it is to be, as Markdown."`
	}
	deleteArguments struct {
		Thread  chat.ThreadID  `json:"threadId,omitempty" desc:"The full id of the thread. Default: the thread of this conversation."`
		Message chat.MessageID `json:"messageId" desc:"The id of the message."`
	}
	reactionArguments struct {
		Thread  chat.ThreadID  `json:"threadId,omitempty" desc:"The full id of the thread. Default: the thread of this conversation."`
		Message chat.MessageID `json:"messageId" desc:"The id of the message."`
		Emoji   string         `json:"emoji" desc:"A character, or a name such as thumbs_up."`
	}
)

// postedResult is where a message that was posted stands.
type postedResult struct {
	Message chat.MessageID `json:"messageId"`
	Thread  chat.ThreadID  `json:"threadId"`
}

func postedIn(sent *chat.SentMessage, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return postedResult{sent.ID(), sent.Message.ThreadID}, nil
}

var done = map[string]bool{"done": true}

func (s *toolset) writers() []Tool {
	return []Tool{
		define(s, sets, StartTyping, "Show that it is writing", "Shows in a thread that an answer is being written.",
			func(ctx context.Context, in typingArguments) (func() (any, error), error) {
				t, err := s.thread(ctx, in.Thread)
				return func() (any, error) { return done, t.StartTyping(ctx, in.Status) }, err
			}),
		define(s, adds, PostMessage, "Post a message", "Posts a message to a thread. Your answer is posted to this conversation anyway: do not post it.",
			func(ctx context.Context, in postArguments) (func() (any, error), error) {
				t, err := s.thread(ctx, in.Thread)
				return func() (any, error) { return postedIn(t.Post(ctx, chat.Markdown(in.Text))) }, orEmpty(err, in.Text)
			}),
		define(s, adds, PostChannelMessage, "Post a message to the channel", "Posts a message to a channel, outside of its threads.",
			func(ctx context.Context, in postChannelArguments) (func() (any, error), error) {
				c, err := s.channel(ctx, in.Channel)
				return func() (any, error) { return postedIn(c.Post(ctx, chat.Markdown(in.Text))) }, orEmpty(err, in.Text)
			}),
		define(s, adds, SendDirectMessage, "Send a direct message", "Sends a message to one user alone.",
			func(ctx context.Context, in directArguments) (func() (any, error), error) {
				who, err := s.user(ctx, in.User)
				return func() (any, error) {
					t, err := s.cfg.Bot.OpenDM(ctx, who)
					if err != nil {
						return nil, err
					}
					return postedIn(t.Post(ctx, chat.Markdown(in.Text)))
				}, orEmpty(err, in.Text)
			}),
		define(s, destroys, EditMessage, "Edit a message", "Replaces the text of a message that you have posted.",
			func(ctx context.Context, in editArguments) (func() (any, error), error) {
				t, err := s.message(ctx, in.Thread, in.Message)
				return func() (any, error) { return done, t.Sent(in.Message).Edit(ctx, chat.Markdown(in.Text)) }, orEmpty(err, in.Text)
			}),
		define(s, destroys, DeleteMessage, "Delete a message", "Deletes a message of a thread.",
			func(ctx context.Context, in deleteArguments) (func() (any, error), error) {
				t, err := s.message(ctx, in.Thread, in.Message)
				return func() (any, error) { return done, t.Sent(in.Message).Delete(ctx) }, err
			}),
		define(s, sets, AddReaction, "React to a message", "Adds a reaction to a message.",
			func(ctx context.Context, in reactionArguments) (func() (any, error), error) {
				return s.reaction(ctx, in, func(t *chat.Thread, e emoji.Emoji) error { return t.React(ctx, in.Message, e) })
			}),
		define(s, sets, RemoveReaction, "Take a reaction back", "Removes your reaction from a message.",
			func(ctx context.Context, in reactionArguments) (func() (any, error), error) {
				return s.reaction(ctx, in, func(t *chat.Thread, e emoji.Emoji) error { return t.Unreact(ctx, in.Message, e) })
			}),
		define(s, sets, SubscribeThread, "Follow the thread", "From now on you see every message of a thread.",
			func(ctx context.Context, in threadArguments) (func() (any, error), error) {
				t, err := s.thread(ctx, in.Thread)
				return func() (any, error) { return done, t.Subscribe(ctx) }, err
			}),
		define(s, sets, UnsubscribeThread, "Follow the thread no more", "From now on you see only messages of a thread that mention you.",
			func(ctx context.Context, in threadArguments) (func() (any, error), error) {
				t, err := s.thread(ctx, in.Thread)
				return func() (any, error) { return done, t.Unsubscribe(ctx) }, err
			}),
	}
}

func orEmpty(err error, text string) error {
	if err == nil && strings.TrimSpace(text) == "" {
		return fmt.Errorf("%w: \"message\" is empty", ErrArguments)
	}
	return err
}

func (s *toolset) reaction(ctx context.Context, in reactionArguments, act func(*chat.Thread, emoji.Emoji) error) (func() (any, error), error) {
	e, err := emoji.Read(in.Emoji)
	if err != nil {
		return nil, fmt.Errorf("%w: \"emoji\": %w", ErrArguments, err)
	}
	t, err := s.message(ctx, in.Thread, in.Message)
	return func() (any, error) { return done, act(t, e) }, err
}

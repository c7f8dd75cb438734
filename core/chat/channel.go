package chat

import (
	"context"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Channel is what threads belong to. It is safe for concurrent use. A Channel that
// came with an event, or from its thread, belongs to that event's turn as its
// [Thread] does.
type Channel struct {
	chat    *Chat
	adapter Adapter
	id      ChannelID
	lease   *dispatch.Lease // nil outside a turn
	attempt *attempt        // nil outside a turn

	dm         bool
	visibility Visibility // as its JSON said; empty: unknown
	extra      string     // fields of its JSON that have no name here
}

// Channel returns the channel with the id, for use outside of a handler. It
// returns [ErrUnknownAdapter] or [ErrInvalidArgument] for an id that is not
// "{adapter}:{channel}" of one of the bot's adapters.
func (c *Chat) Channel(id ChannelID) (*Channel, error) {
	adapter, ok := c.adapters[id.Adapter()]
	if !ok {
		return nil, fmt.Errorf("%w: channel id %q starts with %q", ErrUnknownAdapter, id, id.Adapter())
	}
	channel := &Channel{chat: c, adapter: adapter, id: id}
	if channel.ref().Channel == "" {
		return nil, fmt.Errorf("%w: channel id %q, want {adapter}:{channel}", ErrInvalidArgument, id)
	}
	if t, err := channel.root(); err == nil {
		channel.dm = t.ref.DM
	}
	return channel, nil
}

// Channel returns the channel that the thread belongs to.
func (t *Thread) Channel() *Channel {
	return &Channel{chat: t.chat, adapter: t.adapter, id: t.channelID(), lease: t.lease, attempt: t.attempt, dm: t.ref.DM, visibility: t.visibility}
}

// ID returns the channel's id.
func (c *Channel) ID() ChannelID { return c.id }

// IsDM reports whether the channel is a direct conversation with the bot, as far
// as its id or its thread tells. [Channel.Info] asks the platform.
func (c *Channel) IsDM() bool { return c.dm }

// Adapter returns the channel's adapter, for what only its platform can do.
func (c *Channel) Adapter() Adapter { return c.adapter }

// caller makes calls to the channel's platform.
func (c *Channel) caller() caller { return caller{c.chat, c.adapter, c.lease, c.attempt} }

// guard returns why the turn that the channel belongs to has ended, or nil.
func (c *Channel) guard(ctx context.Context) error { return c.caller().guard(ctx) }

func (c *Channel) ref() ThreadRef {
	_, channel, _ := strings.Cut(string(c.id), ":")
	return ThreadRef{Channel: channel}
}

// Info returns what the platform says about the channel. Where the platform limits
// such look-ups, the answer may be a minute old. It returns
// [ErrNotFound] if there is none with the id, and an error that satisfies
// errors.Is(err, errors.ErrUnsupported) where channels cannot be looked up.
func (c *Channel) Info(ctx context.Context) (info *ChannelInfo, err error) {
	finder, err := ability[ChannelFinder](ctx, c.caller(), "looking up channels")
	if err != nil {
		return nil, err
	}
	err = c.caller().do(ctx, func(ctx context.Context) error {
		info, err = finder.FetchChannel(ctx, c.id)
		return err
	}, nil)
	return info, err
}

// Thread returns the channel as a conversation of its own, on platforms where
// messages can stand outside of threads. Elsewhere the error satisfies
// errors.Is(err, errors.ErrUnsupported).
func (c *Channel) Thread() (*Thread, error) {
	t, err := c.root()
	if err != nil {
		return nil, unsupported(c.adapter.Name(), "messages outside of threads")
	}
	return t, nil
}

func (c *Channel) root() (*Thread, error) {
	ref := c.ref()
	id, err := c.adapter.EncodeThreadID(ref)
	if err != nil {
		ref.DM = true
		if id, err = c.adapter.EncodeThreadID(ref); err != nil {
			return nil, err
		}
	}
	return &Thread{chat: c.chat, adapter: c.adapter, id: id, ref: ref, lease: c.lease, attempt: c.attempt}, nil
}

// Post sends a message to the channel, outside of its threads. The [SentMessage]'s
// Thread is the one that it begins, for what follows. Streams and plans are posted
// and edited, as on a platform without a form of their own for them. Where the
// platform has no such messages, the error satisfies errors.Is(err,
// errors.ErrUnsupported).
func (c *Channel) Post(ctx context.Context, content Postable) (*SentMessage, error) {
	poster, err := ability[ChannelPoster](ctx, c.caller(), "posts to channels")
	if err != nil {
		if err := c.guard(ctx); err != nil {
			return nil, err
		}
		t, rootErr := c.root()
		if rootErr != nil {
			return nil, err
		}
		return t.Post(ctx, content)
	}
	o := outlet{
		caller: c.caller(), place: string(c.id), scope: channelScope(c.id),
		keep: func(ctx context.Context, s *SentMessage) {
			c.record(ctx, s.Message)
			s.thread.record(ctx, s.Message)
		},
		open: func(ctx context.Context, post *Post) (*Thread, MessageID, error) {
			threadID, id, err := poster.PostChannelMessage(ctx, c.id, post)
			if err != nil {
				return nil, "", err
			}
			t, err := c.chat.Thread(threadID)
			if err != nil {
				return nil, "", err
			}
			t.lease, t.attempt = c.lease, c.attempt
			return t, id, nil
		},
	}
	return o.post(ctx, content)
}

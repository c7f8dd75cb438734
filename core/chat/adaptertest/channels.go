package adaptertest

import (
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

const ruleChannelPost = "PostChannelMessage posts to the channel and returns the message's id and the thread that it begins."

var channelCases = []Case{
	{ID: "Channels/Post", Rule: ruleChannelPost, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		channel := b.channel(t, s)
		first, err := channel.Post(s.ctx, chat.Text("first"))
		if _, ok := b.Adapter.(chat.ChannelPoster); !ok {
			// The channel may be a conversation.
			if _, noThread := channel.Thread(); noThread != nil || errors.Is(err, errors.ErrUnsupported) {
				isUnsupported(t, "Post to a channel", err)
				return
			}
		}
		must(t, "Post to a channel", err)
		equal(t, "the channel of the thread that a post begins", first.Thread().Channel().ID(), channel.ID())
		b.begins(t, s, "after a post to a channel", first, "first")
		second, err := first.Thread().Post(s.ctx, chat.Text("second"))
		must(t, "Post to the thread that a post begins", err)
		if !s.Features.NoEdits {
			must(t, "Edit of a post to a channel", first.Edit(s.ctx, chat.Text("changed")))
			b.begins(t, s, "after an edit of a post to a channel", first, "changed")
		}
		b.holds(t, s, "after another post to the thread", second, "second")
	}},
	{ID: "Channels/Stream", Rule: ruleChannelPost, Run: func(t TB, s *Subject) {
		b := s.rig(t)
		if _, ok := b.Adapter.(chat.ChannelPoster); !ok {
			return
		}
		sent, err := b.channel(t, s).Post(s.ctx, chat.Chunks(chunks([]string{"one ", "two"}, nil)))
		must(t, "Post of a stream to a channel", err)
		b.begins(t, s, "after a stream to a channel", sent, "one two")
	}},
}

// channel is the channel of the first message's thread.
func (b *rig) channel(t TB, s *Subject) *chat.Channel {
	t.Helper()
	channel, err := b.Channel(b.thread(t, s.thread()).Channel().ID())
	must(t, "Channel", err)
	return channel
}

// begins reports a thread that does not begin with the message.
func (b *rig) begins(t TB, s *Subject, when string, sent *chat.SentMessage, text string) {
	t.Helper()
	seen := b.shown(t, s, sent.Thread().ID())
	if len(seen) == 0 || seen[0].ID != sent.ID() || seen[0].Text != text {
		t.Errorf("what the platform shows %s\n    seen: %s\n    want: first %s", when, listPosts(seen), show(shownPost{sent.ID(), text}))
	}
}

// holds reports a thread that lacks the message.
func (b *rig) holds(t TB, s *Subject, when string, sent *chat.SentMessage, text string) {
	t.Helper()
	seen := b.shown(t, s, sent.Thread().ID())
	for _, p := range seen {
		if p.ID == sent.ID() && p.Text == text {
			return
		}
	}
	t.Errorf("what the platform shows %s\n    seen: %s\n    want: among them %s", when, listPosts(seen), show(shownPost{sent.ID(), text}))
}

package chat_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func TestChannel(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	channel, err := p.Channel("fake:general")
	require.NoError(t, err)
	require.Equal(t, chat.ChannelID("fake:general"), channel.ID())
	require.False(t, channel.IsDM())
	_, err = channel.Info(ctx)
	require.ErrorIs(t, err, chat.ErrNotFound)
	p.fake.AddChannel(chat.ChannelInfo{ID: "fake:general", Name: "General", Members: 3})
	info, err := channel.Info(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, info.Members)
	require.Equal(t, "General", info.Name)
	blind, err := without(t, chattest.ChannelFinder).Channel("fake:general")
	require.NoError(t, err)
	_, err = blind.Info(ctx)
	require.ErrorIs(t, err, errors.ErrUnsupported)

	dm, err := p.OpenDM(ctx, chat.UserID("u1").On("fake"))
	require.NoError(t, err)
	require.True(t, dm.Channel().IsDM())

	for id, want := range map[chat.ChannelID]error{
		"other:general": chat.ErrUnknownAdapter, "": chat.ErrUnknownAdapter, "fake": chat.ErrInvalidArgument, "fake:": chat.ErrInvalidArgument,
	} {
		_, err := p.Channel(id)
		require.ErrorIs(t, err, want, id)
	}
}

func TestAPostToAChannelBeginsAThread(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	channel, err := p.Channel("fake:general")
	require.NoError(t, err)
	first, err := channel.Post(ctx, chat.Text("first"))
	require.NoError(t, err)
	second, err := channel.Post(ctx, chat.Markdown("**second**"))
	require.NoError(t, err)
	require.NotEqual(t, first.Thread().ID(), second.Thread().ID())
	require.Equal(t, channel.ID(), first.Thread().Channel().ID())
	_, err = first.Thread().Post(ctx, chat.Text("more"))
	require.NoError(t, err)
	require.NoError(t, first.Edit(ctx, chat.Text("changed")))
	require.Equal(t, []string{"changed", "more"}, textsOf(p.fake.Posts(first.Thread().ID())))

	channel, err = without(t, chattest.ChannelPoster).Channel("fake:general")
	require.NoError(t, err)
	_, err = channel.Post(ctx, chat.Text("x"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// flat is a platform whose channels are conversations, and that can do nothing
// but what every adapter can.
type flat struct{ chat.Adapter }

func (flat) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if ref.Thread != "" || ref.DM != (ref.Channel[0] == 'D') {
		return "", chat.ErrInvalidArgument
	}
	return chat.ThreadID("fake:" + ref.Channel), nil
}

func (f flat) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	channel := string(id)[len("fake:"):]
	return chat.ThreadRef{Channel: channel, DM: channel[0] == 'D'}, nil
}

func (f flat) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return f.Adapter.PostMessage(ctx, thread+":all", post)
}

func TestAChannelThatIsAConversation(t *testing.T) {
	p := newPosting(t, on(func(a *chattest.Adapter) chat.Adapter { return flat{a} }))
	ctx := t.Context()
	channel, err := p.Channel("fake:C1")
	require.NoError(t, err)
	require.False(t, channel.IsDM())
	thread, err := channel.Thread()
	require.NoError(t, err)
	require.Equal(t, chat.ThreadID("fake:C1"), thread.ID())
	_, err = channel.Post(ctx, chat.Text("hello"))
	require.NoError(t, err)
	require.Equal(t, []string{"hello"}, textsOf(p.fake.Posts("fake:C1:all")))

	dm, err := p.Channel("fake:D1")
	require.NoError(t, err)
	require.True(t, dm.IsDM())

	with := newPosting(t, nil)
	channel, err = with.Channel("fake:general")
	require.NoError(t, err)
	_, err = channel.Thread()
	require.ErrorIs(t, err, errors.ErrUnsupported, "its messages stand in threads")
}

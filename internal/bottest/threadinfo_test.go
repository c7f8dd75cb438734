package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func TestAThreadIsAsVisibleAsItsChannel(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in, ctx := r.instances[0], r.t.Context()
		known := chat.ChannelInfo{ID: "fake:c", Name: "general", Visibility: chat.VisibilityWorkspace, Members: 3}
		in.fake.AddChannel(known)
		thread, err := in.Thread("fake:c:t")
		require.NoError(r.t, err)
		info, err := thread.Info(ctx)
		require.NoError(r.t, err)
		require.Equal(r.t, &chat.ThreadInfo{ID: "fake:c:t", Channel: known}, info)
		visibility, err := thread.Visibility(ctx)
		require.NoError(r.t, err)
		require.Equal(r.t, chat.VisibilityWorkspace, visibility)

		for id, want := range map[chat.ThreadID]chat.Visibility{"fake:dm-ada:t": chat.VisibilityPrivate} {
			thread, err = in.Thread(id)
			require.NoError(r.t, err)
			visibility, err = thread.Visibility(ctx)
			require.NoError(r.t, err)
			require.Equal(r.t, want, visibility)
		}
	})
}

// Without look-ups a thread says what its JSON has said, or that nobody knows.
func TestVisibilityWhereChannelsCannotBeLookedUp(t *testing.T) {
	playOn(t, 1, chattest.Config{Without: []chattest.Ability{chattest.ChannelFinder}}, nil, func(r *rig) {
		in, ctx := r.instances[0], r.t.Context()
		thread, err := in.Thread("fake:c:t")
		require.NoError(r.t, err)
		_, err = thread.Info(ctx)
		require.ErrorIs(r.t, err, errors.ErrUnsupported)
		visibility, err := thread.Visibility(ctx)
		require.NoError(r.t, err)
		require.Equal(r.t, chat.VisibilityUnknown, visibility)

		data, err := json.Marshal(thread)
		require.NoError(r.t, err)
		var fields map[string]any
		require.NoError(r.t, json.Unmarshal(data, &fields))
		fields["channelVisibility"] = "external"
		data, err = json.Marshal(fields)
		require.NoError(r.t, err)
		thread, err = decode[chat.Thread](in.Chat, data)
		require.NoError(r.t, err)
		visibility, err = thread.Visibility(ctx)
		require.NoError(r.t, err)
		require.Equal(r.t, chat.VisibilityExternal, visibility)
	})
}

// titled is a platform whose threads have titles.
type titled struct{ *chattest.Adapter }

func (titled) FetchThread(_ context.Context, id chat.ThreadID) (*chat.ThreadInfo, error) {
	if id == "fake:c:gone" {
		return nil, chat.ErrNotFound
	}
	return &chat.ThreadInfo{ID: id, Title: "Printer on fire"}, nil
}

func TestAThreadHasATitleWhereItsPlatformSaysSo(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Adapters[0] = titled{c.Adapters[0].(*chattest.Adapter)} }, func(r *rig) {
		thread, err := r.instances[0].Thread("fake:c:t")
		require.NoError(r.t, err)
		info, err := thread.Info(r.t.Context())
		require.NoError(r.t, err)
		require.Equal(r.t, "Printer on fire", info.Title)
		thread, err = r.instances[0].Thread("fake:c:gone")
		require.NoError(r.t, err)
		_, err = thread.Info(r.t.Context())
		require.ErrorIs(r.t, err, chat.ErrNotFound)
	})
}

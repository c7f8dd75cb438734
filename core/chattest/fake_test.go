package chattest_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

// attach makes a bot with the fake's adapter.
func attach(f *chattest.Fake) error {
	_, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{f.Adapter()}, State: struct{ state.Adapter }{}, Durability: chat.DurabilityNone,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return err
}

func TestAbilitiesAreChosenAtConstruction(t *testing.T) {
	ctx, thread := t.Context(), chat.ThreadID("fake:c:t")
	usual := chattest.NewFake(chattest.Config{}).Adapter()
	require.NoError(t, usual.StartTyping(ctx, thread, ""))
	_, err := usual.FetchMessages(ctx, thread, chat.PageRequest{})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.Zero(t, usual.EditInterval(thread))

	other := chattest.NewFake(chattest.Config{
		Without: []chattest.Ability{chattest.Typer, chattest.ModalOpener}, With: []chattest.Ability{chattest.MessageFetcher}, EditInterval: time.Second,
	}).Adapter()
	require.ErrorIs(t, other.StartTyping(ctx, thread, ""), errors.ErrUnsupported)
	require.ErrorIs(t, other.OpenModal(ctx, "trigger", nil, ""), errors.ErrUnsupported)
	_, err = other.FetchMessages(ctx, thread, chat.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, time.Second, other.EditInterval(thread))
}

func TestAFakeThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  chattest.Config
		want string
	}{
		"an unknown ability":             {chattest.Config{Without: []chattest.Ability{"Streamr"}}, "Config.Without"},
		"without what it has if asked":   {chattest.Config{Without: []chattest.Ability{chattest.MessageFetcher}}, "Config.Without"},
		"with what it has anyway":        {chattest.Config{With: []chattest.Ability{chattest.Streamer}}, "Config.With"},
		"a negative time between edits ": {chattest.Config{EditInterval: -1}, "Config.EditInterval"},
	} {
		err := attach(chattest.NewFake(test.cfg))
		require.ErrorIs(t, err, chat.ErrInvalidConfig, name)
		require.ErrorContains(t, err, test.want, name)
	}
	require.NoError(t, attach(chattest.NewFake(chattest.Config{})))
}

// What is sent before a bot has the adapter is an error, not a panic.
func TestAFakeWithoutABot(t *testing.T) {
	f := chattest.NewFake(chattest.Config{})
	require.Nil(t, f.Host())
	_, err := f.Send(t.Context(), f.Message(f.Thread("c", "t"), "hello"))
	require.ErrorContains(t, err, "Fake.Adapter()")
	_, err = f.Submit(t.Context(), chattest.OpenedModal{Modal: &card.Modal{}}, chat.ModalValues{})
	require.ErrorContains(t, err, "Fake.Adapter()")
}

func TestAttachmentThatIsNil(t *testing.T) {
	f := chattest.NewFake(chattest.Config{With: []chattest.Ability{chattest.AttachmentFetcher}})
	require.NoError(t, attach(f))
	_, err := f.Adapter().FetchAttachment(t.Context(), nil, 1)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

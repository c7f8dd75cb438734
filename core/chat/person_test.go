package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// numbered is a platform whose user ids begin with a letter of its own.
type numbered struct {
	*chattest.Adapter
	letter string
}

func (n numbered) IsUserID(id chat.UserID) bool { return strings.HasPrefix(string(id), n.letter) }

func TestPersonIsFoundWithoutTheAdaptersName(t *testing.T) {
	ctx := t.Context()
	one := newPosting(t, nil)
	dm, err := one.OpenDM(ctx, chat.UserID("u1"))
	require.NoError(t, err, "one platform: there is no question")
	require.True(t, dm.IsDM())

	a, b := numbered{chattest.NewFake(chattest.Config{Name: "a"}).Adapter(), "u"}, numbered{chattest.NewFake(chattest.Config{Name: "b"}).Adapter(), "w"}
	two := newPosting(t, func(c *chat.Config) { c.Adapters = append(c.Adapters, a, b) })
	dm, err = two.OpenDM(ctx, chat.UserID("u1"))
	require.NoError(t, err)
	require.Equal(t, "a", dm.ID().Adapter())
	dm, err = two.OpenDM(ctx, chat.UserID("u1").On("b"))
	require.NoError(t, err)
	require.Equal(t, "b", dm.ID().Adapter())
	user, err := two.User(ctx, chat.UserID("u1"))
	require.NoError(t, err)
	dm, err = two.OpenDM(ctx, user)
	require.NoError(t, err, "whom one platform named is asked for there")
	require.Equal(t, "a", dm.ID().Adapter())

	_, err = two.OpenDM(ctx, chat.UserID("x1"))
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.ErrorContains(t, err, "a, b, fake")
	both := newPosting(t, func(c *chat.Config) {
		c.Adapters = append(c.Adapters, a2(), numbered{chattest.NewFake(chattest.Config{Name: "d"}).Adapter(), "u"})
	})
	_, err = both.User(ctx, chat.UserID("u1"))
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.ErrorContains(t, err, "c, d")
}

func a2() chat.Adapter { return numbered{chattest.NewFake(chattest.Config{Name: "c"}).Adapter(), "u"} }

func TestPersonWhoIsNobody(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	for name, who := range map[string]chat.Person{"nil": nil, "nil user": (*chat.User)(nil), "no id": chat.UserID(""), "empty author": chat.Author{}} {
		_, err := p.OpenDM(ctx, who)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
		_, err = p.User(ctx, who)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	bare := newPosting(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{poor{chattest.NewFake(chattest.Config{}).Adapter()}} })
	_, err := bare.OpenDM(ctx, chat.UserID("u1"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// poor is a platform without any ability.
type poor struct{ chat.Adapter }

func TestConversationOfNoHandler(t *testing.T) {
	_, ok := chat.ConversationFrom(context.Background())
	require.False(t, ok)
}

package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestEveryContentCanBePosted(t *testing.T) {
	order := card.New("Order 7", card.NewText("shipped"))
	for name, test := range map[string]struct {
		content chat.Postable
		shown   string
		text    string
	}{
		"text":       {chat.Text("2 *3*"), `2 \*3\*`, "2 *3*"},
		"markdown":   {chat.Markdown("**hi**"), "**hi**", "hi"},
		"tree":       {chat.Tree(markdown.NewRoot(markdown.NewParagraph(markdown.NewText("hi")))), "hi", "hi"},
		"card":       {chat.Card(order), "**Order 7**\nshipped", "Order 7\nshipped"},
		"raw":        {chat.Raw("<!here> *x* {{emoji:wave}}"), "<!here> *x* {{emoji:wave}}", "<!here> *x* {{emoji:wave}}"},
		"post":       {&chat.Post{Card: order, Fallback: "Your order"}, "Your order", "Your order"},
		"files":      {&chat.Post{Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("a")}}}, "", ""},
		"stream":     {stream("hi ", "there"), "hi there", "hi there"},
		"chunks":     {chat.Chunks(func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{Text: "hi"}, nil) }), "hi", "hi"},
		"options":    {stream("hi").With(chat.StreamOptions{Tasks: chat.TasksPlan}), "hi", "hi"},
		"plan":       {chat.NewPlan("hi"), "hi", "📋 hi"},
		"attachment": {&chat.Post{Text: "see", Attachments: []chat.Attachment{{Type: "file", URL: "https://example.com/a"}}}, "see", "see"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPosting(t, nil)
			sent, err := p.thread.Post(t.Context(), test.content)
			require.NoError(t, err)
			require.Equal(t, []string{test.shown}, p.texts())
			require.Equal(t, test.text, sent.Message.Text)
			require.Equal(t, p.fake.Posts(p.thread.ID())[0].ID, sent.ID())
			require.True(t, sent.Message.Author.Me)
		})
	}
}

func TestContentThatCannotBePosted(t *testing.T) {
	p := newPosting(t, nil)
	for name, content := range map[string]chat.Postable{
		"nothing": nil, "no text": chat.Text(""), "no Markdown": chat.Markdown(""), "nil post": (*chat.Post)(nil), "empty post": &chat.Post{},
		"no markup": chat.Raw(""), "two contents": &chat.Post{Text: "a", Markdown: "b"}, "text and markup": &chat.Post{Text: "a", Raw: "b"}, "nil card": chat.Card(nil), "a file without name": &chat.Post{Files: []chat.File{{}}},
		"an attachment without URL": &chat.Post{Text: "x", Attachments: []chat.Attachment{{Name: "a"}}},
		"a card that is invalid":    chat.Card(card.New("", card.NewActions(card.NewButton("", "x")))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.thread.Post(t.Context(), content)
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
			_, err = p.thread.PostEphemeral(t.Context(), "u1", content, chat.FallbackDM)
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
			_, err = p.thread.Schedule(t.Context(), content, time.Now().Add(time.Hour))
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
		})
	}
	require.Empty(t, p.texts())
}

func TestAnAdapterThatForgetsTheID(t *testing.T) {
	p := newPosting(t, on(func(a *chattest.Adapter) chat.Adapter { return forgetful{a} }))
	_, err := p.thread.Post(t.Context(), chat.Text("x"))
	require.ErrorContains(t, err, "no id")
	_, err = p.thread.Post(t.Context(), stream("x"))
	require.ErrorContains(t, err, "no id")
}

type forgetful struct{ chat.Adapter }

func (forgetful) PostMessage(context.Context, chat.ThreadID, *chat.Post) (chat.MessageID, error) {
	return "", nil
}

func TestReply(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	question := p.fake.Message(p.thread.ID(), "how?")
	sent, err := p.thread.Reply(ctx, question.ID, chat.Text("so"))
	require.NoError(t, err)
	require.Equal(t, question.ID, sent.Message.ReplyTo.ID)
	require.Equal(t, question.ID, p.fake.Posts(p.thread.ID())[0].ReplyTo)

	p = without(t, chattest.Replier)
	_, err = p.thread.Reply(ctx, question.ID, chat.Text("so"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.Empty(t, p.texts())
}

func TestAnEmptyMessageIDIsRefused(t *testing.T) {
	p := newPostingOn(t, chattest.Config{With: []chattest.Ability{chattest.MessageFetcher}}, nil)
	ctx := t.Context()
	_, replied := p.thread.Reply(ctx, "", chat.Text("so"))
	_, linked := p.thread.Permalink(ctx, "")
	_, read := p.thread.Message(ctx, "")
	for call, err := range map[string]error{
		"Reply": replied, "Permalink": linked, "Message": read,
		"MarkRead": p.thread.MarkRead(ctx, ""), "React": p.thread.React(ctx, "", "heart"), "Unreact": p.thread.Unreact(ctx, "", "heart"),
	} {
		require.ErrorIs(t, err, chat.ErrInvalidArgument, call)
	}
	require.ErrorIs(t, p.thread.Sent("").Edit(ctx, chat.Text("so")), chat.ErrNotFound)
	require.Empty(t, p.texts())
}

func TestAMessageOfAnEarlierLife(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	before, err := p.thread.Post(ctx, chat.Text("before"))
	require.NoError(t, err)
	sent := p.thread.Sent(before.ID())
	require.NoError(t, sent.Edit(ctx, chat.Card(card.New("after"))))
	post := p.fake.Posts(p.thread.ID())[0]
	require.Equal(t, "after", post.Card.Title)
	require.NoError(t, sent.React(ctx, "heart"))
	require.NoError(t, sent.React(ctx, "wave"))
	require.NoError(t, sent.Unreact(ctx, "heart"))
	require.Equal(t, []string{"wave"}, p.fake.Posts(p.thread.ID())[0].Reactions)
	link, err := sent.Permalink(ctx)
	require.NoError(t, err)
	require.Contains(t, link, string(before.ID()))
	require.NoError(t, sent.Delete(ctx))
	require.Empty(t, p.texts())
	require.ErrorIs(t, sent.Edit(ctx, chat.Text("x")), chat.ErrNotFound)
	require.ErrorIs(t, sent.Edit(ctx, stream("x")), chat.ErrInvalidArgument)
}

func TestEphemeral(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	message, err := p.thread.PostEphemeral(ctx, "u1", chat.Text("psst"), chat.FallbackDM)
	require.NoError(t, err)
	require.Nil(t, message.Direct, "the fallback was not needed")
	require.Equal(t, []string{"psst"}, textsOf(p.fake.Ephemeral(p.thread.ID(), "u1")))
	require.Empty(t, p.texts())

	for name, content := range map[string]chat.Postable{"stream": stream("x"), "plan": chat.NewPlan("x")} {
		_, err := p.thread.PostEphemeral(ctx, "u1", content, chat.FallbackDM)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	_, err = p.thread.PostEphemeral(ctx, "", chat.Text("x"), chat.FallbackDM)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), 7)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	p.fake.FailNext(failure(chat.CodePermission))
	_, err = p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), chat.FallbackDM)
	require.ErrorIs(t, err, chat.ErrPermission, "only what the platform cannot do has a fallback")

	p = without(t, chattest.EphemeralPoster)
	_, err = p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), chat.NoFallback)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	message, err = p.thread.PostEphemeral(ctx, "u1", chat.Text("direct"), chat.FallbackDM)
	require.NoError(t, err)
	require.NotNil(t, message.Direct)
	require.True(t, message.Direct.Thread().IsDM())
	require.Equal(t, message.ID, message.Direct.ID())
	require.Equal(t, []string{"direct"}, textsOf(p.fake.Posts(message.Direct.Thread().ID())))
	message, err = p.thread.Channel().PostEphemeral(ctx, "u1", chat.Text("again"), chat.FallbackDM)
	require.NoError(t, err)
	require.NotNil(t, message.Direct)

	p = without(t, chattest.EphemeralPoster, chattest.DirectMessenger)
	_, err = p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), chat.FallbackDM)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.Empty(t, p.texts())
}

func TestAPlatformWithoutAbilities(t *testing.T) {
	p := newPosting(t, on(func(a *chattest.Adapter) chat.Adapter { return struct{ chat.Adapter }{a} }))
	ctx := t.Context()
	sent, err := p.thread.Post(ctx, stream("a", "b"))
	require.NoError(t, err)
	_, err = p.thread.Post(ctx, chat.NewPlan("x"))
	require.NoError(t, err)
	require.Equal(t, []string{"ab", "📋 **x**"}, p.texts())
	require.NoError(t, p.thread.StartTyping(ctx, "x"), "what cannot be shown is left out")
	calls := map[string]error{
		"React": sent.React(ctx, "heart"), "Unreact": sent.Unreact(ctx, "heart"), "MarkRead": p.thread.MarkRead(ctx, sent.ID()),
		"Cancel": p.thread.Scheduled("x").Cancel(ctx),
	}
	_, calls["Reply"] = p.thread.Reply(ctx, sent.ID(), chat.Text("x"))
	_, calls["PostEphemeral"] = p.thread.PostEphemeral(ctx, "u1", chat.Text("x"), chat.FallbackDM)
	_, calls["Schedule"] = p.thread.Schedule(ctx, chat.Text("x"), time.Now().Add(time.Hour))
	_, calls["Permalink"] = sent.Permalink(ctx)
	_, calls["Channel.Post"] = p.thread.Channel().Post(ctx, chat.Text("x"))
	_, calls["Channel.Info"] = p.thread.Channel().Info(ctx)
	_, calls["OpenDM"] = p.OpenDM(ctx, chat.UserID("u1").On("fake"))
	_, calls["User"] = p.User(ctx, chat.UserID("u1").On("fake"))
	for call, err := range calls {
		require.ErrorIs(t, err, errors.ErrUnsupported, call)
	}
}

func TestSchedule(t *testing.T) {
	p := newPosting(t, nil)
	ctx, at := t.Context(), time.Now().Add(time.Hour)
	later, err := p.thread.Schedule(ctx, chat.Text("later"), at)
	require.NoError(t, err)
	require.Equal(t, at, later.At)
	require.Equal(t, later.ID, p.fake.Scheduled(p.thread.ID())[0].ID)
	require.NoError(t, later.Cancel(ctx))
	require.Empty(t, p.fake.Scheduled(p.thread.ID()))
	require.ErrorIs(t, later.Cancel(ctx), chat.ErrNotFound)

	for name, content := range map[string]chat.Postable{
		"stream": stream("x"), "plan": chat.NewPlan("x"),
		"files": &chat.Post{Text: "x", Files: []chat.File{{Name: "a", Content: strings.NewReader("a")}}},
	} {
		_, err := p.thread.Schedule(ctx, content, at)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	_, err = p.thread.Schedule(ctx, chat.Text("x"), time.Now())
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.Empty(t, p.fake.Scheduled(p.thread.ID()))
}

func TestUsers(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	user, err := p.User(ctx, chat.UserID("u1").On("fake"))
	require.NoError(t, err)
	require.Equal(t, "Ada", user.FullName)
	_, err = p.User(ctx, chat.UserID("nobody").On("fake"))
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = p.User(ctx, chat.UserID("u1").On("other"))
	require.ErrorIs(t, err, chat.ErrUnknownAdapter)
	_, err = p.OpenDM(ctx, chat.UserID("u1").On("other"))
	require.ErrorIs(t, err, chat.ErrUnknownAdapter)
	_, err = p.OpenDM(ctx, chat.UserID("").On("fake"))
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.Equal(t, "<@u1>", p.thread.Mention("u1"))
	require.NoError(t, p.thread.MarkRead(ctx, "m7"))
	require.Equal(t, chat.MessageID("m7"), p.fake.Read(p.thread.ID()))
}

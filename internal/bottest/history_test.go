package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// archive is a platform with a history: its pages are answered in order.
type archive struct {
	fakePlatform
	pages    []chat.Page[*chat.Message]
	threads  []chat.Page[chat.ThreadSummary]
	requests []chat.PageRequest
	fails    error
	keeps    bool
}

func (a *archive) KeepsHistory() bool { return a.keeps }

func (a *archive) FetchMessages(_ context.Context, _ chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	if a.requests = append(a.requests, req); a.fails != nil {
		return chat.Page[*chat.Message]{}, a.fails
	}
	return a.pages[len(a.requests)-1], nil
}

func (a *archive) FetchMessage(_ context.Context, _ chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	if a.fails != nil {
		return nil, a.fails
	}
	for _, p := range a.pages {
		for _, m := range p.Items {
			if m.ID == id {
				return m, nil
			}
		}
	}
	return nil, &chat.PlatformError{Adapter: "fake", Op: "fetch", Code: chat.CodeNotFound}
}

func (a *archive) FetchChannelMessages(ctx context.Context, c chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	return a.FetchMessages(ctx, chat.ThreadID(c), req)
}

func (a *archive) ListThreads(_ context.Context, _ chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	a.requests = append(a.requests, req)
	return a.threads[len(a.requests)-1], nil
}

// numbered are messages in the order of sending.
func numbered(ids ...int) []*chat.Message {
	var list []*chat.Message
	for _, id := range ids {
		list = append(list, &chat.Message{
			ID: chat.MessageID(strconv.Itoa(id)), ThreadID: "fake:c:t", Text: "text", SentAt: time.UnixMilli(int64(id)),
			Author: chat.Author{UserID: chat.UserID(fmt.Sprintf("u%d", id%3)), Bot: new(bool)},
		})
	}
	return list
}

func messageIDs(t *testing.T, seq iter.Seq2[*chat.Message, error]) []string {
	t.Helper()
	ids := []string{}
	for m, err := range seq {
		require.NoError(t, err)
		ids = append(ids, string(m.ID))
	}
	return ids
}

func openThread(t *testing.T, bot *chat.Chat) *chat.Thread {
	t.Helper()
	thread, err := bot.Thread("fake:c:t")
	require.NoError(t, err)
	return thread
}

func TestPagesAreFetchedAsTheLoopComesToThem(t *testing.T) {
	a := &archive{fakePlatform: newFakePlatform("fake")}
	bot, _ := newBot(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{a} })
	thread := openThread(t, bot)

	a.pages = []chat.Page[*chat.Message]{{Items: numbered(4, 5), Next: "a"}, {Next: "b"}, {Items: numbered(2, 3), Next: "c"}, {Items: numbered(1)}}
	require.Equal(t, []string{"5", "4", "3", "2", "1"}, messageIDs(t, thread.Messages(t.Context())))
	require.Equal(t, []chat.PageRequest{{Limit: 50}, {Cursor: "a", Limit: 50}, {Cursor: "b", Limit: 50}, {Cursor: "c", Limit: 50}}, a.requests)

	a.requests = nil
	newest, err := chat.Take(thread.Messages(t.Context(), chat.PageSize(2)), 2)
	require.NoError(t, err)
	require.Equal(t, []chat.MessageID{"5", "4"}, []chat.MessageID{newest[0].ID, newest[1].ID})
	require.Equal(t, []chat.PageRequest{{Limit: 2}}, a.requests, "no page that nobody asked for")

	a.requests = nil
	a.pages = []chat.Page[*chat.Message]{{Items: numbered(1, 2), Next: "a"}, {Items: numbered(3)}}
	require.Equal(t, []string{"1", "2", "3"}, messageIDs(t, thread.Messages(t.Context(), chat.OldestFirst)))
	require.Equal(t, []chat.PageRequest{{Limit: 50, Oldest: true}, {Cursor: "a", Limit: 50, Oldest: true}}, a.requests)

	a.requests = nil
	require.Equal(t, []string{"2", "1", "3"}, messageIDs(t, thread.Channel().Messages(t.Context())))
	a.requests = nil
	require.Equal(t, []string{"2", "1", "3"}, messageIDs(t, thread.Messages(t.Context())), "a sequence can be read again")

	a.requests = nil
	a.threads = []chat.Page[chat.ThreadSummary]{{Items: []chat.ThreadSummary{{ID: "fake:c:t"}}, Next: "a"}, {Items: []chat.ThreadSummary{{ID: "fake:c:u"}}}}
	threads, err := chat.Take(thread.Channel().Threads(t.Context()), 10)
	require.NoError(t, err)
	require.Equal(t, []chat.ThreadSummary{{ID: "fake:c:t"}, {ID: "fake:c:u"}}, threads)

	_, err = chat.Take(thread.Messages(t.Context(), chat.PageSize(-1)), 1)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	a.fails = errors.New("down")
	_, err = chat.Take(thread.Messages(t.Context()), 1)
	require.ErrorIs(t, err, a.fails)
}

func TestPagesWithoutEndEndWithAnError(t *testing.T) {
	a := &archive{fakePlatform: newFakePlatform("fake")}
	bot, _ := newBot(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{a} })
	for name, pages := range map[string][]chat.Page[*chat.Message]{
		"the same cursor": {{Items: numbered(1), Next: "a"}, {Items: numbered(2), Next: "a"}},
		"a circle":        {{Items: numbered(1), Next: "a"}, {Items: numbered(2), Next: "b"}, {Items: numbered(3), Next: "a"}},
	} {
		a.pages, a.requests = pages, nil
		items, err := chat.Take(openThread(t, bot).Messages(t.Context()), 100)
		require.ErrorContains(t, err, "have no end", name)
		require.Len(t, items, len(pages), name)
	}
	a.pages, a.requests = nil, nil
	for i := range 1000 {
		a.pages = append(a.pages, chat.Page[*chat.Message]{Next: strconv.Itoa(i)})
	}
	_, err := chat.Take(openThread(t, bot).Messages(t.Context()), 1)
	require.ErrorContains(t, err, "have no end")
	require.Less(t, len(a.requests), 50)
}

func TestParticipantsAreThePersonsOfAThread(t *testing.T) {
	a := &archive{fakePlatform: newFakePlatform("fake")}
	bot, _ := newBot(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{a} })
	list := numbered(4, 5, 7)
	list = append(list,
		&chat.Message{ID: "8", Author: chat.Author{UserID: "bot", Bot: new(true)}},
		&chat.Message{ID: "9", Author: chat.Author{UserID: "self", Me: true}},
		&chat.Message{ID: "10", Author: chat.Author{UserID: "who"}})
	a.pages = []chat.Page[*chat.Message]{{Items: list}}
	authors, err := openThread(t, bot).Participants(t.Context())
	require.NoError(t, err)
	require.Equal(t, []chat.UserID{"u1", "u2", "who"}, []chat.UserID{authors[0].UserID, authors[1].UserID, authors[2].UserID})
	require.Len(t, authors, 3)
}

func TestHistoryIsReadWhereItIs(t *testing.T) {
	ctx := t.Context()
	fake := chattest.NewFake(chattest.Config{})
	a := &archive{fakePlatform: newFakePlatform("arc"), keeps: true}
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{fake.Adapter()}, a, chattest.NewFake(chattest.Config{Name: "bare"}).Adapter()}
	})
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("answer"))
		return err
	})
	quoted := &chat.Message{ID: "q", ThreadID: "fake:c:t", Raw: json.RawMessage(`{"secret":2}`)}
	for _, f := range []*chattest.Fake{fake, a.Fake} {
		m := f.Message(f.Thread("c", "t"), "@bot question")
		m.Raw, m.ReplyTo = json.RawMessage(`{"secret":1}`), quoted
		r, err := f.Send(ctx, m)
		require.NoError(t, err)
		require.NoError(t, r.Wait(ctx))
		require.JSONEq(t, `{"secret":1}`, string(m.Raw), "the message itself is not changed")
	}
	thread := openThread(t, bot)
	require.Equal(t, []string{"out-2", "in-1"}, messageIDs(t, thread.Messages(ctx)))
	require.Equal(t, []string{"in-1", "out-2"}, messageIDs(t, thread.Messages(ctx, chat.OldestFirst)))
	require.Equal(t, []string{"in-1"}, messageIDs(t, thread.Channel().Messages(ctx)), "what came is kept for the channel too")
	_, err := chat.Take(thread.Channel().Threads(ctx), 1)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	m, err := thread.Message(ctx, "in-1")
	require.NoError(t, err)
	require.Nil(t, m.Raw)
	require.Nil(t, m.ReplyTo.Raw)
	_, err = thread.Message(ctx, "nothing")
	require.ErrorIs(t, err, chat.ErrNotFound)

	// The platform has a history, and the bot keeps one for when it is empty.
	thread, err = bot.Thread("arc:c:t")
	require.NoError(t, err)
	a.pages = []chat.Page[*chat.Message]{{Items: numbered(1)}, {}}
	require.Equal(t, []string{"1"}, messageIDs(t, thread.Messages(ctx)))
	require.Equal(t, []string{"out-2", "in-1"}, messageIDs(t, thread.Messages(ctx)))
	m, err = thread.Message(ctx, "1")
	require.NoError(t, err)
	require.Equal(t, chat.MessageID("1"), m.ID)
	_, err = thread.Message(ctx, "in-1")
	require.NoError(t, err)
	a.fails = fmt.Errorf("not here: %w", errors.ErrUnsupported)
	require.Equal(t, []string{"out-2", "in-1"}, messageIDs(t, thread.Messages(ctx)))
	a.fails = errors.New("down")
	_, err = thread.Message(ctx, "in-1")
	require.ErrorIs(t, err, a.fails)

	thread, err = bot.Thread("bare:c:t")
	require.NoError(t, err)
	_, err = chat.Take(thread.Messages(ctx), 1)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = chat.Take(thread.Channel().Messages(ctx), 1)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = thread.Message(ctx, "1")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = thread.Participants(ctx)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestKeptHistoryIsBounded(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{c.Adapters[0].(*chattest.Adapter)}}
		c.History = chat.HistoryConfig{MaxMessages: 3, TTL: time.Hour}
	}, func(r *rig) {
		ctx, bot := context.Background(), r.instances[0]
		send := func(thread, id string) {
			require.NoError(t, r.send(0, thread, id).Wait(ctx))
		}
		for i := range 5 {
			send("t", strconv.Itoa(i))
		}
		thread := openThread(t, bot.Chat)
		require.Equal(t, []string{"4", "3", "2"}, messageIDs(t, thread.Messages(ctx)))
		send("u", "other")
		channel, err := bot.Channel("fake:c")
		require.NoError(t, err)
		require.Equal(t, []string{"other", "4", "3"}, messageIDs(t, channel.Messages(ctx)))
		time.Sleep(30 * time.Minute)
		send("t", "5")
		time.Sleep(45 * time.Minute)
		require.Equal(t, []string{"5", "4", "3"}, messageIDs(t, thread.Messages(ctx)), "each message makes the history live on")

		// A conversation that is forgotten is not in its channel's history either.
		require.NoError(t, bot.fake.Host().ForgetThread(ctx, "fake:c:t"))
		require.Empty(t, messageIDs(t, thread.Messages(ctx)))
		require.Equal(t, []string{"other"}, messageIDs(t, channel.Messages(ctx)))
		send("t", "6")
		require.Equal(t, []string{"6", "other"}, messageIDs(t, channel.Messages(ctx)))
		time.Sleep(61 * time.Minute)
		require.Empty(t, messageIDs(t, thread.Messages(ctx)))
	})
}

func TestAMessageThatIsHandledAgainIsInTheHistoryOnce(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{c.Adapters[0].(*chattest.Adapter)}}
		c.Retry.MaxAttempts = 1
	}, func(r *rig) {
		ctx, bot := context.Background(), r.instances[0]
		fail := true
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
			if fail {
				return errHandler
			}
			return nil
		})
		require.Error(t, r.send(0, "t", "m").Wait(ctx))
		fail = false
		letters, err := bot.DeadLetters(ctx)
		require.NoError(t, err)
		require.NoError(t, bot.ReplayDeadLetter(ctx, letters[0].ID))
		time.Sleep(time.Second)
		require.Equal(t, []string{"m"}, messageIDs(t, openThread(t, bot.Chat).Messages(ctx)))
	})
}

func TestAThreadOfAnEndedTurnReadsNothing(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{keeper{c.Adapters[0].(*chattest.Adapter)}}
		c.Limits.MaxTurn = time.Second
		c.Retry.MaxAttempts = 1
	}, func(r *rig) {
		var after error
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			require.Len(t, messageIDs(t, ev.Thread.Messages(ctx)), 1)
			<-ctx.Done()
			_, after = chat.Take(ev.Thread.Messages(context.Background()), 1)
			return ctx.Err()
		})
		require.Error(t, r.send(0, "t", "m").Wait(context.Background()))
		require.ErrorIs(t, after, chat.ErrTurnTooLong)
	})
}

func TestThreadsAndChannelsSurviveJSON(t *testing.T) {
	bot, _ := newBot(t, nil)
	const thread = `{"_type":"chat:Thread","id":"fake:c:t","channelId":"fake:c","channelVisibility":"workspace",` +
		`"currentMessage":{"_type":"chat:Message","id":"1","threadId":"fake:c:t","text":"x","formatted":{"type":"root","children":[]},"raw":null,` +
		`"author":{"userId":"u","userName":"ada","fullName":"Ada","isBot":false,"isMe":false},"metadata":{"dateSent":"2026-01-02T03:04:05.006Z","edited":false},"attachments":[]},` +
		`"isDM":false,"adapterName":"fake","newer":[1]}`
	th, err := decode[chat.Thread](bot, []byte(thread))
	require.NoError(t, err)
	data, err := json.Marshal(th)
	require.NoError(t, err)
	require.JSONEq(t, thread, string(data))

	data, err = json.Marshal(openThread(t, bot))
	require.NoError(t, err)
	require.JSONEq(t, `{"_type":"chat:Thread","id":"fake:c:t","channelId":"fake:c","channelVisibility":"unknown","isDM":false,"adapterName":"fake"}`, string(data))

	const channel = `{"_type":"chat:Channel","id":"fake:dm-1","adapterName":"fake","channelVisibility":"private","isDM":true,"newer":{"a":null}}`
	ch, err := decode[chat.Channel](bot, []byte(channel))
	require.NoError(t, err)
	require.True(t, ch.IsDM())
	data, err = json.Marshal(ch)
	require.NoError(t, err)
	require.JSONEq(t, channel, string(data))

	for text, want := range map[string]error{
		`{"_type":"chat:Thread","id":"elsewhere:c:t"}`:                      chat.ErrUnknownAdapter,
		`{"_type":"chat:Thread","id":"fake:c"}`:                             chat.ErrInvalidArgument,
		`{"_type":"chat:Thread","id":"fake:c:t","adapterName":"elsewhere"}`: chat.ErrInvalidArgument,
	} {
		_, err := decode[chat.Thread](bot, []byte(text))
		require.ErrorIs(t, err, want, text)
	}
	for text, want := range map[string]error{
		`{"_type":"chat:Channel","id":"elsewhere:c"}`:                      chat.ErrUnknownAdapter,
		`{"_type":"chat:Channel","id":"fake:"}`:                            chat.ErrInvalidArgument,
		`{"_type":"chat:Channel","id":"fake:c","adapterName":"elsewhere"}`: chat.ErrInvalidArgument,
	} {
		_, err := decode[chat.Channel](bot, []byte(text))
		require.ErrorIs(t, err, want, text)
	}
	for _, text := range []string{"", "null", "[]", thread[:40], `{"_type":"chat:Message"}`, `{"_type":"chat:Thread","id":7}`} {
		_, err := decode[chat.Thread](bot, []byte(text))
		require.Error(t, err, text)
		_, err = decode[chat.Channel](bot, []byte(text))
		require.Error(t, err, text)
		_, err = decode[chat.Message](bot, []byte(text))
		if !slices.Contains([]string{`{"_type":"chat:Message"}`}, text) {
			require.Error(t, err, text)
		}
	}
}

// tracker is a platform whose threads belong to issues.
type tracker struct{ *chattest.Adapter }

func (tracker) FetchSubject(_ context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Subject, error) {
	if id == "none" {
		return nil, &chat.PlatformError{Adapter: "fake", Op: "subject", Code: chat.CodeNotFound}
	}
	return &chat.Subject{Type: "issue", ID: string(thread)}, nil
}

func TestAMessageHasASubject(t *testing.T) {
	ctx := t.Context()
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{tracker{chattest.NewFake(chattest.Config{}).Adapter()}}
	})
	thread := openThread(t, bot)
	s, err := thread.Subject(ctx, "1")
	require.NoError(t, err)
	require.Equal(t, &chat.Subject{Type: "issue", ID: "fake:c:t"}, s)
	_, err = thread.Subject(ctx, "none")
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = thread.Subject(ctx, "")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)

	bare, _ := newBot(t, nil)
	_, err = openThread(t, bare).Subject(ctx, "1")
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

package interop

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// keeper is the platform of npm/records.mjs: the bot keeps its history.
type keeper struct{ *chattest.Adapter }

func (keeper) KeepsHistory() bool { return true }

func newBot(t *testing.T) (*chat.Chat, *chattest.Fake, *memorystate.Adapter) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{keeper{fake.Adapter()}}, State: st, Logger: slog.New(slog.DiscardHandler),
		Identity:    func(context.Context, chat.IdentityQuery) (string, error) { return "ada", nil },
		Transcripts: chat.TranscriptConfig{Enabled: true, StoreFormatted: true},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bot.Shutdown(context.WithoutCancel(t.Context()))) })
	require.NoError(t, st.Connect(t.Context()))
	return bot, fake, st
}

// requireAlike checks that what was read is written as it was.
func requireAlike(t *testing.T, want json.RawMessage, read json.Marshaler, err error) {
	t.Helper()
	require.NoError(t, err)
	data, err := read.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(data))
}

func TestMessagesEqualChat(t *testing.T) {
	bot, _, _ := newBot(t)
	theirs := ask[map[string]json.RawMessage](t, "messages", nil)
	require.NotEmpty(t, theirs)
	var names []string
	var ours []*chat.Message
	for name, data := range theirs {
		m, err := decode[chat.Message](bot, data)
		requireAlike(t, data, m, err)
		names, ours = append(names, name), append(ours, m)
	}
	for i, data := range ask[[]json.RawMessage](t, "again", ours) {
		require.JSONEq(t, string(theirs[names[i]]), string(data), "chat reads %s as we write it", names[i])
	}

	m, err := decode[chat.Message](bot, theirs["attachments"])
	require.NoError(t, err)
	require.Equal(t, map[string]string{"fileId": "F1", "other key": "é"}, m.Attachments[1].FetchMetadata)
	require.Equal(t, "https://example.com/a.png?x=1&y=2", m.Attachments[0].URL)
	require.EqualValues(t, 12, m.Attachments[0].Size)
	require.Equal(t, 4, m.Attachments[0].Height)
	m, err = decode[chat.Message](bot, theirs["author"])
	require.NoError(t, err)
	require.EqualExportedValues(t, chat.Author{UserID: "U1", UserName: "ada", FullName: "Ada", Email: "a@example.com", System: true}, m.Author)
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC), m.SentAt)
	m, err = decode[chat.Message](bot, theirs["quoted"])
	require.NoError(t, err)
	require.Equal(t, chat.MessageID("m-1"), m.ReplyTo.ReplyTo.ID)
	m, err = decode[chat.Message](bot, theirs["links"])
	require.NoError(t, err)
	require.EqualExportedValues(t, chat.Link{URL: "https://example.com", Title: "T", Description: "D", ImageURL: "https://example.com/i.png", SiteName: "S"}, m.Links[0])
	m, err = decode[chat.Message](bot, theirs["noMention"])
	require.NoError(t, err)
	require.False(t, *m.Mention)
}

func TestPromptsEqualChat(t *testing.T) {
	bot, _, _ := newBot(t)
	theirs := ask[map[string]json.RawMessage](t, "messages", nil)
	var list []*chat.Message
	for _, name := range []string{"text", "bot", "plain", "formatted"} {
		m, err := decode[chat.Message](bot, theirs[name])
		require.NoError(t, err)
		list = append(list, m)
	}
	type prompt struct{ Role, Content string }
	var ours []prompt
	for _, m := range chat.ToPrompt(list, chat.PromptOptions{Names: true}) {
		ours = append(ours, prompt{string(m.Role), m.Text()})
	}
	require.Equal(t, ask[[]prompt](t, "prompts", nil), ours)
}

// stored is what a bot has stored.
type stored struct {
	Thread, Channel, Bare json.RawMessage
	Lists                 map[string][]json.RawMessage
	Queues                map[string][]json.RawMessage
}

func TestRecordsOfChatAreRead(t *testing.T) {
	bot, _, st := newBot(t)
	theirs := ask[stored](t, "records", nil)

	for _, data := range []json.RawMessage{theirs.Thread, theirs.Bare} {
		th, err := decode[chat.Thread](bot, data)
		requireAlike(t, data, th, err)
	}
	ch, err := decode[chat.Channel](bot, theirs.Channel)
	requireAlike(t, theirs.Channel, ch, err)

	require.Len(t, theirs.Queues["fake:c:t"], 1)
	var entry state.QueueEntry
	require.NoError(t, json.Unmarshal(theirs.Queues["fake:c:t"][0], &entry))
	require.Equal(t, 90*time.Second, entry.ExpiresAt.Sub(entry.EnqueuedAt).Round(time.Second))
	m, err := decode[chat.Message](bot, entry.Message)
	requireAlike(t, entry.Message, m, err)
	entry.Message, err = m.MarshalJSON()
	requireAlike(t, theirs.Queues["fake:c:t"][0], entry, err)

	for key, list := range theirs.Lists {
		for _, data := range list {
			require.NoError(t, st.AppendToList(t.Context(), key, data, state.ListOptions{}))
		}
	}
	thread, err := bot.Thread("fake:c:t")
	require.NoError(t, err)
	kept, err := chat.Take(thread.Messages(t.Context(), chat.OldestFirst), 10)
	require.NoError(t, err)
	require.Len(t, kept, 3)
	for i, m := range kept {
		requireAlike(t, theirs.Lists["msg-history:fake:c:t"][i], m, nil)
	}
	kept, err = chat.Take(thread.Channel().Messages(t.Context(), chat.OldestFirst), 10)
	require.NoError(t, err)
	require.Len(t, kept, 2)

	entries, err := bot.Transcripts().List(t.Context(), "ada", chat.TranscriptQuery{})
	require.NoError(t, err)
	require.Len(t, entries, 3)
	for i, e := range entries {
		requireAlike(t, theirs.Lists["transcripts:user:ada"][i], e, nil)
	}
	n, err := bot.Transcripts().Count(t.Context(), "gone")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestChatReadsOurRecords(t *testing.T) {
	ctx := t.Context()
	bot, fake, st := newBot(t)
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Markdown("**hi**"))
		return err
	})
	m := fake.Message("fake:c:t", "@bot hello")
	m.Raw = json.RawMessage(`{"secret":1}`)
	m.Links = []chat.Link{{URL: "https://example.com", Title: "T"}}
	m.Attachments = []chat.Attachment{{Type: "file", Size: 3, FetchMetadata: map[string]string{"a": "b"}}}
	m.ReplyTo = fake.Message("fake:c:t", "before")
	r, err := fake.Send(ctx, m)
	require.NoError(t, err)
	require.NoError(t, r.Wait(ctx))
	_, err = bot.Transcripts().Append(ctx, chat.TranscriptEntry{UserKey: "gone", Role: chat.RoleUser, Text: "forget me", ThreadID: "fake:c:t"})
	require.NoError(t, err)
	_, err = bot.Transcripts().Delete(ctx, "gone")
	require.NoError(t, err)

	lists := map[string][]json.RawMessage{}
	for _, key := range []string{"msg-history:fake:c:t", "transcripts:user:ada", "transcripts:user:gone"} {
		list, err := st.GetList(ctx, key)
		require.NoError(t, err)
		require.NotEmpty(t, list, key)
		for _, data := range list {
			lists[key] = append(lists[key], data)
		}
	}
	theirs := ask[struct {
		History, Transcript []json.RawMessage
		Count, Gone         int
	}](t, "read", map[string]any{"lists": lists, "thread": "fake:c:t", "userKey": "ada", "tombstoned": "gone"})
	require.Len(t, theirs.History, 2)
	for i, data := range theirs.History {
		require.JSONEq(t, string(lists["msg-history:fake:c:t"][i]), string(data))
	}
	require.Equal(t, 2, theirs.Count)
	require.Len(t, theirs.Transcript, 2)
	for i, data := range theirs.Transcript {
		require.JSONEq(t, string(lists["transcripts:user:ada"][i]), string(data))
	}
	require.Zero(t, theirs.Gone)
}

// decode reads a thread, a channel or a message as the bot's.
func decode[T any](bot *chat.Chat, data []byte) (*T, error) {
	v := new(T)
	if err := bot.Unmarshal(data, v); err != nil {
		return nil, err
	}
	return v, nil
}

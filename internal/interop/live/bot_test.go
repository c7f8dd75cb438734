package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// keeper is the platform of npm/bot.mjs: the bot keeps its history.
type keeper struct{ *chattest.Adapter }

func (keeper) KeepsHistory() bool { return true }

// bot is one of this SDK. It is a side.
type bot struct {
	handles chan handledMessage
	proceed chan struct{}
	values  chan string // of clicks
	log     botrig.Log

	chat  *chat.Chat
	fake  *chattest.Fake
	state *redisstate.Adapter
	apps  map[slackApp]app
}

// app is a bot for one of the Slack apps.
type app struct {
	chat  *chat.Chat
	slack *slack.Adapter
}

func startBot(t *testing.T, s settings) *bot {
	t.Helper()
	b := &bot{
		handles: make(chan handledMessage, 1000), proceed: make(chan struct{}), values: make(chan string, 10),
		fake: chattest.NewFake(chattest.Config{}), apps: map[slackApp]app{},
	}
	b.state = b.connect(t, s)
	for kind, config := range map[slackApp]slack.Config{
		oneWorkspace:   {BotToken: s.SlackToken},
		manyWorkspaces: {ClientID: "1.2", ClientSecret: "s"},
		manyEncrypted:  {ClientID: "1.2", ClientSecret: "s", EncryptionKeys: []string{s.EncryptionKey}},
	} {
		config.SigningSecret, config.APIURL, config.LookupTimeout = signingSecret, s.SlackURL, patience
		adapter, err := slack.New(config)
		require.NoError(t, err)
		if kind == oneWorkspace {
			b.chat = b.newChat(t, s, b.state, keeper{b.fake.Adapter()}, adapter)
			b.apps[kind] = app{b.chat, adapter}
			continue
		}
		b.apps[kind] = app{b.newChat(t, s, b.connect(t, s), adapter), adapter}
	}
	b.chat.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		form := card.NewModal("form", "Form", card.NewTextInput("name", "Name"))
		form.CallbackURL = ev.Value
		return ev.OpenModal(ctx, form)
	}, "open")
	b.chat.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		b.values <- ev.Value
		return nil
	}, "approve")
	return b
}

func (b *bot) connect(t *testing.T, s settings) *redisstate.Adapter {
	t.Helper()
	st, err := redisstate.New(redisstate.Config{URL: s.URL, KeyPrefix: s.Prefix})
	require.NoError(t, err)
	require.NoError(t, st.Connect(t.Context()))
	return st
}

func (b *bot) newChat(t *testing.T, s settings, st state.Adapter, adapters ...chat.Adapter) *chat.Chat {
	t.Helper()
	c, err := chat.New(chat.Config{
		UserName: "bot", Adapters: adapters, State: st, Logger: slog.New(slog.NewTextHandler(&b.log, nil)),
		Lock: chat.LockConfig{Scope: func(*chat.Message) chat.LockScope {
			if s.LockScope == "channel" {
				return chat.ScopeChannel
			}
			return chat.ScopeThread
		}},
		Storage:     chat.StorageConfig{SharedWithTypeScript: true},
		Identity:    func(context.Context, chat.IdentityQuery) (string, error) { return "ada", nil },
		Transcripts: chat.TranscriptConfig{Enabled: true, Manual: true, StoreFormatted: true},
		Callbacks:   chat.CallbackConfig{Hosts: []string{s.callbackHost}},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		require.NoError(t, c.Shutdown(ctx))
	})
	c.OnMention(b.handle("mention"))
	c.OnSubscribedMessage(b.handle("subscribed"))
	return c
}

func (b *bot) handle(as string) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		h := handledMessage{As: as}
		var err error
		if h.Message, err = json.Marshal(ev.Message); err != nil {
			return err
		}
		for _, m := range ev.Skipped {
			data, err := json.Marshal(m)
			if err != nil {
				return err
			}
			h.Skipped = append(h.Skipped, data)
		}
		b.handles <- h
		switch {
		case strings.HasSuffix(ev.Message.Text, "wait"):
			select {
			case <-b.proceed:
			case <-ctx.Done():
				return ctx.Err()
			}
		case strings.HasSuffix(ev.Message.Text, "answer"):
			_, err = ev.Thread.Post(ctx, chat.Markdown("**hi**"))
		}
		return err
	}
}

func (b *bot) lock(t *testing.T, thread string, ttl time.Duration) string {
	lock, err := b.state.AcquireLock(t.Context(), thread, ttl)
	if errors.Is(err, state.ErrLocked) {
		return ""
	}
	require.NoError(t, err)
	return lock.Token
}

func (b *bot) extend(t *testing.T, thread, token string, ttl time.Duration) bool {
	err := b.state.ExtendLock(t.Context(), &state.Lock{ThreadID: thread, Token: token}, ttl)
	if errors.Is(err, state.ErrLockLost) {
		return false
	}
	require.NoError(t, err)
	return true
}

func (b *bot) release(t *testing.T, thread, token string) {
	if err := b.state.ReleaseLock(t.Context(), &state.Lock{ThreadID: thread, Token: token}); !errors.Is(err, state.ErrLockLost) {
		require.NoError(t, err)
	}
}

func (b *bot) force(t *testing.T, thread string) {
	require.NoError(t, b.state.ForceReleaseLock(t.Context(), thread))
}

func (b *bot) get(t *testing.T, key string) json.RawMessage {
	value, err := b.state.Get(t.Context(), key)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	require.NoError(t, err)
	return value
}

func (b *bot) set(t *testing.T, key string, value json.RawMessage, ttl time.Duration) {
	require.NoError(t, b.state.Set(t.Context(), key, value, ttl))
}

func (b *bot) setIfAbsent(t *testing.T, key string, value json.RawMessage, ttl time.Duration) bool {
	fresh, err := b.state.SetIfNotExists(t.Context(), key, value, ttl)
	require.NoError(t, err)
	return fresh
}

func (b *bot) remove(t *testing.T, key string) { require.NoError(t, b.state.Delete(t.Context(), key)) }

func (b *bot) appendTo(t *testing.T, list string, value json.RawMessage, maxLength int, ttl time.Duration) {
	require.NoError(t, b.state.AppendToList(t.Context(), list, value, state.ListOptions{MaxLength: maxLength, TTL: ttl}))
}

func (b *bot) list(t *testing.T, list string) []json.RawMessage {
	values, err := b.state.GetList(t.Context(), list)
	require.NoError(t, err)
	all := make([]json.RawMessage, 0, len(values))
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

func (b *bot) enqueue(t *testing.T, thread string, entry json.RawMessage, maxSize int) int {
	var e state.QueueEntry
	require.NoError(t, json.Unmarshal(entry, &e))
	depth, err := b.state.Enqueue(t.Context(), thread, e, maxSize)
	require.NoError(t, err)
	return depth
}

func (b *bot) dequeue(t *testing.T, thread string) json.RawMessage {
	e, err := b.state.Dequeue(t.Context(), thread)
	if errors.Is(err, state.ErrQueueEmpty) {
		return nil
	}
	require.NoError(t, err)
	data, err := json.Marshal(e)
	require.NoError(t, err)
	return data
}

func (b *bot) depth(t *testing.T, thread string) int {
	n, err := b.state.QueueDepth(t.Context(), thread)
	require.NoError(t, err)
	return n
}

func (b *bot) thread(t *testing.T, id string) *chat.Thread {
	t.Helper()
	thread, err := b.chat.Thread(chat.ThreadID(id))
	require.NoError(t, err)
	return thread
}

func (b *bot) channel(t *testing.T, id string) *chat.Channel {
	t.Helper()
	channel, err := b.chat.Channel(chat.ChannelID(id))
	require.NoError(t, err)
	return channel
}

func (b *bot) subscribe(t *testing.T, thread string) {
	require.NoError(t, b.thread(t, thread).Subscribe(t.Context()))
}

func (b *bot) unsubscribe(t *testing.T, thread string) {
	require.NoError(t, b.thread(t, thread).Unsubscribe(t.Context()))
}

func (b *bot) deliver(t *testing.T, message json.RawMessage) { b.accept(t, message) }

// accept delivers a message and returns its receipt.
func (b *bot) accept(t *testing.T, message json.RawMessage) *chat.Receipt {
	t.Helper()
	m := new(chat.Message)
	require.NoError(t, b.chat.Unmarshal(message, m))
	receipt, err := b.fake.Host().Deliver(t.Context(), m)
	require.NoError(t, err)
	return receipt
}

func (b *bot) handled(t *testing.T) handledMessage { return next(t, b.handles) }

func (b *bot) goOn(t *testing.T) {
	select {
	case b.proceed <- struct{}{}:
	case <-time.After(patience):
		require.Fail(t, "no handler waits")
	}
}

func (b *bot) threadState(t *testing.T, thread string) json.RawMessage {
	data, err := chat.ThreadData[json.RawMessage](b.thread(t, thread)).Get(t.Context())
	require.NoError(t, err)
	return data
}

func (b *bot) setThreadState(t *testing.T, thread string, data json.RawMessage) {
	_, err := chat.ThreadData[map[string]any](b.thread(t, thread)).Update(t.Context(), merge(t, data))
	require.NoError(t, err)
}

func (b *bot) channelState(t *testing.T, channel string) json.RawMessage {
	data, err := chat.ChannelData[json.RawMessage](b.channel(t, channel)).Get(t.Context())
	require.NoError(t, err)
	return data
}

func (b *bot) setChannelState(t *testing.T, channel string, data json.RawMessage) {
	_, err := chat.ChannelData[map[string]any](b.channel(t, channel)).Update(t.Context(), merge(t, data))
	require.NoError(t, err)
}

// merge returns what setState of the npm package does.
func merge(t *testing.T, data json.RawMessage) func(map[string]any) (map[string]any, error) {
	t.Helper()
	var further map[string]any
	require.NoError(t, json.Unmarshal(data, &further))
	return func(all map[string]any) (map[string]any, error) {
		if all == nil {
			all = map[string]any{}
		}
		maps.Copy(all, further)
		return all, nil
	}
}

func (b *bot) history(t *testing.T, id string) []json.RawMessage {
	messages := b.channel(t, strings.Join(strings.Split(id, ":")[:2], ":")).Messages(t.Context(), chat.OldestFirst)
	if strings.Count(id, ":") > 1 {
		messages = b.thread(t, id).Messages(t.Context(), chat.OldestFirst)
	}
	var all []json.RawMessage
	for m, err := range messages {
		require.NoError(t, err)
		data, err := json.Marshal(m)
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}

func (b *bot) appendTranscript(t *testing.T, user, thread, text string) {
	_, err := b.chat.Transcripts().Append(t.Context(), chat.TranscriptEntry{
		UserKey: user, Role: chat.RoleAssistant, Text: text, ThreadID: chat.ThreadID(thread), MessageID: chat.MessageID(text),
	})
	require.NoError(t, err)
}

func (b *bot) transcript(t *testing.T, user string) []json.RawMessage {
	entries, err := b.chat.Transcripts().List(t.Context(), user, chat.TranscriptQuery{})
	require.NoError(t, err)
	all := make([]json.RawMessage, 0, len(entries))
	for _, e := range entries {
		data, err := json.Marshal(e)
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}

func (b *bot) deleteTranscript(t *testing.T, user string) {
	_, err := b.chat.Transcripts().Delete(t.Context(), user)
	require.NoError(t, err)
}

// act delivers a click and waits until it is handled.
func (b *bot) act(t *testing.T, thread, action, value string) {
	t.Helper()
	receipt, err := b.fake.Host().Deliver(t.Context(), &chat.ActionEvent{
		EventBase: chat.EventBase{ThreadID: chat.ThreadID(thread), User: chattest.Ada()}, MessageID: "m1",
		ActionID: action, Value: value, TriggerID: "t1",
	})
	require.NoError(t, err)
	require.NoError(t, receipt.Wait(t.Context()))
}

func (b *bot) openModal(t *testing.T, thread, url string) string {
	b.act(t, thread, "open", url)
	opened := b.fake.Modals()
	return opened[len(opened)-1].ContextID
}

func (b *bot) submitModal(t *testing.T, contextID string) (from modalOrigin) {
	submitted := b.chat.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		if o := ev.Opened; o.Thread != nil {
			from = modalOrigin{string(o.Thread.ID()), string(o.Message.ID), string(o.Channel.ID())}
		}
		return chat.ModalAnswer{}, nil
	}, "form")
	defer submitted.Remove()
	_, err := b.fake.Host().SubmitModal(t.Context(), &chat.ModalSubmitEvent{
		EventBase: chat.EventBase{User: chattest.Ada()}, CallbackID: "form", ContextID: contextID, Values: chat.ModalValues{"name": "Ada"},
	})
	require.NoError(t, err)
	return from
}

func (b *bot) postButton(t *testing.T, thread, url string) string {
	_, err := b.thread(t, thread).Post(t.Context(), chat.Card(card.New("", card.NewActions(card.NewButton("approve", "Approve").WithValue("42").WithCallback(url)))))
	require.NoError(t, err)
	return b.fake.Posts(chat.ThreadID(thread))[0].Card.Children[0].(*card.Actions).Children[0].(*card.Button).Value
}

func (b *bot) click(t *testing.T, thread, value string) string {
	b.act(t, thread, "approve", value)
	return <-b.values
}

func (b *bot) saveInstallation(t *testing.T, kind slackApp, id string, installation json.RawMessage) {
	i := new(slack.Installation)
	require.NoError(t, json.Unmarshal(installation, i))
	require.NoError(t, b.apps[kind].slack.SaveInstallation(t.Context(), id, i))
}

func (b *bot) installation(t *testing.T, kind slackApp, id string) json.RawMessage {
	i, err := b.apps[kind].slack.Installation(t.Context(), id)
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	require.NoError(t, err)
	data, err := json.Marshal(i)
	require.NoError(t, err)
	return data
}

func (b *bot) deleteInstallation(t *testing.T, kind slackApp, id string) {
	require.NoError(t, b.apps[kind].slack.DeleteInstallation(t.Context(), id))
}

func (b *bot) slackEvent(t *testing.T, kind slackApp, body string) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/slack", bytes.NewReader([]byte(body)))
	r.Header = signed(body)
	w := httptest.NewRecorder()
	b.apps[kind].chat.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, "%s\n%s", w.Body, &b.log)
}

package bottest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// byUser knows a person by the user id, on all platforms.
func byUser(_ context.Context, q chat.IdentityQuery) (string, error) {
	return "person-" + string(q.Author.UserID), nil
}

func said(t *testing.T, bot *chat.Chat, user string, q chat.TranscriptQuery) []string {
	t.Helper()
	entries, err := bot.Transcripts().List(context.Background(), user, q)
	require.NoError(t, err)
	lines := []string{}
	for _, e := range entries {
		lines = append(lines, e.Platform+" "+string(e.Role)+": "+e.Text)
	}
	return lines
}

func TestTranscriptsHoldWhatAPersonAndTheBotSaid(t *testing.T) {
	ctx := t.Context()
	slack, mail := chattest.NewFake(chattest.Config{Name: "slack"}), chattest.NewFake(chattest.Config{Name: "mail"})
	var seen []string
	bot, _ := newBot(t, func(c *chat.Config) {
		c.Adapters = []chat.Adapter{slack.Adapter(), mail.Adapter()}
		c.Identity = byUser
		c.Transcripts = chat.TranscriptConfig{Enabled: true}
	})
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		seen = said(t, bot, ev.Message.UserKey, chat.TranscriptQuery{})
		_, err := ev.Thread.Post(ctx, chat.Markdown("about **"+strings.TrimPrefix(ev.Message.Text, "@bot ")+"**"))
		return err
	})
	for _, f := range []*chattest.Fake{slack, mail} {
		for _, text := range []string{"@bot tea", "not for the bot"} {
			r, err := f.Send(ctx, f.Message(f.Thread("c", "t"), text))
			require.NoError(t, err)
			require.NoError(t, r.Wait(ctx))
		}
	}
	all := []string{"slack user: @bot tea", "slack assistant: about tea", "mail user: @bot tea", "mail assistant: about tea"}
	require.Equal(t, all[:3], seen, "what a handler answers to is in the transcript already")
	require.Equal(t, all, said(t, bot, "person-u1", chat.TranscriptQuery{}))
	require.Equal(t, all[:2], said(t, bot, "person-u1", chat.TranscriptQuery{Platforms: []string{"slack"}}))
	require.Equal(t, all[2:], said(t, bot, "person-u1", chat.TranscriptQuery{ThreadID: "mail:c:t"}))
	require.Equal(t, []string{all[1], all[3]}, said(t, bot, "person-u1", chat.TranscriptQuery{Roles: []chat.Role{chat.RoleAssistant}}))
	require.Equal(t, all[3:], said(t, bot, "person-u1", chat.TranscriptQuery{Limit: 1}))
	require.Empty(t, said(t, bot, "person-u2", chat.TranscriptQuery{}))

	n, err := bot.Transcripts().Count(ctx, "person-u1")
	require.NoError(t, err)
	require.Equal(t, 4, n)
	n, err = bot.Transcripts().Delete(ctx, "person-u1")
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Empty(t, said(t, bot, "person-u1", chat.TranscriptQuery{}))
	n, err = bot.Transcripts().Count(ctx, "person-u1")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestTranscriptsAreWrittenAsTheTypeScriptSDKDoes(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Identity = byUser
		c.Transcripts = chat.TranscriptConfig{Enabled: true, Manual: true, MaxPerUser: 2, Retention: time.Hour, StoreFormatted: true}
	}, func(r *rig) {
		ctx, bot := context.Background(), r.instances[0]
		list := func() []string {
			raw, err := r.shared.GetList(ctx, "transcripts:user:ada")
			require.NoError(t, err)
			lines := []string{}
			for _, data := range raw {
				lines = append(lines, string(data))
			}
			return lines
		}
		e, err := bot.Transcripts().Append(ctx, chat.TranscriptEntry{
			UserKey: "ada", Role: chat.RoleSystem, Text: "a \"b\"", ThreadID: "fake:c:t", MessageID: "m1", Formatted: markdown.Parse("x"),
		})
		require.NoError(t, err)
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, e.ID)
		stored := list()
		require.Len(t, stored, 1)
		ms, err := json.Marshal(e.At.UnixMilli())
		require.NoError(t, err)
		require.JSONEq(t, `{"id":"`+e.ID+`","userKey":"ada","role":"system","text":"a \"b\"","platform":"fake","threadId":"fake:c:t","timestamp":`+string(ms)+
			`,"formatted":{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":"x"}]}]},"platformMessageId":"m1"}`, stored[0])
		for _, text := range []string{"2", "3"} {
			_, err := bot.Transcripts().Append(ctx, chat.TranscriptEntry{UserKey: "ada", Role: chat.RoleUser, Text: text, ThreadID: "fake:c:t"})
			require.NoError(t, err)
			time.Sleep(40 * time.Minute)
		}
		require.Equal(t, []string{"fake user: 2", "fake user: 3"}, said(t, bot.Chat, "ada", chat.TranscriptQuery{}), "bounded, and kept by each append")

		require.NoError(t, r.shared.AppendToList(ctx, "transcripts:user:ada", []byte(`"no entry"`), state.ListOptions{}))
		require.Equal(t, []string{"fake user: 2", "fake user: 3"}, said(t, bot.Chat, "ada", chat.TranscriptQuery{}))
		_, err = bot.Transcripts().Delete(ctx, "ada")
		require.NoError(t, err)
		require.Equal(t, []string{`{"__chatSdkTombstone":true}`}, list())
		_, err = bot.Transcripts().Append(ctx, chat.TranscriptEntry{UserKey: "ada", Role: chat.RoleUser, Text: "4", ThreadID: "fake:c:t"})
		require.NoError(t, err)
		require.Equal(t, []string{"fake user: 4"}, said(t, bot.Chat, "ada", chat.TranscriptQuery{}))
		time.Sleep(61 * time.Minute)
		require.Empty(t, list())

		for _, e := range []chat.TranscriptEntry{{Role: chat.RoleUser}, {UserKey: "ada", Role: "robot"}} {
			_, err := bot.Transcripts().Append(ctx, e)
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
		}
		_, err = bot.Transcripts().List(ctx, "", chat.TranscriptQuery{})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		_, err = bot.Transcripts().List(ctx, "ada", chat.TranscriptQuery{Limit: -1})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.NoError(t, r.send(0, "t", "m").Wait(ctx))
		require.Empty(t, list(), "Manual")
	})
}

func TestAMessageIsInTheTranscriptOnce(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Identity = byUser
		c.Transcripts = chat.TranscriptConfig{Enabled: true}
	}, func(r *rig) {
		ctx := context.Background()
		started, proceed := make(chan bool, 1), make(chan bool)
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			if ev.Message.ID == "1" {
				started <- true
				<-proceed
				return nil
			}
			if ev.Attempt < 3 {
				return errHandler
			}
			_, err := ev.Thread.Post(ctx, chat.Text("done"))
			return err
		})
		first := r.send(0, "t", "1")
		<-started
		second, third := r.send(0, "t", "2"), r.send(0, "t", "3")
		proceed <- true
		for _, receipt := range []*chat.Receipt{first, second, third} {
			require.NoError(t, receipt.Wait(ctx))
		}
		require.Equal(t, []string{"fake user: @bot 1", "fake user: @bot 2", "fake user: @bot 3", "fake assistant: done"},
			said(t, r.instances[0].Chat, "person-u1", chat.TranscriptQuery{}), "skipped messages too")
		list, err := r.shared.GetList(ctx, "transcripts:user:person-u1")
		require.NoError(t, err)
		require.Len(t, list, 4, "attempts that fail push nothing out")
	})
}

func TestAMessageThatIsReplayedIsInTheTranscriptOnce(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Identity = byUser
		c.Transcripts = chat.TranscriptConfig{Enabled: true}
		c.Retry.MaxAttempts = 1
	}, func(r *rig) {
		ctx, bot := context.Background(), r.instances[0]
		fail := true
		handled := make(chan bool, 2)
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
			handled <- true
			if fail {
				return errHandler
			}
			return nil
		})
		require.Error(t, r.send(0, "t", "1").Wait(ctx))
		fail = false
		letters, err := bot.DeadLetters(ctx)
		require.NoError(t, err)
		require.NoError(t, bot.ReplayDeadLetter(ctx, letters[0].ID))
		<-handled
		<-handled
		require.Equal(t, []string{"fake user: @bot 1"}, said(t, bot.Chat, "person-u1", chat.TranscriptQuery{}))
		n, err := bot.Transcripts().Count(ctx, "person-u1")
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestAResolverThatFailsStopsNoMessage(t *testing.T) {
	for name, identity := range map[string]func(context.Context, chat.IdentityQuery) (string, error){
		"an error": func(context.Context, chat.IdentityQuery) (string, error) {
			return "half", errors.New("directory is down")
		},
		"a panic": func(context.Context, chat.IdentityQuery) (string, error) { panic("no directory") },
		"nobody":  func(context.Context, chat.IdentityQuery) (string, error) { return "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			bot, fake := newBot(t, func(c *chat.Config) {
				c.Identity = identity
				c.Transcripts = chat.TranscriptConfig{Enabled: true}
				c.Logger = slog.New(slog.NewTextHandler(&out, nil))
			})
			handled := 0
			bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
				handled++
				require.Empty(t, ev.Message.UserKey)
				_, err := ev.Thread.Post(ctx, chat.Text("answer"))
				return err
			})
			r, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "t"), "@bot hi"))
			require.NoError(t, err)
			require.NoError(t, r.Wait(t.Context()))
			require.Equal(t, 1, handled)
			require.Equal(t, name != "nobody", strings.Contains(out.String(), "level=WARN msg=identity-failed"))
			require.Equal(t, name == "a panic", strings.Contains(out.String(), `level=ERROR msg=identity-panicked adapter=fake panic="no directory"`))
		})
	}
}

func TestATranscriptThatCannotBeKeptStopsNoMessage(t *testing.T) {
	bot, fake := newBot(t, func(c *chat.Config) {
		c.State = brokenLists{c.State.(*memorystate.Adapter)}
		c.Identity = byUser
		c.Transcripts = chat.TranscriptConfig{Enabled: true}
	})
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		require.Equal(t, "person-u1", ev.Message.UserKey)
		_, err := ev.Thread.Post(ctx, chat.Text("answer"))
		return err
	})
	r, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "t"), "@bot hi"))
	require.NoError(t, err)
	require.NoError(t, r.Wait(t.Context()))
}

func TestWithoutTranscriptsNothingIsKept(t *testing.T) {
	asked := 0
	bot, fake := newBot(t, func(c *chat.Config) {
		c.Identity = func(ctx context.Context, q chat.IdentityQuery) (string, error) {
			asked++
			return byUser(ctx, q)
		}
	})
	keys := []string{}
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		keys = append(keys, ev.Message.UserKey)
		return nil
	})
	for _, text := range []string{"@bot hi", "nobody handles this"} {
		r, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "t"), text))
		require.NoError(t, err)
		require.NoError(t, r.Wait(t.Context()))
	}
	require.Equal(t, []string{"person-u1"}, keys)
	require.Equal(t, 1, asked)
	_, err := bot.Transcripts().List(t.Context(), "person-u1", chat.TranscriptQuery{})
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestWhatIsKeptIsConfiguredSensibly(t *testing.T) {
	for want, change := range map[string]func(*chat.Config){
		"Transcripts.Enabled is true, but Identity is nil":              func(c *chat.Config) { c.Identity = nil },
		"Transcripts.Enabled is false, want true or no other field":     func(c *chat.Config) { c.Transcripts = chat.TranscriptConfig{Manual: true} },
		"Streams.OmitBreak is set, and Streams.Break too":               func(c *chat.Config) { c.Streams = chat.StreamConfig{Break: "…", OmitBreak: true} },
		"Transcripts.Retention is -1ns, want 0 (for ever) or more":      func(c *chat.Config) { c.Transcripts.Retention = -1 },
		"Transcripts.MaxPerUser is -1, want 0 (the default) or more":    func(c *chat.Config) { c.Transcripts.MaxPerUser = -1 },
		"History.TTL is -1ns, want 0 (the default) or more":             func(c *chat.Config) { c.History.TTL = -1 },
		"History.MaxMessages is -1, want 0 (the default) or more":       func(c *chat.Config) { c.History.MaxMessages = -1 },
		"Limits.MaxAttachmentBytes is -1, want 0 (the default) or more": func(c *chat.Config) { c.Limits.MaxAttachmentBytes = -1 },
	} {
		cfg := chat.Config{
			UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, State: brokenLists{}, Identity: byUser, Transcripts: chat.TranscriptConfig{Enabled: true},
		}
		_, err := chat.New(cfg)
		require.NoError(t, err)
		change(&cfg)
		_, err = chat.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, want)
	}
}

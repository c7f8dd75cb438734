package slacktest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// newSlack returns a fake Slack with a channel, a direct conversation and a user.
func newSlack(tb testing.TB) *fakeslack.Server {
	tb.Helper()
	s := fakeslack.New(tb)
	s.AddUser(fakeslack.User{ID: "U0ADA", Name: "ada", RealName: "Ada Lovelace", DisplayName: "ada"})
	s.AddUser(fakeslack.User{ID: "U0BOB", Name: "bob", RealName: "Bob", DisplayName: "bob"})
	s.AddChannel(fakeslack.Channel{ID: "C0GENERAL", Name: "general", Created: time.Now().Add(-90 * 24 * time.Hour)})
	s.AddChannel(fakeslack.Channel{ID: "C0OTHER", Name: "other"})
	s.AddChannel(fakeslack.Channel{ID: "D0ADA", With: "U0ADA"})
	return s
}

func newAdapter(tb testing.TB, s *fakeslack.Server) *slack.Adapter {
	tb.Helper()
	a, err := slack.New(slack.Config{SigningSecret: signingSecret, BotToken: fakeslack.Token, APIURL: s.APIURL, LookupTimeout: patience})
	require.NoError(tb, err)
	return a
}

const (
	dmThread   = "1700000100.000100"
	roomThread = "1700000200.000200"
)

func TestConformance(t *testing.T) {
	message := func(channel, thread, ts, user, text string) string {
		kind := "channel"
		if strings.HasPrefix(channel, "D") {
			kind = "im"
		}
		threadTS := ""
		if thread != ts {
			threadTS = `"thread_ts":"` + thread + `",`
		}
		return callback(`{"type":"message","channel":"` + channel + `","channel_type":"` + kind + `","user":"` + user + `",` + threadTS +
			`"ts":"` + ts + `","event_ts":"` + ts + `","team":"T0TEAM","text":"` + text + `"}`)
	}
	want := func(channel, thread, ts, text string) []chat.Inbound {
		return []chat.Inbound{&chat.Message{
			ID: chat.MessageID(channel + ":" + ts), ThreadID: chat.ThreadID("slack:" + channel + ":" + thread), Text: text,
			Author: chat.Author{UserID: "U0ADA"},
		}}
	}
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		t.Helper()
		s := newSlack(t)
		return chattest.Harness{
			Adapter: newAdapter(t, s), State: newMemory(t),
			Posts: func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
				return posted(s, thread, ""), nil
			},
			Ephemeral: func(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
				return posted(s, thread, string(user)), nil
			},
			Limit: func(d time.Duration) { s.Fail("chat.postMessage", fakeslack.Failure{RetryAfter: d}) },
			Scheduled: func(_ context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error) {
				return scheduled(s, thread), nil
			},
			Typing: func(_ context.Context, thread chat.ThreadID) (int, error) {
				parts := strings.Split(string(thread), ":")
				return len(s.Typing(parts[1], parts[2])), nil
			},
		}
	}, chattest.Features{
		Sign: sign, MaxAge: 5 * time.Minute, User: "U0BOB",
		Samples: []chattest.Sample{
			// The first thread is one in which Slack streams for anybody.
			{
				Name: "direct", Body: message("D0ADA", dmThread, "1700000101.000100", "U0ADA", "hello *there*"),
				Want: want("D0ADA", dmThread, "1700000101.000100", "hello there"),
			},
			{
				Name: "channel", Body: message("C0GENERAL", roomThread, roomThread, "U0ADA", "hello"),
				Want: want("C0GENERAL", roomThread, roomThread, "hello"),
			},
			{
				Name: "conversation", Body: message("D0ADA", "", "1700000300.000300", "U0ADA", "you"),
				Want: want("D0ADA", "", "1700000300.000300", "you"),
			},
			{Name: "own", Body: message("C0GENERAL", roomThread, "1700000400.000400", "U0BOT", "mine"), Own: true},
		},
		Twins: []chattest.Sample{
			{Name: "one", Body: message("C0GENERAL", "1700000500.000500", "1700000500.000500", "U0ADA", "one"), Want: want("C0GENERAL", "1700000500.000500", "1700000500.000500", "one")},
			{Name: "two", Body: message("C0OTHER", "1700000500.000500", "1700000500.000500", "U0ADA", "two"), Want: want("C0OTHER", "1700000500.000500", "1700000500.000500", "two")},
		},
		Foreign: []chat.ThreadID{"slack:C0GENERAL", "slack:C0GENERAL:1:2", "slack:C-1:1700000000.000100", "slack:C0GENERAL:yesterday", "slack::1700000000.000100"},
	})
}

// scheduled is what the fake will post to a thread.
func scheduled(s *fakeslack.Server, thread chat.ThreadID) []chattest.ScheduledPost {
	parts := strings.Split(string(thread), ":")
	var posts []chattest.ScheduledPost
	for _, m := range s.Scheduled(parts[1]) {
		if m.Thread == parts[2] {
			text := m.Text
			if m.Markdown != "" {
				text = m.Markdown
			}
			posts = append(posts, chattest.ScheduledPost{ID: chat.ScheduledID(m.ID), Thread: thread, Text: text, At: m.At})
		}
	}
	return posts
}

// posted is what the fake shows of the bot in a thread: to all, or to one user
// only.
func posted(s *fakeslack.Server, thread chat.ThreadID, user string) []chattest.Posted {
	parts := strings.Split(string(thread), ":")
	var posts []chattest.Posted
	for _, m := range s.Messages(parts[1], parts[2]) {
		if m.User != fakeslack.BotUser || m.EphemeralFor != user {
			continue
		}
		post := chattest.Posted{ID: chat.MessageID(parts[1] + ":" + m.TS), Thread: thread, Text: m.Shown(), Edits: m.Edits, Reactions: m.Reactions}
		for _, id := range m.Files {
			if f, ok := s.File(id); ok {
				post.Files = append(post.Files, chattest.PostedFile{Name: f.Name, Content: f.Content})
			}
		}
		posts = append(posts, post)
	}
	return posts
}

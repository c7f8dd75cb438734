package slacktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
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

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newSlack(t)
	s.PostAt(time.UnixMicro(1700000100_000100), "D0ADA", "", "U0ADA", "hi")
	s.PostAt(time.UnixMicro(1700000200_000200), "C0GENERAL", "", "U0ADA", "hello")
	s.PostAt(time.UnixMicro(1700000500_000500), "C0GENERAL", "", "U0ADA", "one")
	s.PostAt(time.UnixMicro(1700000500_000500), "C0OTHER", "", "U0ADA", "two")
	s.AddFile(fakeslack.File{ID: "F0NOTES", Name: "notes.txt", Content: []byte(theFile)})
	return adaptertest.Harness{
		Adapter: newAdapter(t, s), State: newMemory(t),
		Posts: func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
			return posted(s, thread, ""), nil
		},
		Ephemeral: func(_ context.Context, thread chat.ThreadID, user chat.UserID) ([]chattest.Posted, error) {
			return posted(s, thread, string(user)), nil
		},
		Click: func(_ context.Context, p chattest.Posted, button string) (*adaptertest.Sample, error) {
			return clicked(s, p, button)
		},
		Modals: func(context.Context) ([]chattest.OpenedModal, error) { return modals(s) },
		Submit: func(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			return submitted(s, m, values)
		},
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Limit:   s.Limit, Break: s.Break,
		Scheduled: func(_ context.Context, thread chat.ThreadID) ([]chattest.ScheduledPost, error) {
			return scheduled(s, thread), nil
		},
		Session: func(_ context.Context, thread chat.ThreadID) (status chat.SessionStatus, _ error) {
			parts := strings.Split(string(thread), ":")
			for _, marked := range s.Sessions(parts[1]) {
				if marked.Thread == parts[2] {
					status = chat.SessionStatus(marked.Status)
				}
			}
			return status, nil
		},
		Typing: func(_ context.Context, thread chat.ThreadID) (int, error) {
			parts := strings.Split(string(thread), ":")
			return len(s.Typing(parts[1], parts[2])), nil
		},
	}
}

func features() adaptertest.Features {
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
	return adaptertest.Features{
		Sign: sign, MaxAge: 5 * time.Minute, User: "U0BOB", Secrets: []string{signingSecret, fakeslack.Token}, Formats: adaptertest.AllFormats,
		Samples: []adaptertest.Sample{
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
			{
				// The address of a file that comes from elsewhere must be asked for.
				Name: "file", Body: callback(`{"type":"message","subtype":"file_share","channel":"D0ADA","channel_type":"im","user":"U0ADA","ts":"1700000350.000300",` +
					`"event_ts":"1700000350.000300","text":"see","files":[{"id":"F0NOTES","name":"notes.txt","mimetype":"text/plain","file_access":"check_file_info"}]}`),
				Want: want("D0ADA", "", "1700000350.000300", "see"), Files: []string{theFile},
			},
			{Name: "own", Body: message("C0GENERAL", roomThread, "1700000400.000400", "U0BOT", "mine"), Own: true},
		},
		Mention: adaptertest.Sample{
			Body: message("C0GENERAL", roomThread, "1700000600.000600", "U0ADA", "<@U0BOT> help"),
			Want: want("C0GENERAL", roomThread, "1700000600.000600", "@Bot help"),
		},
		MentionInCode: adaptertest.Sample{
			Body: message("C0GENERAL", roomThread, "1700000700.000700", "U0ADA", "type `<@U0BOT> help`"),
			Want: want("C0GENERAL", roomThread, "1700000700.000700", "type <@U0BOT> help"),
		},
		Twins: []adaptertest.Sample{
			{Name: "one", Body: message("C0GENERAL", "1700000500.000500", "1700000500.000500", "U0ADA", "one"), Want: want("C0GENERAL", "1700000500.000500", "1700000500.000500", "one")},
			{Name: "two", Body: message("C0OTHER", "1700000500.000500", "1700000500.000500", "U0ADA", "two"), Want: want("C0OTHER", "1700000500.000500", "1700000500.000500", "two")},
		},
		Foreign: []chat.ThreadID{"slack:C0GENERAL", "slack:C0GENERAL:1:2", "slack:C-1:1700000000.000100", "slack:C0GENERAL:yesterday", "slack::1700000000.000100"},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

const theFile = "what Ada has noted"

// interaction is the webhook of what a user did.
func interaction(payload object) (*adaptertest.Sample, error) {
	payload["user"], payload["team"] = object{"id": "U0ADA", "username": "ada"}, object{"id": fakeslack.TeamID}
	data, err := json.Marshal(payload)
	return &adaptertest.Sample{
		Header: http.Header{"Content-Type": {formType}},
		Body:   url.Values{"payload": {string(data)}}.Encode(),
	}, err
}

// clicked is the webhook of a click on a button of a message that the fake shows, or
// of a choice in one of its menus.
func clicked(s *fakeslack.Server, p chattest.Posted, label string) (*adaptertest.Sample, error) {
	channel, ts, _ := strings.Cut(string(p.ID), ":")
	m, _ := s.Message(channel, ts)
	type text struct{ Text string }
	var blocks []struct {
		BlockID  string `json:"block_id"`
		Elements []struct {
			Type     string
			ActionID string `json:"action_id"`
			Value    string
			Text     text
			Options  []struct {
				Text  text
				Value string
			}
		}
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		return nil, err
	}
	var action object
	for _, b := range blocks {
		for _, e := range b.Elements {
			told := object{"type": e.Type, "action_id": e.ActionID, "block_id": firstOf(b.BlockID, "b"), "action_ts": ts}
			if e.Type == "button" && e.Text.Text == label {
				told["value"] = e.Value
				action = told
			}
			for _, o := range e.Options {
				if o.Text.Text == label {
					told["selected_option"] = object{"text": object{"type": "plain_text", "text": label}, "value": o.Value}
					action = told
				}
			}
		}
	}
	if action == nil {
		return nil, fmt.Errorf("the message %q has no %q", p.ID, label)
	}
	return interaction(object{
		"type": "block_actions", "trigger_id": s.Trigger(), "channel": object{"id": channel},
		"container": object{"type": "message", "message_ts": ts, "channel_id": channel, "thread_ts": m.Thread},
		"message":   object{"ts": ts, "thread_ts": m.Thread, "user": fakeslack.BotUser},
		"actions":   []object{action},
	})
}

// shownView is an open modal of the fake.
type shownView struct {
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	Title           struct {
		Text string `json:"text"`
	} `json:"title"`
	Blocks []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
		Element struct {
			Type     string `json:"type"`
			ActionID string `json:"action_id"`
		} `json:"element"`
	} `json:"blocks"`
}

func modals(s *fakeslack.Server) ([]chattest.OpenedModal, error) {
	var all []chattest.OpenedModal
	for _, v := range s.Views() {
		var shown shownView
		if err := json.Unmarshal(v.JSON, &shown); err != nil {
			return nil, err
		}
		all = append(all, chattest.OpenedModal{Modal: &card.Modal{CallbackID: shown.CallbackID, Title: shown.Title.Text}, ContextID: v.ID})
	}
	return all, nil
}

// submitted is the webhook of a modal that is submitted with the values.
func submitted(s *fakeslack.Server, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
	v, _ := s.View(m.ContextID)
	var shown shownView
	if err := json.Unmarshal(v.JSON, &shown); err != nil {
		return nil, err
	}
	entered := object{}
	for _, b := range shown.Blocks {
		if b.Type == "input" {
			entered[b.BlockID] = object{b.Element.ActionID: object{"type": b.Element.Type, "value": values[b.Element.ActionID]}}
		}
	}
	return interaction(object{"type": "view_submission", "trigger_id": s.Trigger(), "view": object{
		"id": v.ID, "hash": v.Hash, "callback_id": shown.CallbackID, "private_metadata": shown.PrivateMetadata,
		"blocks": shown.Blocks, "state": object{"values": entered},
	}})
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
		content, mentions := m.Content()
		post.Content = content
		for _, user := range mentions {
			post.Mentions = append(post.Mentions, chat.UserID(user))
		}
		for _, id := range m.Files {
			if f, ok := s.File(id); ok {
				post.Files = append(post.Files, chattest.PostedFile{Name: f.Name, Content: f.Content})
			}
		}
		posts = append(posts, post)
	}
	return posts
}

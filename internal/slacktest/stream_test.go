package slacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// recipient is what Slack needs to know to stream in a channel.
var recipient = chat.StreamOptions{Recipient: "U0ADA"}

// pieces yields texts, and then the error unless it is nil.
func pieces(failure error, texts ...string) iter.Seq2[chat.Chunk, error] {
	return func(yield func(chat.Chunk, error) bool) {
		for _, text := range texts {
			if !yield(chat.Chunk{Text: text}, nil) {
				return
			}
		}
		if failure != nil {
			yield(chat.Chunk{}, failure)
		}
	}
}

// live is a stream whose test waits between its chunks.
type live struct {
	chunks chan chat.Chunk
	result chan error
	id     chat.MessageID
	text   string
}

func (o *outbound) live(t *testing.T, opts chat.StreamOptions) *live {
	t.Helper()
	l := &live{chunks: make(chan chat.Chunk), result: make(chan error, 1)}
	go func() {
		var err error
		l.id, l.text, err = o.StreamMessage(t.Context(), o.room, func(yield func(chat.Chunk, error) bool) {
			for chunk := range l.chunks {
				if !yield(chunk, nil) {
					return
				}
			}
		}, opts)
		l.result <- err
	}()
	return l
}

// called waits until Slack has been called so often.
func (o *outbound) called(t *testing.T, method string, times int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		changed := o.slack.Changed()
		if len(o.slack.Calls(method)) >= times {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s was called %d times, want %d", method, len(o.slack.Calls(method)), times)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	begun := time.Now()
	id, text, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "**one** <@U0", "ADA> <!he", "re> {{emo", "ji:party}} `a", "<b`", "\xc3", "\xa9"), chat.StreamOptions{
		Recipient: "U0ADA", End: card.New("", card.NewActions(card.NewButton("again", "Again"))),
	})
	require.NoError(t, err)
	require.Equal(t, "**one** <@U0ADA> <!here> {{emoji:party}} `a<b`é", text, "the text is as it came")
	m := o.shown()[0]
	require.Equal(t, chat.MessageID("C0GENERAL:"+m.TS), id)
	require.Equal(t, "**one** <@U0ADA> &lt;!here> :tada: `a<b`é", m.Markdown)
	require.False(t, m.Streaming)
	require.Contains(t, string(m.Blocks), `"action_id":"again"`)
	start := o.slack.Calls("chat.startStream")[0].Args
	require.Equal(t, "U0ADA", start["recipient_user_id"])
	require.Equal(t, fakeslack.TeamID, start["recipient_team_id"], "the bot's workspace")
	// A call at the start, one at the end, and one for each 600 ms that a busy machine takes in between.
	most := 3 + int(time.Since(begun)/(600*time.Millisecond))
	require.LessOrEqual(t, len(o.slack.Calls("chat.startStream", "chat.appendStream", "chat.stopStream")), most, "what comes at once is sent at once")
	require.NoError(t, o.EditMessage(t.Context(), o.room, id, &chat.Post{Text: "changed"}))
}

func TestStreamGrows(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	l := o.live(t, recipient)
	l.chunks <- chat.Chunk{Text: "one "}
	o.called(t, "chat.startStream", 1)
	require.Equal(t, "one", o.shown()[0].Markdown)
	require.True(t, o.shown()[0].Streaming)
	for range 50 {
		l.chunks <- chat.Chunk{Text: "more "}
	}
	o.called(t, "chat.appendStream", 1)
	close(l.chunks)
	require.NoError(t, <-l.result)
	require.Equal(t, "one "+strings.Repeat("more ", 50), o.shown()[0].Markdown)
	require.LessOrEqual(t, len(o.slack.Calls("chat.appendStream")), 2, "calls are coalesced")
}

func TestStreamTasks(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	chunks := []chat.Chunk{
		{PlanTitle: "Plan"},
		{Task: &chat.Task{ID: "a", Title: "Look up", Status: chat.TaskInProgress, Details: strings.Repeat("d", 400)}},
		{Text: "done", Task: &chat.Task{ID: "a", Title: "Look up", Status: chat.TaskComplete, Output: "3 found"}},
		{Task: &chat.Task{ID: "b"}},
	}
	_, _, err := o.StreamMessage(t.Context(), o.room, func(yield func(chat.Chunk, error) bool) {
		for _, c := range chunks {
			if !yield(c, nil) {
				return
			}
		}
	}, chat.StreamOptions{Recipient: "U0ADA", RecipientTeam: "T0TEAM", Tasks: chat.TasksPlan})
	require.NoError(t, err)
	m := o.shown()[0]
	require.Equal(t, "done", m.Markdown)
	require.Equal(t, "Plan", m.Plan)
	require.Len(t, m.Tasks, 2)
	var task map[string]string
	require.NoError(t, json.Unmarshal(m.Tasks[0], &task))
	require.Equal(t, "complete", task["status"])
	require.Equal(t, "plan", o.slack.Calls("chat.startStream")[0].Args["task_display_mode"])
}

func TestStreamsThatSlackDoesNotHave(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	unread := func(func(chat.Chunk, error) bool) { t.Error("the stream was read") }
	for thread, opts := range map[chat.ThreadID]chat.StreamOptions{"slack:C0GENERAL:": recipient, "slack:D0ADA:": recipient, o.room: {}} {
		_, _, err := o.StreamMessage(t.Context(), thread, unread, opts)
		require.ErrorIs(t, err, errors.ErrUnsupported)
	}
	require.Empty(t, o.slack.Calls("chat.startStream"))

	// A workspace without them is known only when the stream has begun.
	o.slack.Fail("chat.startStream", fakeslack.Failure{Error: "feature_not_enabled"})
	id, text, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "one ", "two <b>"), recipient)
	require.NoError(t, err)
	require.Equal(t, "one two <b>", text)
	require.Equal(t, "one two &lt;b>", o.shown()[0].Markdown)
	require.Equal(t, chat.MessageID("C0GENERAL:"+o.shown()[0].TS), id)
}

func TestStreamFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	o := newOutbound(t)
	id, text, err := o.StreamMessage(t.Context(), o.room, pieces(broken, "what came"), recipient)
	require.ErrorIs(t, err, broken)
	require.NotEmpty(t, id)
	require.Equal(t, "what came", text)
	require.False(t, o.shown()[0].Streaming, "the message is finished")

	id, _, err = o.StreamMessage(t.Context(), o.room, pieces(broken), recipient)
	require.ErrorIs(t, err, broken)
	require.Empty(t, id)
	_, _, err = o.StreamMessage(t.Context(), o.room, pieces(nil, ""), recipient)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.Len(t, o.shown(), 1)

	ctx, cancel := context.WithCancel(t.Context())
	_, text, err = o.StreamMessage(ctx, o.room, func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{Text: "before"}, nil)
		cancel()
		_ = yield(chat.Chunk{Text: "after"}, nil)
	}, recipient)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "before", text)
	require.Equal(t, "before", o.shown()[1].Markdown)
	require.False(t, o.shown()[1].Streaming)
}

func TestStreamIsRefused(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	o.slack.Fail("chat.startStream", fakeslack.Failure{RetryAfter: time.Second})
	_, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "patience"), recipient)
	require.NoError(t, err, "a pause is waited for")

	o.slack.Fail("chat.startStream", fakeslack.Failure{Error: "is_archived"})
	id, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "x"), recipient)
	require.ErrorIs(t, err, chat.ErrPermission)
	require.Empty(t, id)

	l := o.live(t, recipient)
	l.chunks <- chat.Chunk{Text: "one "}
	o.called(t, "chat.startStream", 4)
	o.slack.Fail("chat.appendStream", fakeslack.Failure{Error: "stopped_by_user"})
	l.chunks <- chat.Chunk{Text: "two "}
	o.called(t, "chat.appendStream", 1)
	close(l.chunks)
	require.ErrorIs(t, <-l.result, chat.ErrTurnCancelled)
	require.NotEmpty(t, l.id)
}

func TestStreamGoesOnInAnotherMessage(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	l := o.live(t, recipient)
	l.chunks <- chat.Chunk{Text: "```go\none\n", Task: &chat.Task{ID: "a", Title: "A", Status: chat.TaskInProgress}}
	o.called(t, "chat.startStream", 1)
	o.slack.ExpireStream("C0GENERAL", o.shown()[0].TS)
	l.chunks <- chat.Chunk{Text: "two\n```\n"}
	o.called(t, "chat.startStream", 2)
	close(l.chunks)
	require.NoError(t, <-l.result)
	own := o.shown()
	require.Len(t, own, 2)
	require.Equal(t, "```go\ntwo\n```\n", own[1].Markdown, "the code block is opened again")
	require.Len(t, own[1].Tasks, 1, "what is not finished is shown again")
	require.Equal(t, chat.MessageID("C0GENERAL:"+own[0].TS), l.id)
	require.NoError(t, o.DeleteMessage(t.Context(), o.room, l.id))
	require.Empty(t, o.shown(), "both are one message to the bot")
}

func TestLongStream(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	text := strings.Repeat("a line of text\n", 3_000)
	_, got, err := o.StreamMessage(t.Context(), o.room, pieces(nil, text), recipient)
	require.NoError(t, err)
	require.Equal(t, text, got)
	var lines []string
	for _, m := range o.shown() {
		require.False(t, m.Streaming)
		lines = append(lines, strings.Split(strings.TrimSpace(m.Markdown), "\n")...)
	}
	require.Len(t, lines, 3_000)
	require.Greater(t, len(o.shown()), 3)
}

// TestStreamOfABot shows that a handler's stream reaches Slack with the author of
// the message as its recipient, and a blank line between the steps of a model.
func TestStreamOfABot(t *testing.T) {
	t.Parallel()
	s := newSlack(t)
	adapter, err := slack.New(slack.Config{SigningSecret: signingSecret, BotToken: fakeslack.Token, APIURL: s.APIURL, LookupTimeout: patience})
	require.NoError(t, err)
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: newMemory(t)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bot.Shutdown(context.Background()) })
	done := make(chan error, 1)
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
			_ = yield(chat.Chunk{Text: "streamed", StepEnd: true}, nil) && yield(chat.Chunk{Text: "answer"}, nil)
		}))
		done <- err
		return err
	})
	root := s.Post("C0GENERAL", "", "U0ADA", "<@U0BOT> hello")
	w := serve(bot, webhook(jsonType, callback(`{"type":"app_mention","channel":"C0GENERAL","user":"U0ADA","ts":"`+root+`","text":"<@U0BOT> hello"}`)))
	require.Equal(t, 200, w.Code, w.Body.String())
	require.NoError(t, <-done)
	require.Equal(t, "U0ADA", s.Calls("chat.startStream")[0].Args["recipient_user_id"])
	require.Equal(t, "streamed\n\nanswer", s.Messages("C0GENERAL", root)[0].Markdown)
}

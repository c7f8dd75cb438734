package slacktest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

func TestSuggestedPrompts(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.SetSuggestedPrompts(t.Context(), o.room, "Ask me", slack.SuggestedPrompt{Title: "Sum up", Message: "Sum this up, please"}, slack.SuggestedPrompt{Title: "Help"}))
	call := o.slack.Calls("assistant.threads.setSuggestedPrompts")[0].Args
	require.Equal(t, fakeslack.Args{"channel_id": "C0GENERAL", "thread_ts": o.root, "title": "Ask me", "prompts": call["prompts"]}, call)
	require.JSONEq(t, `[{"title":"Sum up","message":"Sum this up, please"},{"title":"Help","message":"Help"}]`, call["prompts"])

	agent := newOutbound(t, func(c *slack.Config) { c.AgentView = true })
	for _, thread := range []chat.ThreadID{"slack:D0ADA:", "slack:D0ADA:1700000000.000100"} {
		require.NoError(t, agent.SetSuggestedPrompts(t.Context(), thread, "", slack.SuggestedPrompt{Title: "Help"}))
	}
	for _, call := range agent.slack.Calls("assistant.threads.setSuggestedPrompts") {
		require.False(t, call.Args.Has("thread_ts"), "with a ts Slack shows none to an agent")
		require.False(t, call.Args.Has("title"))
	}
	require.ErrorIs(t, o.SetSuggestedPrompts(t.Context(), o.room, ""), chat.ErrInvalidArgument)
	require.ErrorIs(t, o.SetSuggestedPrompts(t.Context(), o.room, "", make([]slack.SuggestedPrompt, 5)...), chat.ErrInvalidArgument)
	require.ErrorContains(t, o.SetSuggestedPrompts(t.Context(), o.room, "", slack.SuggestedPrompt{Message: "x"}), "prompts[0].Title")
	require.ErrorIs(t, o.SetSuggestedPrompts(t.Context(), "slack:C0GENERAL:", "", slack.SuggestedPrompt{Title: "x"}), errors.ErrUnsupported)
	require.ErrorIs(t, o.SetSuggestedPrompts(t.Context(), "slack:C0NOWHERE:1700000000.000100", "", slack.SuggestedPrompt{Title: "x"}), chat.ErrNotFound)
}

func TestThreadTitle(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.SetThreadTitle(t.Context(), o.room, "The disk is full"))
	require.Equal(t, fakeslack.Args{"channel_id": "C0GENERAL", "thread_ts": o.root, "title": "The disk is full"}, o.slack.Calls("assistant.threads.setTitle")[0].Args)
	require.ErrorIs(t, o.SetThreadTitle(t.Context(), o.room, " "), chat.ErrInvalidArgument)
	require.ErrorIs(t, o.SetThreadTitle(t.Context(), "slack:C0GENERAL:", "x"), errors.ErrUnsupported)
	require.ErrorIs(t, o.SetThreadTitle(t.Context(), "web:x:y", "x"), chat.ErrInvalidArgument)
	o.slack.Fail("assistant.threads.setTitle", fakeslack.Failure{Error: "missing_scope"})
	require.ErrorIs(t, o.SetThreadTitle(t.Context(), o.room, "x"), chat.ErrPermission)
}

// TestStatus checks a status with messages in turn, and that it can be taken away.
func TestStatus(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	require.NoError(t, o.SetStatus(t.Context(), o.room, slack.Status{Text: "is looking", LoadingMessages: []string{"One, two", "three"}}))
	require.NoError(t, o.SetStatus(t.Context(), o.room, slack.Status{Text: "is thinking"}))
	require.NoError(t, o.SetStatus(t.Context(), o.room, slack.Status{}))
	require.Equal(t, []fakeslack.Status{
		{Thread: o.root, Text: "is looking", Loading: `["One, two","three"]`}, {Thread: o.root, Text: "is thinking"}, {Thread: o.root},
	}, o.slack.Typing("C0GENERAL", o.root))
	for field, status := range map[string]slack.Status{
		"Status.LoadingMessages has 11": {Text: "x", LoadingMessages: make([]string, 11)},
		"Status.LoadingMessages[1]":     {Text: "x", LoadingMessages: []string{"a", ""}},
		"Status.Text":                   {LoadingMessages: []string{"a"}},
	} {
		err := o.SetStatus(t.Context(), o.room, status)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, field)
	}
	o.slack.Fail("assistant.threads.setStatus", fakeslack.Failure{Error: "missing_scope"})
	require.ErrorIs(t, o.SetStatus(t.Context(), o.room, slack.Status{Text: "x"}), chat.ErrPermission, "unlike StartTyping")
}

// TestFeedbackButtons checks the block, below a post and at the end of a stream,
// and what a click on it brings.
func TestFeedbackButtons(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	buttons := slack.FeedbackButtons{ActionID: "feedback", Negative: slack.FeedbackButton{Label: "Bad", Value: "no", AccessibilityLabel: "This answer was bad"}}
	c := card.New("An answer", buttons.Element())
	data, err := json.Marshal(c)
	require.NoError(t, err)
	var stored card.Card
	require.NoError(t, json.Unmarshal(data, &stored), "a card comes back from the queue as it was")
	for _, c := range []*card.Card{c, &stored} {
		_, m := o.post(t, &chat.Post{Card: c})
		require.Contains(t, string(m.Blocks), `{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"feedback",`+
			`"positive_button":{"text":{"type":"plain_text","text":"👍","emoji":true},"value":"positive"},`+
			`"negative_button":{"text":{"type":"plain_text","text":"Bad","emoji":true},"value":"no","accessibility_label":"This answer was bad"}}]}`)
	}
	_, _, err = o.StreamMessage(t.Context(), o.room, pieces(nil, "streamed"), chat.StreamOptions{Recipient: "U0ADA", End: card.New("", buttons.Element())})
	require.NoError(t, err)
	own := o.shown()
	require.Contains(t, string(own[len(own)-1].Blocks), `"feedback_buttons"`)

	for field, f := range map[string]slack.FeedbackButtons{
		".id":             {},
		".positive.value": {ActionID: "a", Positive: slack.FeedbackButton{Value: strings.Repeat("x", 2_001)}},
	} {
		_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Card: card.New("A", f.Element())})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, field)
	}

	r := newRig(t, nil)
	ev := one[*chat.ActionEvent](t, r.interacted(t, `{"type":"block_actions","user":{"id":"U0ADA"},"team":{"id":"T0ONE"},"channel":{"id":"C0ONE"},"trigger_id":"1.2",
		"container":{"type":"message","channel_id":"C0ONE","message_ts":"1700000001.000200"},
		"actions":[{"type":"feedback_buttons","action_id":"feedback","block_id":"b","value":"no","action_ts":"1700000002.000000"}]}`))
	require.Equal(t, "feedback", ev.ActionID)
	require.Equal(t, "no", ev.Value)
}

// TestNativeStreamingOff checks that nothing is streamed where it is off.
func TestNativeStreamingOff(t *testing.T) {
	t.Parallel()
	o := newOutbound(t, func(c *slack.Config) { c.DisableNativeStreaming = true })
	read := false
	_, _, err := o.StreamMessage(t.Context(), o.room, func(func(chat.Chunk, error) bool) { read = true }, recipient)
	require.ErrorIs(t, err, errors.ErrUnsupported, "the bot posts and edits then")
	require.False(t, read)
	require.Empty(t, o.slack.Calls())
}

package lineartest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

const inSession chat.ThreadID = "linear:" + issue + ":s:session-1"

func prompted(activity, rest string) string {
	return hook("AgentSessionEvent", "prompted", sessionData("null")+
		fmt.Sprintf(`,"agentActivity":{"id":%q,"createdAt":"2026-01-01T00:00:00Z","user":%s,%s}`, activity, adaJSON, rest))
}

func TestWhatPeopleAskAnAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	r.send(t, hook("AgentSessionEvent", "created", sessionData(`{"id":"root-1","body":"@helper see [notes.txt](https://uploads.linear.app/file-1/notes.txt)"}`)))
	m := next[*chat.Message](t, r)
	require.Equal(t, fmt.Sprint(inSession, " root-1 @helper see notes.txt ", ada), fmt.Sprint(m.ThreadID, " ", m.ID, " ", m.Text, " ", m.Author.UserID))
	require.True(t, *m.Mention)
	require.Len(t, m.Attachments, 1)

	r.send(t, prompted("act-1", `"sourceCommentId":"answer-1","content":{"type":"prompt","body":"and *now*?"}`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "answer-1 and now?", fmt.Sprint(m.ID, " ", m.Text))

	// An issue that was delegated has no comment: Linear describes it.
	r.send(t, hook("AgentSessionEvent", "created", fmt.Sprintf(`"agentSession":{"id":"session-2","appUserId":%q,"issue":{"id":%q}},"promptContext":"The engine stops."`, fakelinear.BotID, issue)))
	m = next[*chat.Message](t, r)
	require.Equal(t, "agent-session-session-2 The engine stops. linear-automation", fmt.Sprint(m.ID, " ", m.Text, " ", m.Author.UserID))

	// A session of another app, comments, and what is no issue are events of the platform.
	for _, body := range []string{
		hook("AgentSessionEvent", "created", fmt.Sprintf(`"agentSession":{"id":"session-3","appUserId":"another","issueId":%q}`, issue)),
		hook("AgentSessionEvent", "created", fmt.Sprintf(`"agentSession":{"id":"session-4","appUserId":%q}`, fakelinear.BotID)),
		hook("AgentSessionEvent", "archived", `"agentSession":{"id":"session-1"}`),
		hook("Comment", "create", commentData("root-9", "", "hello")),
	} {
		r.send(t, body)
		next[*chat.PlatformEvent](t, r)
	}
	r.quiet(t)
}

func TestSessionsAreNothingToABotForComments(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, hook("AgentSessionEvent", "created", sessionData(`{"id":"root-1","body":"hello"}`)))
	require.Equal(t, "linear:AgentSessionEvent.created", next[*chat.PlatformEvent](t, r).Name)
}

func TestAUserStopsTheAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	begun, ended := make(chan struct{}), make(chan error, 1)
	r.OnSubscribedMessage(func(ctx context.Context, _ *chat.MessageEvent) error {
		close(begun)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil
	})
	thread, err := r.Thread(inSession)
	require.NoError(t, err)
	require.NoError(t, thread.Subscribe(t.Context()))
	r.send(t, prompted("act-1", `"content":{"type":"prompt","body":"work"}`))
	<-begun
	r.send(t, prompted("act-2", `"signal":"stop","content":{"type":"prompt","body":"stop"}`))
	require.ErrorIs(t, <-ended, chat.ErrTurnCancelled)
	require.Equal(t, "linear:AgentSessionEvent.prompted", next[*chat.PlatformEvent](t, r).Name)
}

func TestWhatAnAgentSays(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	require.NoError(t, r.StartTyping(t.Context(), inSession, "Looking"))
	id, err := r.PostMessage(t.Context(), inSession, &chat.Post{Markdown: "**done**"})
	require.NoError(t, err)
	said := r.linear.Activities("session-1")
	require.Len(t, said, 2)
	require.Equal(t, map[string]any{"type": "thought", "body": "Looking"}, said[0].Content)
	require.True(t, said[0].Ephemeral)
	require.Equal(t, map[string]any{"type": "response", "body": "**done**"}, said[1].Content)
	require.False(t, said[1].Ephemeral)
	require.ErrorIs(t, r.EditMessage(t.Context(), inSession, id, &chat.Post{Text: "x"}), errors.ErrUnsupported)
	require.ErrorIs(t, r.DeleteMessage(t.Context(), inSession, id), errors.ErrUnsupported)
	require.ErrorIs(t, r.StartTyping(t.Context(), "linear:"+issue, ""), errors.ErrUnsupported)
}

func chunks(err error, all ...chat.Chunk) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) {
		for _, c := range all {
			if !yield(c, nil) {
				return
			}
		}
		if err != nil {
			yield(chat.Chunk{}, err)
		}
	}
}

func TestAnAnswerWithTasks(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	thread, err := r.Thread(inSession)
	require.NoError(t, err)
	task := func(status chat.TaskStatus, output string) chat.Chunk {
		return chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look it up", Status: status, Output: output}}
	}
	sent, err := thread.Post(t.Context(), chunks(nil, chat.Chunk{PlanTitle: "Research"}, task(chat.TaskInProgress, ""), chat.Chunk{Text: "the "},
		task(chat.TaskComplete, "found"), chat.Chunk{Text: "answer"}))
	require.NoError(t, err)
	require.Equal(t, "the answer", sent.Message.Text)
	var said []string
	for _, a := range r.linear.Activities("session-1") {
		said = append(said, fmt.Sprint(a.Content["type"], a.Content["action"], a.Content["result"], a.Content["body"], a.Ephemeral))
	}
	require.Equal(t, []string{
		fmt.Sprint("action", "Look it up", nil, nil, true), fmt.Sprint("action", "Look it up", "found", nil, false), fmt.Sprint("response", nil, nil, "the answer", false),
	}, said)
	require.Equal(t, []any{map[string]any{"content": "Look it up", "status": "completed"}}, r.linear.Plan("session-1"))
}

func TestAnAnswerThatFails(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	thread, err := r.Thread(inSession)
	require.NoError(t, err)
	broken := errors.New("the model is away")
	_, err = thread.Post(t.Context(), chunks(broken, chat.Chunk{Text: "half"}))
	require.ErrorIs(t, err, broken)
	said := r.linear.Activities("session-1")
	require.Equal(t, map[string]any{"type": "error", "body": "half …"}, said[len(said)-1].Content)

	sent, err := thread.Post(t.Context(), chunks(nil))
	require.NoError(t, err)
	require.Empty(t, sent.ID(), "an answer without text is none")
	require.Len(t, r.linear.Activities("session-1"), len(said))
}

// A task whose end has not come is not shown as if it went on.
func TestTasksOfAnAnswerThatEndsEarly(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(cancel func()) error{
		"fails":        func(func()) error { return errors.New("the model is away") },
		"is cancelled": func(cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sessions)
			thread, err := r.Thread(inSession)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err = thread.Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
				if yield(chat.Chunk{Text: "Well", Task: &chat.Task{ID: "1", Title: "Look it up", Status: chat.TaskInProgress}}, nil) {
					yield(chat.Chunk{}, end(cancel))
				}
			}))
			require.Error(t, err)
			require.Equal(t, []any{map[string]any{"content": "Look it up", "status": "canceled"}}, r.linear.Plan("session-1"))
		})
	}
}

// What only shows how an answer grows may fail: the response says all of it.
func TestThoughtsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	thread, err := r.Thread(inSession)
	require.NoError(t, err)
	r.linear.Fail("AgentActivityCreate", fakelinear.Failure{Status: http.StatusInternalServerError, Message: "oh", Type: "internal error"})
	r.linear.Fail("AgentSessionUpdate", fakelinear.Failure{Status: http.StatusInternalServerError, Message: "oh", Type: "internal error"})
	_, err = thread.Post(t.Context(), chunks(nil, chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look", Status: chat.TaskInProgress}}, chat.Chunk{Text: "all"}))
	require.NoError(t, err)
	said := r.linear.Activities("session-1")
	require.Equal(t, map[string]any{"type": "response", "body": "all"}, said[len(said)-1].Content)
}

func TestHistoryOfASession(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	got, err := r.FetchMessages(t.Context(), inSession, chat.PageRequest{})
	require.NoError(t, err)
	require.Len(t, got.Items, 1)
	require.Equal(t, inSession, got.Items[0].ThreadID)
	require.Equal(t, "hello", got.Items[0].Text)
}

func TestAUserIsAskedToChoose(t *testing.T) {
	t.Parallel()
	r := newRig(t, sessions)
	menu := card.NewSelect("when", "When?", card.NewOption("Tomorrow", "t+1"))
	ask := card.New("Deploy?", card.NewActions(card.NewButton("deploy", "Yes, now").WithValue("prod"), card.NewLinkButton("Read", "https://a.example"), menu))
	id, err := r.PostMessage(t.Context(), inSession, &chat.Post{Card: ask})
	require.NoError(t, err)
	said := r.linear.Activities("session-1")
	require.Equal(t, "elicitation", said[0].Content["type"])
	input := r.linear.Calls("AgentActivityCreate")[0].Variables["input"].(map[string]any)
	require.Equal(t, []any{map[string]any{"label": "Yes, now", "value": "Yes, now"}, map[string]any{"label": "Tomorrow", "value": "Tomorrow"}}, input["signalMetadata"].(map[string]any)["options"])

	r.send(t, prompted("act-1", `"content":{"type":"prompt","body":"Yes, now"}`))
	ev := next[*chat.ActionEvent](t, r)
	require.Equal(t, fmt.Sprint(id, " deploy prod ", ada), fmt.Sprint(ev.MessageID, " ", ev.ActionID, " ", ev.Value, " ", ev.User.UserID))
	r.send(t, prompted("act-2", `"content":{"type":"prompt","body":"Tomorrow"}`))
	require.Equal(t, "t+1", next[*chat.ActionEvent](t, r).Value)
	r.send(t, prompted("act-3", `"content":{"type":"prompt","body":"Perhaps"}`))
	require.Equal(t, "Perhaps", next[*chat.Message](t, r).Text)
}

package webtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

func order() *card.Card {
	return card.New("Order {{emoji:wave}}", card.NewText("Two **teas**"),
		card.NewActions(card.NewButton("approve", "Approve").WithValue("17")))
}

const shownOrder = `{"type":"card","title":"Order 👋","children":[{"type":"text","content":"Two **teas**"},
	{"type":"actions","children":[{"type":"button","id":"approve","label":"Approve","value":"17"}]}]}`

func posts(content chat.Postable) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, content)
		return err
	}
}

func adapterOf(b *testBot) *web.Adapter {
	return b.thread("ada", "c1").Adapter().(*web.Adapter)
}

const adasThread = chat.ThreadID("web:ada:c1")

func TestCardsAreTextWithADataPart(t *testing.T) {
	memory := newMemory(t)
	b := newBot(t, botOptions{state: shared{memory}, handle: posts(chat.Card(order()))})
	page, _ := b.open("ada", "c1")
	chunks := b.say("ada", "c1", "m1", "hi")
	require.Equal(t, "start text-start text-delta data-card text-end finish", kinds(chunks))
	require.Equal(t, []string{"**Order 👋**\nTwo **teas**"}, texts(chunks), "clients without cards show the text")
	require.True(t, chunks[1].ProviderMetadata.Chat.Fallback, "clients with cards leave it out")
	require.Equal(t, chunks[1].ID, chunks[3].ID)
	require.JSONEq(t, shownOrder, string(chunks[3].Data))

	m := page.awaitText("**Order 👋**\nTwo **teas**")
	require.JSONEq(t, shownOrder, string(m.part(t, "data-card").Data))
	another := newBot(t, botOptions{state: shared{memory}})
	kept := another.messages("ada", "c1")[1]
	require.Equal(t, m.ID, kept.ID, "it is kept for other instances and for a reload")
	require.Equal(t, m.Parts, kept.Parts)
	require.False(t, kept.Metadata.SentAt.Before(m.Metadata.SentAt), "the bot keeps a message after the platform has shown it")
	require.True(t, kept.part(t, "text").ProviderMetadata.Chat.Fallback)
	require.False(t, kept.Metadata.Edited)
}

func TestCardsAreEditedAndReplacedByText(t *testing.T) {
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		sent, err := ev.Thread.Post(ctx, chat.Card(order()))
		if err != nil {
			return err
		}
		return sent.Edit(ctx, chat.Card(card.New("Approved")))
	}})
	chunks := b.say("ada", "c1", "m1", "hi")
	require.JSONEq(t, `{"type":"card","title":"Approved","children":[]}`, string(chunks[len(chunks)-2].Data), "an AI SDK client replaces the part")
	page, history := b.open("ada", "c1")
	require.True(t, history[1].Metadata.Edited)
	require.JSONEq(t, `{"type":"card","title":"Approved","children":[]}`, string(history[1].part(t, "data-card").Data))
	require.NoError(t, adapterOf(b).EditMessage(t.Context(), adasThread, chat.MessageID(history[1].ID), &chat.Post{Text: "done"}))
	require.Len(t, page.awaitText("done").Parts, 1)
	require.Len(t, b.messages("ada", "c1")[1].Parts, 1)
}

func TestTasksAreShownAsTheyGo(t *testing.T) {
	step := make(chan struct{})
	b := newBot(t, botOptions{handle: posts(chat.Chunks(func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{PlanTitle: "Plan", Task: &chat.Task{ID: "a", Title: "Look", Status: chat.TaskInProgress}}, nil) &&
			yield(chat.Chunk{Text: "Found {{emo"}, nil) &&
			yield(chat.Chunk{Text: "ji:wave}}"}, nil)
		<-step
		yield(chat.Chunk{Task: &chat.Task{ID: "a", Title: "Look", Status: chat.TaskComplete}}, nil)
	}))})
	page, _ := b.open("ada", "c1")
	resp := b.do(http.MethodPost, "", "ada", turn("c1", "m1", "go"))
	page.await("the tasks", func(name string, _ message, data string) bool {
		return name == "tasks" && strings.Contains(data, "in_progress")
	})
	page.await("the text", func(name string, _ message, data string) bool {
		return name == "delta" && strings.Contains(data, "👋")
	})
	close(step)
	body := string(readAll(t, resp))
	require.Equal(t, 2, strings.Count(body, `"type":"data-tasks"`), "%s", body)
	m := page.awaitText("Found 👋")
	const done = `{"title":"Plan","tasks":[{"id":"a","title":"Look","status":"complete"}]}`
	require.JSONEq(t, done, string(m.part(t, "data-tasks").Data))
	require.Equal(t, m.Parts, b.messages("ada", "c1")[1].Parts, "they are kept")
	kept, err := chat.Take(b.thread("ada", "c1").Messages(t.Context(), chat.OldestFirst), 10)
	require.NoError(t, err)
	require.Equal(t, "Found {{emoji:wave}}", kept[1].Text, "the bot's history has what it said")
}

// A task whose end has not come is not shown as if it went on, neither to an open page nor
// to one that is loaded later.
func TestTasksOfAStreamThatEndsEarly(t *testing.T) {
	for name, end := range map[string]func(cancel func()) error{
		"fails":        func(func()) error { return errors.New("the model is away") },
		"is cancelled": func(cancel func()) error { cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBot(t, botOptions{})
			page, _ := b.open("ada", "c1")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := b.thread("ada", "c1").Post(ctx, chat.Chunks(func(yield func(chat.Chunk, error) bool) {
				if yield(chat.Chunk{Text: "Well", Task: &chat.Task{ID: "a", Title: "Look", Status: chat.TaskInProgress}}, nil) {
					yield(chat.Chunk{}, end(cancel))
				}
			}))
			require.Error(t, err)
			page.await("the task's end", func(event string, _ message, data string) bool {
				return event == "tasks" && strings.Contains(data, `"status":"error"`)
			})
			messages := b.messages("ada", "c1")
			require.JSONEq(t, `{"tasks":[{"id":"a","title":"Look","status":"error"}]}`, string(messages[len(messages)-1].part(t, "data-tasks").Data))
		})
	}
}

func TestAStreamMayEndInACard(t *testing.T) {
	b := newBot(t, botOptions{})
	page, _ := b.open("ada", "c1")
	id, text, err := adapterOf(b).StreamMessage(t.Context(), adasThread, func(yield func(chat.Chunk, error) bool) {
		yield(chat.Chunk{Text: "answer"}, nil)
	}, chat.StreamOptions{End: order()})
	require.NoError(t, err)
	require.Equal(t, "answer", text)
	m := page.awaitText("answer")
	require.Equal(t, string(id), m.ID)
	require.JSONEq(t, shownOrder, string(m.part(t, "data-card").Data))
	require.False(t, m.part(t, "text").ProviderMetadata.Chat.Fallback, "the text says something else than the card")
}

func TestPlansAreShownAndEdited(t *testing.T) {
	plan := chat.PlanState{Title: "Trip", Tasks: []chat.Task{{ID: "a", Title: "Book"}, {ID: "b", Title: "Go", Status: chat.TaskComplete, Output: "Went"}}}
	b := newBot(t, botOptions{handle: reply("ok")})
	b.say("ada", "c1", "m1", "hi")
	page, history := b.open("ada", "c1")
	id, err := adapterOf(b).PostPlan(t.Context(), adasThread, plan)
	require.NoError(t, err)
	m := page.awaitText("**Trip**\n\n- [ ] Book\n- [x] Go")
	require.Equal(t, string(id), m.ID)
	require.JSONEq(t, `{"title":"Trip","tasks":[{"id":"a","title":"Book","status":"pending"},{"id":"b","title":"Go","status":"complete","output":"Went"}]}`,
		string(m.part(t, "data-tasks").Data))

	// The plan of a message that is in the history.
	known := chat.MessageID(history[1].ID)
	require.NoError(t, adapterOf(b).EditPlan(t.Context(), adasThread, known, plan))
	shown := b.messages("ada", "c1")[1]
	require.NotEmpty(t, shown.part(t, "data-tasks"))
	require.False(t, shown.Metadata.Edited, "a plan changes by nature")
	require.ErrorIs(t, adapterOf(b).EditPlan(t.Context(), adasThread, "no-such", plan), chat.ErrNotFound)
}

func TestEphemeralMessagesAreTheUsersAndNotKept(t *testing.T) {
	memory := newMemory(t)
	one := newBot(t, botOptions{state: shared{memory}, handle: reply("ok")})
	two := newBot(t, botOptions{state: shared{memory}})
	one.say("ada", "c1", "m1", "hi")
	page, _ := one.open("ada", "c1")
	elsewhere, _ := two.open("ada", "c1")
	_, err := adapterOf(one).PostEphemeral(t.Context(), adasThread, "bob", &chat.Post{Text: "psst"})
	require.ErrorIs(t, err, chat.ErrNotFound)
	id, err := adapterOf(one).PostEphemeral(t.Context(), adasThread, "ada", &chat.Post{Text: "psst"})
	require.NoError(t, err)
	for _, p := range []*events{page, elsewhere} {
		m := p.awaitText("psst")
		require.Equal(t, string(id), m.ID)
		require.True(t, m.Metadata.Ephemeral)
	}
	_, history := two.open("ada", "c1")
	require.Equal(t, []string{"user: hi", "assistant: ok", "assistant: psst"}, lines(history), "a reload shows it")
	kept, err := chat.Take(one.thread("ada", "c1").Messages(t.Context(), chat.OldestFirst), 10)
	require.NoError(t, err)
	require.Len(t, kept, 2, "the bot does not keep it")
}

func TestReactionsOfTheBot(t *testing.T) {
	b := newBot(t, botOptions{handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := ev.Thread.React(ctx, ev.Message.ID, "thumbs_up"); err != nil {
			return err
		}
		return ev.Thread.React(ctx, ev.Message.ID, "❤️")
	}})
	b.say("ada", "c1", "m1", "hi")
	page, history := b.open("ada", "c1")
	require.Equal(t, []string{"👍", "❤️"}, history[0].Metadata.Reactions)
	require.Equal(t, "hi", history[0].text())
	adapter := adapterOf(b)
	require.NoError(t, adapter.RemoveReaction(t.Context(), adasThread, "ada:c1:m1", "👍"))
	page.await("the removal", func(name string, m message, _ string) bool {
		return name == "message" && len(m.Metadata.Reactions) == 1
	})
	require.ErrorIs(t, adapter.AddReaction(t.Context(), adasThread, "no-such", "wave"), chat.ErrNotFound)
}

func TestPostedFilesCanBeFetched(t *testing.T) {
	b := newBot(t, botOptions{web: web.Config{MaxFile: 1000}, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, &chat.Post{
			Markdown:    "two files",
			Files:       []chat.File{{Name: "naïve \".html", Content: strings.NewReader("<script>alert(1)</script>")}},
			Attachments: []chat.Attachment{{Type: "file", URL: "https://files.example/a.pdf", Name: "a.pdf", Size: 5}},
		})
		return err
	}})
	chunks := b.say("ada", "c1", "m1", "hi")
	require.Equal(t, "start text-start text-delta text-end file file finish", kinds(chunks))
	m := b.messages("ada", "c1")[1]
	require.Len(t, m.Parts, 3)
	own, linked := m.Parts[1], m.Parts[2]
	require.Equal(t, "naïve \".html", own.Filename)
	require.EqualValues(t, 25, own.ProviderMetadata.Chat.Size)
	require.Equal(t, part{Type: "file", URL: "https://files.example/a.pdf", MediaType: "application/pdf", Filename: "a.pdf", ProviderMetadata: linked.ProviderMetadata}, linked)

	resp := b.do(http.MethodGet, "/"+own.URL, "ada", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "<script>alert(1)</script>", string(readAll(t, resp)))
	require.Equal(t, "attachment; filename*=utf-8''na%C3%AFve%20%22.html", resp.Header.Get("Content-Disposition"))
	require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
	require.Equal(t, "default-src 'none'; sandbox", resp.Header.Get("Content-Security-Policy"))
	require.Equal(t, http.StatusNotFound, b.do(http.MethodGet, "/"+own.URL, "bob", "").StatusCode, "a file is its user's")

	adapter := adapterOf(b)
	_, err := adapter.PostMessage(t.Context(), adasThread, &chat.Post{Files: []chat.File{{Name: "big", Content: bytes.NewReader(make([]byte, 1001))}}})
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.ErrorContains(t, err, "Config.MaxFile")
	_, err = adapter.PostMessage(t.Context(), adasThread, &chat.Post{Files: []chat.File{{Name: "x", Content: failingReader{}}}})
	require.ErrorIs(t, err, errReader)

	require.NoError(t, adapter.DeleteMessage(t.Context(), adasThread, chat.MessageID(m.ID)))
	require.Equal(t, http.StatusNotFound, b.do(http.MethodGet, "/"+own.URL, "ada", "").StatusCode, "it goes with its message")
}

var errReader = errors.New("the disk is gone")

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errReader }

func TestConversationsAreDeleted(t *testing.T) {
	memory := newMemory(t)
	b := newBot(t, botOptions{state: shared{memory}, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, &chat.Post{Text: "secret", Files: []chat.File{{Name: "f", Content: strings.NewReader("secret")}}})
		return err
	}})
	b.say("ada", "c1", "m1", "secret")
	b.say("ada", "c2", "m1", "stays")
	_, err := adapterOf(b).PostEphemeral(t.Context(), adasThread, "ada", &chat.Post{Text: "secret"})
	require.NoError(t, err)
	file := b.messages("ada", "c1")[1].part(t, "file")
	page, _ := b.open("ada", "c1")
	require.Equal(t, http.StatusForbidden, b.do(http.MethodDelete, "/conversations?conversation=c1", "ada", "", "Sec-Fetch-Site", "cross-site").StatusCode)
	require.Equal(t, http.StatusNoContent, b.do(http.MethodDelete, "/conversations?conversation=c1", "bob", "").StatusCode)
	require.Len(t, b.messages("ada", "c1"), 3, "another user's conversation of that name")

	require.Equal(t, http.StatusNoContent, b.do(http.MethodDelete, "/conversations?conversation=c1", "ada", "").StatusCode)
	page.await("the end", func(name string, _ message, _ string) bool { return name == "deleted" })
	require.Empty(t, b.messages("ada", "c1"))
	require.Equal(t, http.StatusNotFound, b.do(http.MethodGet, "/"+file.URL, "ada", "").StatusCode)
	var v struct{ Conversations []struct{ ID string } }
	require.NoError(t, json.Unmarshal(readAll(t, b.do(http.MethodGet, "/conversations", "ada", "")), &v))
	require.Len(t, v.Conversations, 1)
	require.Equal(t, "c2", v.Conversations[0].ID)
	b.say("ada", "c1", "m9", "again")
	require.Len(t, b.messages("ada", "c1"), 2, "it begins anew")
}

func TestTheBotsOwnEmojiAreShown(t *testing.T) {
	set, err := emoji.NewSet(map[emoji.Emoji]emoji.Spelling{"team": {Unicode: []string{"🦄"}}, "logo": {Own: map[emoji.Platform]string{"web": "◆"}}})
	require.NoError(t, err)
	b := newBot(t, botOptions{config: func(c *chat.Config) { c.Emoji = set }, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		if err := ev.Thread.React(ctx, ev.Message.ID, "team"); err != nil {
			return err
		}
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("{{emoji:team}}", card.NewText("{{emoji:logo}}"))))
		if err == nil {
			_, err = ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) { yield("{{emoji:team}} {{emoji:logo}}", nil) }))
		}
		return err
	}})
	b.say("ada", "c1", "m1", "hi")
	_, history := b.open("ada", "c1")
	require.Equal(t, []string{"🦄"}, history[0].Metadata.Reactions)
	require.Contains(t, string(history[1].part(t, "data-card").Data), `"title":"🦄"`)
	require.Contains(t, string(history[1].part(t, "data-card").Data), "◆")
	require.Equal(t, "🦄 ◆", history[2].text())
}

func TestABlankLineStandsBetweenTheStepsOfAModel(t *testing.T) {
	b := newBot(t, botOptions{handle: posts(chat.Chunks(func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{Text: "Let me look.", StepEnd: true}, nil) && yield(chat.Chunk{Text: "It is 7."}, nil)
	}))})
	b.say("ada", "c1", "m1", "hi")
	_, history := b.open("ada", "c1")
	require.Equal(t, "Let me look.\n\nIt is 7.", history[1].text())
}

package lineartest

import (
	"fmt"
	"testing"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/lineartest/fakelinear"
)

const theFile = "what Ada has noted"

// inComments is the adapter for comments, where Linear shows nobody typing.
type inComments struct{ *linear.Adapter }

// StartTyping hides the adapter's.
func (inComments) StartTyping() {}

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newLinear(t)
	s.AddFile("notes.txt", []byte(theFile)) // file-1
	return adaptertest.Harness{Adapter: inComments{newAdapter(t, s)}, State: botrig.Memory(t), Posts: s.Shown, Limit: s.Limit, Break: s.Break}
}

func wantMessage(thread, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID(id), ThreadID: chat.ThreadID(thread), Text: text, Author: chat.Author{UserID: ada, UserName: "ada", FullName: "Ada Lovelace"},
	}}
}

func features() adaptertest.Features {
	const inThread = "linear:" + issue + ":c:root-1"
	return adaptertest.Features{
		Sign: sign, User: ada, NoButtons: true, Secrets: []string{secret, fakelinear.APIKey},
		Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks | adaptertest.Quotes |
			adaptertest.Links | adaptertest.Lists | adaptertest.Tables | adaptertest.Mentions,
		Samples: []adaptertest.Sample{
			{Name: "a comment", Body: hook("Comment", "create", commentData("root-1", "", "hello *there*")), Want: wantMessage(inThread, "root-1", "hello there")},
			{Name: "an answer", Body: hook("Comment", "create", commentData("answer-1", "root-1", "yes")), Want: wantMessage(inThread, "answer-1", "yes")},
			{
				Name: "on a project", Body: hook("Comment", "create", fmt.Sprintf(`"data":{"id":"root-2","body":"all of it","projectId":"project-1","createdAt":"2026-01-01T00:00:00Z","user":%s}`, adaJSON)),
				Want: wantMessage("linear:p:project-1:c:root-2", "root-2", "all of it"),
			},
			{
				Name: "file", Body: hook("Comment", "create", commentData("answer-2", "root-1", "see [notes.txt](https://uploads.linear.app/file-1/notes.txt)")),
				Want: wantMessage(inThread, "answer-2", "see notes.txt"), Files: []string{theFile},
			},
			{
				Name: "edit", Body: hook("Comment", "update", commentData("root-1", "", "hello, you")+`,"updatedFrom":{"body":"hello *there*"}`),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{
					EventBase: chat.EventBase{ThreadID: inThread, User: chat.Author{UserID: ada}}, Message: wantMessage(inThread, "root-1", "hello, you")[0].(*chat.Message),
				}},
			},
			{
				Name: "deletion", Body: hook("Comment", "remove", commentData("answer-1", "root-1", "yes")),
				Want: []chat.Inbound{&chat.MessageDeletedEvent{EventBase: chat.EventBase{ThreadID: inThread, User: chat.Author{UserID: ada}}, MessageID: "answer-1"}},
			},
			{
				Name: "reaction", Body: hook("Reaction", "create", fmt.Sprintf(`"data":{"id":"r-1","emoji":"❤️","commentId":"root-1","user":%s}`, adaJSON)),
				Want: []chat.Inbound{&chat.ReactionEvent{
					EventBase: chat.EventBase{ThreadID: inThread, User: chat.Author{UserID: ada}}, MessageID: "root-1", Emoji: "heart", RawEmoji: "❤️", Added: true,
				}},
			},
			{
				Name: "an issue", Body: hook("Issue", "update", fmt.Sprintf(`"data":{"id":%q,"title":"The engine"},"actor":%s`, issue, adaJSON)),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: chat.EventBase{ThreadID: "linear:" + issue}, Name: "linear:Issue.update"}},
			},
			{Name: "revoked", Body: hook("OAuthApp", "revoked", `"oauthClientId":"c"`), Want: []chat.Inbound{&chat.InstallationEvent{Workspace: fakelinear.Organization}}},
			{
				Name: "own", Body: hook("Comment", "create", fmt.Sprintf(`"data":{"id":"own-1","body":"mine","issueId":%q,"createdAt":"2026-01-01T00:00:00Z","user":{"id":%q,"name":"Helper"}}`, issue, fakelinear.BotID)),
				Own: true,
			},
		},
		Foreign: []chat.ThreadID{"linear:", "linear:p:", "linear:p", "linear:x y", "linear:a:c", "linear:a:c:", "linear:a:d:b", "linear:a:s:b:c:d", "linear:p:a:s:b", "linear:a:c:b:s:c:d"},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }

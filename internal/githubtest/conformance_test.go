package githubtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

const (
	adaJSON   = `{"id":100,"login":"ada","type":"User"}`
	botJSON   = `{"id":600,"login":"reviewer","type":"User"}`
	common    = `"repository":{"id":1,"full_name":"acme/tea.pot","private":false},"sender":` + adaJSON
	issueJSON = `"issue":{"id":1001,"number":1,"title":"The pot leaks","body":"Here is *how*.","user":` + adaJSON + `,"created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:00:00Z"}`
	pullJSON  = `"pull_request":{"id":1002,"number":2,"title":"Seal the pot","body":"It leaked.","user":` + adaJSON + `,"created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:00:00Z"}`
	discJSON  = `"discussion":{"id":1003,"node_id":"D_1","number":3,"title":"Which tea?","body":"Green or black?","user":` + adaJSON + `,"created_at":"2026-01-01T10:00:00Z"}`
)

func event(action string, fields ...string) string {
	return fmt.Sprintf(`{"action":%q,%s,%s}`, action, strings.Join(fields, ","), common)
}

func remarkOf(name string, id int64, body, more string) string {
	return fmt.Sprintf(`%q:{"id":%d,"node_id":"R_discussioncomment_%d","body":%q,"user":%s,"created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T11:00:00Z","submitted_at":"2026-01-01T10:00:00Z"%s}`,
		name, id, id, body, adaJSON, more)
}

func sample(name, kind, body string, want ...chat.Inbound) adaptertest.Sample {
	return adaptertest.Sample{Name: name, Header: headers(kind), Body: body, Want: want}
}

func wantMessage(thread chat.ThreadID, id, text string) *chat.Message {
	return &chat.Message{ID: chat.MessageID(id), ThreadID: thread, Text: text, Author: chat.Author{UserID: "100", UserName: "ada"}}
}

func byAda(thread chat.ThreadID) chat.EventBase {
	return chat.EventBase{ThreadID: thread, User: chat.Author{UserID: "100"}}
}

func samples() []adaptertest.Sample {
	own := event("created", issueJSON, strings.Replace(remarkOf("comment", 77, "mine", ""), adaJSON, botJSON, 1))
	return []adaptertest.Sample{
		sample("a comment on an issue", "issue_comment", event("created", issueJSON, remarkOf("comment", 71, "hello *there*", "")),
			wantMessage(issueThread, "issuecomment-71", "hello there")),
		sample("a comment on a pull request", "issue_comment", event("created", strings.Replace(issueJSON, `"number":1,`, `"number":2,"pull_request":{"url":"x"},`, 1), remarkOf("comment", 72, "hello", "")),
			wantMessage(pullThread, "issuecomment-72", "hello")),
		sample("an answer to a review comment", "pull_request_review_comment", event("created", pullJSON, remarkOf("comment", 73, "because", `,"in_reply_to_id":9007199254740993`)),
			wantMessage(reviewThread, "discussion_r73", "because")),
		sample("a review comment that begins a thread", "pull_request_review_comment", event("created", pullJSON, remarkOf("comment", 9007199254740993, "why", "")),
			wantMessage(reviewThread, "discussion_r9007199254740993", "why")),
		sample("a comment on a discussion", "discussion_comment", event("created", discJSON, remarkOf("comment", 550062, "Green.", `,"parent_id":null`)),
			wantMessage(discussionThread, "discussioncomment-550062", "Green.")),
		sample("an issue", "issues", event("opened", issueJSON), wantMessage(issueThread, "acme/tea.pot#1", "The pot leaks\n\nHere is how.")),
		sample("a pull request", "pull_request", event("opened", pullJSON), wantMessage(pullThread, "acme/tea.pot#2", "Seal the pot\n\nIt leaked.")),
		sample("a discussion", "discussion", event("created", discJSON), wantMessage(discussionThread, "acme/tea.pot#3", "Which tea?\n\nGreen or black?")),
		sample("a review", "pull_request_review", event("submitted", pullJSON, remarkOf("review", 74, "Fine.", `,"state":"approved"`)),
			wantMessage(pullThread, "pullrequestreview-74", "Fine.")),
		sample("a review without words", "pull_request_review", event("submitted", pullJSON, strings.Replace(remarkOf("review", 75, "x", `,"state":"approved"`), `"body":"x"`, `"body":null`, 1)),
			&chat.PlatformEvent{EventBase: byAda(pullThread), Name: "github:pull_request_review.submitted"}),
		sample("an edit", "issue_comment", event("edited", issueJSON, remarkOf("comment", 71, "hello, you", ""), `"changes":{"body":{"from":"hello *there*"}}`),
			&chat.MessageUpdatedEvent{
				EventBase: byAda(issueThread), Message: wantMessage(issueThread, "issuecomment-71", "hello, you"), Previous: wantMessage(issueThread, "issuecomment-71", "hello there"),
			}),
		sample("a deletion", "issue_comment", event("deleted", issueJSON, remarkOf("comment", 71, "hello", "")),
			&chat.MessageDeletedEvent{EventBase: byAda(issueThread), MessageID: "issuecomment-71", Previous: wantMessage(issueThread, "issuecomment-71", "hello")}),
		sample("a label", "issues", event("labeled", issueJSON, `"label":{"name":"bug"}`), &chat.PlatformEvent{EventBase: byAda(issueThread), Name: "github:issues.labeled"}),
		sample("an installation", "installation", `{"action":"created","installation":{"id":957387},"repositories":[],"sender":`+adaJSON+`}`,
			&chat.InstallationEvent{EventBase: byAda(""), Workspace: "957387", Installed: true}),
		sample("a removal", "installation", `{"action":"deleted","installation":{"id":957387},"sender":`+adaJSON+`}`,
			&chat.InstallationEvent{EventBase: byAda(""), Workspace: "957387"}),
		sample("a kind of the future", "time_travel", event("departed", `"to":1900`), &chat.PlatformEvent{EventBase: byAda(""), Name: "github:time_travel.departed"}),
		{Name: "own", Header: headers("issue_comment"), Body: own, Own: true},
	}
}

// features are those of a platform on which the thread of the sample is written to.
func features(first string) adaptertest.Features {
	all := samples()
	for i, s := range all {
		if s.Name == first {
			all[0], all[i] = all[i], all[0]
		}
	}
	return adaptertest.Features{
		Sign: sign, User: "100", NoButtons: true, Secrets: []string{secret, fakegithub.Token}, Formats: adaptertest.AllFormats,
		Samples: all,
		Twins: []adaptertest.Sample{
			sample("one", "issue_comment", event("created", issueJSON, remarkOf("comment", 90, "one", "")), wantMessage(issueThread, "issuecomment-90", "one")),
			sample("two", "pull_request_review_comment", event("created", pullJSON, remarkOf("comment", 90, "two", `,"in_reply_to_id":9007199254740993`)), wantMessage(reviewThread, "discussion_r90", "two")),
		},
		Foreign: []chat.ThreadID{
			"github:", "github:acme/tea.pot", "github:acme/tea.pot:", "github:acme:1", "github:acme/tea.pot:0", "github:acme/tea.pot:01", "github:acme/tea.pot:-1",
			"github:acme/tea.pot:issue:", "github:acme/tea.pot:issue:1:rc:2", "github:acme/tea.pot:1:rc:", "github:acme/tea.pot:1:rc:0", "github:a/b/c:1", "github:../..:1",
			"github:acme/tea.pot:issue:1:2", "github:acme/tea.pot:99999999999999999999", "github:acme/tea.pot:pull:1",
		},
	}
}

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newGitHub(t)
	return adaptertest.Harness{Adapter: newAdapter(t, s), State: botrig.Memory(t), Posts: s.Shown, Limit: s.Limit, Break: s.Break}
}

// withoutReplies is the adapter as it is on issues and pull requests.
type withoutReplies struct {
	chat.Adapter
	chat.Streamer
	chat.EditPacer
	chat.Reactor
	chat.MessageFetcher
	chat.ChannelFetcher
	chat.ChannelFinder
	chat.UserFinder
	chat.Permalinker
}

func openWithoutReplies(t *testing.T) adaptertest.Harness {
	h := open(t)
	a := h.Adapter.(*github.Adapter)
	h.Adapter = withoutReplies{a, a, a, a, a, a, a, a, a}
	return h
}

func TestConformance(t *testing.T) {
	t.Run("issue", func(t *testing.T) { adaptertest.Run(t, openWithoutReplies, features("a comment on an issue")) })
	t.Run("pull request", func(t *testing.T) { adaptertest.Run(t, openWithoutReplies, features("a review")) })
	t.Run("review thread", func(t *testing.T) {
		adaptertest.Run(t, openWithoutReplies, features("a review comment that begins a thread"))
	})
	t.Run("discussion", func(t *testing.T) { adaptertest.Run(t, open, features("a comment on a discussion")) })
}

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features("a comment on an issue")) }

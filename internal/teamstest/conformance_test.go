package teamstest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

const (
	theFile    = "what Ada has noted"
	thePicture = "a picture"
)

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newTeams(t)
	s.AddFile("notes.txt", []byte(theFile), false)
	s.AddFile("picture", []byte(thePicture), true)
	adapter := newAdapter(t, s)
	st := botrig.Memory(t)
	// What activities have told before.
	require.NoError(t, st.Connect(t.Context()))
	inner, err := json.Marshal(`{"teamId":"` + teamGUID + `","channelId":"` + channel + `"}`)
	require.NoError(t, err)
	require.NoError(t, st.Set(t.Context(), "teams:channelContext:"+channel, inner, time.Hour))
	inner, err = json.Marshal(`{"type":"dm","graphChatId":"` + faketeams.PersonalChat + `"}`)
	require.NoError(t, err)
	require.NoError(t, st.Set(t.Context(), "teams:channelContext:"+personal, inner, time.Hour))
	require.NoError(t, st.Set(t.Context(), "teams:aadObjectId:"+ada, []byte(`"`+adaGUID+`"`), time.Hour))
	return adaptertest.Harness{
		Adapter: adapter, State: st, Posts: s.Shown, Typing: s.Typing, Limit: s.Limit, Break: s.Break, Ephemeral: s.Ephemeral, Modals: s.Modals,
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Click: func(_ context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			value, err := s.Click(p.ID, label)
			if err != nil {
				return nil, err
			}
			if _, fetches := value["msteams"]; fetches { // Teams shows what the webhook is answered with
				return nil, fetch(t, s, adapter, activityOf(p.ID), value)
			}
			return &adaptertest.Sample{Body: activity("message", thread, map[string]any{"replyToId": activityOf(p.ID), "value": value})}, nil
		},
		Submit: func(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			data, err := s.Submit(m, values)
			return &adaptertest.Sample{Body: activity("invoke", thread, map[string]any{"name": "task/submit", "value": map[string]any{"data": data}})}, err
		},
	}
}

// fetch clicks a button that opens a dialog, and has Teams show it.
func fetch(t *testing.T, s *faketeams.Server, bot http.Handler, on string, data map[string]any) error {
	t.Helper()
	body := activity("invoke", thread, map[string]any{"name": "task/fetch", "replyToId": on, "value": map[string]any{"data": data, "context": map[string]any{"theme": "default"}}})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	sign(r, nil, time.Now())
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return fmt.Errorf("a click on a button is answered %d %s", w.Code, w.Body)
	}
	return s.ShowDialog(w.Body.Bytes())
}

// activityOf is the activity that a message is.
func activityOf(id chat.MessageID) string {
	for i := range id {
		if id[i] == ':' {
			return string(id[i+1:])
		}
	}
	return ""
}

func wantMessage(conversation, id, text string) []chat.Inbound {
	base := conversation
	if conversation == thread {
		base = channel
	}
	return []chat.Inbound{&chat.Message{
		ID: faketeams.MessageID(base, id), ThreadID: faketeams.Thread(conversation), Text: text, Author: chat.Author{UserID: ada, UserName: "Ada Lovelace", FullName: "Ada Lovelace"},
	}}
}

func features() adaptertest.Features {
	user := chat.Author{UserID: ada}
	return adaptertest.Features{
		Sign: sign, BodyUnsigned: true, MaxAge: time.Hour + 5*time.Minute, User: ada, Secrets: []string{faketeams.AppPassword},
		Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks | adaptertest.Quotes |
			adaptertest.Links | adaptertest.Lists | adaptertest.Mentions,
		Samples: []adaptertest.Sample{
			{Name: "in a thread", Body: message(thread, "1767224937245", "hello *there*"), Want: wantMessage(thread, "1767224937245", "hello *there*")},
			{Name: "a file", Body: activity("message", personal, map[string]any{"id": "1767224937248", "text": "see", "attachments": []any{
				map[string]any{"contentType": "application/vnd.microsoft.teams.file.download.info", "contentUrl": "https://contoso.sharepoint.com/x/notes.txt", "name": "notes.txt", "content": map[string]any{"downloadUrl": "https://contoso.sharepoint.com/notes.txt", "fileType": "txt"}},
				map[string]any{"contentType": "image/*", "contentUrl": faketeams.ServiceURL + "v3/attachments/picture"},
			}}), Want: wantMessage(personal, "1767224937248", "see"), Files: []string{theFile, thePicture}},
			{Name: "in a group chat", Body: message(group, "1767224937246", "hello"), Want: wantMessage(group, "1767224937246", "hello")},
			{Name: "direct", Body: message(personal, "1767224937247", "hello"), Want: wantMessage(personal, "1767224937247", "hello")},
			{
				Name: "edit", Body: activity("messageUpdate", thread, map[string]any{"id": "1767224937245", "text": "hello, you", "channelData": map[string]any{"eventType": "editMessage"}}),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{
					EventBase: chat.EventBase{ThreadID: faketeams.Thread(thread), User: user}, Message: wantMessage(thread, "1767224937245", "hello, you")[0].(*chat.Message),
				}},
			},
			{
				Name: "deletion", Body: activity("messageDelete", thread, map[string]any{"id": "1767224937245", "channelData": map[string]any{"eventType": "softDeleteMessage"}}),
				Want: []chat.Inbound{&chat.MessageDeletedEvent{
					EventBase: chat.EventBase{ThreadID: faketeams.Thread(thread), User: user}, MessageID: faketeams.MessageID(channel, "1767224937245"),
				}},
			},
			{
				Name: "reaction", Body: activity("messageReaction", thread, map[string]any{"replyToId": "1767224937245", "reactionsAdded": []any{map[string]any{"type": "heart"}}}),
				Want: []chat.Inbound{&chat.ReactionEvent{
					EventBase: chat.EventBase{ThreadID: faketeams.Thread(thread), User: user}, MessageID: faketeams.MessageID(channel, "1767224937245"), Emoji: "heart", RawEmoji: "heart", Added: true,
				}},
			},
			{
				Name: "joined", Body: activity("conversationUpdate", channel, map[string]any{"membersAdded": []any{map[string]any{"id": "29:bob"}}}),
				Want: []chat.Inbound{&chat.MembershipEvent{
					EventBase: chat.EventBase{User: chat.Author{UserID: "29:bob"}}, ChannelID: chat.ChannelID(faketeams.Thread(channel)), Joined: true,
				}},
			},
			{
				Name: "installed", Body: activity("installationUpdate", channel, map[string]any{
					"action": "add", "channelData": map[string]any{"team": map[string]any{"id": teamID, "aadGroupId": teamGUID}, "tenant": map[string]any{"id": faketeams.Tenant}},
				}),
				Want: []chat.Inbound{&chat.InstallationEvent{EventBase: chat.EventBase{User: user}, Workspace: teamID, Installed: true}},
			},
			{
				Name: "a kind of the future", Body: activity("telepathy", thread, nil),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: chat.EventBase{ThreadID: faketeams.Thread(thread)}, Name: "teams:telepathy"}},
			},
			{
				Name: "own", Body: activity("message", thread, map[string]any{"id": "1767224937249", "text": "mine", "from": map[string]any{"id": bot, "name": "The Bot"}}),
				Own: true,
			},
		},
		Mention: adaptertest.Sample{Body: mentioning(thread, "1767224937250", "help"), Want: wantMessage(thread, "1767224937250", "@The Bot help")},
		Twins: []adaptertest.Sample{
			{Name: "one", Body: message(group, "1767224937260", "one"), Want: wantMessage(group, "1767224937260", "one")},
			{Name: "two", Body: message(thread, "1767224937260", "two"), Want: wantMessage(thread, "1767224937260", "two")},
		},
		Foreign: []chat.ThreadID{
			"teams:", "teams:x", "teams:YQ:Yg", faketeams.Thread(thread) + ":personal:x", faketeams.Thread(thread) + ":channel", faketeams.Thread(personal) + ":personal", faketeams.Thread(thread) + ":other",
			"teams:YQ:aHR0cHM6Ly9ldmlsLmV4YW1wbGUv", // https://evil.example/
		},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }

package teamstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// A message of a channel names its team, which the Bot Connector knows by its GUID.
func TestHistoryOfAThread(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r.teams.AddMessage(faketeams.Message{Conversation: channel + ";messageid=" + root, ID: root, Text: "the first", User: adaGUID, At: at})
	for i := range 7 {
		r.teams.AddMessage(faketeams.Message{Conversation: thread, ID: fmt.Sprint(1767224930000 + i), Text: fmt.Sprint("answer ", i), User: adaGUID, At: at.Add(time.Duration(i+1) * time.Second)})
	}
	where := faketeams.Thread(thread)
	_, err := r.FetchMessages(t.Context(), where, chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrNotFound)
	require.ErrorContains(t, err, "an activity has named its ids")

	r.send(t, activity("message", thread, map[string]any{"text": "hello", "channelData": map[string]any{
		"tenant": map[string]any{"id": faketeams.Tenant}, "team": map[string]any{"id": teamID}, "channel": map[string]any{"id": channel},
	}}))
	next[*chat.Message](t, r)
	for _, oldest := range []bool{false, true} {
		var texts []string
		req := chat.PageRequest{Limit: 3, Oldest: oldest}
		for {
			page, err := r.FetchMessages(t.Context(), where, req)
			require.NoError(t, err)
			var these []string
			for _, m := range page.Items {
				these = append(these, m.Text)
			}
			if oldest {
				texts = append(texts, these...)
			} else {
				texts = append(these, texts...)
			}
			if req.Cursor = page.Next; req.Cursor == "" {
				break
			}
		}
		require.Equal(t, "the first,answer 0,answer 1,answer 2,answer 3,answer 4,answer 5,answer 6", strings.Join(texts, ","))
	}
	require.Len(t, r.teams.Calls("getTeamDetails"), 1)
	kept, err := r.state.Get(t.Context(), "teams:channelContext:"+channel)
	require.NoError(t, err)
	require.Contains(t, string(kept), `"{\"teamId\":\"`+teamGUID+`\"`, "JSON in a JSON string, as the TypeScript SDK has it")
	m, err := r.FetchMessage(t.Context(), where, faketeams.MessageID(channel, root))
	require.NoError(t, err)
	require.Equal(t, "the first "+adaGUID, fmt.Sprint(m.Text, " ", m.Author.UserID))
	for _, cursor := range []string{"%zz", "x;y"} {
		_, err = r.FetchMessages(t.Context(), where, chat.PageRequest{Cursor: cursor})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, cursor)
	}
}

func TestWhatGraphDoesNotAllowIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, what := range []string{"messages", "users", "channels", "files"} {
		r.teams.Refuse(what)
	}
	r.send(t, activity("message", personal, map[string]any{"text": "hello"}))
	next[*chat.Message](t, r)
	_, err := r.FetchMessages(t.Context(), faketeams.Thread(personal), chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "Chat.Read.All")
	_, err = r.FetchMessages(t.Context(), faketeams.Thread(group), chat.PageRequest{})
	require.ErrorContains(t, err, "ChatMessage.Read.Chat")
	_, err = r.FetchUser(t.Context(), adaGUID)
	require.ErrorContains(t, err, "User.Read.All")
	_, err = r.FetchChannel(t.Context(), chat.ChannelID(faketeams.Thread(group)))
	require.ErrorContains(t, err, "ChatSettings.Read.Chat")
	r.send(t, activity("message", thread, map[string]any{"text": "hello", "channelData": map[string]any{
		"tenant": map[string]any{"id": faketeams.Tenant}, "team": map[string]any{"id": teamID, "aadGroupId": teamGUID}, "channel": map[string]any{"id": channel},
	}}))
	next[*chat.Message](t, r)
	_, err = r.FetchMessages(t.Context(), faketeams.Thread(thread), chat.PageRequest{})
	require.ErrorContains(t, err, "ChannelMessage.Read.Group or ChannelMessage.Read.All")
	_, err = r.FetchChannel(t.Context(), chat.ChannelID(faketeams.Thread(channel)))
	require.ErrorContains(t, err, "ChannelSettings.Read.Group")
	_, err = r.PostMessage(t.Context(), faketeams.Thread(thread), &chat.Post{Files: []chat.File{{Name: "report.pdf", Content: strings.NewReader("x")}}})
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "Files.ReadWrite.All")
}

func TestGraphNeedsATenant(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *teams.Config) { c.TenantID = "" })
	_, err := r.FetchUser(t.Context(), adaGUID)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "TenantID")
}

func TestFilesThatUsersTake(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(personal)
	id, err := r.PostMessage(t.Context(), where, &chat.Post{Text: "see", Files: []chat.File{{Name: "report.pdf", Content: strings.NewReader("the report")}}})
	require.NoError(t, err)
	posts, err := r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.Len(t, posts, 2, "the text, and the card that asks")
	require.Equal(t, id, posts[0].ID)
	card := posts[1].ID
	content := r.teams.Activity(card)["attachments"].([]any)[0].(map[string]any)["content"].(map[string]any)
	answer := func(action, upload string) string {
		return activity("invoke", personal, map[string]any{"name": "fileConsent/invoke", "replyToId": activityOf(card), "value": map[string]any{
			"type": "fileUpload", "action": action, "context": content[action+"Context"],
			"uploadInfo": map[string]any{"contentUrl": "https://contoso.sharepoint.com/up/report.pdf", "name": "report.pdf", "uploadUrl": upload, "uniqueId": "u", "fileType": "pdf"},
		}})
	}
	for _, evil := range []string{"https://evil.example/up", "http://contoso.sharepoint.com/up", "https://contoso.sharepoint.com.evil.example/", "https://x@contoso.sharepoint.com/", "https://contoso.sharepoint.com:444/", ""} {
		require.Equal(t, 400, r.deliver(t, answer("accept", evil)).Code, evil)
	}
	r.send(t, answer("accept", r.teams.UploadURL("report.pdf")))
	require.Equal(t, "the report", string(r.teams.File("/up/report.pdf")))
	posts, err = r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.True(t, posts[1].Deleted)
	require.Equal(t, "the report", string(posts[2].Files[0].Content))
	for _, action := range []string{"accept", "decline"} {
		r.send(t, answer(action, r.teams.UploadURL("again.pdf")))
	}
	require.Nil(t, r.teams.File("/up/again.pdf"), "it is taken once")
	r.quiet(t)
	r.send(t, activity("invoke", personal, map[string]any{"name": "fileConsent/invoke", "value": map[string]any{"action": "accept", "context": map[string]any{"file": "of another bot"}}}))
	require.Equal(t, "teams:fileConsent/invoke", next[*chat.PlatformEvent](t, r).Name)
}

// A file that the user does not want is not uploaded, and one whose answer comes many
// times at once, to two instances, is uploaded and shown once.
func TestFilesThatUsersAnswer(t *testing.T) {
	t.Parallel()
	for action, shown := range map[string]int{"decline": 0, "accept": 1} {
		s, st := newTeams(t), botrig.Memory(t)
		rigs := []*rig{newRigOn(t, s, st), newRigOn(t, s, st)}
		where := faketeams.Thread(personal)
		card, err := rigs[0].PostMessage(t.Context(), where, &chat.Post{Files: []chat.File{{Name: "report.pdf", Content: strings.NewReader("the report")}}})
		require.NoError(t, err)
		content := s.Activity(card)["attachments"].([]any)[0].(map[string]any)["content"].(map[string]any)
		body := activity("invoke", personal, map[string]any{"name": "fileConsent/invoke", "replyToId": activityOf(card), "value": map[string]any{
			"action": action, "context": content[action+"Context"],
			"uploadInfo": map[string]any{"contentUrl": "https://contoso.sharepoint.com/up/report.pdf", "name": "report.pdf", "uploadUrl": s.UploadURL("report.pdf"), "uniqueId": "u", "fileType": "pdf"},
		}})
		var group sync.WaitGroup
		for i := range 6 {
			group.Go(func() {
				if code := rigs[i%2].deliver(t, body).Code; code != 200 && code != 503 {
					t.Errorf("answered %d", code)
				}
			})
		}
		group.Wait()
		rigs[1].send(t, body)
		files := 0
		posts, err := s.Shown(t.Context(), where)
		require.NoError(t, err)
		for _, p := range posts {
			files += len(p.Files)
		}
		require.Equal(t, shown, files, action)
		require.Equal(t, shown == 1, s.File("/up/report.pdf") != nil, action)
		for _, r := range rigs {
			r.quiet(t)
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), faketeams.Thread(group), &chat.Post{Files: []chat.File{{Name: "a.pdf", Content: strings.NewReader("x")}}})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	for name, size := range map[string]int{"a.png": 1<<20 + 1, "a.pdf": 4<<20 + 1} {
		_, err = r.PostMessage(t.Context(), faketeams.Thread(personal), &chat.Post{Files: []chat.File{{Name: name, Content: strings.NewReader(strings.Repeat("x", size))}}})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	a := &chat.Attachment{FetchMetadata: map[string]string{"url": "https://evil.example/", "serviceUrl": faketeams.ServiceURL}}
	_, err = r.FetchAttachment(t.Context(), a, 10)
	require.ErrorIs(t, err, chat.ErrInvalid)
	_, err = r.FetchAttachment(t.Context(), &chat.Attachment{}, 10)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = r.FetchAttachment(t.Context(), nil, 10)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	ended, end := context.WithCancel(t.Context())
	end()
	_, err = r.FetchAttachment(ended, a, 10)
	require.ErrorIs(t, err, context.Canceled)
}

package instagramtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/instagram"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

// TestRecordings delivers what Instagram has really sent, from the folder that
// CHAT_RECORDED_FIXTURES names.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files := botrig.Recordings(t, "instagram")
	if files == nil {
		return
	}
	require.Len(t, files, 1)
	recorded := files[0]
	want := map[string]func(*testing.T, *rig){
		"firstMessage": func(t *testing.T, r *rig) {
			t.Helper()
			m := next[*chat.Message](t, r)
			require.Equal(t, "mid_ig_text_001 Do you ship to Córdoba? "+ada, string(m.ID)+" "+m.Text+" "+string(m.Author.UserID))
			require.Equal(t, adasThread, m.ThreadID)
			require.Equal(t, int64(1772998024), m.SentAt.Unix())
		},
		"storyReply": func(t *testing.T, r *rig) {
			t.Helper()
			m := next[*chat.Message](t, r)
			require.Equal(t, "mid_ig_story_001 Is this available?", string(m.ID)+" "+m.Text)
			require.Equal(t, chat.MessageID("story:17900000000000001"), m.ReplyTo.ID)
			require.Equal(t, "https://cdn.example.com/story.jpg", m.ReplyTo.Attachments[0].URL)
		},
		"reactionAdded": func(t *testing.T, r *rig) {
			t.Helper()
			ev := next[*chat.ReactionEvent](t, r)
			require.Equal(t, "mid_ig_text_001 heart ❤️", string(ev.MessageID)+" "+string(ev.Emoji)+" "+ev.RawEmoji)
			require.True(t, ev.Added)
		},
		"quickReply": func(t *testing.T, r *rig) {
			t.Helper()
			ev := next[*chat.ActionEvent](t, r)
			require.Equal(t, "confirm yes", ev.ActionID+" "+ev.Value)
		},
		"echoMessage": func(*testing.T, *rig) {},
	}
	require.Len(t, recorded, len(want)+3) // the account's and the user's id, and the bot's name
	for key, check := range want {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			require.Equal(t, 200, r.deliver(t, string(recorded[key])).Code)
			check(t, r)
			r.quiet(t)
		})
	}
}

func TestStoriesAndShares(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, from(1, `"message":{"mid":"m_1","attachments":[{"type":"story_mention","payload":{"url":"https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1"}}]}`))
	m := next[*chat.Message](t, r)
	require.Len(t, m.Attachments, 1)
	require.Equal(t, "file story_mention", m.Attachments[0].Type+" "+m.Attachments[0].FetchMetadata["kind"])
	r.send(t, from(2, `"message":{"mid":"m_2","attachments":[{"type":"ig_reel","payload":{"reel_video_id":"1","title":"A reel","url":"https://lookaside.fbsbx.com/r"}}]}`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "video A reel", m.Attachments[0].Type+" "+m.Attachments[0].Name)
	r.send(t, from(3, `"message":{"mid":"m_3","attachments":[{"type":"ig_post","payload":{"ig_post_media_id":"1","url":"https://lookaside.fbsbx.com/p"}}]}`))
	require.Equal(t, "https://lookaside.fbsbx.com/p", next[*chat.Message](t, r).Text)
	r.send(t, from(4, `"message":{"mid":"m_4","is_unsupported":true}`))
	require.Equal(t, "instagram:message", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, from(5, `"message":{"mid":"m_5","text":"me","is_self":true}`), `{"sender":{"id":"`+account+`"},"recipient":{"id":"`+account+`"},"timestamp":6,"message":{"mid":"m_6","text":"to itself","is_self":true}}`)
	require.Equal(t, "me", next[*chat.Message](t, r).Text)
	// https://developers.facebook.com/documentation/instagram-platform/webhooks/examples
	w := r.deliver(t, `{"object":"instagram","entry":[{"id":"`+account+`","time":1,"field":"comments","value":{"id":"7","text":"nice"}}]}`)
	require.Equal(t, 200, w.Code)
	require.JSONEq(t, `{"id":"7","text":"nice"}`, string(next[*chat.PlatformEvent](t, r).Data))
	r.quiet(t)
}

// A text has 1,000 bytes, however many characters those are.
func TestTextIsCountedInBytes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text := strings.Repeat("größer 😀 ", 200) // 2,000 characters, and 3,000 bytes
	_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: text})
	require.NoError(t, err)
	posts, err := r.instagram.Posts(t.Context(), adasThread)
	require.NoError(t, err)
	require.Greater(t, len(posts), 2)
	var all []string
	for _, p := range posts {
		all = append(all, p.Text)
	}
	require.Equal(t, strings.TrimSpace(text), strings.Join(all, " "))
}

// A card's words above buttons fit both of their bounds.
func TestCardInBytes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	words := strings.Repeat("größer 😀 ", 150)
	for _, n := range []int{2, 6} {
		row := card.NewActions()
		for i := range n {
			row.Children = append(row.Children, card.NewButton(string(rune('a'+i)), "Button "+string(rune('A'+i))))
		}
		_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Card: card.New("Tea", card.NewText(words), row)})
		require.NoError(t, err)
	}
}

func TestFileKinds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, name := range []string{"a.png", "a.jpg", "a.gif", "a.wav", "a.mp4", "a.pdf"} {
		_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Files: []chat.File{{Name: name, Content: strings.NewReader("content")}}})
		require.NoError(t, err, name)
	}
	for _, name := range []string{"a.txt", "a.zip", "a.webp", "a.mp3"} {
		_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Files: []chat.File{{Name: name, Content: strings.NewReader("content")}}})
		require.ErrorIs(t, err, errors.ErrUnsupported, name)
		require.ErrorContains(t, err, "Files[0]")
	}
	_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Attachments: []chat.Attachment{{Type: "image", URL: "https://example.com/a"}, {Type: "file", Name: "a.zip", URL: "https://example.com/a.zip"}}})
	require.NoError(t, err)
	posts, err := r.instagram.Posts(t.Context(), adasThread)
	require.NoError(t, err)
	require.Equal(t, "https://example.com/a", posts[len(posts)-2].Attachments[0].URL)
	require.Contains(t, posts[len(posts)-1].Text, "https://example.com/a.zip", "what Instagram does not take is a link")
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.instagram.Receive("m_in")
	require.NoError(t, r.AddReaction(t.Context(), adasThread, "m_in", "heart"))
	require.NoError(t, r.AddReaction(t.Context(), adasThread, "m_in", "fire"))
	require.NoError(t, r.RemoveReaction(t.Context(), adasThread, "m_in", "fire"))
	var sent []any
	for _, c := range r.instagram.Calls("POST " + account + "/messages") {
		payload, _ := c.Args["payload"].(map[string]any)
		sent = append(sent, payload["reaction"])
	}
	require.Equal(t, []any{"love", "🔥", nil}, sent)
}

func TestWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.instagram.AddUser(fakemessaging.User{ID: ada, Late: true})
	_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "late"})
	require.ErrorIs(t, err, instagram.ErrWindowClosed)
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "2534022")
	_, err = r.PostMessage(instagram.WithTag(t.Context(), instagram.TagHumanAgent), adasThread, &chat.Post{Text: "late"})
	require.NoError(t, err)
}

// The token is that of one account.
func TestOtherAccounts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := strings.ReplaceAll(delivery(from(1, `"message":{"mid":"m_1","text":"x"}`)), account, "17841400000000009")
	require.Equal(t, 200, r.deliver(t, other).Code)
	r.quiet(t)
	for _, err := range []error{
		r.StartTyping(t.Context(), "instagram:17841400000000009:"+ada, ""), r.MarkRead(t.Context(), "instagram:17841400000000009:"+ada, "m_1"),
	} {
		require.ErrorIs(t, err, chat.ErrNotFound)
		require.ErrorContains(t, err, "17841400000000009")
	}
	require.Equal(t, 400, r.deliver(t, strings.Replace(delivery(from(1, `"message":{"mid":"m_1","text":"x"}`)), `"instagram"`, `"page"`, 1)).Code)
}

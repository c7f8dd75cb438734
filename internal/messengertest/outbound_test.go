package messengertest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

// show posts and returns what is shown.
func (r *rig) show(t *testing.T, post *chat.Post) []chattest.Posted {
	t.Helper()
	id, err := r.PostMessage(t.Context(), adasThread, post)
	require.NoError(t, err)
	posts, err := r.messenger.Posts(t.Context(), adasThread)
	require.NoError(t, err)
	require.Equal(t, id, posts[0].ID)
	return posts
}

// labels are those of a message's buttons.
func (r *rig) labels(p chattest.Posted) (labels []string, quick bool) {
	buttons, quick := r.messenger.Buttons(p.ID)
	for _, b := range buttons {
		labels = append(labels, b.Label)
	}
	return labels, quick
}

func buttons(n int) *card.Actions {
	row := card.NewActions()
	for i := range n {
		row.Children = append(row.Children, card.NewButton(fmt.Sprintf("b%d", i), fmt.Sprintf("Button %d", i)))
	}
	return row
}

func TestCards(t *testing.T) {
	t.Parallel()
	const picture = "https://example.com/tea.png"
	link := card.NewLinkButton("See it", "https://example.com/tea")
	withLink := buttons(4)
	withLink.Children = append(withLink.Children, link)
	for name, c := range map[string]struct {
		card  *card.Card
		texts []string
		last  []string // the labels of the last message
		quick bool
	}{
		"no button":           {card.New("Tea", card.NewText("It is **green**.")), []string{"Tea\n\nIt is green."}, nil, false},
		"three buttons":       {card.New("Tea", card.NewText("Green?"), buttons(3)), []string{"Tea\n\nGreen?"}, []string{"Button 0", "Button 1", "Button 2"}, false},
		"a link":              {card.New("Tea", card.NewActions(link)), []string{"Tea"}, []string{"See it"}, false},
		"four buttons":        {card.New("Tea", buttons(4)), []string{"Tea"}, []string{"Button 0", "Button 1", "Button 2", "Button 3"}, true},
		"four and a link":     {card.New("Tea", withLink), []string{"Tea\n\nSee it (https://example.com/tea)"}, []string{"Button 0", "Button 1", "Button 2", "Button 3"}, true},
		"fourteen buttons":    {card.New("Tea", buttons(14)), []string{"Tea", "…", "…", "…", "…"}, []string{"Button 12", "Button 13"}, false},
		"buttons alone":       {card.New("", buttons(2)), []string{"Button 0, Button 1"}, []string{"Button 0", "Button 1"}, false},
		"quick replies alone": {card.New("", buttons(4)), []string{"Button 0, Button 1, Button 2, Button 3"}, []string{"Button 0", "Button 1", "Button 2", "Button 3"}, true},
		"a picture":           {card.New("Tea", card.NewText("Green?"), buttons(1)).WithImage(picture), []string{"Tea\nGreen?\n" + picture}, []string{"Button 0"}, false},
		"a picture alone":     {card.New("Tea").WithImage(picture), []string{"Tea\n" + picture}, nil, false},
		"a picture with many words": {
			card.New("Tea", card.NewText(strings.Repeat("green ", 20)), buttons(1)).WithImage(picture), nil, []string{"Button 0"}, false,
		},
		"a long label": {card.New("Tea", card.NewActions(card.NewButton("b", "A very long label of a button"))), []string{"Tea"}, []string{"A very long label o…"}, false},
		"a button that cannot be clicked": {
			card.New("Tea", card.NewActions(&card.Button{ID: "b", Label: "Buy", Disabled: true}, card.NewLinkButton("x", "javascript:alert(1)"))), []string{"Tea"}, nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			posts := r.show(t, &chat.Post{Card: c.card})
			var texts []string
			for _, p := range posts {
				texts = append(texts, strings.Join(strings.Fields(strings.ReplaceAll(p.Text, "\n", " ⏎ ")), " "))
			}
			labels, quick := r.labels(posts[len(posts)-1])
			require.Equal(t, c.last, labels)
			require.Equal(t, c.quick, quick)
			if c.texts == nil {
				return
			}
			var want []string
			for _, text := range c.texts {
				want = append(want, strings.Join(strings.Fields(strings.ReplaceAll(text, "\n", " ⏎ ")), " "))
			}
			require.Equal(t, want, texts)
		})
	}
}

// The words above buttons are fewer than those of a text: what is longer stands above.
func TestLongCard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	words := strings.Repeat("tea and cake ", 300) // 3,900 characters
	posts := r.show(t, &chat.Post{Card: card.New("Order", card.NewText(words), buttons(2))})
	require.Greater(t, len(posts), 2)
	var all []string
	for i, p := range posts {
		all = append(all, p.Text)
		labels, _ := r.labels(p)
		require.Equal(t, i == len(posts)-1, len(labels) == 2)
	}
	require.Equal(t, "Order "+strings.TrimSpace(words), strings.Join(strings.Fields(strings.Join(all, " ")), " "))
}

// Ids and values that are too long stand in the state, also behind quick replies.
func TestClicks(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("value ", 300)
	for _, n := range []int{2, 6} {
		r := newRig(t)
		c := card.New("Tea", buttons(n))
		c.Children[0].(*card.Actions).Children[1].(*card.Button).Value = long
		posts := r.show(t, &chat.Post{Card: c})
		event, err := r.messenger.Event(posts[0], "Button 1")
		require.NoError(t, err)
		r.send(t, from(1, event))
		ev := next[*chat.ActionEvent](t, r)
		require.Equal(t, "b1 "+long, ev.ActionID+" "+ev.Value)
	}
}

func TestFilesAndAttachments(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const away = "https://example.com/away.png"
	r.messenger.Unfetchable(away)
	posts := r.show(t, &chat.Post{
		Text: "see", Files: []chat.File{{Name: "tea.png", Content: strings.NewReader("png")}, {Name: "song.mp3", Content: strings.NewReader("mp3")}},
		Attachments: []chat.Attachment{
			{Type: "image", URL: "https://example.com/a"}, {Type: "image", Name: "away.png", URL: away}, {Type: "file", Name: "local", URL: "http://localhost/x"},
		},
	})
	var shown []string
	for _, p := range posts {
		switch {
		case len(p.Files) > 0:
			shown = append(shown, p.Files[0].Name+" "+p.Files[0].MIMEType)
		case len(p.Attachments) > 0:
			shown = append(shown, p.Attachments[0].Type+" "+p.Attachments[0].URL)
		default:
			shown = append(shown, strings.Join(strings.Fields(p.Text), " "))
		}
	}
	require.Equal(t, []string{"tea.png image/png", "song.mp3 audio/mpeg", "image https://example.com/a", "away.png (" + away + ")", "see local (http://localhost/x)"}, shown)
	for name, f := range map[string]chat.File{"Content is nil": {Name: "a"}, "Name is empty": {Content: strings.NewReader("x")}, "no bytes": {Name: "a", Content: strings.NewReader("")}} {
		_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Files: []chat.File{f}})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "Files[0]")
		require.ErrorContains(t, err, name)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.messenger.AddUser(fakemessaging.User{ID: ada, Late: true})
	thread, err := r.Thread(adasThread)
	require.NoError(t, err)
	_, err = thread.Post(t.Context(), chat.Text("late"))
	require.ErrorIs(t, err, messenger.ErrWindowClosed)
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "24-hour")
	require.ErrorContains(t, err, "2018278")
	require.NotContains(t, err.Error(), `"late"`)
	_, err = thread.Post(messenger.WithTag(t.Context(), messenger.TagHumanAgent), chat.Text("late"))
	require.NoError(t, err)
}

// Each code that Meta documents means what it says.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		failure fakemeta.Failure
		want    error
	}{
		{fakemeta.Failure{Status: 500, Code: 1}, chat.ErrTemporary},
		{fakemeta.Failure{Status: 500, Code: 2}, chat.ErrTemporary},
		{fakemeta.Failure{Code: 1200}, chat.ErrTemporary},
		{fakemeta.Failure{Code: 4}, chat.ErrRateLimited},
		{fakemeta.Failure{Code: 4, Subcode: 2018022}, chat.ErrRateLimited},
		{fakemeta.Failure{Code: 613}, chat.ErrRateLimited},
		{fakemeta.Failure{Code: 80006}, chat.ErrRateLimited},
		{fakemeta.Failure{Code: 100}, chat.ErrInvalid},
		{fakemeta.Failure{Code: 100, Subcode: 2018109}, chat.ErrInvalid},
		{fakemeta.Failure{Code: 100, Subcode: 2018001}, chat.ErrNotFound},
		{fakemeta.Failure{Code: 10}, chat.ErrPermission},
		{fakemeta.Failure{Code: 10, Subcode: 2018065}, messenger.ErrWindowClosed},
		{fakemeta.Failure{Code: 10, Subcode: 2018108}, chat.ErrPermission},
		{fakemeta.Failure{Code: 10, Subcode: 1893063}, chat.ErrPermission},
		{fakemeta.Failure{Code: 200, Subcode: 1545041}, chat.ErrPermission},
		{fakemeta.Failure{Code: 200, Subcode: 2018028}, chat.ErrPermission},
		{fakemeta.Failure{Code: 230}, chat.ErrPermission},
		{fakemeta.Failure{Code: 368}, chat.ErrPermission},
		{fakemeta.Failure{Code: 551}, chat.ErrPermission},
		{fakemeta.Failure{Status: 401, Code: 190}, chat.ErrAuthentication},
		{fakemeta.Failure{Status: 503, Body: "<html>"}, chat.ErrTemporary},
		{fakemeta.Failure{Status: 200, Body: `{"recipient_id":"1"}`}, chat.ErrTemporary},
		{fakemeta.Failure{Status: 200, Body: `{"error":{"code":100,"message":"x"}}`}, chat.ErrInvalid},
	} {
		r.messenger.Fail("POST me/messages", c.failure)
		_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "psst"})
		require.ErrorIs(t, err, c.want, "%+v", c.failure)
		failure, ok := errors.AsType[*chat.PlatformError](err)
		require.True(t, ok)
		require.Equal(t, "messenger messages", failure.Adapter+" "+failure.Op)
		require.NotContains(t, err.Error(), fakemessaging.Token)
		require.NotContains(t, err.Error(), "psst")
	}
	usage := http.Header{"X-Business-Use-Case-Usage": {`{"1":[{"type":"messenger","estimated_time_to_regain_access":7}]}`}}
	r.messenger.Fail("POST me/messages", fakemeta.Failure{Code: 80006, Header: usage})
	_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "x"})
	failure, _ := errors.AsType[*chat.PlatformError](err)
	require.Equal(t, 7*time.Minute, failure.RetryAfter)
	r.messenger.AddUser(fakemessaging.User{ID: ada, Blocked: true})
	_, err = r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrPermission)
	_, err = r.PostMessage(t.Context(), "messenger:7", &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestActions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.messenger.Receive("m_in")
	require.NoError(t, r.StopTyping(t.Context(), adasThread))
	require.Equal(t, 1, r.messenger.StoppedTyping(adasThread))
	require.NoError(t, r.MarkRead(t.Context(), adasThread, "m_in"))
	require.Equal(t, 1, r.messenger.Seen(adasThread))
	require.NoError(t, r.AddReaction(t.Context(), adasThread, "m_in", "thumbs_up"))
	call := r.messenger.Calls("POST me/messages")[2]
	require.Equal(t, map[string]any{"message_id": "m_in", "reaction": "👍"}, call.Args["payload"])
	for _, id := range []chat.MessageID{"", "a b", "a\nb"} {
		require.ErrorIs(t, r.AddReaction(t.Context(), adasThread, id, "heart"), chat.ErrInvalidArgument)
		require.ErrorIs(t, r.MarkRead(t.Context(), adasThread, id), chat.ErrInvalidArgument)
		_, err := r.ReplyMessage(t.Context(), adasThread, id, &chat.Post{Text: "x"})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	}
	require.ErrorIs(t, r.AddReaction(t.Context(), adasThread, "m_in", ""), chat.ErrInvalidArgument)
}

// answered tells of each call that was answered.
type answered chan struct{}

func (a answered) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	a <- struct{}{}
	return response, err
}

// Of a long answer the first message answers.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.ReplyMessage(t.Context(), adasThread, "m_in", &chat.Post{Text: strings.Repeat("tea ", 1000)})
	require.NoError(t, err)
	posts, err := r.messenger.Posts(t.Context(), adasThread)
	require.NoError(t, err)
	require.Len(t, posts, 2)
	require.Equal(t, "m_in ", string(posts[0].ReplyTo)+" "+string(posts[1].ReplyTo))
}

// While a stream grows the user sees that the bot is writing.
func TestStreamShowsTyping(t *testing.T) {
	t.Parallel()
	calls := make(answered, 10)
	r := newRig(t, func(c *messenger.Config) { c.HTTPClient = &http.Client{Transport: calls} })
	thread, err := r.Thread(adasThread)
	require.NoError(t, err)
	_, err = thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
		if yield("one ", nil) {
			<-calls
			_ = yield("two", nil)
		}
	}))
	require.NoError(t, err)
	require.Equal(t, "typing_on", r.messenger.Calls("POST me/messages")[0].Args["sender_action"])
	require.Len(t, r.messenger.Calls("POST me/messages"), 2, "typing once, and the message")
	require.Equal(t, 10*time.Second, r.EditInterval(adasThread), "the indicator lasts for 20 s")
	posts, err := r.messenger.Posts(t.Context(), adasThread)
	require.NoError(t, err)
	require.Len(t, posts, 1)
	require.Equal(t, "one two", posts[0].Text)
}

func TestUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	u, err := r.FetchUser(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace https://example.com/ada.png", u.FullName+" "+u.AvatarURL)
	channel, err := r.FetchChannel(t.Context(), chat.ChannelID(adasThread))
	require.NoError(t, err)
	require.True(t, channel.DM)
	require.Equal(t, "Ada Lovelace", channel.Name)
	_, err = r.FetchUser(t.Context(), "7")
	require.ErrorIs(t, err, chat.ErrNotFound)
}

package gchattest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// TestPosting says how a text is sent: as Markdown, into its thread or into a new one.
func TestPosting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), inThread, &chat.Post{Markdown: "# Tea\n\n**green** <@" + ada + "> <@bob> {{emoji:heart}}\n\n| a | b |\n|---|---|\n| 1 | 2 |"})
	require.NoError(t, err)
	c := r.google.Calls("spaces.messages.create")[0]
	require.Equal(t, "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD", c.Query.Get("messageReplyOption"))
	require.Equal(t, map[string]any{"name": thread}, c.Body["thread"])
	require.Equal(t, "MARKUP_SYNTAX_MARKDOWN", c.Body["markupSyntax"])
	require.Equal(t, "**Tea**\n\n**green** <"+ada+"> @bob ❤️\n\n```\na | b\n--|--\n1 | 2\n```", c.Body["text"])
	require.Empty(t, c.User)

	require.NoError(t, r.EditMessage(t.Context(), inThread, id, &chat.Post{Card: card.New("Tea")}))
	c = r.google.Calls("spaces.messages.patch")[0]
	require.Equal(t, "text,cardsV2", c.Query.Get("updateMask"))
	require.Empty(t, c.Body["text"])
	require.NoError(t, r.EditMessage(t.Context(), inThread, id, &chat.Post{Text: "*no* card"}))
	c = r.google.Calls("spaces.messages.patch")[1]
	require.Equal(t, []any{}, c.Body["cardsV2"])
	require.Equal(t, `\*no\* card`, c.Body["text"])

	_, err = r.PostMessage(t.Context(), inDM, &chat.Post{Raw: "*as it is* <https://example.com|x>"})
	require.NoError(t, err)
	c = r.google.Calls("spaces.messages.create")[1]
	require.Equal(t, "MARKUP_SYNTAX_CHAT", c.Body["markupSyntax"])
	require.Equal(t, "*as it is* <https://example.com|x>", c.Body["text"])
	require.NotContains(t, c.Body, "thread")

	gone := chat.ThreadID("gchat:spaces/AAAA:c3BhY2VzL0FBQUEvdGhyZWFkcy9YWFhY") // spaces/AAAA/threads/XXXX
	_, err = r.PostMessage(t.Context(), gone, &chat.Post{Text: "a new thread"})
	require.NoError(t, err)
	require.NoError(t, r.DeleteMessage(t.Context(), inThread, id))
	require.ErrorIs(t, r.DeleteMessage(t.Context(), inThread, id), chat.ErrNotFound)
}

// TestNobodyIsCalled posts texts of others that would call people, or be formatting.
func TestNobodyIsCalled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, text := range []string{"<users/all>", "<" + ada + ">", "`<users/all>`", "a <users/all> b", "<users/all", "\\<users/all>", "[x](<users/all>)", "<https://example.com|x>"} {
		for name, post := range map[string]*chat.Post{"text": {Text: text}, "markdown": {Markdown: text}} {
			id, err := r.PostMessage(t.Context(), inDM, post)
			require.NoError(t, err)
			shown, err := r.google.Shown(t.Context(), inDM)
			require.NoError(t, err)
			require.Len(t, shown, 1)
			require.Empty(t, shown[0].Mentions, "%s %q", name, text)
			if name == "text" {
				require.Equal(t, text, markdown.PlainText(shown[0].Content))
			}
			require.NoError(t, r.DeleteMessage(t.Context(), inDM, id))
		}
	}
}

// TestLongPosts splits what does not fit, in texts and in cards, and loses nothing.
func TestLongPosts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	words := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "wörd%d <&> ", i)
		}
		return b.String()
	}
	var many []card.Child
	for i := range 250 {
		many = append(many, card.NewText(fmt.Sprintf("line %d", i)))
	}
	for name, post := range map[string]*chat.Post{
		"text": {Text: words(5_000)}, "markdown": {Markdown: words(5_000)}, "raw": {Raw: words(5_000)},
		"a card's text": {Card: card.New("T", card.NewText(words(5_000)))}, "a card's elements": {Card: card.New("T", many...)},
	} {
		id, err := r.PostMessage(t.Context(), inDM, post)
		require.NoError(t, err, name)
		shown, err := r.google.Shown(t.Context(), inDM)
		require.NoError(t, err)
		require.Greater(t, len(shown), 1, name)
		var all strings.Builder
		for _, p := range shown {
			all.WriteString(markdown.PlainText(p.Content) + " ")
		}
		last := map[bool]string{true: "line 249", false: "wörd2999"}[name == "a card's elements"]
		require.Contains(t, all.String(), last, name)
		require.NoError(t, r.EditMessage(t.Context(), inDM, id, &chat.Post{Text: "short"}), name)
		shown, err = r.google.Shown(t.Context(), inDM)
		require.NoError(t, err)
		require.Len(t, shown, 1, name)
		require.NoError(t, r.DeleteMessage(t.Context(), inDM, id))
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	danger := card.NewButton("no", "No").WithStyle(card.Danger)
	danger.Tooltip, danger.Disabled = "Never", true
	c := card.New("Order", card.NewText("**Two** <b>teas</b> <@"+ada+">"), card.NewImage("https://example.com/tea.png", "tea"), card.NewImage("http://example.com/old.png", "old"), card.NewDivider(),
		card.NewFields(card.NewField("Total", "7.50")), card.NewLink("Menu", "https://example.com/menu"), card.NewTable([]string{"a"}, []string{"1"}),
		card.NewActions(card.NewButton("yes", "Yes").WithStyle(card.Primary).WithValue("7"), danger, card.NewLinkButton("Help", "https://example.com/help"),
			card.NewRadioSelect("size", "Size", card.NewOption("Small", "s")))).WithSubtitle("today").WithImage("https://example.com/logo.png")
	_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: c, Fallback: "An order"})
	require.NoError(t, err)
	require.Equal(t, "An order", r.google.Calls("spaces.messages.create")[0].Body["fallbackText"])
	shown, err := r.google.Shown(t.Context(), inThread)
	require.NoError(t, err)
	require.Empty(t, shown[0].Mentions, "cards mention nobody")
	text := markdown.PlainText(shown[0].Content)
	for _, want := range []string{"Order", "today", "Two <b>teas</b> @" + ada, "Total", "7.50", "Menu", "Help"} {
		require.Contains(t, text, want)
	}
	for _, alone := range []*card.Card{card.New("Only a title"), card.New("").WithImage("https://example.com/logo.png"), card.New("").WithSubtitle("only that")} {
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: alone})
		require.NoError(t, err)
	}
	for name, wrong := range map[string]*card.Card{"nothing": card.New(""), "a link to nowhere": card.New("T", card.NewActions(card.NewLinkButton("L", "javascript:alert(1)"))), "no options": card.New("T", card.NewActions(card.NewSelect("s", "S")))} {
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: wrong})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
}

// TestAddOnCard has the buttons of an add-on name the address at which it is called.
func TestAddOnCard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Card: card.New("T", card.NewActions(card.NewButton("yes", "Yes")))})
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(r.google.Calls("spaces.messages.create")[0].Body), "function:"+endpoint)
	plain := newRig(t, func(c *gchat.Config) { c.EndpointURL, c.AddOnServiceAccount = "", "" })
	_, err = plain.PostMessage(t.Context(), inThread, &chat.Post{Card: card.New("T", card.NewActions(card.NewButton("yes", "Yes")))})
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(plain.google.Calls("spaces.messages.create")[0].Body), "function:yes")
}

// TestFiles sends files in the name of the impersonated user, who also deletes them.
func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := func() []chat.File { return []chat.File{{Name: "nötes.txt", Content: strings.NewReader("tea")}} }
	id, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "see", Files: file()})
	require.NoError(t, err)
	calls := r.google.Calls("spaces.messages.create")
	require.Len(t, calls, 2)
	require.Empty(t, calls[0].User)
	require.Equal(t, fakegchat.Delegate, calls[1].User)
	require.Equal(t, calls[0].Body["thread"], calls[1].Body["thread"])
	shown, err := r.google.Shown(t.Context(), inThread)
	require.NoError(t, err)
	require.Equal(t, "nötes.txt", shown[1].Files[0].Name)
	require.Equal(t, "tea", string(shown[1].Files[0].Content))
	require.NoError(t, r.DeleteMessage(t.Context(), inThread, id))
	shown, err = r.google.Shown(t.Context(), inThread)
	require.NoError(t, err)
	require.Empty(t, shown)

	require.ErrorContains(t, r.EditMessage(t.Context(), inThread, id, &chat.Post{Text: "x", Files: file()}), "unsupported")
	_, err = r.PostEphemeral(t.Context(), inThread, ada, &chat.Post{Text: "x", Files: file()})
	require.ErrorContains(t, err, "unsupported")
	for name, f := range map[string]chat.File{"empty": {Name: "a", Content: strings.NewReader("")}, "none": {Name: "a"}} {
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "before", Files: []chat.File{f}})
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
		shown, err = r.google.Shown(t.Context(), inThread)
		require.NoError(t, err)
		require.Empty(t, shown, "half a post")
	}

	alone := newRig(t, func(c *gchat.Config) { c.ImpersonateUser, c.PubSubTopic = "", "" })
	_, err = alone.PostMessage(t.Context(), inThread, &chat.Post{Files: file()})
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "Config.ImpersonateUser")
}

// TestDownloads fetches no file from where no token may go.
func TestDownloads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.AddFile("F1", []byte("tea"))
	body, err := r.FetchAttachment(t.Context(), &chat.Attachment{FetchMetadata: map[string]string{"resourceName": "F1"}}, 3)
	require.NoError(t, err)
	content, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, "tea", string(content))
	require.NoError(t, body.Close())
	for _, name := range []string{"../F1", "a//b", "..", "a/../b"} {
		_, err := r.FetchAttachment(t.Context(), &chat.Attachment{FetchMetadata: map[string]string{"resourceName": name}}, 3)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, name)
	}
	_, err = r.FetchAttachment(t.Context(), &chat.Attachment{FetchMetadata: map[string]string{"resourceName": "F2"}}, 3)
	require.ErrorIs(t, err, chat.ErrNotFound)
	_, err = r.FetchAttachment(t.Context(), &chat.Attachment{URL: "https://evil.example/x"}, 3)
	require.ErrorContains(t, err, "unsupported")
}

func TestReactions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "x"})
	require.NoError(t, err)
	for range 2 { // the second is there already
		require.NoError(t, r.AddReaction(t.Context(), inThread, id, "heart"))
	}
	require.Equal(t, fakegchat.Delegate, r.google.Calls("spaces.messages.reactions.create")[0].User)
	for range 2 {
		require.NoError(t, r.RemoveReaction(t.Context(), inThread, id, "❤️"))
	}
	require.Len(t, r.google.Calls("spaces.messages.reactions.delete"), 1)
	require.ErrorIs(t, r.AddReaction(t.Context(), inThread, id, "nonesuch"), chat.ErrInvalid)
	require.ErrorIs(t, r.AddReaction(t.Context(), inThread, id, ""), chat.ErrInvalidArgument)
	require.ErrorIs(t, r.AddReaction(t.Context(), inThread, room+"/messages/GONE", "heart"), chat.ErrNotFound)
}

func TestDirectMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, err := r.Adapter.OpenDM(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, inDM, got)
	// Somebody who has been heard of, and has no conversation with the app.
	const bob = "users/100000000000000000002"
	_, err = r.Adapter.OpenDM(t.Context(), bob)
	require.ErrorIs(t, err, chat.ErrNotFound)
	r.google.AddUser(fakegchat.User{Name: bob, DisplayName: "Bob", Email: "bob@example.com"})
	r.google.AddMessage(fakegchat.Message{Name: room + "/messages/TTTT.B1", Thread: thread, Sender: bob, Text: "hello"})
	fresh := newRigOn(t, r.google, botrig.Memory(t))
	fresh.send(t, strings.ReplaceAll(strings.ReplaceAll(messageEvent(room, "TTTT.B1", `"text":"hello",`), ada, bob), "ada@", "bob@"))
	next[*chat.Message](t, fresh)
	got, err = fresh.Adapter.OpenDM(t.Context(), bob)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(got), ":dm"))
	require.Equal(t, "bob@example.com", fresh.google.Calls("spaces.setup")[0].User)
	_, err = fresh.Adapter.OpenDM(t.Context(), "bob")
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestLookups(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var names []string
	for req := (chat.PageRequest{Limit: 1}); ; {
		page, err := r.ListMembers(t.Context(), "gchat:spaces/AAAA", req)
		require.NoError(t, err)
		for _, u := range page.Items {
			names = append(names, u.FullName)
		}
		if req.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	require.Equal(t, []string{"Ada", "Helper"}, names)
	spaces, err := r.ListSpaces(t.Context(), chat.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, []chat.ChannelID{"gchat:spaces/AAAA", "gchat:spaces/DDDD"}, []chat.ChannelID{spaces.Items[0].ID, spaces.Items[1].ID})
	require.Equal(t, []bool{false, true}, []bool{spaces.Items[0].DM, spaces.Items[1].DM})
	info, err := r.FetchChannel(t.Context(), "gchat:spaces/AAAA")
	require.NoError(t, err)
	require.Equal(t, &chat.ChannelInfo{ID: "gchat:spaces/AAAA", Name: "General", Visibility: chat.VisibilityPrivate, Members: 2}, info)
	_, err = r.ListMembers(t.Context(), "gchat:spaces/GONE", chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrNotFound)
}

// TestHistoryNeedsUser says what history needs.
func TestHistoryNeedsUser(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *gchat.Config) { c.ImpersonateUser, c.PubSubTopic = "", "" })
	_, err := r.FetchMessages(t.Context(), inThread, chat.PageRequest{})
	require.ErrorContains(t, err, "Config.ImpersonateUser")
	require.ErrorContains(t, err, "unsupported")
}

// TestEphemeral shows a message to one user alone.
func TestEphemeral(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostEphemeral(t.Context(), inThread, ada, &chat.Post{Card: card.New("Secret")})
	require.NoError(t, err)
	shown, err := r.google.Shown(t.Context(), inThread)
	require.NoError(t, err)
	require.Empty(t, shown)
	shown, err = r.google.Whispered(t.Context(), inThread, ada)
	require.NoError(t, err)
	require.Len(t, shown, 1)
	_, err = r.PostEphemeral(t.Context(), inThread, "ada", &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// TestPace holds back what a space takes no more of in this minute, before Chat refuses
// it.
func TestPace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 60 {
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "x"})
		require.NoError(t, err)
	}
	_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrRateLimited)
	require.Len(t, r.google.Calls("spaces.messages.create"), 60)
	_, err = r.PostMessage(t.Context(), inDM, &chat.Post{Text: "x"})
	require.NoError(t, err, "another space")
}

// TestErrors maps every code of Google's.
// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
func TestErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for code, c := range map[string]struct {
		status int
		want   error
	}{
		"INVALID_ARGUMENT": {400, chat.ErrInvalid}, "FAILED_PRECONDITION": {400, chat.ErrInvalid}, "OUT_OF_RANGE": {400, chat.ErrInvalid}, "ALREADY_EXISTS": {409, chat.ErrInvalid},
		"UNAUTHENTICATED": {401, chat.ErrAuthentication}, "PERMISSION_DENIED": {403, chat.ErrPermission}, "NOT_FOUND": {404, chat.ErrNotFound},
		"RESOURCE_EXHAUSTED": {429, chat.ErrRateLimited}, "CANCELLED": {499, chat.ErrTemporary}, "UNKNOWN": {500, chat.ErrTemporary}, "INTERNAL": {500, chat.ErrTemporary},
		"DATA_LOSS": {500, chat.ErrTemporary}, "ABORTED": {409, chat.ErrTemporary}, "UNAVAILABLE": {503, chat.ErrTemporary}, "DEADLINE_EXCEEDED": {504, chat.ErrTemporary},
	} {
		failure := fakegchat.Failure{Status: c.status, Code: code, Message: `Invalid value at 'message.text' (TYPE_STRING), "pr1vate w0rds"`}
		r.google.Fail("spaces.messages.create", failure, failure)
		_, err := r.PostMessage(t.Context(), inDM, &chat.Post{Text: "pr1vate w0rds"})
		require.ErrorIs(t, err, c.want, code)
		require.NotContains(t, err.Error(), "pr1vate", code)
		r.google.Fail("spaces.messages.create") // what is left of it
		if code != "UNAUTHENTICATED" {
			_, err = r.PostMessage(t.Context(), inDM, &chat.Post{Text: "x"})
			require.Error(t, err)
		}
	}
	for name, c := range map[string]struct {
		failure fakegchat.Failure
		want    string
	}{
		"a header":      {fakegchat.Failure{Status: 429, Code: "RESOURCE_EXHAUSTED", RetryAfter: "7"}, "7s"},
		"a detail":      {fakegchat.Failure{Status: 429, Code: "RESOURCE_EXHAUSTED", Delay: "2.5s"}, "2.5s"},
		"nothing":       {fakegchat.Failure{Status: 429, Code: "RESOURCE_EXHAUSTED"}, "5s"},
		"nonsense":      {fakegchat.Failure{Status: 429, Code: "RESOURCE_EXHAUSTED", RetryAfter: "soon", Delay: "-3s"}, "5s"},
		"a page":        {fakegchat.Failure{Status: 429, Body: "<html>"}, "5s"},
		"a day at most": {fakegchat.Failure{Status: 429, Code: "RESOURCE_EXHAUSTED", Delay: "9000000s"}, "24h0m0s"},
	} {
		r.google.Fail("spaces.messages.create", c.failure)
		_, err := r.PostMessage(t.Context(), inDM, &chat.Post{Text: "x"})
		require.ErrorIs(t, err, chat.ErrRateLimited, name)
		require.Equal(t, c.want, err.(*chat.PlatformError).RetryAfter.String(), name) //nolint:errorlint // Reason: it is that itself.
	}
	for name, body := range map[string]string{"nothing": `{}`, "null": `null`, "another space": `{"name":"spaces/B/messages/M"}`, "a number": `7`, "a page": `<html>`, "half": `{"name":`} {
		r.google.Fail("spaces.messages.create", fakegchat.Failure{Status: http.StatusOK, Body: body})
		_, err := r.PostMessage(t.Context(), inDM, &chat.Post{Text: "x"})
		var refused *chat.PlatformError
		require.ErrorAs(t, err, &refused, name)
	}
}

package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

const (
	direct = chat.ThreadID("telegram:100")
	room   = chat.ThreadID("telegram:-1001234567890")
	topic  = chat.ThreadID("telegram:-1001234567890:7")
)

func TestEntitiesCountAsTelegramDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.PostMessage(t.Context(), direct, &chat.Post{Markdown: "👩‍👩‍👧 é **bold** `x` [a](https://example.com) <@100> {{emoji:wave}}\n\n> said\n\n```go\nx\n```"})
	require.NoError(t, err)
	call := r.telegram.Calls("sendMessage")[0]
	data, err := json.Marshal(call.Args["entities"])
	require.NoError(t, err)
	require.Equal(t, "👩‍👩‍👧 é bold x a @100 👋\n\nsaid\n\nx", call.Args["text"])
	require.JSONEq(t, `[{"type":"bold","offset":11,"length":4},{"type":"code","offset":16,"length":1},{"type":"text_link","offset":18,"length":1,"url":"https://example.com"},
		{"type":"text_mention","offset":20,"length":4,"user":{"id":100}},{"type":"blockquote","offset":29,"length":4},{"type":"pre","offset":35,"length":1,"language":"go"}]`, string(data))
}

func TestTopicsAndReplies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), topic, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	require.NoError(t, r.StartTyping(t.Context(), topic, "thinking"))
	for _, method := range []string{"sendMessage", "sendChatAction"} {
		require.Equal(t, json.Number("7"), r.telegram.Calls(method)[0].Args["message_thread_id"])
	}
	_, err = r.ReplyMessage(t.Context(), topic, id, &chat.Post{Text: strings.Repeat("a long answer ", 500)})
	require.NoError(t, err)
	calls := r.telegram.Calls("sendMessage")
	require.Equal(t, map[string]any{"message_id": json.Number("1001"), "allow_sending_without_reply": true}, calls[1].Args["reply_parameters"])
	require.NotContains(t, calls[2].Args, "reply_parameters", "what goes on answers nothing")
	_, err = r.ReplyMessage(t.Context(), direct, id, &chat.Post{Text: "elsewhere"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestCardsHaveKeyboards(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := card.New("Order 7", card.NewText("on its *way*"), card.NewActions(
		card.NewButton("ok", "OK").WithValue("7"), &card.Button{ID: "off", Label: "Off", Disabled: true}, card.NewLinkButton("Open", "https://example.com/7"),
		card.NewLinkButton("Bad", "javascript:alert(1)"), card.NewSelect("size", "Size", card.NewOption("S", "s"), card.NewOption("L", "l"))))
	id, err := r.PostMessage(t.Context(), direct, &chat.Post{Card: c})
	require.NoError(t, err)
	call := r.telegram.Calls("sendMessage")[0]
	require.Equal(t, "Order 7\n\non its way", call.Args["text"])
	data, err := json.Marshal(call.Args["reply_markup"])
	require.NoError(t, err)
	require.JSONEq(t, `{"inline_keyboard":[[{"text":"OK","callback_data":"chat:{\"a\":\"ok\",\"v\":\"7\"}"},{"text":"Open","url":"https://example.com/7"}],
		[{"text":"S","callback_data":"chat:{\"a\":\"size\",\"v\":\"s\"}"},{"text":"L","callback_data":"chat:{\"a\":\"size\",\"v\":\"l\"}"}]]}`, string(data))
	require.NoError(t, r.EditMessage(t.Context(), direct, id, &chat.Post{Card: c}), "an edit that changes nothing")
	require.NoError(t, r.EditMessage(t.Context(), direct, id, &chat.Post{Text: "done"}))
	_, err = r.telegram.Button(id, "OK")
	require.Error(t, err, "an edit without buttons removes them")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := func(name string) chat.File { return chat.File{Name: name, Content: strings.NewReader("content")} }
	id, err := r.PostMessage(t.Context(), topic, &chat.Post{Markdown: "a **picture**", Files: []chat.File{file("a.png"), file("b.txt")}})
	require.NoError(t, err)
	photo, document := r.telegram.Calls("sendPhoto")[0], r.telegram.Calls("sendDocument")[0]
	require.Equal(t, "a picture", photo.Args["caption"])
	require.Equal(t, json.Number("7"), document.Args["message_thread_id"])
	require.NoError(t, r.EditMessage(t.Context(), topic, id, &chat.Post{Markdown: "another **text**"}), "the caption is edited")
	posts, err := r.telegram.Shown(t.Context(), topic)
	require.NoError(t, err)
	require.Equal(t, "another **text**", posts[0].Text)
	require.True(t, posts[1].Deleted, "the second file went with the edit")
	require.ErrorIs(t, r.EditMessage(t.Context(), topic, id, &chat.Post{Text: "x", Files: []chat.File{file("c")}}), errors.ErrUnsupported)

	_, err = r.PostMessage(t.Context(), direct, &chat.Post{Text: strings.Repeat("x", 2000), Files: []chat.File{file("a.txt")}})
	require.NoError(t, err)
	require.Len(t, r.telegram.Calls("sendMessage"), 1, "a text that is too long for a caption is a message")
	_, err = r.PostMessage(t.Context(), direct, &chat.Post{Files: []chat.File{file("a.txt")}})
	require.NoError(t, err)
	for _, bad := range []chat.File{{Name: "x"}, {Content: strings.NewReader("x")}} {
		_, err = r.PostMessage(t.Context(), direct, &chat.Post{Files: []chat.File{bad}})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "Files[0].")
	}
}

func TestTablesThatGrow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rows := [][]string{}
	for i := range 200 {
		rows = append(rows, []string{fmt.Sprintf("row %03d", i), "x", strings.Repeat("wide ", i%9)})
	}
	_, err := r.PostMessage(t.Context(), direct, &chat.Post{Card: card.New("Table", card.NewTable([]string{"a", "b", "c"}, rows...))})
	require.NoError(t, err)
	text := ""
	for _, call := range r.telegram.Calls("sendMessage") {
		text += fmt.Sprint(call.Args["text"])
	}
	for i := range rows {
		require.Equal(t, 1, strings.Count(text, rows[i][0]), rows[i][0])
	}
}

func TestOneReaction(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	for given, want := range map[string]string{"heart": "❤", "thumbs_up": "👍", "🔥": "🔥", "❤️": "❤", "+1": "👍"} {
		require.NoError(t, r.AddReaction(t.Context(), direct, id, given))
		calls := r.telegram.Calls("setMessageReaction")
		require.Equal(t, []any{map[string]any{"type": "emoji", "emoji": want}}, calls[len(calls)-1].Args["reaction"], given)
	}
	require.NoError(t, r.RemoveReaction(t.Context(), direct, id, "heart"))
}

func TestGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.telegram.Fail("sendMessage", faketelegram.Failure{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: group})
	_, err := r.PostMessage(t.Context(), "telegram:-55", &chat.Post{Text: "hello"})
	require.NoError(t, err)
	id, err := r.PostMessage(t.Context(), "telegram:-55", &chat.Post{Text: "again"})
	require.NoError(t, err)
	require.NoError(t, r.EditMessage(t.Context(), "telegram:-55", id, &chat.Post{Text: "and again"}))
	require.NoError(t, r.DeleteMessage(t.Context(), "telegram:-55", id))
	var chats []any
	for _, call := range r.telegram.Calls("sendMessage") {
		chats = append(chats, call.Args["chat_id"])
	}
	require.Equal(t, []any{json.Number("-55"), json.Number("-1001234567890"), json.Number("-1001234567890")}, chats)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for description, c := range map[string]struct {
		status int
		want   error
	}{
		"Bad Request: chat not found":                                    {400, chat.ErrNotFound},
		"Bad Request: message thread not found":                          {400, chat.ErrNotFound},
		"Bad Request: not enough rights to send text messages":           {400, chat.ErrPermission},
		"Forbidden: bot was blocked by the user":                         {403, chat.ErrPermission},
		"Unauthorized":                                                   {401, chat.ErrAuthentication},
		"Bad Request: can't parse entities: \"private words\" at byte 5": {400, chat.ErrInvalid},
		"Internal Server Error":                                          {500, chat.ErrTemporary},
		"Bad Gateway":                                                    {502, chat.ErrTemporary},
	} {
		r := newRig(t)
		r.telegram.Fail("sendMessage", faketelegram.Failure{Code: c.status, Description: description})
		_, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "private words"})
		require.ErrorIs(t, err, c.want, description)
		require.ErrorContains(t, err, "sendMessage")
		require.NotContains(t, err.Error(), "private words")
		require.NotContains(t, err.Error(), faketelegram.Token)
	}
	for _, body := range []string{"", "<html>", `{"ok":false}`, `{"ok":true,"result":7}`, `[]`} {
		r := newRig(t)
		r.telegram.Fail("sendMessage", faketelegram.Failure{Code: 200, Body: body})
		_, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "x"})
		require.Error(t, err, body)
	}
	r := newRig(t)
	r.telegram.Fail("sendMessage", faketelegram.Failure{Code: 429, Description: "Too Many Requests: retry after 3", RetryAfter: 3})
	_, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "x"})
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok)
	require.Equal(t, 3*time.Second, failure.RetryAfter)
}

func TestPermalinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for thread, want := range map[chat.ThreadID]string{room: "https://t.me/c/1234567890/5", topic: "https://t.me/c/1234567890/7/5"} {
		link, err := r.Permalink(t.Context(), thread, "-1001234567890:5")
		require.NoError(t, err)
		require.Equal(t, want, link)
		in, id, err := r.ResolveLink(t.Context(), link+"?single")
		require.NoError(t, err)
		require.Equal(t, string(thread)+" -1001234567890:5", string(in)+" "+string(id))
	}
	for _, address := range []string{"", "://", "https://t.me/c/", "https://t.me/c/1", "https://t.me/c/1/2/3/4", "https://t.me/c/x/5", "https://t.me/news/5", "https://evil.example/c/1/2", "http://t.me/c/1/2", "https://t.me/c/1/0"} {
		_, _, err := r.ResolveLink(t.Context(), address)
		require.ErrorIs(t, err, chat.ErrNotFound, address)
	}
	_, err := r.Permalink(t.Context(), direct, "100:5")
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestSetup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.NoError(t, r.SetWebhook(t.Context(), "https://bot.example/webhooks/telegram"))
	require.Equal(t, "https://bot.example/webhooks/telegram", r.telegram.Webhook())
	require.Equal(t, secret, r.telegram.Calls("setWebhook")[0].Args["secret_token"])
	require.ErrorIs(t, r.SetWebhook(t.Context(), "http://bot.example/"), chat.ErrInvalidArgument)
	require.NoError(t, r.DeleteWebhook(t.Context()))
	require.NoError(t, r.SetCommands(t.Context(), telegram.Command{Name: "order", Description: "Order tea"}))
	require.NoError(t, r.SetCommands(t.Context()))
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for field, cfg := range map[string]telegram.Config{
		"BotToken is empty":   {WebhookSecret: secret},
		"BotToken is not":     {BotToken: "t0psecret", WebhookSecret: secret},
		"WebhookSecret must":  {BotToken: faketelegram.Token, WebhookSecret: "t0p secret"},
		"WebhookSecret is":    {BotToken: faketelegram.Token},
		"APIURL":              {BotToken: faketelegram.Token, Polling: true, APIURL: "t0psecret"},
		"AlbumWait":           {BotToken: faketelegram.Token, Polling: true, AlbumWait: -1},
		"AllowedUserIDs[1]":   {BotToken: faketelegram.Token, Polling: true, AllowedUserIDs: []chat.UserID{"1", "ada"}},
		"APIURL must be an h": {BotToken: faketelegram.Token, Polling: true, APIURL: "https://user:t0psecret@example.com"},
	} {
		_, err := telegram.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
		require.NotContains(t, err.Error(), "t0p")
	}
}

func TestAlbumsThatAreSent(t *testing.T) {
	t.Parallel()
	file := func(name string) chat.File { return chat.File{Name: name, Content: strings.NewReader("of " + name)} }
	for name, c := range map[string]struct {
		post  chat.Post
		calls string
	}{
		"pictures":            {chat.Post{Text: "look", Files: []chat.File{file("a.png"), file("b.jpg")}}, "sendMediaGroup 2"},
		"documents":           {chat.Post{Files: []chat.File{file("a.txt"), file("b.txt"), file("c.pdf")}}, "sendMediaGroup 3"},
		"of both":             {chat.Post{Text: "look", Files: []chat.File{file("a.png"), file("b.png"), file("c.txt")}}, "sendMediaGroup 2, sendDocument"},
		"one after the other": {chat.Post{Files: []chat.File{file("a.png"), file("b.txt"), file("c.png")}}, "sendPhoto, sendDocument, sendPhoto"},
		"with buttons": {
			chat.Post{Card: card.New("Look", card.NewActions(card.NewButton("ok", "OK"))), Files: []chat.File{file("a.png"), file("b.png")}}, "sendPhoto, sendPhoto",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, err := r.PostMessage(t.Context(), direct, &c.post)
			require.NoError(t, err)
			posts, err := r.telegram.Shown(t.Context(), direct)
			require.NoError(t, err)
			require.Len(t, posts, len(c.post.Files), "one message for each file")
			require.Equal(t, id, posts[0].ID)
			for i, f := range c.post.Files {
				require.Equal(t, "of "+f.Name, string(posts[i].Files[0].Content))
			}
			if c.post.Text != "" {
				require.Equal(t, c.post.Text, posts[0].Text)
			}
			var calls []string
			for _, method := range []string{"sendMediaGroup", "sendPhoto", "sendDocument"} {
				for _, call := range r.telegram.Calls(method) {
					if items, ok := call.Args["media"].([]any); ok {
						method = fmt.Sprint(method, " ", len(items))
					}
					calls = append(calls, method)
				}
			}
			want := strings.Split(c.calls, ", ")
			require.ElementsMatch(t, want, calls)
			require.NoError(t, r.DeleteMessage(t.Context(), direct, id), "all of them go")
			posts, err = r.telegram.Shown(t.Context(), direct)
			require.NoError(t, err)
			for _, p := range posts {
				require.True(t, p.Deleted)
			}
		})
	}
}

func TestFilesThatTelegramHas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.telegram.AddFile("P", []byte("a picture"))
	r.telegram.AddFile("S", []byte("a sticker"))
	r.send(t, messageIn(ada, "private", 101, `"photo":[{"file_id":"P"}]`))
	attachments := next[*chat.Message](t, r).Attachments
	r.send(t, messageIn(ada, "private", 102, `"sticker":{"file_id":"S"}`))
	attachments = append(attachments, next[*chat.Message](t, r).Attachments...)
	attachments = append(attachments, chat.Attachment{Name: "elsewhere", URL: "https://a.example/x"})
	_, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "again", Attachments: attachments})
	require.NoError(t, err)
	posts, err := r.telegram.Shown(t.Context(), direct)
	require.NoError(t, err)
	require.Len(t, posts, 2)
	require.Contains(t, posts[0].Text, "again")
	require.Contains(t, posts[0].Text, "https://a.example/x")
	require.Equal(t, "a picture", string(posts[0].Files[0].Content))
	require.Equal(t, "a sticker", string(posts[1].Files[0].Content))
	require.Equal(t, "P", r.telegram.Calls("sendPhoto")[0].Args["photo"])
	require.Equal(t, "S", r.telegram.Calls("sendSticker")[0].Args["sticker"])
	err = r.EditMessage(t.Context(), direct, posts[0].ID, &chat.Post{Text: "other", Attachments: attachments})
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

package webtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
)

func fileTurn(conversation, id, text string, files ...map[string]string) string {
	parts := []any{}
	if text != "" {
		parts = append(parts, map[string]any{"type": "text", "text": text})
	}
	for _, f := range files {
		f["type"] = "file"
		parts = append(parts, f)
	}
	body, err := json.Marshal(map[string]any{"id": conversation, "message": map[string]any{"id": id, "role": "user", "parts": parts}})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func dataURL(mediaType, content string) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString([]byte(content))
}

// A user's file reaches the handler, the history of every page, and nobody else. Its
// content is in the state once, however often the message is sent.
func TestUsersSendFiles(t *testing.T) {
	t.Parallel()
	read := make(chan string, 8)
	memory := newMemory(t)
	b := newBot(t, botOptions{state: shared{memory}, web: web.Config{UserFiles: true}, handle: func(ctx context.Context, ev *chat.MessageEvent) error {
		for _, at := range ev.Message.Attachments {
			content, err := at.Open(ctx)
			if err != nil {
				return err
			}
			text, err := io.ReadAll(content)
			if err != nil {
				return err
			}
			read <- fmt.Sprintf("%s %s %s %d %s", at.Type, at.MIMEType, at.Name, at.Size, text)
		}
		_, err := ev.Thread.Post(ctx, chat.Text("seen"))
		if strings.Contains(string(ev.Message.Raw), "base64") {
			return fmt.Errorf("the content of a file is in the payload")
		}
		return err
	}})
	body := fileTurn("c1", "m1", "", map[string]string{"mediaType": "image/png", "filename": "cat.png", "url": dataURL("image/png", "a picture")},
		map[string]string{"filename": "notes.txt", "url": dataURL("text/plain", "some notes")})
	for range 2 { // the second is a redelivery
		resp := b.do(http.MethodPost, "", "ada", body)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Contains(t, string(readAll(t, resp)), "[DONE]")
	}
	require.Equal(t, "image image/png cat.png 9 a picture", <-read)
	require.Equal(t, "file text/plain; charset=utf-8 notes.txt 10 some notes", <-read)
	require.Empty(t, read, "the message is handled once")

	kept := b.messages("ada", "c1")
	require.Len(t, kept, 2)
	picture := kept[0].part(t, "file")
	require.Regexp(t, `^files/[A-Z2-7]+\?conversation=c1$`, picture.URL)
	require.Equal(t, "cat.png", picture.Filename)
	got := b.do(http.MethodGet, "/"+picture.URL, "ada", "")
	require.Contains(t, got.Header.Get("Content-Disposition"), "attachment", "it is never shown as a page")
	require.Equal(t, "a picture", string(readAll(t, got)))
	require.Equal(t, http.StatusNotFound, b.do(http.MethodGet, "/"+picture.URL, "bob", "").StatusCode)
	require.Contains(t, string(readAll(t, b.do(http.MethodGet, "/conversations", "ada", ""))), "cat.png", "a conversation without words is called by its file")

	require.Equal(t, http.StatusNoContent, b.do(http.MethodDelete, "/conversations?conversation=c1", "ada", "").StatusCode)
	require.Equal(t, http.StatusNotFound, b.do(http.MethodGet, "/"+picture.URL, "ada", "").StatusCode, "a file goes with its conversation")
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBot(t, botOptions{handle: reply("ok"), web: web.Config{UserFiles: true, MaxFile: 16}})
	plain := newBot(t, botOptions{handle: reply("ok")})
	file := func(url string) map[string]string { return map[string]string{"filename": "f.txt", "url": url} }
	var many []map[string]string
	for range 11 {
		many = append(many, file(dataURL("text/plain", "x")))
	}
	for _, test := range []struct {
		bot    *testBot
		body   string
		status int
		text   string
	}{
		{plain, fileTurn("c", "m", "x", file(dataURL("text/plain", "x"))), 400, "files are not supported"},
		{b, fileTurn("c", "m", "x", file(dataURL("text/plain", "seventeen bytes..")+"")), 413, "parts[1] has more than 16 bytes"},
		{b, fileTurn("c", "m", "x", file(dataURL("text/plain", strings.Repeat("x", 1<<16)))), 413, "parts[1] has more than 16 bytes"},
		{b, fileTurn("c", "m", "x", file("https://internal.example/secret")), 400, "parts[1].url is no data URL"},
		{b, fileTurn("c", "m", "x", file("data:text/plain;base64,%%%")), 400, "parts[1].url is no data URL"},
		{b, fileTurn("c", "m", "x", file("data:text/plain,hello")), 400, "parts[1].url is no data URL"},
		{b, fileTurn("c", "m", "x", many...), 400, "hold 11 files, want at most 10"},
		{b, fileTurn("c", "m", "x", map[string]string{"filename": strings.Repeat("f", 256), "url": dataURL("text/plain", "x")}), 400, "filename has 256 bytes"},
	} {
		resp := test.bot.do(http.MethodPost, "", "ada", test.body)
		require.Equal(t, test.status, resp.StatusCode, test.text)
		require.Contains(t, errorText(t, resp), test.text)
	}
	require.Empty(t, b.messages("ada", "c"))
}

func TestAttachmentThatIsNil(t *testing.T) {
	t.Parallel()
	a, err := web.New(web.Config{UserFiles: true})
	require.NoError(t, err)
	_, err = a.FetchAttachment(t.Context(), nil, 1)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// A program that uses the page says who sends a request: here by a token.
const adasToken = "Bearer 5cc1f43bd1a0e5a2"

func userByToken(r *http.Request) (chat.Author, error) {
	if r.Header.Get("Authorization") != adasToken {
		return chat.Author{}, errors.New("no such token")
	}
	return chat.Author{UserID: "ada:1", FullName: "Ada"}, nil
}

func asAda(r *http.Request, _ []byte, _ time.Time) { r.Header.Set("Authorization", adasToken) }

func openWeb(t *testing.T) chattest.Harness {
	t.Helper()
	page, err := web.New(web.Config{User: userByToken, PollInterval: 10 * time.Millisecond})
	require.NoError(t, err)
	return chattest.Harness{
		Adapter: page, State: newState(t),
		Posts: func(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
			return pagePosts(ctx, page, thread)
		},
	}
}

// pagePosts returns the bot's messages that a page is shown.
func pagePosts(ctx context.Context, page http.Handler, thread chat.ThreadID) ([]chattest.Posted, error) {
	conversation := strings.ReplaceAll(string(thread[strings.LastIndex(string(thread), ":")+1:]), "%3A", ":")
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/messages?conversation="+url.QueryEscape(conversation), http.NoBody)
	asAda(r, nil, time.Now())
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("/messages answers %d: %s", w.Code, w.Body)
	}
	var answer struct {
		Messages []struct {
			ID, Role string
			Parts    []struct{ Text string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		return nil, err
	}
	var posts []chattest.Posted
	for _, m := range answer.Messages {
		if m.Role == "assistant" {
			posts = append(posts, chattest.Posted{ID: chat.MessageID(m.ID), Thread: thread, Text: m.Parts[0].Text})
		}
	}
	return posts, nil
}

func webTurn(conversation, id, text string) string {
	return fmt.Sprintf(`{"id":%q,"trigger":"submit-message","messages":[{"id":%q,"role":"user","parts":[{"type":"text","text":%q}]}]}`, conversation, id, text)
}

func webMessage(conversation, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID("ada%3A1:" + conversation + ":" + id), ThreadID: chat.ThreadID("web:ada%3A1:" + conversation), Text: text,
		Author: chat.Author{UserID: "ada:1", UserName: "ada:1", FullName: "Ada", Bot: new(false)},
	}}
}

func webFeatures() chattest.Features {
	return chattest.Features{
		Sign: asAda, BodyUnsigned: true,
		// The page shows what the bot posts and sends none of it back.
		NoOwnMessages: true,
		Samples: []chattest.Sample{
			{Name: "message", Body: webTurn("c1", "m1", "hello"), Want: webMessage("c1", "m1", "hello")},
			{Name: "another conversation", Body: webTurn("c:2", "m2", "**there**"), Want: webMessage("c%3A2", "m2", "**there**")},
			{Name: "with a slash", Path: "/", Body: webTurn("c1", "m3", "again"), Want: webMessage("c1", "m3", "again")},
		},
		Twins: []chattest.Sample{
			{Name: "first twin", Body: webTurn("c1", "m1", "hello"), Want: webMessage("c1", "m1", "hello")},
			{Name: "second twin", Body: webTurn("c2", "m1", "hello"), Want: webMessage("c2", "m1", "hello")},
		},
		Foreign: []chat.ThreadID{"web:ada:c1:x", "web:ada%3a1:c1", "web:a%20b:%"},
	}
}

func TestWeb(t *testing.T) {
	chattest.Run(t, openWeb, webFeatures())
}

func FuzzWeb(f *testing.F) {
	chattest.Fuzz(f, openWeb, webFeatures())
}

package webtest

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

const token = "Bearer 6qS0Yz"

// tokenUser knows one person, by a token.
func tokenUser(r *http.Request) (chat.Author, error) {
	if r.Header.Get("Authorization") != token {
		return chat.Author{}, errors.New("unknown token")
	}
	return chat.Author{UserID: "ada"}, nil
}

func TestConformance(t *testing.T) {
	sample := func(name, conversation, id, text string) chattest.Sample {
		return chattest.Sample{Name: name, Body: turn(conversation, id, text), Want: []chat.Inbound{&chat.Message{
			ID: chat.MessageID("ada:" + conversation + ":" + id), ThreadID: chat.ThreadID("web:ada:" + conversation), Text: text,
			Author: chat.Author{UserID: "ada"},
		}}}
	}
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		t.Helper()
		adapter, err := web.New(web.Config{User: tokenUser})
		require.NoError(t, err)
		return chattest.Harness{
			Adapter: adapter, State: newMemory(t),
			Posts: func(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
				return shown(ctx, adapter, thread)
			},
		}
	}, chattest.Features{
		Sign:         func(r *http.Request, _ []byte, _ time.Time) { r.Header.Set("Authorization", token) },
		BodyUnsigned: true, NoOwnMessages: true,
		Samples: []chattest.Sample{sample("message", "c1", "m1", "hello *there*")},
		Twins:   []chattest.Sample{sample("first", "c2", "same", "one"), sample("second", "c3", "same", "two")},
		Foreign: []chat.ThreadID{"web:ada", "web:ada:c:d", "web::c", "web:a%3a:c"},
	})
}

// shown asks the adapter for the bot's messages as a page does.
func shown(ctx context.Context, adapter *web.Adapter, thread chat.ThreadID) ([]chattest.Posted, error) {
	parts := strings.Split(string(thread), ":")
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/messages?conversation="+url.QueryEscape(parts[2]), nil)
	r.Header.Set("Authorization", token)
	w := httptest.NewRecorder()
	adapter.ServeHTTP(w, r)
	var v struct{ Messages []message }
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", w.Code, w.Body)
	}
	var posts []chattest.Posted
	for _, m := range v.Messages {
		if m.Role == "assistant" {
			posts = append(posts, chattest.Posted{ID: chat.MessageID(m.ID), Thread: thread, Text: m.text(), Edits: int(min(m.Metadata.Version, 1))})
		}
	}
	return posts, nil
}

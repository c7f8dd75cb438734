package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Refused classifies the refusals of a platform, for all calls of the client.
func ExampleClient_Do() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"ok": false, "description": "Too Many Requests", "parameters": {"retry_after": 14}}`)
	}))
	defer server.Close()
	const token = "123:token"
	client, err := platform.NewClient(platform.ClientConfig{
		Adapter: "telegram",
		BaseURL: server.URL + "/bot" + token + "/",
		Secrets: []string{token},
		Refused: func(a *platform.Answer) *platform.Refusal {
			var body struct {
				OK          bool   `json:"ok"`
				Description string `json:"description"`
				Parameters  struct {
					RetryAfter int `json:"retry_after"`
				} `json:"parameters"`
			}
			if json.Unmarshal(a.Body, &body) != nil || body.OK {
				return nil
			}
			return &platform.Refusal{Err: errors.New(body.Description), RetryAfter: time.Duration(body.Parameters.RetryAfter) * time.Second}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Do(context.Background(), platform.Call{Path: "sendMessage", Body: map[string]any{"chat_id": 1, "text": "hello"}})
	fmt.Println(err)
	fmt.Println(errors.Is(err, chat.ErrRateLimited))
	// Output:
	// telegram: sendMessage: rate limited: Too Many Requests
	// true
}

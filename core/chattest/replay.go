package chattest

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// Replay sends a recorded webhook to an adapter of the bot, which is a *chat.Chat
// or a handler that wraps one, and returns what it is answered with. The bot has
// stored what the webhook holds when Replay returns; its handlers may still run.
//
// sign adds to the request what proves that it comes from the platform, headers or
// parts of the query, because a recording has no secrets. It may be nil.
func Replay(ctx context.Context, bot http.Handler, adapter string, r *webhook.Recording, sign func(r *http.Request, body []byte, at time.Time)) (*http.Response, error) {
	req, err := r.Request("http://localhost/webhooks/" + adapter)
	if err != nil {
		return nil, err
	}
	if sign != nil {
		sign(req, bytes.Clone(r.Body), time.Now())
	}
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, req.WithContext(ctx))
	return w.Result(), nil
}

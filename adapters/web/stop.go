package web

import (
	"net/http"

	"github.com/chat-adapter/chat-go/core/chat"
)

// serveStop stops the bot's work on the user's conversation, on whatever instance
// it goes on. What was posted so far stays. Without any work nothing happens.
func (a *Adapter) serveStop(w http.ResponseWriter, r *http.Request, user chat.Author) {
	thread, ok := conversationThread(w, r, user)
	if !ok {
		return
	}
	if err := a.host.CancelTurn(r.Context(), thread); err != nil {
		a.unavailable(w, r, "turn-not-stopped", err)
		return
	}
	a.feeds.publish(thread, event{stopped: true})
	w.WriteHeader(http.StatusNoContent)
}

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
	// Before it is stopped: it may be over before this goes on.
	running := a.turns.in(thread)
	if len(running) > 0 {
		running[0].stopped.Store(true) // those behind it wait
	}
	if err := a.host.CancelTurn(r.Context(), thread); err != nil {
		if len(running) > 0 {
			running[0].stopped.Store(false)
		}
		a.unavailable(w, r, "turn-not-stopped", err)
		return
	}
	a.feeds.publish(thread, event{stopped: true})
	w.WriteHeader(http.StatusNoContent)
}

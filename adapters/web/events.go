package web

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// serveEvents streams a conversation to an open page: first "history" with all
// kept messages and the ids of deleted ones, then "message" for each that comes
// or changes, "delta" and "tasks" while one grows, "removed", "typing",
// "session", "deleted" for the conversation, and "ping" when nothing happens. A page that
// reconnects gets the history again, so it needs no event's id.
func (a *Adapter) serveEvents(w http.ResponseWriter, r *http.Request, user chat.Author) {
	thread, ok := conversationThread(w, r, user)
	if !ok {
		return
	}
	ctx := r.Context()
	sub := a.feeds.subscribe(thread)
	defer sub.close()
	t, err := a.read(ctx, thread)
	if err != nil {
		a.unavailable(w, r, "history-unreadable", err)
		return
	}
	sub.feed.catchUp(t)
	messages := t.messages
	for _, m := range sub.live() {
		messages = upsert(messages, m)
	}

	s := startSSE(w)
	defer s.end()
	s.event("history", map[string]any{"messages": messages, "removed": slices.Sorted(maps.Keys(t.removed))})
	s.flush()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-a.closing:
			return
		case <-ticker.C:
			s.event("ping", struct{}{})
		case <-sub.ready:
			events, err := sub.take()
			if err != nil {
				return // the page reconnects and gets the history
			}
			for _, e := range events {
				s.conversationEvent(e)
			}
		}
		s.flush()
	}
}

func (s *sse) conversationEvent(e event) {
	switch {
	case e.message != nil:
		s.event("message", e.message)
	case e.delta != nil:
		s.event("delta", e.delta)
	case e.tasks != nil:
		s.event("tasks", e.tasks)
	case e.removed != nil:
		s.event("removed", e.removed)
	case e.deleted:
		s.event("deleted", struct{}{})
	case e.typing != nil:
		s.event("typing", e.typing)
	case e.session != nil:
		s.event("session", e.session)
	}
}

func upsert(messages []*uiMessage, m *uiMessage) []*uiMessage {
	if i := slices.IndexFunc(messages, func(x *uiMessage) bool { return x.ID == m.ID }); i >= 0 {
		messages[i] = m
		return messages
	}
	return append(messages, m)
}

package web

import (
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// What a page is told when a turn fails. The cause is in the log.
const (
	textHandlerFailed = "Something went wrong while answering. Please try again."
	textStreamCut     = "The connection is too slow for this answer. Reload to see it."
	textAnswered      = "a message with this id was sent before, with another text: what was sent cannot be changed, send a new message"
)

// serveTurn takes a user's message and streams what the bot posts until it has
// handled it, in the AI SDK's UI message stream protocol. Whoever leaves before
// the end misses nothing: the answer goes to the history all the same.
func (a *Adapter) serveTurn(w http.ResponseWriter, r *http.Request, user chat.Author) {
	ctx := r.Context()
	sent, err := readTurn(r, a.config.turnLimits())
	if err != nil {
		writeRequestError(w, err)
		return
	}
	thread := threadID(user.UserID, sent.conversation)
	// What is published from here on is new; what the history holds is not.
	sub := a.feeds.subscribe(thread)
	defer sub.close()
	before, err := a.read(ctx, thread)
	if err != nil {
		a.unavailable(w, r, "history-unreadable", err)
		return
	}
	sub.feed.catchUp(before)
	live := sub.live()

	now := time.Now()
	old, known := before.find(sent.id)
	if known && old.Body.Text != sent.text {
		writeError(w, http.StatusConflict, textAnswered)
		return
	}
	files, err := a.storeUploads(ctx, thread, sent)
	if err != nil {
		a.unavailable(w, r, "file-not-stored", err)
		return
	}
	message, err := withUploads(fromUI(sent, thread, user, now), sent, files, now)
	if err != nil {
		a.unavailable(w, r, "file-not-stored", err)
		return
	}
	if !known {
		// Other pages see the question before its answer.
		sub.feed.publish(event{message: newUIMessage(sent.id, roleUser, &body{Text: sent.text, Files: files}, now)})
	}
	receipt, err := a.deliver(ctx, message, known && old.Metadata.Failed)
	if err != nil {
		if !known {
			sub.feed.publish(event{removed: &removedEvent{ID: sent.id}})
		}
		a.refuse(w, r, err)
		return
	}
	if err := a.touch(ctx, user.UserID, sent.conversation, sent.titleText(), now); err != nil {
		a.log.WarnContext(ctx, "conversation-not-listed", "thread", string(thread), "error", err)
	}
	sub.feed.stir()

	handled := make(chan error, 1)
	go func() { handled <- receipt.Wait(ctx) }()
	answer := startAnswer(w, before, live)
	defer answer.end()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for answer.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			answer.comment("waiting")
			answer.flush()
		case <-sub.ready:
			if err := answer.tell(sub); err != nil {
				answer.finish(textStreamCut)
				return
			}
		case err := <-handled:
			if ctx.Err() != nil {
				return
			}
			a.conclude(r, answer, sub, err)
			return
		}
	}
}

// conclude ends the answer when the message is handled. What another instance
// posted is in the history by now, if nowhere else.
func (a *Adapter) conclude(r *http.Request, answer *answer, sub *subscription, handlerErr error) {
	if err := answer.tell(sub); err != nil {
		answer.finish(textStreamCut)
		return
	}
	if t, err := a.read(r.Context(), sub.feed.thread); err == nil {
		for _, m := range t.messages {
			answer.message(m)
			answer.correct(m)
		}
	} else if r.Context().Err() == nil && !a.isClosing() {
		a.log.WarnContext(r.Context(), "history-unreadable", "thread", string(sub.feed.thread), "error", err)
	}
	if handlerErr != nil {
		answer.finish(textHandlerFailed)
		return
	}
	answer.finish("")
}

// refuse answers a message that the bot did not take.
func (a *Adapter) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if status := chat.HTTPStatus(err); status < http.StatusInternalServerError {
		a.log.DebugContext(r.Context(), "message-refused", "error", err)
		writeError(w, status, "the bot does not accept this message")
		return
	}
	if r.Context().Err() == nil {
		a.log.WarnContext(r.Context(), "message-not-taken", "error", err)
	}
	w.Header().Set("Retry-After", "1")
	writeError(w, http.StatusServiceUnavailable, "the bot cannot take messages now, try again")
}

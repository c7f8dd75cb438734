package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// What a page is told when a turn fails. The cause is in the log.
const (
	textHandlerFailed = "Something went wrong while answering. Please try again."
	textStreamCut     = "The connection is too slow for this answer. Reload to see it."
	textNotLast       = "a message with this id was sent before, with another content, and is not your last one: only that can be changed"
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

	now := time.Now()
	old, known := before.find(sent.id)
	edits := known && (old.Role != roleUser || old.wording() != sent.wording(thread))
	if edits && !before.isLastOfUser(old) {
		writeError(w, http.StatusConflict, textNotLast)
		return
	}
	if edits {
		// The answer to what the user takes back need not go on.
		if before, err = a.stopForEdit(ctx, thread); err != nil {
			a.unavailable(w, r, "turn-not-stopped", err)
			return
		}
	}
	live := sub.live()
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
	switch {
	case edits:
		message.ID, message.Edited, message.EditedAt = editedID(thread, old.kept, sent.wording(thread)), true, now
	case known:
		message.ID = old.kept
	default:
		// Other pages see the question before its answer.
		sub.feed.publish(event{message: newUIMessage(sent.id, roleUser, &body{Text: sent.text, Files: files}, now)})
	}
	t := a.turns.begin(thread)
	receipt, err := a.deliver(ctx, message, known && !edits && old.Metadata.Failed)
	if err != nil {
		t.end(err)
		if !known {
			sub.feed.publish(event{removed: &removedEvent{ID: sent.id}})
		}
		a.refuse(w, r, err)
		return
	}
	t.follow(ctx, receipt, a.closing)
	if edits {
		a.showEdit(sub.feed, before, a.texts.toUI(message, nil))
	}
	if err := a.touch(ctx, user.UserID, sent.conversation, sent.titleText(), now); err != nil {
		a.log.WarnContext(ctx, "conversation-not-listed", "thread", string(thread), "error", err)
	}
	sub.feed.stir()
	a.follow(r, sub, startAnswer(w, rand.Text(), before.messages, live), t)
}

// stopForEdit stops the bot's work on the thread and returns what the thread holds
// then. It waits for work on this instance.
func (a *Adapter) stopForEdit(ctx context.Context, thread chat.ThreadID) (*transcript, error) {
	if err := a.host.CancelTurn(ctx, thread); err != nil {
		return nil, err
	}
	for _, t := range a.turns.in(thread) {
		if err := t.wait(ctx); err != nil {
			return nil, err
		}
	}
	return a.read(ctx, thread)
}

// showEdit tells open pages of the next wording of a message: the answers to the one
// before are gone.
func (a *Adapter) showEdit(f *feed, before *transcript, next *uiMessage) {
	i := slices.IndexFunc(before.messages, func(m *uiMessage) bool { return m.ID == next.ID })
	for _, m := range before.messages[i+1:] {
		if m.Role == roleAssistant {
			f.publish(event{removed: &removedEvent{ID: m.ID}})
		}
	}
	f.publish(event{message: next})
}

// serveResumed streams what is left of the turn that runs in the conversation, as the
// AI SDK asks for after a reload: what is not kept yet of its answer, or what came
// after the message that the query names. It answers 204 if no turn runs on this
// instance: the messages hold the answer.
func (a *Adapter) serveResumed(w http.ResponseWriter, r *http.Request, user chat.Author) {
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), streamPath)
	if wrong := checkID(id, maxConversationID); wrong != "" {
		writeError(w, http.StatusBadRequest, "the conversation before "+streamPath+" "+wrong)
		return
	}
	thread := threadID(user.UserID, id)
	sub := a.feeds.subscribe(thread)
	defer sub.close()
	running := a.turns.in(thread) // before what is kept is read: that is all if there is none
	if len(running) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	t, err := a.read(r.Context(), thread)
	if err != nil {
		a.unavailable(w, r, "history-unreadable", err)
		return
	}
	sub.feed.catchUp(t)
	known := t.messages
	if after := r.URL.Query().Get("after"); after != "" {
		i := slices.IndexFunc(known, func(m *uiMessage) bool { return m.ID == after })
		known = known[:i+1]
	}
	// Without an id the reader goes on with the assistant's message that it has.
	answer := startAnswer(w, "", known, nil)
	for _, m := range t.messages[len(known):] {
		answer.message(m)
	}
	for _, m := range sub.live() {
		answer.message(m)
	}
	answer.flush()
	a.follow(r, sub, answer, running[len(running)-1])
}

// follow streams what the bot posts until the turn is over, or its reader leaves.
func (a *Adapter) follow(r *http.Request, sub *subscription, answer *answer, t *turn) {
	ctx := r.Context()
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
		case <-t.done:
			if ctx.Err() == nil && !errors.Is(t.err, context.Canceled) {
				answer.stopped = answer.stopped || t.stopped.Load()
				a.conclude(r, answer, sub, t.err)
			}
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

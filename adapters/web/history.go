package web

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/chat-adapter/chat-go/core/chat"
)

// transcript is a conversation as pages show it: the bot's history with what
// there is to its messages, and the ephemeral messages among them.
type transcript struct {
	messages []*uiMessage // oldest first
	removed  map[string]bool
}

// read returns the kept conversation. A conversation that nobody has written in
// is empty.
func (a *Adapter) read(ctx context.Context, thread chat.ThreadID) (*transcript, error) {
	var (
		wait       sync.WaitGroup
		kept       []*chat.Message
		contents   map[chat.MessageID]*content
		ephemerals []*ephemeral
		errs       [3]error
	)
	wait.Go(func() {
		// The contents after the history: what there is to a message is stored before the
		// message is, so none is read without it.
		if kept, errs[0] = a.host.History(ctx, thread); errs[0] == nil {
			contents, errs[1] = a.contents(ctx, thread)
		}
	})
	wait.Go(func() { ephemerals, errs[2] = a.ephemerals(ctx, thread) })
	wait.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	t := &transcript{messages: make([]*uiMessage, 0, len(kept)+len(ephemerals)), removed: map[string]bool{}}
	seen := make(map[chat.MessageID]bool, len(kept))
	for _, m := range kept {
		// A message that was delivered again is in the list again.
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		c := contents[m.ID]
		if c != nil {
			a.renewContent(ctx, thread, m.ID, c)
			if c.Deleted {
				t.removed[pageID(thread, m.ID)] = true
				continue
			}
		}
		ui := a.texts.toUI(m, c)
		if m.Edited {
			t.replace(ui)
		}
		t.add(ui)
	}
	for _, e := range ephemerals {
		t.insert(e.ui())
	}
	return t, nil
}

// replace takes a user's message out that has another wording now, with the bot's
// answers to it.
func (t *transcript) replace(next *uiMessage) {
	i := slices.IndexFunc(t.messages, func(m *uiMessage) bool { return m.ID == next.ID })
	if i < 0 {
		return // it is kept no longer
	}
	t.messages = append(t.messages[:i], t.answersGone(i+1)...)
}

// answersGone notes that the bot's messages from i on, up to the user's next one, are
// removed, and returns those behind them.
func (t *transcript) answersGone(i int) []*uiMessage {
	for ; i < len(t.messages) && t.messages[i].Role == roleAssistant; i++ {
		t.removed[t.messages[i].ID] = true
	}
	return t.messages[i:]
}

// isLastOfUser reports whether the user has sent nothing after the message.
func (t *transcript) isLastOfUser(m *uiMessage) bool {
	for _, each := range slices.Backward(t.messages) {
		if each.Role == roleUser {
			return each == m
		}
	}
	return false
}

// add puts a message behind those that were kept before it. One of the bot stands before
// those of its answer that were sent after it: a stream is kept when it ends, and what is
// posted while it grows is kept before.
func (t *transcript) add(m *uiMessage) {
	i := len(t.messages)
	for m.Role == roleAssistant && i > 0 && t.messages[i-1].Role == roleAssistant && t.messages[i-1].Metadata.SentAt.After(m.Metadata.SentAt) {
		i--
	}
	t.messages = slices.Insert(t.messages, i, m)
}

// insert puts a message behind those that were sent before it.
func (t *transcript) insert(m *uiMessage) {
	i := len(t.messages)
	for i > 0 && t.messages[i-1].Metadata.SentAt.After(m.Metadata.SentAt) {
		i--
	}
	t.messages = slices.Insert(t.messages, i, m)
}

// find returns the message with the id that pages know it by.
func (t *transcript) find(id string) (*uiMessage, bool) {
	i := slices.IndexFunc(t.messages, func(m *uiMessage) bool { return m.ID == id })
	if i < 0 {
		return nil, false
	}
	return t.messages[i], true
}

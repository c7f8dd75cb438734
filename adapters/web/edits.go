package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// The kept history only grows, so edits stand beside it: the list
// "web:edited:{threadId}" names the messages that were edited, and the cache
// value "web:edit:{threadId}:{messageId}" says what became of each. All edits of
// one message are one value: none pushes out another's, and the one stored last
// holds. Reading a conversation renews what is older than a day, so edits
// outlive a history that is still in use.
const (
	editedKey  = "web:edited:"
	editKey    = "web:edit:"
	editsTTL   = 30 * 24 * time.Hour
	renewAfter = 24 * time.Hour
	// maxEdited is twice what a history holds: an id can stand in the list twice.
	maxEdited = 200
)

// edit is what became of a message.
type edit struct {
	// Version grows with each edit of the message.
	Version int64  `json:"version"`
	Text    string `json:"text,omitempty"` // Markdown
	Deleted bool   `json:"deleted,omitempty"`
	// StoredAt is in milliseconds since 1970.
	StoredAt int64 `json:"storedAt"`

	raw []byte // as it is stored
}

// edits returns what became of the conversation's messages.
func (a *Adapter) edits(ctx context.Context, thread chat.ThreadID) (map[chat.MessageID]*edit, error) {
	list, err := a.host.State().GetList(ctx, editedKey+string(thread))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	edits := make(map[chat.MessageID]*edit, len(list))
	for _, data := range list {
		var id chat.MessageID
		if err := json.Unmarshal(data, &id); err != nil {
			return nil, fmt.Errorf("web: state list %q: %w", editedKey+string(thread), err)
		}
		if _, ok := edits[id]; ok {
			continue
		}
		e, err := a.edit(ctx, thread, id)
		if err != nil {
			return nil, err
		}
		if e != nil {
			edits[id] = e
		}
	}
	return edits, nil
}

func (a *Adapter) edit(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*edit, error) {
	data, err := a.host.State().Get(ctx, editID(thread, id))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := &edit{raw: data}
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("web: state value %q: %w", editID(thread, id), err)
	}
	return e, nil
}

func editID(thread chat.ThreadID, id chat.MessageID) string {
	return editKey + string(thread) + ":" + string(id)
}

// storeEdit records what became of one of the bot's messages and returns the
// message as it was posted. It sets the edit's version: the time, but more than
// the last edit's, so that versions grow even where clocks differ.
func (a *Adapter) storeEdit(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, e *edit) (*chat.Message, error) {
	m, err := a.ownMessage(ctx, op, thread, id)
	if err != nil {
		return nil, err
	}
	last, err := a.edit(ctx, thread, id)
	if err != nil {
		return nil, err
	}
	now := time.Now().UnixMilli()
	e.Version, e.StoredAt = now, now
	if last != nil {
		if last.Deleted {
			return nil, platformError(op, chat.CodeNotFound, errNoMessage)
		}
		e.Version = max(now, last.Version+1)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := a.host.State().Set(ctx, editID(thread, id), data, editsTTL); err != nil {
		return nil, err
	}
	if last != nil && !last.old(now) {
		return m, nil // it is listed, for long enough
	}
	return m, a.listEdit(ctx, thread, id)
}

func (e *edit) old(now int64) bool { return now-e.StoredAt > renewAfter.Milliseconds() }

// listEdit names the message in the list and makes the list live on.
func (a *Adapter) listEdit(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	name, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return a.host.State().AppendToList(ctx, editedKey+string(thread), name,
		state.ListOptions{MaxLength: maxEdited, TTL: editsTTL + 2*renewAfter})
}

// renewEdit makes an old edit live on. Where the state cannot swap, an edit
// lives as long as its first storing says.
func (a *Adapter) renewEdit(ctx context.Context, thread chat.ThreadID, id chat.MessageID, e *edit) {
	swaps, ok := a.host.State().(state.Swaps)
	now := time.Now().UnixMilli()
	if !ok || !e.old(now) {
		return
	}
	renewed := *e
	renewed.StoredAt = now
	data, err := json.Marshal(renewed)
	if err == nil {
		err = a.listEdit(ctx, thread, id)
	}
	if err == nil {
		// Refused means that a newer edit, or another reader, has stored it.
		_, err = swaps.CompareAndSwap(ctx, editID(thread, id), e.raw, data, editsTTL)
	}
	if err != nil {
		a.log.WarnContext(ctx, "edit-not-renewed", "thread", string(thread), "message", string(id), "error", err)
	}
}

// ownMessage finds a message that the bot posted.
func (a *Adapter) ownMessage(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	kept, err := a.host.History(ctx, thread)
	if err != nil {
		return nil, err
	}
	for _, m := range kept {
		if m.ID == id {
			if !m.Author.Me {
				return nil, platformError(op, chat.CodePermission, errNotOurs)
			}
			return m, nil
		}
	}
	return nil, platformError(op, chat.CodeNotFound, errNoMessage)
}

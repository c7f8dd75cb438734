package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/core/state"
)

// A user's conversations are found by the list "web:conversations:{user}" of
// their ids, and the cache value "web:conversation:{threadId}" describes each.
// A conversation is forgotten with its history, a week after its last message.
// Its id is listed again once a day, so that a conversation in use stays among
// the newest ids.
const (
	conversationsKey = "web:conversations:"
	conversationKey  = "web:conversation:"
	conversationTTL  = 7 * 24 * time.Hour
	relistAfter      = 24 * time.Hour
	maxListed        = 500
	maxShown         = 100
	maxTitle         = 60 // characters
)

// conversation is one conversation of a user.
type conversation struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Times are in milliseconds since 1970.
	StartedAt int64 `json:"startedAt"`
	UpdatedAt int64 `json:"updatedAt"`
	ListedAt  int64 `json:"listedAt"`
	// UpdatedNanos are the nanoseconds of UpdatedAt's millisecond: conversations
	// that were used in the same one stay in order.
	UpdatedNanos int64 `json:"updatedNanos"`
}

// touch records that the user wrote in the conversation, and starts it with a
// title from the text if it is new.
func (a *Adapter) touch(ctx context.Context, user chat.UserID, id, text string, now time.Time) error {
	st := a.host.State()
	key := conversationKey + string(threadID(user, id))
	c, err := a.conversation(ctx, key)
	if err != nil {
		return err
	}
	ms := now.UnixMilli()
	if c == nil {
		c = &conversation{ID: id, Title: title(text), StartedAt: ms}
	}
	c.UpdatedAt, c.UpdatedNanos = ms, now.UnixNano()%int64(time.Millisecond)
	list := ms-c.ListedAt >= relistAfter.Milliseconds()
	if list {
		c.ListedAt = ms
		name, err := json.Marshal(id)
		if err != nil {
			return err
		}
		err = st.AppendToList(ctx, conversationsKey+escaped(string(user)), name,
			state.ListOptions{MaxLength: maxListed, TTL: conversationTTL + 2*relistAfter})
		if err != nil {
			return err
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return st.Set(ctx, key, data, conversationTTL)
}

func (a *Adapter) conversation(ctx context.Context, key string) (*conversation, error) {
	data, err := a.host.State().Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := new(conversation)
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("web: state value %q: %w", key, err)
	}
	return c, nil
}

// conversations returns the user's conversations, the last used first.
func (a *Adapter) conversations(ctx context.Context, user chat.UserID) ([]*conversation, error) {
	key := conversationsKey + escaped(string(user))
	list, err := a.host.State().GetList(ctx, key)
	if err != nil {
		return nil, err
	}
	found := []*conversation{}
	seen := map[string]bool{}
	for _, data := range slices.Backward(list) {
		var id string
		if err := json.Unmarshal(data, &id); err != nil {
			return nil, fmt.Errorf("web: state list %q: %w", key, err)
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		c, err := a.conversation(ctx, conversationKey+string(threadID(user, id)))
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		if found = append(found, c); len(found) == maxShown {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b *conversation) int {
		return cmp.Or(cmp.Compare(b.UpdatedAt, a.UpdatedAt), cmp.Compare(b.UpdatedNanos, a.UpdatedNanos))
	})
	return found, nil
}

// title is the beginning of a conversation's first text, without its Markdown.
func title(text string) string {
	text = cmp.Or(markdown.PlainText(markdown.Parse(text)), text)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	runes := []rune(text)
	if len(runes) <= maxTitle {
		return text
	}
	cut := string(runes[:maxTitle-1])
	if i := strings.LastIndexByte(cut, ' '); i > maxTitle/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " .,;:") + "…"
}

// serveDeletion deletes a conversation of the user with all that is kept of it.
func (a *Adapter) serveDeletion(w http.ResponseWriter, r *http.Request, user chat.Author) {
	thread, ok := conversationThread(w, r, user)
	if !ok {
		return
	}
	if err := a.deleteConversation(r.Context(), thread); err != nil {
		a.unavailable(w, r, "conversation-not-deleted", err)
		return
	}
	a.feeds.publish(thread, event{deleted: true})
	w.WriteHeader(http.StatusNoContent)
}

func (a *Adapter) deleteConversation(ctx context.Context, thread chat.ThreadID) error {
	st := a.host.State()
	contents, err := a.contents(ctx, thread)
	if err != nil {
		return err
	}
	for id, c := range contents {
		if c != nil && c.Body != nil {
			if err := a.dropFiles(ctx, thread, c.Body.Files); err != nil {
				return err
			}
		}
		if err := st.Delete(ctx, contentID(thread, id)); err != nil {
			return err
		}
	}
	kept, err := a.host.History(ctx, thread)
	if err != nil {
		return err
	}
	for _, m := range kept {
		if err := a.dropFiles(ctx, thread, uploads(m)); err != nil {
			return err
		}
	}
	for _, key := range []string{contentsKey, ephemeralKey} {
		if err := state.ClearList(ctx, st, key+string(thread)); err != nil {
			return err
		}
	}
	if err := a.host.ForgetThread(ctx, thread); err != nil {
		return err
	}
	return st.Delete(ctx, conversationKey+string(thread))
}

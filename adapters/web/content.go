package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// The kept history has a message's text as it was posted. What else there is to
// a message stands next to it: cards, tasks, files, edits, reactions. The list
// "web:contents:{threadId}" names the messages that have such content, and the
// cache value "web:content:{threadId}:{messageId}" is the content of one.
// Reading a conversation renews what is older than a day, so contents outlive a
// history that is still in use.
const (
	contentsKey = "web:contents:"
	contentKey  = "web:content:"
	contentTTL  = 30 * 24 * time.Hour
	renewAfter  = 24 * time.Hour
	// maxContents is twice what a history holds: an id can stand in the list twice.
	maxContents = 200
)

// content is what there is to a message beyond the history.
type content struct {
	// Version is 0 as posted and grows with each change.
	Version int64 `json:"version"`
	// Body is what the message shows. Default: the text in the history.
	Body    *body `json:"body,omitempty"`
	Edited  bool  `json:"edited,omitempty"`
	Stopped bool  `json:"stopped,omitempty"`
	Failed  bool  `json:"failed,omitempty"`
	Deleted bool  `json:"deleted,omitempty"`
	// Reactions are the bot's emoji.
	Reactions []string `json:"reactions,omitempty"`
	// StoredAt is in milliseconds since 1970.
	StoredAt int64 `json:"storedAt"`

	raw []byte // as it is stored
}

// contents returns what there is to the conversation's messages.
func (a *Adapter) contents(ctx context.Context, thread chat.ThreadID) (map[chat.MessageID]*content, error) {
	list, err := a.host.State().GetList(ctx, contentsKey+string(thread))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	contents := make(map[chat.MessageID]*content, len(list))
	for _, data := range list {
		if state.IsCleared(data) {
			continue
		}
		var id chat.MessageID
		if err := json.Unmarshal(data, &id); err != nil {
			return nil, fmt.Errorf("web: state list %q: %w", contentsKey+string(thread), err)
		}
		contents[id] = nil
	}
	// Asked for together they take one round trip, not one each.
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for _, id := range slices.Collect(maps.Keys(contents)) {
		wait.Go(func() {
			c, err := a.content(ctx, thread, id)
			mu.Lock()
			defer mu.Unlock()
			contents[id] = c
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wait.Wait()
	return contents, errors.Join(errs...)
}

// content returns what there is to one message, or nil.
func (a *Adapter) content(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*content, error) {
	data, err := a.host.State().Get(ctx, contentID(thread, id))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &content{raw: data}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("web: state value %q: %w", contentID(thread, id), err)
	}
	return c, nil
}

func contentID(thread chat.ThreadID, id chat.MessageID) string {
	return contentKey + string(thread) + ":" + string(id)
}

// storeContent stores what there is to a new message, before anyone sees it.
func (a *Adapter) storeContent(ctx context.Context, thread chat.ThreadID, id chat.MessageID, c *content) error {
	c.StoredAt = time.Now().UnixMilli()
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := a.host.State().Set(ctx, contentID(thread, id), data, contentTTL); err != nil {
		return err
	}
	return a.listContent(ctx, thread, id)
}

// changeContent changes what there is to a message. It sets the version: the
// time, but more than the last one's, so that versions grow even where clocks
// differ. Where the state can swap no change is lost to another one; elsewhere
// the one stored last holds.
func (a *Adapter) changeContent(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, change func(*content)) (*content, error) {
	for {
		last, err := a.content(ctx, thread, id)
		if err != nil {
			return nil, err
		}
		now := time.Now().UnixMilli()
		next := &content{Version: now}
		var old []byte
		if last != nil {
			if last.Deleted {
				return nil, platformError(op, chat.CodeNotFound, errNoMessage)
			}
			old, *next = last.raw, *last
			next.Version = max(now, last.Version+1)
			next.Reactions = slices.Clone(last.Reactions)
		}
		change(next)
		next.StoredAt = now
		data, err := json.Marshal(next)
		if err != nil {
			return nil, err
		}
		if last == nil || last.old(now) {
			if err := a.listContent(ctx, thread, id); err != nil {
				return nil, err
			}
		}
		swaps, ok := state.As[state.Swaps](a.host.State())
		if !ok {
			return next, a.host.State().Set(ctx, contentID(thread, id), data, contentTTL)
		}
		done, err := swaps.CompareAndSwap(ctx, contentID(thread, id), old, data, contentTTL)
		if err != nil || done {
			return next, err
		}
	}
}

func (c *content) old(now int64) bool { return now-c.StoredAt > renewAfter.Milliseconds() }

// listContent names the message in the list and makes the list live on.
func (a *Adapter) listContent(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	name, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return a.host.State().AppendToList(ctx, contentsKey+string(thread), name,
		state.ListOptions{MaxLength: maxContents, TTL: contentTTL + 2*renewAfter})
}

// renewContent makes old content live on. Where the state cannot swap, it lives
// as long as its last change says.
func (a *Adapter) renewContent(ctx context.Context, thread chat.ThreadID, id chat.MessageID, c *content) {
	swaps, ok := state.As[state.Swaps](a.host.State())
	now := time.Now().UnixMilli()
	if !ok || !c.old(now) {
		return
	}
	renewed := *c
	renewed.StoredAt = now
	data, err := json.Marshal(renewed)
	if err == nil {
		err = a.listContent(ctx, thread, id)
	}
	if err == nil {
		// Refused means that a change, or another reader, has stored it anew.
		_, err = swaps.CompareAndSwap(ctx, contentID(thread, id), c.raw, data, contentTTL)
	}
	if err != nil {
		a.log.WarnContext(ctx, "content-not-renewed", "thread", string(thread), "message", string(id), "error", err)
	}
}

// keptMessage finds a message in the history.
func (a *Adapter) keptMessage(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	kept, err := a.host.History(ctx, thread)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(kept, func(m *chat.Message) bool { return m.ID == id }); i >= 0 {
		return kept[i], nil
	}
	return nil, platformError(op, chat.CodeNotFound, errNoMessage)
}

// ownMessage finds a message that the bot posted.
func (a *Adapter) ownMessage(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	m, err := a.keptMessage(ctx, op, thread, id)
	if err == nil && !m.Author.Me {
		return nil, platformError(op, chat.CodePermission, errNotOurs)
	}
	return m, err
}

package chattest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Adapter is the platform of a [Fake] as a bot sees it. It has all abilities of package
// chat that [Ability] names; the method of one that the fake lacks returns an error
// that satisfies errors.Is(err, errors.ErrUnsupported). A test that wants another
// behavior of a method embeds it.
//
// Its webhook takes a chat.Message as JSON. Thread ids are
// "{name}:{channel}:{thread}"; a channel whose name starts with "dm-" is a direct
// conversation.
type Adapter struct{ *store }

var _ chat.Adapter = (*Adapter)(nil)

// Name returns the adapter name.
func (a *Adapter) Name() string { return a.cfg.Name }

// Attach keeps the bot. It returns what is wrong with the fake's [Config].
func (a *Adapter) Attach(host chat.Host) error {
	if err := a.cfg.check(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.host = host
	a.emoji.Store(host.Emoji())
	return nil
}

// ServeHTTP takes a message as JSON.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "want POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
		return
	}
	m := new(chat.Message)
	if err := json.Unmarshal(body, m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := a.deliver(r.Context(), m); err != nil {
		http.Error(w, err.Error(), chat.HTTPStatus(err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// PostMessage records a post.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return a.add(ctx, thread, post, "")
}

// add records a post that may answer another one.
func (a *Adapter) add(ctx context.Context, thread chat.ThreadID, post *chat.Post, to chat.MessageID) (chat.MessageID, error) {
	p, err := a.render(post)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.allowed(ctx, thread); err != nil {
		return "", err
	}
	p.Thread, p.ReplyTo = thread, to
	return a.addLocked(p)
}

// EditMessage replaces the text of a post.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	return a.change(ctx, "edit", thread, id, func(p *Posted) {
		p.Text, p.Card, p.Plan = a.shown(post), post.Card, nil
		p.Edits++
	})
}

// DeleteMessage marks a post as deleted.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.change(ctx, "delete", thread, id, func(p *Posted) { p.Deleted = true })
}

// EncodeThreadID puts a thread id together.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if ref.Channel == "" || ref.Thread == "" || strings.Contains(ref.Channel, ":") {
		return "", fmt.Errorf("%w: a thread needs a channel without colon and a thread", chat.ErrInvalidArgument)
	}
	if ref.DM != strings.HasPrefix(ref.Channel, "dm-") {
		return "", fmt.Errorf("%w: the channel of a direct conversation, and no other, starts with dm-", chat.ErrInvalidArgument)
	}
	return a.threadID(ref.Channel, ref.Thread), nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	return a.decode(id)
}

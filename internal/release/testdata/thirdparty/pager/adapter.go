// Package pager is a small platform adapter: pages with a secret in a header, and
// no abilities.
package pager

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// Client sends pages.
type Client interface {
	Send(ctx context.Context, number, text string) (id string, err error)
	Change(ctx context.Context, number, id, text string) error
	Withdraw(ctx context.Context, number, id string) error
}

// ErrGone is what a client returns for a page that is not there.
var ErrGone = errors.New("pager: no such page")

// Adapter connects a bot to pagers.
type Adapter struct {
	client Client
	secret string
	host   chat.Host
}

// New returns an adapter.
func New(client Client, secret string) *Adapter { return &Adapter{client: client, secret: secret} }

// Name returns "pager".
func (a *Adapter) Name() string { return "pager" }

// Attach keeps the bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host = host
	return nil
}

type page struct{ ID, Number, Text string }

// ServeHTTP takes a page.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Pager-Secret")), []byte(a.secret)) != 1 {
		http.Error(w, "wrong secret", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	var p page
	if err := json.Unmarshal(body, &p); err != nil || p.ID == "" || !number.MatchString(p.Number) || p.Text == "" {
		http.Error(w, "not a page", http.StatusBadRequest)
		return
	}
	m := &chat.Message{
		ID: chat.MessageID(p.Number + "-" + p.ID), ThreadID: chat.ThreadID("pager:" + p.Number + ":"), Text: p.Text,
		Author: chat.Author{UserID: chat.UserID(p.Number), UserName: p.Number},
	}
	if _, err := a.host.Deliver(r.Context(), m); err != nil {
		http.Error(w, "not taken", chat.HTTPStatus(err))
	}
}

var (
	number   = regexp.MustCompile(`^[0-9]+$`)
	threadID = regexp.MustCompile(`^pager:([0-9]+):$`)
)

// EncodeThreadID puts a thread id together.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	if !number.MatchString(ref.Channel) || ref.Thread != "" || !ref.DM {
		return "", fmt.Errorf("%w: want a number, and a direct conversation", chat.ErrInvalidArgument)
	}
	return chat.ThreadID("pager:" + ref.Channel + ":"), nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	match := threadID.FindStringSubmatch(string(id))
	if match == nil {
		return chat.ThreadRef{}, fmt.Errorf("%w: thread id %q, want pager:{number}:", chat.ErrInvalidArgument, id)
	}
	return chat.ThreadRef{Channel: match[1], DM: true}, nil
}

// PostMessage sends a page.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	ref, err := a.DecodeThreadID(thread)
	if err != nil {
		return "", err
	}
	if len(post.Files) > 0 {
		return "", fmt.Errorf("pager: files: %w", errors.ErrUnsupported)
	}
	id, err := a.client.Send(ctx, ref.Channel, a.content(post))
	return chat.MessageID(id), wrap("send", err)
}

// EditMessage changes a page.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	ref, err := a.DecodeThreadID(thread)
	if err != nil {
		return err
	}
	return wrap("change", a.client.Change(ctx, ref.Channel, string(id), a.content(post)))
}

// DeleteMessage withdraws a page.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	ref, err := a.DecodeThreadID(thread)
	if err != nil {
		return err
	}
	return wrap("withdraw", a.client.Withdraw(ctx, ref.Channel, string(id)))
}

// content is what a pager shows of a post.
func (a *Adapter) content(post *chat.Post) string {
	if post.Raw != "" {
		return post.Raw
	}
	return format.Render(format.PostTree(post, format.TextActions), format.Markup{
		Emoji: func(e emoji.Emoji) string { return a.host.Emoji().Spell(e, "pager") },
	})
}

func wrap(op string, err error) error {
	switch {
	case errors.Is(err, ErrGone):
		return &chat.PlatformError{Adapter: "pager", Op: op, Code: chat.CodeNotFound, Err: err}
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &chat.PlatformError{Adapter: "pager", Op: op, Code: chat.CodeTemporary, Err: err}
}

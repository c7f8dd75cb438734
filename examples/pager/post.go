package pager

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const maxPage = 500 // characters

// PostMessage sends a page, or several.
func (a *Adapter) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	texts, calls, err := a.outgoing(thread, post)
	if err != nil {
		return "", err
	}
	return a.parts.Post(ctx, len(texts), calls)
}

// EditMessage changes the pages of a post, sends further ones and withdraws those
// that are too many.
func (a *Adapter) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	texts, calls, err := a.outgoing(thread, post)
	if err != nil {
		return err
	}
	return a.parts.Edit(ctx, id, len(texts), calls)
}

// DeleteMessage withdraws the pages of a post.
func (a *Adapter) DeleteMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	_, calls, err := a.outgoing(thread, &chat.Post{})
	if err != nil {
		return err
	}
	return a.parts.Delete(ctx, id, calls)
}

// outgoing returns the pages of a post, and the calls that change one of them.
func (a *Adapter) outgoing(thread chat.ThreadID, post *chat.Post) ([]string, adapterkit.PartCalls, error) {
	ref, err := a.DecodeThreadID(thread)
	if err != nil {
		return nil, adapterkit.PartCalls{}, err
	}
	if len(post.Files) > 0 {
		return nil, adapterkit.PartCalls{}, fmt.Errorf("pager: files: %w", errors.ErrUnsupported)
	}
	// What pagers show is plain text, in pieces that fit.
	number, text := ref.Channel, format.RenderPost(post, format.TextActions, format.Markup{})
	texts := format.SplitText(text, maxPage, format.Runes)
	return texts, adapterkit.PartCalls{
		Send: func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
			var sent page
			call := platform.Call{Path: "pages", Body: page{Number: number, Text: texts[i]}, Into: &sent}
			if _, err := a.client.Do(ctx, call); err != nil {
				return "", err
			}
			return messageIDs.Join(number, sent.ID)
		},
		Edit: func(ctx context.Context, i int, id chat.MessageID) error {
			return a.change(ctx, http.MethodPut, number, id, page{Text: texts[i]})
		},
		Delete: func(ctx context.Context, id chat.MessageID) error {
			return a.change(ctx, http.MethodDelete, number, id, nil)
		},
	}, nil
}

// change changes or withdraws one page.
func (a *Adapter) change(ctx context.Context, method, number string, id chat.MessageID, body any) error {
	path, err := pagePath(number, id)
	if err == nil {
		_, err = a.client.Do(ctx, platform.Call{Op: method + " page", Method: method, Path: path, Body: body})
	}
	return err
}

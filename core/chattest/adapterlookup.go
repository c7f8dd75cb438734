package chattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// OpenDM returns the direct conversation with the user.
func (a *Adapter) OpenDM(ctx context.Context, user chat.UserID) (chat.ThreadID, error) {
	if user == "" || strings.Contains(string(user), ":") {
		return "", fmt.Errorf("%w: user id %q is empty or has a colon", chat.ErrInvalidArgument, user)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.canOutside(ctx, DirectMessenger); err != nil {
		return "", err
	}
	return a.threadID("dm-"+string(user), "1"), nil
}

// OpenModal records a modal.
func (a *Adapter) OpenModal(ctx context.Context, triggerID string, modal *card.Modal, contextID string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.canOutside(ctx, ModalOpener); err != nil {
		return err
	}
	if triggerID == "" {
		return fmt.Errorf("%w: the trigger is empty", chat.ErrInvalidArgument)
	}
	a.modals = append(a.modals, OpenedModal{modal, triggerID, contextID})
	a.announce()
	return nil
}

// FetchUser returns a known user.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.canOutside(ctx, UserFinder); err != nil {
		return nil, err
	}
	u, ok := a.users[id]
	if !ok {
		return nil, a.notFound("user", "user")
	}
	return &u, nil
}

// FetchChannel returns a known channel.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.canOutside(ctx, ChannelFinder); err != nil {
		return nil, err
	}
	c, ok := a.channels[id]
	if !ok {
		return nil, a.notFound("channel", "channel")
	}
	return &c, nil
}

// FetchMessages returns one page of the thread's messages.
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, MessageFetcher, thread); err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return pageOf(a.messagesLocked(thread), messageKey, req)
}

// FetchMessage returns a message of the thread.
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, MessageFetcher, thread); err != nil {
		return nil, err
	}
	for _, m := range a.messagesLocked(thread) {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, a.notFound("fetch", "message")
}

// FetchChannelMessages returns one page of the messages that begin the channel's
// threads.
func (a *Adapter) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	threads, err := a.threadsLocked(ctx, channel)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	roots := make([]*chat.Message, len(threads))
	for i, t := range threads {
		roots[i] = t.Root
	}
	return pageOf(roots, messageKey, req)
}

// ListThreads returns one page of the channel's threads.
func (a *Adapter) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	threads, err := a.threadsLocked(ctx, channel)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	page, err := pageOf(threads, func(t chat.ThreadSummary) string { return string(t.ID) }, req)
	if !req.Oldest {
		slices.Reverse(page.Items)
	}
	return page, err
}

// fileKey names a file in an attachment's FetchMetadata.
const fileKey = "file"

// FetchAttachment returns the content of a file.
func (a *Adapter) FetchAttachment(ctx context.Context, file *chat.Attachment, limit int64) (io.ReadCloser, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.canOutside(ctx, AttachmentFetcher); err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fmt.Errorf("%w: %s: the attachment is nil", chat.ErrInvalidArgument, a.cfg.Name)
	}
	content, ok := a.files[file.FetchMetadata[fileKey]]
	switch {
	case !ok:
		return nil, a.notFound("fetch", "file")
	case int64(len(content)) > limit:
		return nil, &chat.PlatformError{Adapter: a.cfg.Name, Op: "fetch", Code: chat.CodeInvalid, Err: errors.New("the file is too large")}
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
)

var (
	_ chat.MessageFetcher      = (*acme)(nil)
	_ chat.ChannelFetcher      = (*acme)(nil)
	_ chat.AttachmentFetcher   = (*acme)(nil)
	_ chat.ModalOpener         = (*acme)(nil)
	_ chat.EditPacer           = (*acme)(nil)
	_ chat.SubscriptionWatcher = (*acme)(nil)
)

// history returns the messages that the platform shows and the filter takes, in
// the order in which they were sent.
func (p *acmePlatform) history(takes func(chattest.Posted) bool) []*chat.Message {
	var all []*chat.Message
	for _, q := range p.All() {
		if !q.Deleted && takes(q) {
			content, _ := readACME(q.Text)
			all = append(all, &chat.Message{ID: q.ID, ThreadID: q.Thread, Text: markdown.PlainText(content), Author: chat.Author{UserID: acmeSelf, Bot: new(true), Me: true}})
		}
	}
	return all
}

// acmePage cuts one page out of a list in the order of sending. A cursor is the
// number of items before the page, or behind it.
func acmePage[T any](all []T, req chat.PageRequest) (chat.Page[T], error) {
	limit := req.Limit
	if limit == 0 {
		limit = 50
	}
	at := 0
	if req.Cursor != "" {
		n, err := strconv.Atoi(req.Cursor)
		if err != nil || n < 0 || n > len(all) {
			return chat.Page[T]{}, chat.ErrInvalidArgument
		}
		at = n
	}
	var page chat.Page[T]
	if req.Oldest {
		end := min(at+limit, len(all))
		if page.Items = all[at:end]; end < len(all) {
			page.Next = strconv.Itoa(end)
		}
		return page, nil
	}
	end := len(all) - at
	start := max(0, end-limit)
	if page.Items = all[start:end]; start > 0 {
		page.Next = strconv.Itoa(len(all) - start)
	}
	return page, nil
}

func (a *acme) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	if err := a.call(ctx, thread); err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return acmePage(a.platform.history(func(q chattest.Posted) bool { return q.Thread == thread }), req)
}

func (a *acme) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	if err := a.call(ctx, thread); err != nil {
		return nil, err
	}
	for _, m := range a.platform.history(func(q chattest.Posted) bool { return q.Thread == thread }) {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, errNotHere
}

func (a *acme) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	threads, err := a.threads(ctx, channel)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	var roots []*chat.Message
	for _, t := range threads {
		roots = append(roots, t.Root)
	}
	return acmePage(roots, req)
}

func (a *acme) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	threads, err := a.threads(ctx, channel)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	page, err := acmePage(threads, req)
	if page.Items = slices.Clone(page.Items); !req.Oldest {
		slices.Reverse(page.Items)
	}
	return page, err
}

// threads are the channel's threads in the order in which they began.
func (a *acme) threads(ctx context.Context, channel chat.ChannelID) ([]chat.ThreadSummary, error) {
	if err := a.call(ctx, chat.ThreadID(channel+":")); err != nil {
		return nil, err
	}
	var threads []chat.ThreadSummary
	for _, m := range a.platform.history(func(q chattest.Posted) bool { return strings.HasPrefix(string(q.Thread), string(channel)+":") }) {
		i := slices.IndexFunc(threads, func(t chat.ThreadSummary) bool { return t.ID == m.ThreadID })
		if i < 0 {
			threads = append(threads, chat.ThreadSummary{ID: m.ThreadID, Root: m})
			continue
		}
		threads[i].Replies++
	}
	return threads, nil
}

// acmeFile is the key of a file in FetchMetadata.
const acmeFile = "file"

var errTooLarge = &chat.PlatformError{Adapter: "acme", Op: "fetch", Code: chat.CodeInvalid, Err: errors.New("too large")}

func (a *acme) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if at == nil {
		return nil, chat.ErrInvalidArgument
	}
	if at.FetchMetadata[acmeFile] != "F1" {
		return nil, errNotHere
	}
	if int64(len(theFile)) > limit {
		return nil, errTooLarge
	}
	return io.NopCloser(strings.NewReader(theFile)), nil
}

func (a *acme) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.platform.mu.Lock()
	defer a.platform.mu.Unlock()
	if a.platform.triggers[trigger] {
		return errNotHere
	}
	a.platform.triggers[trigger] = true
	a.platform.modals = append(a.platform.modals, chattest.OpenedModal{Modal: modal, Trigger: trigger, ContextID: contextID})
	return nil
}

func (a *acme) EditInterval(chat.ThreadID) time.Duration { return 10 * time.Millisecond }

func (a *acme) ThreadSubscribed(ctx context.Context, thread chat.ThreadID) error {
	return a.call(ctx, thread)
}

func (p *acmePlatform) opened(context.Context) ([]chattest.OpenedModal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.modals), nil
}

// click is the webhook of a click on a message's button.
func (p *acmePlatform) click(_ context.Context, q chattest.Posted, label string) (*adaptertest.Sample, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	button, ok := buttonOf(q, label)
	if !ok {
		return nil, fmt.Errorf("no button %q", label)
	}
	p.events++
	parts := strings.Split(string(q.Thread), ":")
	return acmePayload{
		Event: "click", ID: "E-" + strconv.Itoa(p.events), Chat: parts[1], Topic: parts[2], Number: 1, From: acmeAda, Message: string(q.ID), Action: button.ID,
	}.sample()
}

func buttonOf(q chattest.Posted, label string) (*card.Button, bool) {
	if q.Card == nil {
		return nil, false
	}
	for _, child := range q.Card.Children {
		row, ok := child.(*card.Actions)
		if !ok {
			continue
		}
		for _, action := range row.Children {
			if button, ok := action.(*card.Button); ok && button.Label == label {
				return button, true
			}
		}
	}
	return nil, false
}

// submit is the webhook of a modal's submission.
func (p *acmePlatform) submit(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events++
	return acmePayload{
		Event: "submit", ID: "E-" + strconv.Itoa(p.events), Chat: "C1", Number: 1, From: acmeAda,
		Action: m.Modal.CallbackID, Value: m.Modal.PrivateMetadata, Context: m.ContextID, Values: values,
	}.sample()
}

var acmeAda = &acmeUser{ID: "U1", Name: "ada"}

func (p acmePayload) sample() (*adaptertest.Sample, error) {
	body, err := json.Marshal(p)
	return &adaptertest.Sample{Body: string(body)}, err
}

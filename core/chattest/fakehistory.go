package chattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// said is a message of the platform's history.
type said struct {
	post  chat.MessageID // one of the bot's posts
	heard *chat.Message  // or one of somebody else
	at    time.Time
}

// AddMessages puts messages into the platform's history, after the bot's posts so
// far. [Fake.Send] does not. They are read with the abilities MessageFetcher and
// ChannelFetcher.
func (f *Fake) AddMessages(messages ...*chat.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		kept := *m
		f.history = append(f.history, said{heard: &kept, at: m.SentAt})
	}
}

// FetchMessages returns one page of the thread's messages.
func (f *Fake) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, MessageFetcher, thread); err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return pageOf(f.messagesLocked(thread), messageKey, req)
}

// FetchMessage returns a message of the thread.
func (f *Fake) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, MessageFetcher, thread); err != nil {
		return nil, err
	}
	for _, m := range f.messagesLocked(thread) {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, f.notFound("fetch", "message")
}

// FetchChannelMessages returns one page of the messages that begin the channel's
// threads.
func (f *Fake) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	threads, err := f.threadsLocked(ctx, channel)
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
func (f *Fake) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	threads, err := f.threadsLocked(ctx, channel)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	page, err := pageOf(threads, func(t chat.ThreadSummary) string { return string(t.ID) }, req)
	if !req.Oldest {
		slices.Reverse(page.Items)
	}
	return page, err
}

// threadsLocked returns the channel's threads in the order in which they began.
func (f *Fake) threadsLocked(ctx context.Context, channel chat.ChannelID) ([]chat.ThreadSummary, error) {
	if err := f.can(ctx, ChannelFetcher, chat.ThreadID(channel+":1")); err != nil {
		return nil, err
	}
	var threads []chat.ThreadSummary
	place := map[chat.ThreadID]int{}
	for _, m := range f.messagesLocked("") {
		ref, err := f.DecodeThreadID(m.ThreadID)
		if err != nil || f.name+":"+ref.Channel != string(channel) {
			continue
		}
		if i, ok := place[m.ThreadID]; ok {
			threads[i].Replies++
			threads[i].LastReplyAt = m.SentAt
			continue
		}
		place[m.ThreadID] = len(threads)
		threads = append(threads, chat.ThreadSummary{ID: m.ThreadID, Root: m})
	}
	return threads, nil
}

// messagesLocked returns the messages of the thread, or with an empty one of all,
// in the order in which they were sent.
func (f *Fake) messagesLocked(thread chat.ThreadID) []*chat.Message {
	posts := map[chat.MessageID]Posted{}
	for _, p := range f.posts {
		posts[p.ID] = p
	}
	var messages []*chat.Message
	for _, s := range f.history {
		m := s.heard
		if m != nil {
			copied := *m
			m = &copied
		} else if p := posts[s.post]; !p.Deleted {
			m = f.sent(p, s.at)
		}
		if m != nil && (thread == "" || m.ThreadID == thread) {
			messages = append(messages, m)
		}
	}
	return messages
}

// sent is a post as a message.
func (f *Fake) sent(p Posted, at time.Time) *chat.Message {
	tree := markdown.Parse(p.Text)
	return &chat.Message{
		ID: p.ID, ThreadID: p.Thread, Text: markdown.PlainText(tree), Formatted: tree, SentAt: at, Edited: p.Edits > 0,
		Author: chat.Author{UserID: "bot", UserName: "bot", FullName: "bot", Bot: new(true), Me: true},
	}
}

func messageKey(m *chat.Message) string { return string(m.ID) }

// pageOf returns one page of a list, whose cursor is the key of an item.
func pageOf[T any](all []T, key func(T) string, req chat.PageRequest) (chat.Page[T], error) {
	limit := req.Limit
	if limit == 0 {
		limit = 50
	}
	at := slices.IndexFunc(all, func(item T) bool { return key(item) == req.Cursor })
	if limit < 0 || req.Cursor != "" && at < 0 {
		return chat.Page[T]{}, fmt.Errorf("%w: the Limit is %d and the Cursor %q, want 0 or more and Next of the page before", chat.ErrInvalidArgument, limit, req.Cursor)
	}
	var page chat.Page[T]
	if req.Oldest {
		start := at + 1
		end := min(start+limit, len(all))
		if page.Items = slices.Clone(all[start:end]); end < len(all) {
			page.Next = key(all[end-1])
		}
		return page, nil
	}
	end := len(all)
	if at >= 0 {
		end = at
	}
	start := max(0, end-limit)
	if page.Items = slices.Clone(all[start:end]); start > 0 {
		page.Next = key(all[start])
	}
	return page, nil
}

// fileKey names a file in an attachment's FetchMetadata.
const fileKey = "file"

// AddFile puts a file on the platform and returns it as an attachment for a
// message. It is fetched with the ability AttachmentFetcher.
func (f *Fake) AddFile(name string, content []byte) chat.Attachment {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[name] = slices.Clone(content)
	return chat.Attachment{Type: "file", Name: name, Size: int64(len(content)), FetchMetadata: map[string]string{fileKey: name}}
}

// FetchAttachment returns the content of a file.
func (f *Fake) FetchAttachment(ctx context.Context, a *chat.Attachment, limit int64) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.canOutside(ctx, AttachmentFetcher); err != nil {
		return nil, err
	}
	content, ok := f.files[a.FetchMetadata[fileKey]]
	switch {
	case !ok:
		return nil, f.notFound("fetch", "file")
	case int64(len(content)) > limit:
		return nil, &chat.PlatformError{Adapter: f.name, Op: "fetch", Code: chat.CodeInvalid, Err: errors.New("the file is too large")}
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

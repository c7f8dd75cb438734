package chattest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// threadsLocked returns the channel's threads in the order in which they began.
func (s *store) threadsLocked(ctx context.Context, channel chat.ChannelID) ([]chat.ThreadSummary, error) {
	if err := s.can(ctx, ChannelFetcher, chat.ThreadID(channel+":1")); err != nil {
		return nil, err
	}
	var threads []chat.ThreadSummary
	place := map[chat.ThreadID]int{}
	for _, m := range s.messagesLocked("") {
		ref, err := s.decode(m.ThreadID)
		if err != nil || s.cfg.Name+":"+ref.Channel != string(channel) {
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
func (s *store) messagesLocked(thread chat.ThreadID) []*chat.Message {
	posts := map[chat.MessageID]Posted{}
	for _, p := range s.messages.All() {
		posts[p.ID] = p
	}
	var messages []*chat.Message
	for _, e := range s.history {
		m := e.heard
		if m != nil {
			copied := *m
			m = &copied
		} else if p := posts[e.post]; !p.Deleted {
			m = s.sent(p, e.at)
		}
		if m != nil && (thread == "" || m.ThreadID == thread) {
			messages = append(messages, m)
		}
	}
	return messages
}

// sent is a post as a message.
func (s *store) sent(p Posted, at time.Time) *chat.Message {
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

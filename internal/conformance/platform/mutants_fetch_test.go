package platform

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// fetchMutant replaces methods that read, and those of modals. A nil function
// leaves the method.
type fetchMutant struct {
	*acme
	messages  func(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error)
	message   func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error)
	inChannel func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error)
	threads   func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error)
	file      func(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error)
	modal     func(ctx context.Context, trigger string, modal *card.Modal, contextID string) error
	pace      func(thread chat.ThreadID) time.Duration
	watch     func(ctx context.Context, thread chat.ThreadID) error
}

func (m *fetchMutant) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	if m.messages != nil {
		return m.messages(ctx, thread, req)
	}
	return m.acme.FetchMessages(ctx, thread, req)
}

func (m *fetchMutant) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	if m.message != nil {
		return m.message(ctx, thread, id)
	}
	return m.acme.FetchMessage(ctx, thread, id)
}

func (m *fetchMutant) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	if m.inChannel != nil {
		return m.inChannel(ctx, channel, req)
	}
	return m.acme.FetchChannelMessages(ctx, channel, req)
}

func (m *fetchMutant) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	if m.threads != nil {
		return m.threads(ctx, channel, req)
	}
	return m.acme.ListThreads(ctx, channel, req)
}

func (m *fetchMutant) FetchAttachment(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
	if m.file != nil {
		return m.file(ctx, at, limit)
	}
	return m.acme.FetchAttachment(ctx, at, limit)
}

func (m *fetchMutant) OpenModal(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
	if m.modal != nil {
		return m.modal(ctx, trigger, modal, contextID)
	}
	return m.acme.OpenModal(ctx, trigger, modal, contextID)
}

func (m *fetchMutant) EditInterval(thread chat.ThreadID) time.Duration {
	if m.pace != nil {
		return m.pace(thread)
	}
	return m.acme.EditInterval(thread)
}

func (m *fetchMutant) ThreadSubscribed(ctx context.Context, thread chat.ThreadID) error {
	if m.watch != nil {
		return m.watch(ctx, thread)
	}
	return m.acme.ThreadSubscribed(ctx, thread)
}

// fetching plants changed methods.
func fetching(change func(m *fetchMutant)) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		m := &fetchMutant{acme: a}
		change(m)
		return m
	}
}

// pageOf changes what a page of a thread is.
func pageOf(change func(*chat.PageRequest, *chat.Page[*chat.Message])) func(*acme) chat.Adapter {
	return fetching(func(m *fetchMutant) {
		m.messages = func(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
			change(&req, nil)
			page, err := m.acme.FetchMessages(ctx, thread, req)
			page.Items = slices.Clone(page.Items)
			change(&req, &page)
			return page, err
		}
	})
}

var fetchMutants = []mutant{
	{"a fetched message is somebody else's", "Messages/Fetch", fetching(func(m *fetchMutant) {
		m.message = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
			message, err := m.acme.FetchMessage(ctx, thread, id)
			if err == nil {
				message.Author.Me = false
			}
			return message, err
		}
	})},
	{"a fetched message is the thread's last", "Messages/Fetch", fetching(func(m *fetchMutant) {
		m.message = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
			page, err := m.acme.FetchMessages(ctx, thread, chat.PageRequest{Limit: 1})
			if err != nil || len(page.Items) == 0 {
				return nil, errNotHere
			}
			page.Items[0].ID = id
			return page.Items[0], nil
		}
	})},
	{"a message that is gone is nothing without an error", "Messages/Gone", fetching(func(m *fetchMutant) {
		m.message = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
			message, err := m.acme.FetchMessage(ctx, thread, id)
			if message == nil && m.call(ctx, thread) == nil {
				return nil, nil
			}
			return message, err
		}
	})},
	{"deleted messages are still fetched", "Messages/Gone", fetching(func(m *fetchMutant) {
		m.message = func(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
			message, err := m.acme.FetchMessage(ctx, thread, id)
			if message == nil && m.call(ctx, thread) == nil {
				return &chat.Message{ID: id, ThreadID: thread, Author: chat.Author{UserID: acmeSelf, Me: true}}, nil
			}
			return message, err
		}
	})},
	{"a page has the newest message first", "Messages/Order", pageOf(func(req *chat.PageRequest, page *chat.Page[*chat.Message]) {
		if page != nil && !req.Oldest {
			slices.Reverse(page.Items)
		}
	})},
	{"the messages of a page belong to the channel", "Messages/Order", pageOf(func(_ *chat.PageRequest, page *chat.Page[*chat.Message]) {
		if page != nil {
			for _, m := range page.Items {
				m.ThreadID = "acme:C1:"
			}
		}
	})},
	{"the first page is always the oldest", "Messages/Pages", pageOf(func(req *chat.PageRequest, _ *chat.Page[*chat.Message]) { req.Oldest = true })},
	{"a message is lost between two pages", "Messages/Pages", pageOf(func(req *chat.PageRequest, page *chat.Page[*chat.Message]) {
		if page != nil && req.Cursor != "" && len(page.Items) > 1 {
			page.Items = page.Items[1:]
		}
	})},
	{"there is one page only", "Messages/Pages", pageOf(func(_ *chat.PageRequest, page *chat.Page[*chat.Message]) {
		if page != nil {
			page.Next = ""
		}
	})},
	{"the pages have no end", "Messages/Pages", pageOf(func(_ *chat.PageRequest, page *chat.Page[*chat.Message]) {
		if page != nil {
			page.Next = "1"
		}
	})},
	{"a page of any size", "Messages/Limit", pageOf(func(req *chat.PageRequest, _ *chat.Page[*chat.Message]) { req.Limit = 0 })},
	{"a thread has its channel's messages", "Messages/Threads", fetching(func(m *fetchMutant) {
		m.messages = func(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
			if err := m.call(ctx, thread); err != nil {
				return chat.Page[*chat.Message]{}, err
			}
			channel := thread[:strings.LastIndex(string(thread), ":")+1]
			return acmePage(m.platform.history(func(p chattest.Posted) bool { return strings.HasPrefix(string(p.Thread), string(channel)) }), req)
		}
	})},
	{"a thread of another platform is empty", "ThreadIDs/Calls", fetching(func(m *fetchMutant) {
		m.messages = func(_ context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
			return acmePage(m.platform.history(func(p chattest.Posted) bool { return p.Thread == thread }), req)
		}
	})},
	{"a channel's messages with those in threads", "ChannelMessages/Fetch", fetching(func(m *fetchMutant) {
		m.inChannel = func(_ context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
			return acmePage(m.platform.history(func(p chattest.Posted) bool { return strings.HasPrefix(string(p.Thread), string(channel)+":") }), req)
		}
	})},
	{"a channel's second page begins with the first one's end", "ChannelMessages/Pages", fetching(func(m *fetchMutant) {
		m.inChannel = func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
			page, err := m.acme.FetchChannelMessages(ctx, channel, req)
			if req.Cursor == "" && page.Next != "" {
				page.Next = "1"
			}
			return page, err
		}
	})},
	{"threads that were begun first come first", "ChannelThreads/List", fetching(func(m *fetchMutant) {
		m.threads = func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
			req.Oldest = true
			return m.acme.ListThreads(ctx, channel, req)
		}
	})},
	{"a thread's root counts as a reply", "ChannelThreads/List", fetching(func(m *fetchMutant) {
		m.threads = func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
			page, err := m.acme.ListThreads(ctx, channel, req)
			for i := range page.Items {
				page.Items[i].Replies++
			}
			return page, err
		}
	})},
	{"threads without their root", "ChannelThreads/List", fetching(func(m *fetchMutant) {
		m.threads = func(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
			page, err := m.acme.ListThreads(ctx, channel, req)
			for i := range page.Items {
				page.Items[i].Root = nil
			}
			return page, err
		}
	})},

	{"a file is there once", "Attachments/Fetch", fetching(func(m *fetchMutant) {
		fetched := false
		m.file = func(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
			if fetched {
				return nil, errNotHere
			}
			fetched = true
			return m.acme.FetchAttachment(ctx, at, limit)
		}
	})},
	{"a file as long as the limit is too large", "Attachments/Fetch", fetching(func(m *fetchMutant) {
		m.file = func(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
			return m.acme.FetchAttachment(ctx, at, limit-1)
		}
	})},
	{"a large file is cut off", "Attachments/Limit", fetching(func(m *fetchMutant) {
		m.file = func(context.Context, *chat.Attachment, int64) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(theFile[:len(theFile)-1])), nil
		}
	})},
	{"the limit of a file ignored", "Attachments/Limit", fetching(func(m *fetchMutant) {
		m.file = func(ctx context.Context, at *chat.Attachment, _ int64) (io.ReadCloser, error) {
			return m.acme.FetchAttachment(ctx, at, 1<<20)
		}
	})},
	{"a nil attachment is not found", "Attachments/Nil", fetching(func(m *fetchMutant) {
		m.file = func(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
			if at == nil {
				return nil, errNotHere
			}
			return m.acme.FetchAttachment(ctx, at, limit)
		}
	})},
	{"where a file is stays in the process", "Attachments/Queued", func(a *acme) chat.Adapter {
		known := map[string]string{}
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			in, err := parse(body)
			if m, ok := in.(*chat.Message); ok && len(m.Attachments) > 0 {
				known[m.Attachments[0].Name] = m.Attachments[0].FetchMetadata[acmeFile]
				m.Attachments[0].FetchMetadata = nil
			}
			return in, err
		}
		m := &fetchMutant{acme: a}
		m.file = func(ctx context.Context, at *chat.Attachment, limit int64) (io.ReadCloser, error) {
			return a.FetchAttachment(ctx, &chat.Attachment{FetchMetadata: map[string]string{acmeFile: known[at.Name]}}, limit)
		}
		return m
	}},

	{"a click without the button's value", "Modals/Click", planted(func(a *acme) {
		a.unpack = func(ctx context.Context, data string) (string, string, error) {
			id, _, err := a.buttons.Unpack(ctx, data)
			return id, "", err
		}
	})},
	{"a click without a trigger", "Modals/Open", parse(func(in chat.Inbound) chat.Inbound {
		if ev, ok := in.(*chat.ActionEvent); ok {
			ev.TriggerID = ""
		}
		return in
	})},
	{"a modal shown twice", "Modals/Open", fetching(func(m *fetchMutant) {
		m.modal = func(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
			if err := m.acme.OpenModal(ctx, trigger, modal, contextID); err != nil {
				return err
			}
			return m.acme.OpenModal(ctx, trigger+"-again", modal, contextID)
		}
	})},
	{"a modal without its title", "Modals/Open", fetching(func(m *fetchMutant) {
		m.modal = func(ctx context.Context, trigger string, modal *card.Modal, contextID string) error {
			shown := *modal
			shown.Title = ""
			return m.acme.OpenModal(ctx, trigger, &shown, contextID)
		}
	})},
	{"a modal's context forgotten", "Modals/Submit", fetching(func(m *fetchMutant) {
		m.modal = func(ctx context.Context, trigger string, modal *card.Modal, _ string) error {
			return m.acme.OpenModal(ctx, trigger, modal, "")
		}
	})},
	{"a modal's metadata in place of its values", "Modals/Submit", parse(func(in chat.Inbound) chat.Inbound {
		if ev, ok := in.(*chat.ModalSubmitEvent); ok {
			ev.Values = chat.ModalValues{"metadata": ev.PrivateMetadata}
		}
		return in
	})},

	{"an interval below zero", "EditPace/Known", fetching(func(m *fetchMutant) {
		m.pace = func(chat.ThreadID) time.Duration { return -time.Second }
	})},
	{"subscribing again fails", "Subscriptions/Watched", fetching(func(m *fetchMutant) {
		known := map[chat.ThreadID]bool{}
		m.watch = func(_ context.Context, thread chat.ThreadID) error {
			if known[thread] {
				return errNotHere
			}
			known[thread] = true
			return nil
		}
	})},
}

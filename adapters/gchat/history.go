package gchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Calls that read messages, as the Chat API names them.
const (
	opGet  = "spaces.messages.get"
	opList = "spaces.messages.list"
)

// fetchMessage returns a message.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/get
func (a *Adapter) fetchMessage(ctx context.Context, name string) (*message, json.RawMessage, error) {
	var raw json.RawMessage
	if err := a.do(ctx, get(opGet, name, url.Values{"markupSyntax": {chatSyntax}}, &raw)); err != nil {
		return nil, nil, err
	}
	var m message
	if json.Unmarshal(raw, &m) != nil || m.Name != name {
		return nil, nil, unexpected(opGet, "the answer is not the message")
	}
	return &m, raw, nil
}

// FetchMessage returns a message of the thread. It returns [chat.ErrNotFound] if there
// is none, or if the message belongs to another thread.
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	p, err := a.changeable(ctx, thread, id)
	if err != nil {
		return nil, err
	}
	m, raw, err := a.fetchMessage(ctx, string(id))
	if err != nil {
		return nil, err
	}
	out, err := a.message(ctx, p.asSpace(), m, raw, false)
	if err != nil {
		return nil, unexpected(opGet, "the answer is no message")
	}
	if out.ThreadID != thread && p.thread != "" && !p.dm {
		return nil, &chat.PlatformError{Adapter: adapterName, Op: opGet, Code: chat.CodeNotFound, Err: errOtherThread}
	}
	return out, nil
}

var errOtherThread = errors.New("the message is of another thread")

// asSpace returns the space of a place. The thread id tells whether it is a direct
// conversation.
func (p place) asSpace() *space {
	s := &space{Name: p.space, SpaceType: "SPACE"}
	if p.dm {
		s.SpaceType = "DIRECT_MESSAGE"
	}
	return s
}

// FetchMessages returns a page of the messages of a thread. Chat shows the history to
// users only: without Config.ImpersonateUser the error is [errors.ErrUnsupported].
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/list
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := placeOf(thread)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return a.list(ctx, p, req)
}

func (a *Adapter) list(ctx context.Context, p place, req chat.PageRequest) (out chat.Page[*chat.Message], err error) {
	if a.config.ImpersonateUser == "" {
		return out, fmt.Errorf("gchat: the history without Config.ImpersonateUser: %w", errors.ErrUnsupported)
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	q := pageQuery(req)
	q.Set("markupSyntax", chatSyntax)
	q.Set("orderBy", "DESC")
	if req.Oldest {
		q.Set("orderBy", "ASC")
	}
	if p.thread != "" {
		q.Set("filter", "thread.name = "+p.thread)
	}
	var got struct {
		Messages []json.RawMessage `json:"messages"`
		Next     string            `json:"nextPageToken"`
	}
	if err := a.userCall(ctx, get(opList, p.space+"/messages", q, &got)); err != nil {
		return out, err
	}
	for _, raw := range got.Messages {
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			return out, unexpected(opList, "a message cannot be read")
		}
		if m.Sender == nil || m.DeleteTime != "" {
			continue // it has no author, or it is deleted
		}
		one, err := a.message(ctx, p.asSpace(), &m, raw, false)
		if err != nil {
			return out, unexpected(opList, "a message has no name")
		}
		out.Items = append(out.Items, one)
	}
	if !req.Oldest {
		slices.Reverse(out.Items)
	}
	out.Next = got.Next
	return out, nil
}

// FetchChannelMessages returns a page of the messages of a space that begin threads. A
// page can have fewer than were asked for, since answers in threads are left out of it.
// It needs Config.ImpersonateUser, as FetchMessages does.
func (a *Adapter) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := channelOf(channel)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	if p.dm, err = a.isDM(ctx, &space{Name: p.space}); err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	page, err := a.list(ctx, p, req)
	page.Items = slices.DeleteFunc(page.Items, func(m *chat.Message) bool { return isAnswer(m.Raw) })
	return page, err
}

// isAnswer reports whether a message answers in a thread.
func isAnswer(raw json.RawMessage) bool {
	var m struct {
		Answer bool `json:"threadReply"`
	}
	return json.Unmarshal(raw, &m) == nil && m.Answer
}

// maxScans is how many pages of 1,000 messages ListThreads reads at most.
const maxScans = 10

// ListThreads returns a page of the threads of a space, the newest thread first. Chat
// has no list of threads, so ListThreads reads the last 10,000 messages of the space:
// it finds no older thread and counts no older answer. It needs Config.ImpersonateUser,
// as FetchMessages does.
func (a *Adapter) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (out chat.Page[chat.ThreadSummary], err error) {
	p, err := channelOf(channel)
	if err != nil {
		return out, err
	}
	if p.dm, err = a.isDM(ctx, &space{Name: p.space}); err != nil {
		return out, err
	}
	all, err := a.threads(ctx, p)
	if err != nil {
		return out, err
	}
	if req.Oldest {
		slices.Reverse(all)
	}
	if req.Cursor != "" {
		at := slices.IndexFunc(all, func(s chat.ThreadSummary) bool { return string(s.Root.ID) == req.Cursor })
		if at < 0 {
			return out, fmt.Errorf("%w: gchat: the cursor %q is none of this space", chat.ErrInvalidArgument, req.Cursor)
		}
		all = all[at+1:]
	}
	limit := req.Limit
	if limit <= 0 {
		limit = 50
	}
	out.Items = all[:min(limit, len(all))]
	if len(all) > limit {
		out.Next = string(out.Items[limit-1].Root.ID)
	}
	return out, nil
}

// threads returns the threads of a space, the newest first. It reads back in time, and
// so it meets all answers in a thread before the message that begins the thread.
func (a *Adapter) threads(ctx context.Context, p place) (all []chat.ThreadSummary, err error) {
	answers := map[chat.ThreadID]*chat.ThreadSummary{}
	req := chat.PageRequest{Limit: 1000}
	if p.dm { // which is one thread
		page, err := a.list(ctx, p, chat.PageRequest{Limit: 1, Oldest: true})
		for _, m := range page.Items {
			all = append(all, chat.ThreadSummary{ID: m.ThreadID, Root: m})
		}
		return all, err
	}
	for range maxScans {
		page, err := a.list(ctx, p, req)
		if err != nil {
			return nil, err
		}
		for _, m := range slices.Backward(page.Items) {
			of := answers[m.ThreadID]
			if of == nil {
				of = &chat.ThreadSummary{ID: m.ThreadID}
				answers[m.ThreadID] = of
			}
			if isAnswer(m.Raw) {
				if of.Replies++; of.Replies == 1 {
					of.LastReplyAt = m.SentAt
				}
				continue
			}
			of.Root = m
			all = append(all, *of)
		}
		if page.Next == "" {
			break
		}
		req.Cursor = page.Next
	}
	return all, nil
}

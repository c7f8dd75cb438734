package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	opHistory = "conversations.history"
	opReplies = "conversations.replies"

	// https://docs.slack.dev/reference/methods/conversations.history, which takes
	// 999; a distributed app outside the Marketplace gets 15.
	maxPage     = 999
	defaultPage = 50
)

var errNoMessage = errors.New("the thread has no message with this id")

// past is a message of the history: what paging needs of it, and all of it.
type past struct {
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts"`
	ReplyCount  int    `json:"reply_count"`
	LatestReply string `json:"latest_reply"`
	raw         json.RawMessage
}

// UnmarshalJSON keeps the message as it came.
func (p *past) UnmarshalJSON(data []byte) error {
	type fields past
	if err := json.Unmarshal(data, (*fields)(p)); err != nil {
		return err
	}
	p.raw = slices.Clone(data)
	return nil
}

type pastPage struct {
	Messages []past `json:"messages"`
	HasMore  bool   `json:"has_more"`
	Metadata struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// FetchMessages returns one page of the thread. The newest page of a thread with
// thousands of messages costs a call for each thousand: Slack gives threads from
// their beginning only. When Slack wants to wait meanwhile, the error is
// [chat.ErrRateLimited], and the same call goes on from there.
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	h, err := a.openHistory(ctx, channel, &req)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	var list []past
	var next string
	switch {
	case threadTS == "":
		list, next, err = h.channelPage(ctx, req)
	case req.Oldest:
		list, next, err = h.repliesFrom(ctx, threadTS, req)
	default:
		list, next, err = h.repliesBefore(ctx, threadTS, req)
	}
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	page, err := a.messagePage(ctx, channel, list, next)
	for _, m := range page.Items {
		m.ThreadID = thread
	}
	return page, err
}

// FetchMessage returns one message of the thread.
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return nil, err
	}
	h, err := a.openHistory(ctx, channel, &chat.PageRequest{})
	if err != nil {
		return nil, err
	}
	op, args := opHistory, url.Values{"limit": {"2"}, "inclusive": {"true"}}
	if threadTS != "" {
		op = opReplies
		args.Set("ts", threadTS)
	}
	ts, err := messageTS(op, channel, id)
	if err != nil {
		return nil, err
	}
	args.Set("oldest", ts)
	args.Set("latest", ts)
	page, err := h.ask(ctx, op, args)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(page.Messages, func(p past) bool { return p.TS == ts })
	if i < 0 {
		return nil, platformError(op, chat.CodeNotFound, errNoMessage)
	}
	m, err := a.historyMessage(ctx, channel, page.Messages[i].raw)
	if err != nil {
		return nil, err
	}
	m.ThreadID = thread
	return m, nil
}

// FetchChannelMessages returns one page of the channel's own messages.
func (a *Adapter) FetchChannelMessages(ctx context.Context, id chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	channel, err := splitChannelID(id)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	h, err := a.openHistory(ctx, channel, &req)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	list, next, err := h.channelPage(ctx, req)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return a.messagePage(ctx, channel, list, next)
}

// maxListCalls bounds how many pages of a channel are read for one page of
// threads. A page may so have fewer than were asked for, and a next one; also when
// Slack wants to wait.
const maxListCalls = 5

// ListThreads returns one page of the channel's messages that have answers, those
// that were sent last first.
func (a *Adapter) ListThreads(ctx context.Context, id chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	channel, err := splitChannelID(id)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	h, err := a.openHistory(ctx, channel, &req)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	var page chat.Page[chat.ThreadSummary]
	read := chat.PageRequest{Cursor: req.Cursor, Oldest: req.Oldest, Limit: min(maxPage, max(200, req.Limit))}
	for range maxListCalls {
		list, next, err := h.channelPage(ctx, read)
		if page.Next != "" && errors.Is(err, chat.ErrRateLimited) {
			return page, nil
		}
		if err != nil {
			return chat.Page[chat.ThreadSummary]{}, err
		}
		if !req.Oldest {
			slices.Reverse(list)
		}
		for i, p := range list {
			if p.ReplyCount == 0 {
				continue
			}
			root, err := a.historyMessage(ctx, channel, p.raw)
			if err != nil {
				return chat.Page[chat.ThreadSummary]{}, err
			}
			root.ThreadID = threadID(channel, p.TS)
			page.Items = append(page.Items, chat.ThreadSummary{
				ID: root.ThreadID, Root: root, Replies: p.ReplyCount, LastReplyAt: timeOf(p.LatestReply),
			})
			if len(page.Items) == req.Limit {
				if page.Next = p.TS; next == "" && i == len(list)-1 {
					page.Next = ""
				}
				return page, nil
			}
		}
		if page.Next = next; next == "" {
			break
		}
		read.Cursor = next
	}
	return page, nil
}

// pastOf reads the history of one channel.
type pastOf struct {
	a       *Adapter
	origin  origin
	channel string
}

// openHistory checks a request and fills in its defaults. A cursor is a ts, but
// for threads from their beginning, where it is Slack's.
func (a *Adapter) openHistory(ctx context.Context, channel string, req *chat.PageRequest) (*pastOf, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if req.Limit < 0 {
		return nil, fmt.Errorf("%w: slack: Limit is %d, want 0 (the default) or more", chat.ErrInvalidArgument, req.Limit)
	}
	if req.Limit == 0 {
		req.Limit = defaultPage
	}
	req.Limit = min(req.Limit, maxPage)
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return nil, err
	}
	return &pastOf{a: a, origin: o, channel: channel}, nil
}

func (h *pastOf) ask(ctx context.Context, method string, args url.Values) (pastPage, error) {
	args.Set("channel", h.channel)
	var page pastPage
	err := h.a.call(ctx, h.origin, method, args, &page)
	if refusedWith(err, "invalid_cursor", "invalid_ts_latest", "invalid_ts_oldest") {
		err = fmt.Errorf("%w: slack: Cursor is none of this list's: %w", chat.ErrInvalidArgument, err)
	}
	limit, _ := strconv.Atoi(args.Get("limit"))
	if len(page.Messages) <= restrictedPage && limit > restrictedPage+1 && (page.HasMore || page.Metadata.NextCursor != "") {
		h.a.restricted.Store(true)
	}
	return page, err
}

func checkCursor(cursor string) error {
	if cursor != "" && !isTS(cursor) {
		return fmt.Errorf("%w: slack: Cursor is %q, want Next of the page before", chat.ErrInvalidArgument, cursor)
	}
	return nil
}

func byTS(a, b past) int { return strings.Compare(a.TS, b.TS) }

// messagePage reads the messages of a page.
func (a *Adapter) messagePage(ctx context.Context, channel string, list []past, next string) (chat.Page[*chat.Message], error) {
	page := chat.Page[*chat.Message]{Next: next}
	for _, p := range list {
		m, err := a.historyMessage(ctx, channel, p.raw)
		if err != nil {
			return chat.Page[*chat.Message]{}, err
		}
		page.Items = append(page.Items, m)
	}
	return page, nil
}

// repliesFrom returns one page of a thread, from its beginning on.
func (h *pastOf) repliesFrom(ctx context.Context, threadTS string, req chat.PageRequest) ([]past, string, error) {
	args := url.Values{"ts": {threadTS}, "limit": {strconv.Itoa(req.Limit)}}
	if req.Cursor != "" {
		args.Set("cursor", req.Cursor)
	}
	page, err := h.ask(ctx, opReplies, args)
	if err != nil {
		return nil, "", err
	}
	list := page.Messages
	if req.Cursor != "" { // the first message comes with every page
		list = slices.DeleteFunc(list, func(p past) bool { return p.TS == threadTS })
	}
	slices.SortFunc(list, byTS)
	return list, page.Metadata.NextCursor, nil
}

// repliesBefore returns the last messages of a thread before a ts. It reads the
// thread from its beginning and keeps its end.
func (h *pastOf) repliesBefore(ctx context.Context, threadTS string, req chat.PageRequest) ([]past, string, error) {
	if err := checkCursor(req.Cursor); err != nil {
		return nil, "", err
	}
	key, read := h.resume(threadTS, req)
	for {
		args := url.Values{"ts": {threadTS}, "limit": {strconv.Itoa(maxPage)}}
		if read.cursor != "" {
			args.Set("cursor", read.cursor)
		} else if req.Cursor != "" {
			args.Set("latest", req.Cursor)
		}
		page, err := h.ask(ctx, opReplies, args)
		if err != nil {
			return nil, "", h.interrupted(key, read, err)
		}
		for _, p := range page.Messages {
			if p.TS == threadTS && read.seenRoot || req.Cursor != "" && p.TS >= req.Cursor {
				continue
			}
			read.seenRoot = read.seenRoot || p.TS == threadTS
			read.list = append(read.list, p)
		}
		slices.SortFunc(read.list, byTS)
		if drop := len(read.list) - req.Limit; drop > 0 {
			read.list, read.more = slices.Delete(read.list, 0, drop), true
		}
		if read.cursor = page.Metadata.NextCursor; read.cursor == "" {
			break
		}
	}
	h.a.unfinished.Delete(key)
	if !read.more || len(read.list) == 0 {
		return read.list, "", nil
	}
	return read.list, read.list[0].TS, nil
}

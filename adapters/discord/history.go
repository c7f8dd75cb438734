package discord

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	defaultPage = 50
	maxPage     = 100 // https://docs.discord.com/developers/resources/message#get-channel-messages
	// starterMessage is the type of the first message in a thread. It refers to the
	// message in the channel that began the thread.
	starterMessage = 21
)

// FetchMessages returns messages of a channel, a thread or a direct conversation. The
// first message of a thread is the one in the channel that began it. A page has 50
// messages by default and at most 100. A cursor that is not from a former page is
// [chat.ErrInvalidArgument].
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	at, err := placeOf(thread)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return a.messages(ctx, at, req)
}

// FetchChannelMessages returns the messages of a channel, without those in threads, as
// FetchMessages does.
func (a *Adapter) FetchChannelMessages(ctx context.Context, id chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	at, err := placeOfChannel(id)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return a.messages(ctx, at, req)
}

func (a *Adapter) messages(ctx context.Context, at place, req chat.PageRequest) (page chat.Page[*chat.Message], err error) {
	limit := req.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if req.Cursor != "" && !isID(req.Cursor) {
		return page, fmt.Errorf("%w: discord: the cursor is none of a page before", chat.ErrInvalidArgument)
	}
	switch {
	case req.Oldest:
		query.Set("after", cmp.Or(req.Cursor, "0"))
	case req.Cursor != "":
		query.Set("before", req.Cursor)
	}
	var list []message // newest first
	err = a.do(ctx, call{Call: platform.Call{Op: "getMessages", Path: "channels/" + at.channel() + "/messages", Query: query, Into: &list}, major: at.channel()})
	if at.thread != "" && hasCode(err, unknownChannel) {
		return a.unanswered(ctx, at, req) // there is no thread yet
	}
	if err != nil {
		return page, err
	}
	for i := range slices.Backward(list) {
		m := &list[i]
		if m.Type == starterMessage {
			if m = m.Referenced; m == nil {
				continue // it was deleted
			}
		}
		page.Items = append(page.Items, a.message(ctx, at, m))
	}
	if len(list) == limit {
		page.Next = list[len(list)-1].ID
		if req.Oldest {
			page.Next = list[0].ID
		}
	}
	return page, nil
}

// unanswered returns the only message of a thread that Discord does not have yet: the
// message in the channel that begins it.
func (a *Adapter) unanswered(ctx context.Context, at place, req chat.PageRequest) (page chat.Page[*chat.Message], err error) {
	if req.Cursor != "" {
		return page, nil
	}
	m, err := a.fetch(ctx, at, at.thread)
	if err == nil {
		page.Items = []*chat.Message{a.message(ctx, at, m)}
	}
	return page, err
}

// FetchMessage returns a message. One that does not exist is [chat.ErrNotFound].
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	at, err := whereIs(thread, id)
	if err != nil {
		return nil, err
	}
	m, err := a.fetch(ctx, at, string(id))
	if err != nil {
		return nil, err
	}
	return a.message(ctx, at, m), nil
}

func (a *Adapter) fetch(ctx context.Context, at place, id string) (*message, error) {
	m := &message{}
	err := a.atMessage(at, id, func(channel string) error {
		return a.inChannel(ctx, "getMessage", http.MethodGet, channel, "/messages/"+id, nil, m)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// ListThreads returns the threads of a channel, newest first: first the active ones,
// sorted by their beginning, then the archived public ones, sorted by the time of
// archiving. A page has 50 threads by default and at most 100, and costs a further call
// for each thread, for its first message. A direct conversation has no threads.
// https://docs.discord.com/developers/topics/threads
func (a *Adapter) ListThreads(ctx context.Context, id chat.ChannelID, req chat.PageRequest) (page chat.Page[chat.ThreadSummary], err error) {
	at, err := placeOfChannel(id)
	if err != nil || at.direct() {
		return page, err
	}
	limit := req.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	var list []channel
	before := req.Cursor // the id of an active thread, or the time when one was archived
	if _, err := time.Parse(time.RFC3339Nano, before); err != nil {
		if before != "" && !isSnowflake(before) {
			return page, fmt.Errorf("%w: discord: the cursor is none of a page before", chat.ErrInvalidArgument)
		}
		if list, err = a.activeThreads(ctx, at, before); err != nil {
			return page, err
		}
		before = time.Now().UTC().Format(time.RFC3339Nano)
	}
	switch {
	case len(list) > limit:
		list = list[:limit]
		page.Next = list[limit-1].ID
	case len(list) == limit:
		page.Next = before
	default:
		more, next, err := a.archivedThreads(ctx, at, before, limit-len(list))
		if err != nil {
			return page, err
		}
		list, page.Next = append(list, more...), next
	}
	for _, c := range list {
		page.Items = append(page.Items, a.summary(ctx, at, c))
	}
	return page, nil
}

func (a *Adapter) summary(ctx context.Context, at place, c channel) chat.ThreadSummary {
	at.thread = c.ID
	s := chat.ThreadSummary{ID: at.threadID(), Replies: c.MessageCount, LastReplyAt: snowflakeTime(c.LastMessageID)}
	root, err := a.fetch(ctx, at, c.ID)
	if err != nil { // it was deleted, or the thread began without a message
		a.log.DebugContext(ctx, "the first message of a thread cannot be fetched", "thread", c.ID, "error", err)
		root = &message{ID: c.ID, ChannelID: c.ID, Content: c.Name}
	}
	s.Root = a.message(ctx, at, root)
	return s
}

// activeThreads returns the active threads of the channel that began before the thread
// with the id.
func (a *Adapter) activeThreads(ctx context.Context, at place, before string) ([]channel, error) {
	var got struct {
		Threads []channel `json:"threads"`
	}
	err := a.do(ctx, call{Call: platform.Call{Op: "activeThreads", Path: "guilds/" + at.guild + "/threads/active", Into: &got}, major: at.guild})
	list := slices.DeleteFunc(got.Threads, func(c channel) bool {
		return c.ParentID != at.parent || before != "" && compareIDs(c.ID, before) >= 0
	})
	slices.SortFunc(list, func(x, y channel) int { return compareIDs(y.ID, x.ID) })
	return list, err
}

// archivedThreads returns threads that were archived before a time, and the cursor of the
// next page: the time before which there are more.
func (a *Adapter) archivedThreads(ctx context.Context, at place, before string, limit int) (list []channel, next string, err error) {
	query := url.Values{"limit": {strconv.Itoa(max(limit, 2))}, "before": {before}} // Discord refuses 1
	var got struct {
		Threads []channel `json:"threads"`
		More    bool      `json:"has_more"`
	}
	path := "channels/" + at.parent + "/threads/archived/public"
	if err := a.do(ctx, call{Call: platform.Call{Op: "archivedThreads", Path: path, Query: query, Into: &got}, major: at.parent}); err != nil {
		return nil, "", err
	}
	list = got.Threads[:min(len(got.Threads), limit)]
	if n := len(list); n > 0 && (got.More || n < len(got.Threads)) && list[n-1].Metadata != nil {
		next = list[n-1].Metadata.ArchivedAt.UTC().Format(time.RFC3339Nano)
	}
	return list, next, nil
}

// compareIDs compares ids by the time of their creation.
func compareIDs(x, y string) int {
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
}

// snowflakeTime returns when an id was created, or zero if the text is not an id.
// https://docs.discord.com/developers/reference#snowflakes
func snowflakeTime(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil || !isSnowflake(id) {
		return time.Time{}
	}
	const epoch = 1_420_070_400_000 // the first second of 2015
	return time.UnixMilli(int64(n>>22) + epoch).UTC()
}

package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// channelPage returns one page of the messages of a channel outside of threads,
// in the order in which they were sent, and the cursor of the next page.
func (h *pastOf) channelPage(ctx context.Context, req chat.PageRequest) ([]past, string, error) {
	if err := checkCursor(req.Cursor); err != nil {
		return nil, "", err
	}
	if req.Oldest {
		return h.channelFrom(ctx, req)
	}
	args := url.Values{"limit": {strconv.Itoa(req.Limit)}}
	if req.Cursor != "" {
		args.Set("latest", req.Cursor)
	}
	page, err := h.ask(ctx, opHistory, args)
	if err != nil {
		return nil, "", err
	}
	list := slices.DeleteFunc(page.Messages, func(p past) bool { return req.Cursor != "" && p.TS >= req.Cursor })
	slices.SortFunc(list, byTS)
	if !page.HasMore || len(list) == 0 {
		return list, "", nil
	}
	return list, list[0].TS, nil
}

// firstWindow is the first span of time that channelFrom asks for.
const firstWindow = 24 * time.Hour

// channelFrom returns the first messages of a channel after a ts. Slack gives the
// newest messages of a span of time first, and does not say how to page forward:
// the span is made smaller until all of it comes at once, and larger where little
// was said.
func (h *pastOf) channelFrom(ctx context.Context, req chat.PageRequest) ([]past, string, error) {
	key, read := h.resume("", req)
	if read.from.IsZero() {
		from, err := h.start(ctx, req.Cursor)
		if err != nil {
			return nil, "", err
		}
		read.from, read.window = from, firstWindow
	}
	now := time.Now().Add(time.Second)
	for {
		to := read.from.Add(read.window)
		if to.After(now) {
			to = now
		}
		page, err := h.ask(ctx, opHistory, url.Values{
			"oldest": {tsAt(read.from)}, "latest": {tsAt(to)}, "inclusive": {"true"}, "limit": {strconv.Itoa(maxPage)},
		})
		if errors.Is(err, chat.ErrRateLimited) && len(read.list) > 0 {
			break // the cursor goes on after what there is
		}
		if err != nil {
			return nil, "", h.interrupted(key, read, err)
		}
		if page.HasMore && read.window > time.Millisecond {
			read.window = max(min(read.window, to.Sub(read.from))/4, time.Millisecond)
			continue
		}
		for _, p := range page.Messages {
			if p.TS > req.Cursor && !slices.ContainsFunc(read.list, func(other past) bool { return other.TS == p.TS }) {
				read.list = append(read.list, p)
			}
		}
		if read.more = to.Before(now); len(read.list) >= req.Limit || !read.more {
			break
		}
		read.from, read.window = to, read.window*4
	}
	h.a.unfinished.Delete(key)
	list, more := read.list, read.more
	slices.SortFunc(list, byTS)
	if len(list) > req.Limit {
		list, more = list[:req.Limit], true
	}
	if !more || len(list) == 0 {
		return list, "", nil
	}
	return list, list[len(list)-1].TS, nil
}

// start returns the time of a ts, or when the channel was made.
func (h *pastOf) start(ctx context.Context, ts string) (time.Time, error) {
	if ts != "" {
		return timeOf(ts), nil
	}
	var info struct {
		Channel struct {
			Created int64 `json:"created"`
		} `json:"channel"`
	}
	if err := h.a.call(ctx, h.origin, "conversations.info", url.Values{"channel": {h.channel}}, &info); err != nil {
		return time.Time{}, err
	}
	// Slack's first message is from 2013; a direct conversation may have none.
	return time.Unix(max(info.Channel.Created-1, 1_350_000_000), 0), nil
}

// tsAt returns a time as a ts.
func tsAt(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

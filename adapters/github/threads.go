package github

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// listed is an issue or a pull request in a list.
type listed struct {
	placedItem
	updated time.Time
}

// list returns a page of a repository's issues and pull requests, and the cursor of the
// next one.
// https://docs.github.com/en/rest/issues/issues#list-repository-issues
func (a *Adapter) list(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) ([]listed, string, error) {
	owner, repo, err := channelOf(channel)
	if err != nil {
		return nil, "", err
	}
	page := 1
	if req.Cursor != "" {
		if page, err = strconv.Atoi(req.Cursor); err != nil || page < 2 {
			return nil, "", badCursor(req.Cursor)
		}
	}
	direction := "desc"
	if req.Oldest {
		direction = "asc"
	}
	size := pageSize(req)
	var got []*item
	p := place{owner: owner, repo: repo}
	if err := a.get(ctx, "issues/list-for-repo", p, fmt.Sprintf("issues?state=all&sort=created&direction=%s&per_page=%d&page=%d", direction, size, page), &got); err != nil {
		return nil, "", err
	}
	var all []listed
	for _, it := range got {
		if it == nil || it.Number <= 0 {
			continue
		}
		p.number, p.kind = it.Number, issue
		if it.isPull() {
			p.kind = pull
		}
		all = append(all, listed{placedItem{it, p, body}, it.UpdatedAt})
	}
	next := ""
	if len(got) == size {
		next = strconv.Itoa(page + 1)
	}
	return all, next, nil
}

// FetchChannelMessages returns the texts of a repository's issues and pull requests, sorted
// by time. A page has 50 by default and at most 100.
func (a *Adapter) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	var page chat.Page[*chat.Message]
	me, all, next, err := a.listAs(ctx, channel, req)
	if err != nil {
		return page, err
	}
	for _, l := range all {
		page.Items = append(page.Items, l.message(me))
	}
	if !req.Oldest {
		slices.Reverse(page.Items)
	}
	page.Next = next
	return page, nil
}

// ListThreads returns the issues and pull requests of a repository, newest first or with
// req.Oldest oldest first. Discussions are not listed. LastReplyAt is the time of the last
// change. A page has 50 threads by default and at most 100.
func (a *Adapter) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	var page chat.Page[chat.ThreadSummary]
	me, all, next, err := a.listAs(ctx, channel, req)
	if err != nil {
		return page, err
	}
	for _, l := range all {
		summary := chat.ThreadSummary{ID: l.place.thread(), Root: l.message(me), Replies: l.Comments}
		if l.Comments > 0 {
			summary.LastReplyAt = l.updated.UTC()
		}
		page.Items = append(page.Items, summary)
	}
	page.Next = next
	return page, nil
}

func (a *Adapter) listAs(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (identity, []listed, string, error) {
	if err := ctx.Err(); err != nil {
		return identity{}, nil, "", err
	}
	all, next, err := a.list(ctx, channel, req)
	if err != nil {
		return identity{}, nil, "", err
	}
	me, err := a.whoami(ctx)
	return me, all, next, err
}

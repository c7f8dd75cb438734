package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// defaultPage and largestPage are how many messages a page has by default and at most.
	// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
	defaultPage, largestPage = 50, 100
	// most is how many comments are read where GitHub has no pages for a thread: comments
	// in all review threads of a pull request, or comments of a discussion. It is also how
	// many files GitHub lists for a pull request.
	most = 3000
)

// pageSize is how many messages a request asks for.
func pageSize(req chat.PageRequest) int {
	if req.Limit <= 0 {
		return defaultPage
	}
	return min(req.Limit, largestPage)
}

// FetchMessages returns a page of the thread: 50 messages by default, and at most 100. The
// oldest message is the text of the issue, the pull request or the discussion, or the
// first comment of the review thread. A cursor that is not from a former page is
// [chat.ErrInvalidArgument].
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	var none chat.Page[*chat.Message]
	p, err := where(thread)
	if err != nil {
		return none, err
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	me, err := a.whoami(ctx)
	if err != nil {
		return none, err
	}
	var page chat.Page[placedItem]
	switch {
	case p.kind == discussion || p.root != 0:
		var all []placedItem
		if p.kind == discussion {
			all, err = a.discussionItems(ctx, p)
		} else {
			all, err = a.reviewThread(ctx, p)
		}
		if err == nil {
			page, err = pageOf(all, req)
		}
	default:
		page, err = a.timeline(ctx, p, req)
	}
	if err != nil {
		return none, err
	}
	out := chat.Page[*chat.Message]{Next: page.Next}
	for _, s := range page.Items {
		out.Items = append(out.Items, s.message(me))
	}
	return out, nil
}

// pageOf returns a page of all messages of a thread. The cursor is the number of older
// messages that are left, or with req.Oldest the number of messages before the page.
func pageOf(all []placedItem, req chat.PageRequest) (chat.Page[placedItem], error) {
	from, to := 0, len(all)
	if req.Cursor != "" {
		n, err := strconv.Atoi(req.Cursor)
		if err != nil || n < 0 {
			return chat.Page[placedItem]{}, badCursor(req.Cursor)
		}
		if n = min(n, len(all)); req.Oldest {
			from = n
		} else {
			to = n
		}
	}
	size := pageSize(req)
	var page chat.Page[placedItem]
	if req.Oldest {
		if to = min(to, from+size); to < len(all) {
			page.Next = strconv.Itoa(to)
		}
	} else {
		if from = max(from, to-size); from > 0 {
			page.Next = strconv.Itoa(from)
		}
	}
	page.Items = all[from:to]
	return page, nil
}

func badCursor(cursor string) error {
	return fmt.Errorf("%w: github: the cursor %q is not from a former page", chat.ErrInvalidArgument, cursor)
}

// reviewThread returns the comments of a review thread, in their order.
// https://docs.github.com/en/rest/pulls/comments#list-review-comments-on-a-pull-request
func (a *Adapter) reviewThread(ctx context.Context, p place) ([]placedItem, error) {
	var thread []placedItem
	for page := 1; page <= most/largestPage; page++ {
		var got []*item
		if err := a.get(ctx, "pulls/list-review-comments", p, fmt.Sprintf("pulls/%d/comments?per_page=%d&page=%d", p.number, largestPage, page), &got); err != nil {
			return nil, err
		}
		for _, it := range got {
			if it.threadRoot() == number(p.root) {
				thread = append(thread, placedItem{it, p, reviewComment})
			}
		}
		if len(got) < largestPage {
			break
		}
	}
	return thread, nil
}

// get fetches an object of the repository from the REST API.
func (a *Adapter) get(ctx context.Context, op string, p place, path string, into any) error {
	_, err := call(ctx, a, op, p, func(c *gh.Client) (struct{}, *gh.Response, error) {
		r, err := c.NewRequest(ctx, http.MethodGet, "repos/"+p.name()+"/"+path, nil)
		if err != nil {
			return struct{}{}, nil, err
		}
		answer, err := c.Do(r, into)
		return struct{}{}, answer, err
	})
	return err
}

// FetchMessage returns a message of the thread. A message of another thread is
// [chat.ErrNotFound].
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	const op = "get-message"
	p, err := where(thread)
	if err != nil {
		return nil, err
	}
	r, err := p.remarkOf(op, id)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	me, err := a.whoami(ctx)
	if err != nil {
		return nil, err
	}
	found, err := a.fetch(ctx, p, r)
	if err != nil {
		return nil, err
	}
	if _, err := checkedID(op, int64(found.ID), nil); err != nil && r.kind != body {
		return nil, err
	}
	return found.message(me), nil
}

var errElsewhere = errors.New("the message belongs to another thread")

func (a *Adapter) fetch(ctx context.Context, p place, r remark) (placedItem, error) {
	s := placedItem{new(item), p, r.kind}
	switch {
	case p.kind == discussion:
		all, err := a.discussionItems(ctx, p)
		if err != nil {
			return placedItem{}, err
		}
		i := slices.IndexFunc(all, func(s placedItem) bool { return s.kind == r.kind && (r.kind == body || int64(s.ID) == r.id) })
		if i < 0 {
			return placedItem{}, platformError("Comments", chat.CodeNotFound, errors.New("the discussion has no such comment"))
		}
		return all[i], nil
	case r.kind == body && p.kind == issue:
		return s, a.get(ctx, "issues/get", p, "issues/"+strconv.Itoa(p.number), s.item)
	case r.kind == body:
		return s, a.get(ctx, "pulls/get", p, "pulls/"+strconv.Itoa(p.number), s.item)
	case r.kind == review:
		found, err := a.review(ctx, p, r.id)
		return placedItem{found, p, review}, err
	case r.kind == reviewComment:
		if err := a.get(ctx, "pulls/get-review-comment", p, "pulls/comments/"+formatID(r.id), s.item); err != nil {
			return placedItem{}, err
		}
		return s, elsewhere(s.PullURL, p, int64(s.threadRoot()) == p.root)
	}
	if err := a.get(ctx, "issues/get-comment", p, "issues/comments/"+formatID(r.id), s.item); err != nil {
		return placedItem{}, err
	}
	return s, elsewhere(s.IssueURL, p, true)
}

// elsewhere returns an error if a comment belongs to another issue, pull request or
// thread. address is that of its issue or pull request.
func elsewhere(address string, p place, ok bool) error {
	if _, n, cut := cutLast(address, "/"); !ok || cut && n != strconv.Itoa(p.number) {
		return platformError("get-message", chat.CodeNotFound, errElsewhere)
	}
	return nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

func (a *Adapter) review(ctx context.Context, p place, id int64) (*item, error) {
	it := new(item)
	return it, a.get(ctx, "pulls/get-review", p, fmt.Sprintf("pulls/%d/reviews/%d", p.number, id), it)
}

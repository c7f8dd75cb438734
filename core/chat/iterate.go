package chat

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// maxEmptyPages is how many pages without items may follow each other: a
// platform that filters its pages has a few.
const maxEmptyPages = 20

// IterOption changes how messages are iterated: [OldestFirst] or a [PageSize].
type IterOption func(*PageRequest)

// OldestFirst begins with the oldest message. By default the newest comes first.
func OldestFirst(r *PageRequest) { r.Oldest = true }

// PageSize asks the platform for n messages at a time. Default 50.
func PageSize(n int) IterOption { return func(r *PageRequest) { r.Limit = n } }

// Messages iterates over the thread's messages, newest first unless
// [OldestFirst] is given. Pages are fetched from the platform as the loop comes
// to them. On a platform without a history of its own, the kept one is read (see
// [HistoryKeeper]). The loop ends at the first error; where there is neither, it
// satisfies errors.Is(err, errors.ErrUnsupported).
func (t *Thread) Messages(ctx context.Context, opts ...IterOption) iter.Seq2[*Message, error] {
	h := history{caller: t.caller(), id: string(t.id), name: "thread history"}
	if f, ok := t.adapter.(MessageFetcher); ok {
		h.fetch = func(ctx context.Context, req PageRequest) (Page[*Message], error) {
			return f.FetchMessages(ctx, t.id, req)
		}
	}
	return h.messages(ctx, opts)
}

// Message returns one message of the thread, or [ErrNotFound]. It reads what
// [Thread.Messages] reads.
func (t *Thread) Message(ctx context.Context, id MessageID) (*Message, error) {
	if err := t.guard(ctx); err != nil {
		return nil, err
	}
	if err := id.validate(); err != nil {
		return nil, err
	}
	failed := unsupported(t.adapter.Name(), "thread history")
	if f, ok := t.adapter.(MessageFetcher); ok {
		var m *Message
		err := t.caller().do(ctx, func(ctx context.Context) (err error) {
			m, err = f.FetchMessage(ctx, t.id, id)
			return err
		}, nil)
		if err == nil {
			t.chat.adopt(t.adapter, m)
			return m, nil
		}
		if failed = err; !errors.Is(err, ErrNotFound) && !isUnsupported(err) {
			return nil, err
		}
	}
	if !keepsHistory(t.adapter) {
		return nil, failed
	}
	kept, err := t.chat.history(ctx, string(t.id))
	if err != nil {
		return nil, err
	}
	for _, m := range kept {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, fmt.Errorf("chat: message %q: %w", id, ErrNotFound)
}

// Participants returns the people who have written in the thread, in the order of
// their first messages, without bots. An author of whom it is not known whether it is
// a bot counts as a person. It reads the whole history.
func (t *Thread) Participants(ctx context.Context) ([]Author, error) {
	var authors []Author
	seen := map[UserID]bool{}
	add := func(a Author) {
		if !a.Me && !a.System && (a.Bot == nil || !*a.Bot) && !seen[a.UserID] {
			seen[a.UserID] = true
			authors = append(authors, a)
		}
	}
	for m, err := range t.Messages(ctx, OldestFirst, PageSize(100)) {
		if err != nil {
			return nil, err
		}
		add(m.Author)
	}
	if t.current != nil {
		add(t.current.Author) // a platform may not show it yet
	}
	return authors, nil
}

// Messages iterates over the channel's own messages, without those within
// threads where the platform tells them apart, as [Thread.Messages] does.
func (c *Channel) Messages(ctx context.Context, opts ...IterOption) iter.Seq2[*Message, error] {
	h := history{caller: c.caller(), id: string(c.id), name: "channel history"}
	if f, ok := c.adapter.(ChannelFetcher); ok {
		h.fetch = func(ctx context.Context, req PageRequest) (Page[*Message], error) {
			return f.FetchChannelMessages(ctx, c.id, req)
		}
	}
	return h.messages(ctx, opts)
}

// Threads iterates over the channel's threads, those that were begun last first.
// Pages are fetched as the loop comes to them. The loop ends at the first error;
// where the platform has no list of threads, it satisfies
// errors.Is(err, errors.ErrUnsupported).
func (c *Channel) Threads(ctx context.Context) iter.Seq2[ThreadSummary, error] {
	f, ok := c.adapter.(ChannelFetcher)
	if !ok {
		return failing[ThreadSummary](unsupported(c.adapter.Name(), "a list of threads"))
	}
	items := pages(ctx, c.caller(), PageRequest{}, func(ctx context.Context, req PageRequest) (Page[ThreadSummary], error) {
		return f.ListThreads(ctx, c.id, req)
	})
	return func(yield func(ThreadSummary, error) bool) {
		for s, err := range items {
			c.chat.adopt(c.adapter, s.Root)
			if !yield(s, err) {
				return
			}
		}
	}
}

// Take returns the first n items of a sequence such as [Thread.Messages], or
// fewer if it has fewer.
func Take[T any](seq iter.Seq2[T, error], n int) ([]T, error) {
	var items []T
	if n <= 0 {
		return nil, nil
	}
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		if items = append(items, item); len(items) == n {
			break
		}
	}
	return items, nil
}

// history is where the messages of a thread or channel come from.
type history struct {
	caller
	id    string
	name  string                                                     // for errors
	fetch func(context.Context, PageRequest) (Page[*Message], error) // nil if the platform cannot
}

// messages iterates over the platform's messages. If it has none the kept ones
// take their place.
func (h *history) messages(ctx context.Context, opts []IterOption) iter.Seq2[*Message, error] {
	var req PageRequest
	for _, opt := range opts {
		opt(&req)
	}
	if req.Limit < 0 {
		return failing[*Message](fmt.Errorf("%w: PageSize is %d, want 0 (the default) or more", ErrInvalidArgument, req.Limit))
	}
	keeps := keepsHistory(h.adapter)
	if h.fetch == nil && !keeps {
		return failing[*Message](unsupported(h.adapter.Name(), h.name))
	}
	return func(yield func(*Message, error) bool) {
		if h.fetch != nil {
			some := false
			for m, err := range pages(ctx, h.caller, req, h.fetchInOrder) {
				if err != nil && !some && keeps && isUnsupported(err) {
					break
				}
				some = true
				h.chat.adopt(h.adapter, m)
				if !yield(m, err) {
					return
				}
			}
			if some || !keeps {
				return
			}
		}
		h.kept(ctx, req.Oldest, yield)
	}
}

// fetchInOrder fetches a page in the order of the iteration. A page itself stands in
// the order of sending.
func (h *history) fetchInOrder(ctx context.Context, req PageRequest) (Page[*Message], error) {
	page, err := h.fetch(ctx, req)
	if !req.Oldest {
		page.Items = slices.Clone(page.Items)
		slices.Reverse(page.Items)
	}
	return page, err
}

func (h *history) kept(ctx context.Context, oldest bool, yield func(*Message, error) bool) {
	err := h.guard(ctx)
	var list []*Message
	if err == nil {
		list, err = h.chat.history(ctx, h.id)
	}
	if err != nil {
		yield(nil, err)
		return
	}
	if !oldest {
		slices.Reverse(list)
	}
	for _, m := range list {
		if !yield(m, nil) {
			return
		}
	}
}

// pages iterates over the items of all pages. It ends with an error when a
// platform goes round in circles.
func pages[T any](
	ctx context.Context, from caller, req PageRequest, fetch func(context.Context, PageRequest) (Page[T], error),
) iter.Seq2[T, error] {
	setDefault(&req.Limit, 50)
	return func(yield func(T, error) bool) {
		var none T
		req := req
		seen := map[string]bool{"": true}
		for empty := 0; ; {
			var page Page[T]
			err := from.do(ctx, func(ctx context.Context) (err error) {
				page, err = fetch(ctx, req)
				return err
			}, nil)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			if empty++; len(page.Items) > 0 {
				empty = 0
			}
			if seen[page.Next] || empty > maxEmptyPages {
				yield(none, errEndlessPages)
				return
			}
			seen[page.Next] = true
			req.Cursor = page.Next
		}
	}
}

// errEndlessPages says that a list of the platform's has no end.
var errEndlessPages = errors.New("chat: the platform's pages have no end: a cursor came again, or too many pages were empty")

func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

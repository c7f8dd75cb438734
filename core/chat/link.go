package chat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Link is a link in a message.
type Link struct {
	// URL is where it leads.
	URL string
	// Title, Description, ImageURL and SiteName are the preview, where the platform
	// has one. They are what the linked page says about itself.
	Title, Description, ImageURL, SiteName string

	extra  string  // fields of the JSON that have no name here
	source *caller // nil if it came with no message
}

// LinkResolver knows which messages the addresses of its platform lead to, as
// [Permalinker] returns them.
type LinkResolver interface {
	// ResolveLink returns the message at an address, whether the bot can read it or
	// not. It returns [ErrNotFound] for an address that leads to no message of the
	// platform.
	ResolveLink(ctx context.Context, url string) (ThreadID, MessageID, error)
}

// Message returns the message that a link in a message leads to, on any of the bot's
// platforms: it asks the platform each time. The author of the link need not be allowed to
// read that message; the bot must be.
//
// It returns [ErrNotFound] for a link that leads to no message, or to none that the
// bot can read. Where no platform of the bot knows the addresses of its messages, and
// for a link that came with no message, the error satisfies
// errors.Is(err, errors.ErrUnsupported).
func (l *Link) Message(ctx context.Context) (*Message, error) {
	if l.source == nil {
		return nil, fmt.Errorf("chat: link without a message: %w", errors.ErrUnsupported)
	}
	if err := l.source.ready(ctx); err != nil {
		return nil, err
	}
	thread, id, err := l.source.resolve(ctx, l.URL)
	if err != nil {
		return nil, err
	}
	t, err := l.source.chat.Thread(thread)
	if err != nil {
		return nil, err
	}
	return t.Message(ctx, id)
}

// resolve asks the adapters, that of the link's message first.
func (p *caller) resolve(ctx context.Context, url string) (thread ThreadID, id MessageID, err error) {
	c, err := p.chat, unsupported(p.adapter.Name(), "linked messages")
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(c.adapters)), func(name string) bool { return name == p.adapter.Name() })
	for _, name := range slices.Insert(names, 0, p.adapter.Name()) {
		resolver, ok := c.adapters[name].(LinkResolver)
		if !ok {
			continue
		}
		asked := caller{chat: c, adapter: c.adapters[name]}.do(ctx, func(ctx context.Context) (err error) {
			thread, id, err = resolver.ResolveLink(ctx, url)
			return err
		}, nil)
		switch {
		case asked == nil:
			return thread, id, nil
		case errors.Is(asked, ErrNotFound):
			err = fmt.Errorf("%w: the link leads to no message", ErrNotFound)
		case !isUnsupported(asked):
			return "", "", asked
		}
	}
	return "", "", err
}

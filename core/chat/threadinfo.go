package chat

import "context"

// ThreadFinder looks threads up, on platforms that know more of a thread than its
// channel.
type ThreadFinder interface {
	// FetchThread returns what the platform says about the thread, or [ErrNotFound].
	FetchThread(ctx context.Context, id ThreadID) (*ThreadInfo, error)
}

// ThreadInfo is what a platform says about a thread.
type ThreadInfo struct {
	// ID names the thread.
	ID ThreadID
	// Title is what the thread is called. Default none.
	Title string
	// Channel is what the thread belongs to: its name, who can read it, how many
	// members it has.
	Channel ChannelInfo
}

// Info returns what the platform says about the thread and its channel; without the
// [ThreadFinder] ability, about its channel alone. Where
// the platform limits such look-ups, the answer may be a minute old. Its errors are
// those of [Channel.Info].
func (t *Thread) Info(ctx context.Context) (info *ThreadInfo, err error) {
	if err := t.caller().ready(ctx); err != nil {
		return nil, err
	}
	if finder, ok := t.adapter.(ThreadFinder); ok {
		err = t.caller().do(ctx, func(ctx context.Context) error {
			info, err = finder.FetchThread(ctx, t.id)
			return err
		}, nil)
		if !isUnsupported(err) {
			return info, err
		}
	}
	channel, err := t.Channel().Info(ctx)
	if err != nil {
		return nil, err
	}
	return &ThreadInfo{ID: t.id, Channel: *channel}, nil
}

// Visibility returns who can read the thread's channel, see [Channel.Visibility].
func (t *Thread) Visibility(ctx context.Context) (Visibility, error) {
	return t.Channel().Visibility(ctx)
}

// Visibility returns who can read the channel: of a direct conversation
// [VisibilityPrivate], else what the platform says, or what the channel's JSON has said
// where channels cannot be looked up. Where nobody says it, it is [VisibilityUnknown],
// which is no error.
func (c *Channel) Visibility(ctx context.Context) (Visibility, error) {
	if c.dm {
		return VisibilityPrivate, c.guard(ctx)
	}
	info, err := c.Info(ctx)
	switch {
	case isUnsupported(err):
		return known(c.visibility), nil
	case err != nil:
		return VisibilityUnknown, err
	}
	return known(info.Visibility), nil
}

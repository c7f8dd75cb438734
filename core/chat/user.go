package chat

import (
	"context"
	"fmt"
)

// User returns what a platform says about a user. It returns [ErrNotFound] if
// there is none with the id, and an error that satisfies errors.Is(err,
// errors.ErrUnsupported) where users cannot be looked up.
func (c *Chat) User(ctx context.Context, adapter string, id UserID) (user *User, err error) {
	p, err := c.caller(adapter)
	if err != nil {
		return nil, err
	}
	finder, err := ability[UserFinder](ctx, p, "looking up users")
	if err != nil {
		return nil, err
	}
	err = p.do(ctx, func(ctx context.Context) error {
		user, err = finder.FetchUser(ctx, id)
		return err
	}, nil)
	return user, err
}

// OpenDM returns the thread of the direct conversation with a user. Its error
// satisfies errors.Is(err, errors.ErrUnsupported) where the platform has none.
func (c *Chat) OpenDM(ctx context.Context, adapter string, user UserID) (*Thread, error) {
	p, err := c.caller(adapter)
	if err != nil {
		return nil, err
	}
	return p.openDM(ctx, user)
}

// openDM returns a thread that belongs to the caller's turn.
func (p caller) openDM(ctx context.Context, user UserID) (*Thread, error) {
	dm, err := ability[DirectMessenger](ctx, p, "direct messages")
	if err != nil {
		return nil, err
	}
	if user == "" {
		return nil, fmt.Errorf("%w: user is empty", ErrInvalidArgument)
	}
	var id ThreadID
	err = p.do(ctx, func(ctx context.Context) error {
		id, err = dm.OpenDM(ctx, user)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	t, err := p.chat.Thread(id)
	if err != nil {
		return nil, err
	}
	t.lease, t.attempt = p.lease, p.attempt
	return t, nil
}

// caller makes calls to an adapter outside of any turn.
func (c *Chat) caller(adapter string) (caller, error) {
	a, ok := c.adapters[adapter]
	if !ok {
		return caller{}, fmt.Errorf("%w: %q", ErrUnknownAdapter, adapter)
	}
	return caller{chat: c, adapter: a}, nil
}

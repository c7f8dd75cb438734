package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Person names somebody on a platform: an [Author], a *[User], a [UserID], or
// what [UserID.On] returns.
type Person interface {
	// person returns the user's id, and the adapter's name if it is known.
	person() (id UserID, adapter string)
}

func (a Author) person() (UserID, string)   { return a.UserID, a.adapter }
func (u *User) person() (UserID, string)    { return u.ID, u.adapter }
func (id UserID) person() (UserID, string)  { return id, "" }
func (p personOn) person() (UserID, string) { return p.id, p.adapter }

// On says which adapter's user the id names, for bots with several platforms
// whose ids look alike.
func (id UserID) On(adapter string) Person { return personOn{id, adapter} }

type personOn struct {
	id      UserID
	adapter string
}

// UserIDChecker is an adapter that knows its platform's user ids by their form, so
// that a person can be reached by the id alone.
type UserIDChecker interface {
	// IsUserID reports whether the id has the form of the platform's user ids. It
	// does no I/O.
	IsUserID(id UserID) bool
}

// callerFor makes calls to the platform of the person. Of several platforms it is
// the one that has the ability A and whose ids the person's is.
func callerFor[A any](ctx context.Context, c *Chat, who Person, what string) (p caller, id UserID, err error) {
	if err := contextError(ctx); err != nil {
		return p, "", err
	}
	if isNil(who) {
		return p, "", fmt.Errorf("%w: the person is nil", ErrInvalidArgument)
	}
	id, adapter := who.person()
	if id == "" {
		return p, "", fmt.Errorf("%w: the person's user id is empty", ErrInvalidArgument)
	}
	if adapter != "" {
		p, err = c.caller(adapter)
		return p, id, err
	}
	var able, matching []string
	for name, a := range c.adapters {
		if _, ok := a.(A); !ok {
			continue
		}
		able = append(able, name)
		if checker, ok := a.(UserIDChecker); ok && checker.IsUserID(id) {
			matching = append(matching, name)
		}
	}
	slices.Sort(able)
	slices.Sort(matching)
	switch {
	case len(matching) == 1:
		able = matching
	case len(able) == 0:
		return p, "", fmt.Errorf("chat: no adapter of the bot has %s: %w", what, errors.ErrUnsupported)
	case len(matching) > 1:
		return p, "", fmt.Errorf("%w: the user id %q can be one of the adapters %s: say which with UserID.On", ErrInvalidArgument, id, strings.Join(matching, ", "))
	case len(able) > 1:
		return p, "", fmt.Errorf("%w: the user id %q has the form of none of the adapters that have %s, which are %s: say which with UserID.On",
			ErrInvalidArgument, id, what, strings.Join(able, ", "))
	}
	p, err = c.caller(able[0])
	return p, id, err
}

// User returns what a platform says about a person. It returns [ErrNotFound] if
// there is nobody with the id, [ErrInvalidArgument] if it is not known on which
// platform to look, and an error that satisfies errors.Is(err,
// errors.ErrUnsupported) where users cannot be looked up.
func (c *Chat) User(ctx context.Context, who Person) (user *User, err error) {
	p, id, err := callerFor[UserFinder](ctx, c, who, "a way to look users up")
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
	if user != nil {
		copied := *user
		copied.adapter = p.adapter.Name()
		user = &copied
	}
	return user, err
}

// OpenDM returns the thread of the direct conversation with a person. It returns
// [ErrInvalidArgument] if it is not known on which platform that is. Its error
// satisfies errors.Is(err, errors.ErrUnsupported) where the platform has none.
func (c *Chat) OpenDM(ctx context.Context, who Person) (*Thread, error) {
	p, id, err := callerFor[DirectMessenger](ctx, c, who, "direct messages")
	if err != nil {
		return nil, err
	}
	return p.openDM(ctx, id)
}

// openDM returns a thread that belongs to the caller's turn.
func (p caller) openDM(ctx context.Context, user UserID) (*Thread, error) {
	dm, err := ability[DirectMessenger](ctx, p, "direct messages")
	if err != nil {
		return nil, err
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

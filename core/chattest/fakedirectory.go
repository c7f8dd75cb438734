package chattest

import (
	"context"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// OpenDM returns the direct conversation with the user.
func (f *Fake) OpenDM(ctx context.Context, user chat.UserID) (chat.ThreadID, error) {
	if user == "" || strings.Contains(string(user), ":") {
		return "", fmt.Errorf("%w: user id %q is empty or has a colon", chat.ErrInvalidArgument, user)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.canOutside(ctx, DirectMessenger); err != nil {
		return "", err
	}
	return f.Thread("dm-"+string(user), "1"), nil
}

// AddUser makes a user known. "u1", the author of [Fake.Message], is.
func (f *Fake) AddUser(u chat.User) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users[u.ID] = u
}

// FetchUser returns a known user.
func (f *Fake) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.canOutside(ctx, UserFinder); err != nil {
		return nil, err
	}
	u, ok := f.users[id]
	if !ok {
		return nil, f.notFound("user", "user")
	}
	return &u, nil
}

// AddChannel makes a channel known.
func (f *Fake) AddChannel(c chat.ChannelInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.channels[c.ID] = c
}

// FetchChannel returns a known channel.
func (f *Fake) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.canOutside(ctx, ChannelFinder); err != nil {
		return nil, err
	}
	c, ok := f.channels[id]
	if !ok {
		return nil, f.notFound("channel", "channel")
	}
	return &c, nil
}

package chattools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// ErrScope is matched by the errors of calls that would leave their conversation.
var ErrScope = errors.New("chattools: outside of the conversation")

// toolset is what the tools of one [New] share.
type toolset struct{ cfg Config }

// home returns the thread that a call belongs to, or nil if there is none.
func (s *toolset) home(ctx context.Context) (*chat.Thread, error) {
	if c, ok := chat.ConversationFrom(ctx); ok && c.Thread != nil {
		return c.Thread, nil
	}
	if s.cfg.Thread == "" {
		return nil, nil
	}
	return s.cfg.Bot.Thread(s.cfg.Thread)
}

// thread returns the thread with the id if it is in scope. Empty means the conversation's.
func (s *toolset) thread(ctx context.Context, id chat.ThreadID) (*chat.Thread, error) {
	home, err := s.home(ctx)
	if err != nil {
		return nil, err
	}
	if home != nil && (id == "" || id == home.ID()) {
		return home, nil // the one that came with the event, which belongs to its turn
	}
	if id == "" {
		return nil, fmt.Errorf("%w: \"threadId\" is missing, and there is no conversation", ErrArguments)
	}
	t, err := s.cfg.Bot.Thread(id)
	if err != nil {
		return nil, err
	}
	switch {
	case s.cfg.Scope == ScopeAll, s.cfg.Scope == ScopeChannel && home != nil && t.Channel().ID() == home.Channel().ID():
		return t, nil
	}
	return nil, fmt.Errorf("%w: the thread %q", ErrScope, id)
}

// channel returns the channel with the id if it is in scope. Empty means the
// conversation's.
func (s *toolset) channel(ctx context.Context, id chat.ChannelID) (*chat.Channel, error) {
	home, err := s.home(ctx)
	if err != nil {
		return nil, err
	}
	if id == "" && home == nil {
		return nil, fmt.Errorf("%w: \"channelId\" is missing, and there is no conversation", ErrArguments)
	}
	if home != nil && s.cfg.Scope != ScopeThread && (id == "" || id == home.Channel().ID()) {
		return home.Channel(), nil
	}
	if s.cfg.Scope != ScopeAll {
		return nil, fmt.Errorf("%w: the channel %q", ErrScope, id)
	}
	return s.cfg.Bot.Channel(id)
}

// user returns the user with the id, if a tool may act for that user. Without a platform
// the id is one of the conversation's platform. Under ScopeThread a tool acts for those who
// take part.
func (s *toolset) user(ctx context.Context, given chat.UserID) (chat.Person, error) {
	home, err := s.home(ctx)
	if err != nil {
		return nil, err
	}
	id, platform := s.userOn(given)
	if platform == "" && home != nil {
		platform = home.ID().Adapter()
	}
	if s.cfg.Scope == ScopeAll {
		if platform == "" {
			return id, nil
		}
		return id.On(platform), nil
	}
	if home == nil || platform != home.ID().Adapter() {
		return nil, fmt.Errorf("%w: the user %q", ErrScope, given)
	}
	who := id.On(platform)
	if c, ok := chat.ConversationFrom(ctx); s.cfg.Scope != ScopeThread || ok && c.User.UserID == id {
		return who, nil
	}
	people, err := home.Participants(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(people, func(a chat.Author) bool { return a.UserID == id }) {
		return nil, fmt.Errorf("%w: the user %q takes no part in it", ErrScope, given)
	}
	return who, nil
}

// userOn takes the name of a platform of the bot off the id. Ids of some platforms have
// colons of their own.
func (s *toolset) userOn(given chat.UserID) (id chat.UserID, platform string) {
	name, rest, ok := strings.Cut(string(given), ":")
	if ok && rest != "" && slices.Contains(s.cfg.Bot.AdapterNames(), name) {
		return chat.UserID(rest), name
	}
	return given, ""
}

// message checks that the message is in a thread that is in scope: the id of a message
// could name one elsewhere. A platform that cannot look messages up has ids that say where
// they are, which its adapter checks.
func (s *toolset) message(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Thread, error) {
	t, err := s.thread(ctx, thread)
	if err != nil || s.cfg.Scope == ScopeAll {
		return t, err
	}
	m, err := t.Message(ctx, id)
	if errors.Is(err, errors.ErrUnsupported) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	if m.ThreadID != "" && m.ThreadID != t.ID() {
		if _, err := s.thread(ctx, m.ThreadID); err != nil {
			return nil, err
		}
	}
	return t, nil
}

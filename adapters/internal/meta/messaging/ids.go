package messaging

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// place is a conversation: the account, and the user by an id that only this account
// knows.
type place struct{ account, user string }

func threadFormat(cfg *Config) adapterkit.IDFormat[chat.ThreadID] {
	f := adapterkit.IDFormat[chat.ThreadID]{Prefix: cfg.Name, Parts: []adapterkit.IDPart{{Name: "user id", Check: isID}}}
	if cfg.AccountInIDs {
		f.Parts = append([]adapterkit.IDPart{{Name: "account id", Check: isID}}, f.Parts...)
	}
	return f
}

// isID reports whether a text can be the id of a user or account: digits.
func isID(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "0123456789") == ""
}

// IsID reports whether a text can be the id of a page or account.
func IsID(text string) bool { return isID(text) }

// isMessageID reports whether a text can be the id of a message.
func isMessageID(text string) bool {
	return text != "" && len(text) <= 1024 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\x7f' })
}

// placeOf takes the id of a thread, or of a channel, apart.
func (a *Adapter) placeOf(id chat.ThreadID) (place, error) {
	parts, err := a.threads.Split(id)
	switch {
	case err != nil:
		return place{}, err
	case a.cfg.AccountInIDs:
		return place{parts[0], parts[1]}, nil
	}
	return place{a.cfg.Account, parts[0]}, nil
}

// reach is placeOf for a call: the token is that of one account.
func (a *Adapter) reach(id chat.ThreadID) (place, error) {
	p, err := a.placeOf(id)
	if err == nil && a.cfg.AccountInIDs && p.account != a.cfg.Account {
		err = &chat.PlatformError{
			Adapter: a.cfg.Name, Op: "thread", Code: chat.CodeNotFound,
			Err: fmt.Errorf("the thread is one of the account %s, and the bot has the account %s", p.account, a.cfg.Account),
		}
	}
	return p, err
}

// messageIn is reach for a message of the thread.
func (a *Adapter) messageIn(thread chat.ThreadID, id chat.MessageID) (place, error) {
	p, err := a.reach(thread)
	if err == nil && !isMessageID(string(id)) {
		err = fmt.Errorf("%w: %s: message id %q, want the mid of a message", chat.ErrInvalidArgument, a.cfg.Name, id)
	}
	return p, err
}

// channel is the place as it stands in ids.
func (a *Adapter) channel(p place) string {
	if a.cfg.AccountInIDs {
		return p.account + ":" + p.user
	}
	return p.user
}

func (a *Adapter) threadID(p place) chat.ThreadID {
	return chat.ThreadID(a.cfg.Name + ":" + a.channel(p))
}

// EncodeThreadID puts a thread id together. Every thread is a direct conversation, which
// is its own channel: Thread is empty.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	id := chat.ThreadID(a.cfg.Name + ":" + ref.Channel)
	if _, err := a.threads.Split(id); err != nil {
		return "", err
	}
	if ref.Thread != "" || !ref.DM {
		return "", fmt.Errorf("%w: %s: Thread is %q and DM is %v, want a direct conversation, which has no threads", chat.ErrInvalidArgument, a.cfg.Name, ref.Thread, ref.DM)
	}
	return id, nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := a.placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: a.channel(p), DM: true}, nil
}

// IsUserID reports whether an id can be that of a user: digits.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isID(string(id)) }

// OpenDM returns the conversation with a user. The user must have written before.
func (a *Adapter) OpenDM(_ context.Context, id chat.UserID) (chat.ThreadID, error) {
	if !a.IsUserID(id) {
		return "", fmt.Errorf("%w: %s: user id %q, want digits", chat.ErrInvalidArgument, a.cfg.Name, id)
	}
	return a.threadID(place{a.cfg.Account, string(id)}), nil
}

package gchat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Calls about reactions.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages.reactions
const (
	opReact   = "spaces.messages.reactions.create"
	opUnreact = "spaces.messages.reactions.delete"
	opReacted = "spaces.messages.reactions.list"
)

// AddReaction adds an emoji in the name of Config.ImpersonateUser. Without that user it
// tries as the app, and Chat may refuse it. It is no error if the reaction is there
// already.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	spelling, err := a.reactionOf(ctx, thread, id, name)
	if err != nil {
		return err
	}
	body := params{"emoji": params{"unicode": spelling}}
	err = a.userCall(ctx, call{Call: platform.Call{Op: opReact, Path: "v1/" + string(id) + "/reactions", Body: body}})
	if errors.Is(err, errExists) {
		return nil
	}
	return err
}

// RemoveReaction removes an emoji that AddReaction has added. It is no error if the
// reaction is not there.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	spelling, err := a.reactionOf(ctx, thread, id, name)
	if err != nil {
		return err
	}
	p, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	self, err := a.reactor(ctx, p.space)
	if err != nil {
		return err
	}
	var got struct {
		Reactions []reaction `json:"reactions"`
	}
	c := get(opReacted, string(id)+"/reactions", url.Values{"filter": {"emoji.unicode = " + strconv.Quote(spelling) + " AND user.name = " + strconv.Quote(self)}}, &got)
	if err := a.userCall(ctx, c); err != nil {
		return err
	}
	for _, r := range got.Reactions {
		if !strings.HasPrefix(r.Name, string(id)+"/reactions/") || r.User == nil || r.User.Name != self {
			continue
		}
		err := a.userCall(ctx, call{Call: platform.Call{Op: opUnreact, Method: http.MethodDelete, Path: "v1/" + r.Name}})
		if err != nil && !errors.Is(err, chat.ErrNotFound) {
			return err
		}
	}
	return nil
}

// reactionOf returns an emoji as Chat takes it, in Unicode characters.
func (a *Adapter) reactionOf(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) (string, error) {
	if _, err := a.changeable(ctx, thread, id); err != nil {
		return "", err
	}
	if name == "" {
		return "", fmt.Errorf("%w: gchat: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	if known, err := a.host.Emoji().Read(name); err == nil {
		return a.spell(known), nil
	}
	return name, nil
}

// reactor returns the user in whose name reactions are made.
func (a *Adapter) reactor(ctx context.Context, in string) (string, error) {
	if a.config.ImpersonateUser == "" {
		if self := a.selfID(ctx); self != "" {
			return self, nil
		}
		return "", unexpected(opReacted, "the app's user is not known")
	}
	return a.self.Get(ctx, "user-id:"+a.config.ImpersonateUser, func(ctx context.Context) (string, error) {
		var m membership
		if err := a.userCall(ctx, get("spaces.members.get", in+"/members/"+url.PathEscape(a.config.ImpersonateUser), nil, &m)); err != nil {
			return "", err
		}
		if m.Member == nil || !isUserID(chat.UserID(m.Member.Name)) {
			return "", unexpected("spaces.members.get", "the member has no name")
		}
		return m.Member.Name, nil
	})
}

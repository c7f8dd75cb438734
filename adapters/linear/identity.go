package linear

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

// identity is the bot in a workspace.
type identity struct {
	ID           chat.UserID `json:"id"`
	Name         string      `json:"displayName"`
	Organization string      `json:"organizationId"`
}

const selfQuery = `query Self { viewer { id displayName organization { id } } }`

// self returns the bot in a workspace.
func (a *Adapter) self(ctx context.Context, workspace string) (identity, error) {
	key := workspace
	if a.config.OAuth.ClientID == "" {
		key = "own"
	}
	return a.identities.Get(ctx, key, func(ctx context.Context) (identity, error) {
		token, err := a.token(ctx, workspace)
		if err != nil {
			return identity{}, err
		}
		return a.askIdentity(ctx, token)
	})
}

// selfOf is the bot in a workspace, as far as it can be found out now.
func (a *Adapter) selfOf(ctx context.Context, workspace string) identity {
	self, err := a.self(ctx, workspace)
	if err != nil {
		a.log.WarnContext(ctx, "the bot's user on Linear is not known", "error", err)
	}
	return self
}

func (a *Adapter) askIdentity(ctx context.Context, token string) (identity, error) {
	var got struct {
		Viewer struct {
			ID           chat.UserID
			DisplayName  string
			Organization struct{ ID string }
		}
	}
	if err := a.send(ctx, token, "viewer", selfQuery, nil, &got); err != nil {
		return identity{}, err
	}
	v := got.Viewer
	if v.ID == "" || !isID(v.Organization.ID) {
		return identity{}, failure("viewer", chat.CodeTemporary, "the answer has no user or no workspace")
	}
	return identity{v.ID, v.DisplayName, v.Organization.ID}, nil
}

// learnWorkspace keeps which workspace an issue or project is of, so that the bot can
// write there later.
func (a *Adapter) learnWorkspace(ctx context.Context, p place, workspace string) {
	if a.config.OAuth.ClientID != "" && p.owner() != "" {
		a.workspaces.Learn(ctx, p.owner(), workspace)
	}
}

// workspaceOf returns the workspace of a place. It is empty for an app in one.
func (a *Adapter) workspaceOf(ctx context.Context, p place) (string, error) {
	if a.config.OAuth.ClientID == "" {
		return "", nil
	}
	if given, ok := ctx.Value(workspaceKey{}).(string); ok {
		return given, nil
	}
	return a.workspaces.Get(ctx, p.owner(), func(context.Context) (string, error) {
		return "", failure("organization", chat.CodeNotFound, fmt.Sprintf("no webhook has told the workspace of %q: name it by linear.WithWorkspace", p.channel()))
	})
}

type workspaceKey struct{}

// currentWorkspace returns the workspace for what belongs to no issue: the one that the
// context names, or that of the conversation that is handled.
func (a *Adapter) currentWorkspace(ctx context.Context) (string, error) {
	if given, ok := ctx.Value(workspaceKey{}).(string); ok {
		return given, nil
	}
	current, ok := chat.ConversationFrom(ctx)
	if !ok {
		return "", nil
	}
	p, err := placeOf(current.Thread.ID())
	if err != nil {
		return "", nil // a conversation on another platform
	}
	return a.workspaceOf(ctx, p)
}

// WithWorkspace has calls with the context go to the workspace with the organization
// id. An app that many workspaces install needs it for issues of which it has heard
// nothing yet, and for users.
func WithWorkspace(ctx context.Context, organizationID string) context.Context {
	return context.WithValue(ctx, workspaceKey{}, organizationID)
}

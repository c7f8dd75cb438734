package linear

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

// identity is the bot's user in a workspace.
type identity struct {
	ID           chat.UserID `json:"id"`
	Name         string      `json:"displayName"`
	Organization string      `json:"organizationId"`
}

const selfQuery = `query Self { viewer { id displayName organization { id } } }`

// self returns the bot's user in a workspace.
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

// selfOf returns the bot's user in a workspace, or an empty one if the look-up fails.
func (a *Adapter) selfOf(ctx context.Context, workspace string) identity {
	self, err := a.self(ctx, workspace)
	if err != nil {
		a.log.WarnContext(ctx, "the bot's user on Linear cannot be looked up", "error", err)
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

// learnWorkspace remembers the workspace of an issue or project, so that the bot can post
// there later.
func (a *Adapter) learnWorkspace(ctx context.Context, p place, workspace string) {
	if a.config.OAuth.ClientID != "" && p.owner() != "" {
		a.workspaces.Learn(ctx, p.owner(), workspace)
	}
}

// workspaceOf returns the workspace of a place. It is empty without Config.OAuth, because
// there is only one.
func (a *Adapter) workspaceOf(ctx context.Context, p place) (string, error) {
	if a.config.OAuth.ClientID == "" {
		return "", nil
	}
	if given, ok := ctx.Value(workspaceKey{}).(string); ok {
		return given, nil
	}
	return a.workspaces.Get(ctx, p.owner(), func(context.Context) (string, error) {
		return "", failure("organization", chat.CodeNotFound, fmt.Sprintf("no webhook has named the workspace of %q: name it with linear.WithWorkspace", p.channel()))
	})
}

type workspaceKey struct{}

// currentWorkspace returns the workspace for a call that concerns no issue: the one of
// WithWorkspace, or that of the conversation that is being handled.
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

// WithWorkspace returns a context whose calls go to the workspace with the organization id.
// With Config.OAuth it is needed for issues that no webhook has named yet, and for users
// outside of a handler. Otherwise it has no effect.
func WithWorkspace(ctx context.Context, organizationID string) context.Context {
	return context.WithValue(ctx, workspaceKey{}, organizationID)
}

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	originPrefix = adapterName + ":installation-of:"
	originTTL    = 10 * time.Minute // in this process
)

// origin says with which installation to reach a channel or user.
type origin struct {
	// Installation is the id that it is stored under: the workspace's, or the
	// organisation's. Empty: the one that is configured.
	Installation string `json:"installation"`
	// Team is the workspace within an organisation.
	Team string `json:"team,omitempty"`
}

type installationKey struct{}

// WithInstallation makes calls with the context use the installation with the
// id: a workspace's, "T…", or an organisation's, "E…". A bot in many workspaces
// needs it where no event came from yet. It changes nothing for an adapter with
// a BotToken.
func WithInstallation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, installationKey{}, origin{Installation: id})
}

// workspaceOf returns with which installation to reach the channel or user: the
// one of the context, else the one that an event from there came with.
func (a *Adapter) workspaceOf(ctx context.Context, channelOrUser string) (origin, error) {
	if a.config.isOneWorkspace() {
		return origin{}, nil
	}
	if o, ok := ctx.Value(installationKey{}).(origin); ok {
		return o, nil
	}
	o, err := a.knownOrigin(ctx, channelOrUser)
	if errors.Is(err, state.ErrNotFound) {
		return origin{}, platformError("installation", chat.CodeAuthentication, errNoWorkspace)
	}
	return o, err
}

// knownOrigin returns what remember kept, or [state.ErrNotFound].
func (a *Adapter) knownOrigin(ctx context.Context, id string) (origin, error) {
	if id == "" {
		return origin{}, state.ErrNotFound
	}
	if o, ok := a.origins.Get(id); ok {
		return o, nil
	}
	data, err := a.host.State().Get(ctx, originPrefix+id)
	if err != nil {
		return origin{}, err
	}
	var o origin
	if json.Unmarshal(data, &o) != nil || o.Installation == "" {
		return origin{}, state.ErrNotFound
	}
	a.origins.Set(id, o)
	return o, nil
}

// remember keeps with which installation to reach the channels and users of an
// event. It writes only what has changed.
func (a *Adapter) remember(ctx context.Context, o origin, channelsAndUsers ...string) error {
	if o.Installation == "" {
		return nil
	}
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	for _, id := range channelsAndUsers {
		if !isID(id) {
			continue
		}
		known, err := a.knownOrigin(ctx, id)
		if err == nil && known == o {
			continue
		}
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		if err := a.host.State().Set(ctx, originPrefix+id, value, 0); err != nil {
			return err
		}
		a.origins.Set(id, o)
	}
	return nil
}

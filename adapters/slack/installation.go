package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Installation is the app in one workspace, or in all of an organisation. Its
// JSON, with the tokens encrypted, is the TypeScript SDK's, which leaves alone the
// fields that it does not know: RefreshToken and ExpiresAt.
type Installation struct {
	// BotToken is the token for calls, "xoxb-…".
	BotToken string `json:"botToken"`
	// BotUserID is the bot's user in the workspace. Default: asked of Slack.
	BotUserID chat.UserID `json:"botUserId,omitempty"`
	// TeamName is the workspace's or organisation's name.
	TeamName string `json:"teamName,omitempty"`
	// EnterpriseID is the organisation that the workspace belongs to. Default none.
	EnterpriseID string `json:"enterpriseId,omitempty"`
	// Enterprise says that it is one installation for the whole organisation.
	Enterprise bool `json:"isEnterpriseInstall,omitempty"`
	// RefreshToken is what a token that expires is exchanged with, "xoxe-…". The
	// adapter does so in time for the installations in the state; a program that
	// keeps them itself does it itself. Default none: the token does not expire.
	RefreshToken string `json:"refreshToken,omitempty"`
	// ExpiresAt is when the token expires, if there is a RefreshToken. Default
	// zero: it may have expired.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

const (
	originPrefix = adapterName + ":installation-of:"

	installationTTL = time.Minute // how long another instance's change may go unseen
	originTTL       = 10 * time.Minute
	maxCached       = 10_000
)

// origin says with which installation to reach a channel or user.
type origin struct {
	// Installation is the id that it is stored under: the workspace's, or the
	// organisation's. Empty: the one that is configured.
	Installation string `json:"installation"`
	// Team is the workspace within an organisation.
	Team string `json:"team,omitempty"`
}

// isEnterprise reports whether the id is an organisation's.
// https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
func isEnterprise(installationID string) bool { return strings.HasPrefix(installationID, "E") }

type installationKey struct{}

// WithInstallation makes calls with the context use the installation with the
// id: a workspace's, "T…", or an organisation's, "E…". A bot in many workspaces
// needs it where no event came from yet. It changes nothing for an adapter with
// a BotToken.
func WithInstallation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, installationKey{}, origin{Installation: id})
}

// Installation returns the stored installation with the id, or
// [chat.ErrNotFound].
func (a *Adapter) Installation(ctx context.Context, id string) (*Installation, error) {
	if !isID(id) {
		return nil, fmt.Errorf("%w: slack: installation id %q, want letters and digits", chat.ErrInvalidArgument, id)
	}
	if a.config.Installations != nil {
		return a.config.Installations.Installation(ctx, id, isEnterprise(id))
	}
	return a.kept.Get(ctx, id)
}

// SaveInstallation stores an installation under the workspace's or
// organisation's id, its tokens encrypted if there is a key.
func (a *Adapter) SaveInstallation(ctx context.Context, id string, i *Installation) error {
	switch {
	case !isID(id):
		return fmt.Errorf("%w: slack: installation id %q, want letters and digits", chat.ErrInvalidArgument, id)
	case i == nil || i.BotToken == "":
		return fmt.Errorf("%w: slack: installation %s: BotToken is empty, want a bot token", chat.ErrInvalidArgument, id)
	}
	a.forget(ctx, id)
	return a.kept.Set(ctx, id, i)
}

// DeleteInstallation forgets the installation. It is no error if there is none.
// An app that is removed from a workspace does it by itself. Other instances may
// use the token for a minute more.
func (a *Adapter) DeleteInstallation(ctx context.Context, id string) error {
	if !isID(id) {
		return fmt.Errorf("%w: slack: installation id %q, want letters and digits", chat.ErrInvalidArgument, id)
	}
	a.forget(ctx, id)
	return a.kept.Delete(ctx, id)
}

// forget removes what this process keeps of an installation that changes.
func (a *Adapter) forget(ctx context.Context, id string) {
	a.installations.Delete(id)
	_ = a.identities.Forget(ctx, id) // fails only in the state, where it is not
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

// installation returns the installation with a token that works.
func (a *Adapter) installation(ctx context.Context, o origin) (*Installation, error) {
	i, err := a.knownInstallation(ctx, o)
	if err != nil || !a.keepsInstallations() {
		return i, err
	}
	next, err := a.kept.Fresh(ctx, o.Installation, i)
	if err != nil {
		return nil, err
	}
	if next != i {
		a.installations.Set(o.Installation, next)
	}
	return next, nil
}

// knownInstallation returns the installation, from this process if it was used
// lately. Its token may have expired.
func (a *Adapter) knownInstallation(ctx context.Context, o origin) (*Installation, error) {
	if o.Installation == "" {
		token, err := a.configuredToken(ctx)
		return &Installation{BotToken: token}, err
	}
	if i, ok := a.installations.Get(o.Installation); ok {
		return i, nil
	}
	i, err := a.Installation(ctx, o.Installation)
	if err != nil {
		return nil, err
	}
	a.installations.Set(o.Installation, i)
	return i, nil
}

// configuredToken returns the token of an app in one workspace.
func (a *Adapter) configuredToken(ctx context.Context) (string, error) {
	if a.config.BotTokenSource == nil {
		return a.config.BotToken, nil
	}
	token, err := a.config.BotTokenSource(ctx)
	if err != nil {
		return "", fmt.Errorf("slack: Config.BotTokenSource: %w", err)
	}
	if !isBotToken(token) {
		return "", platformError("token", chat.CodeAuthentication, errNoBotToken)
	}
	return token, nil
}

// client returns a client of the Web API for the workspace of the channel or
// user. An empty id is enough with a BotToken or [WithInstallation].
func (a *Adapter) client(ctx context.Context, channelOrUser string) (*slackapi.Client, error) {
	o, err := a.workspaceOf(ctx, channelOrUser)
	if err != nil {
		return nil, err
	}
	return a.clientOf(ctx, o)
}

func (a *Adapter) clientOf(ctx context.Context, o origin) (*slackapi.Client, error) {
	i, err := a.installation(ctx, o)
	if err != nil {
		return nil, err
	}
	return a.apiClient(o.Installation, i.BotToken), nil
}

func (a *Adapter) apiClient(installation, token string) *slackapi.Client {
	return slackapi.New(token, slackapi.OptionAPIURL(a.config.APIURL), slackapi.OptionHTTPClient(&tokenClient{a, installation, token}))
}

// triggerID makes a trigger id that says which installation it belongs to:
// "{installation}:{Slack's}", or Slack's alone with a BotToken.
func triggerID(o origin, trigger string) string {
	if o.Installation == "" || trigger == "" {
		return trigger
	}
	return o.Installation + ":" + trigger
}

// clientForTrigger is the inverse of triggerID: a client for the installation,
// and Slack's trigger id.
func (a *Adapter) clientForTrigger(ctx context.Context, id string) (*slackapi.Client, string, error) {
	installation, trigger, ok := strings.Cut(id, ":")
	if !ok {
		client, err := a.client(ctx, "")
		return client, id, err
	}
	client, err := a.clientOf(ctx, origin{Installation: installation})
	return client, trigger, err
}

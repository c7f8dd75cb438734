package slack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
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
	installationTTL = time.Minute // how long another instance's change may go unseen
	maxCached       = 10_000
)

// isEnterprise reports whether the id is an organisation's.
// https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
func isEnterprise(installationID string) bool { return strings.HasPrefix(installationID, "E") }

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
	err := a.kept.Set(ctx, id, i)
	a.forget(ctx, id)
	return err
}

// DeleteInstallation forgets the installation. It is no error if there is none.
// An app that is removed from a workspace does it by itself. Other instances may
// use the token for a minute more.
func (a *Adapter) DeleteInstallation(ctx context.Context, id string) error {
	if !isID(id) {
		return fmt.Errorf("%w: slack: installation id %q, want letters and digits", chat.ErrInvalidArgument, id)
	}
	err := a.kept.Delete(ctx, id)
	a.forget(ctx, id)
	return err
}

// forget removes what this process keeps of an installation that has changed.
func (a *Adapter) forget(ctx context.Context, id string) {
	a.installations.Delete(id)
	_ = a.identities.Forget(ctx, id) // fails only in the state, where it is not
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

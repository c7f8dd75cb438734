package slack

import (
	"context"
	"strings"

	slackapi "github.com/slack-go/slack"
)

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

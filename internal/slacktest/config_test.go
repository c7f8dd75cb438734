package slacktest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
)

func aToken(context.Context) (string, error) { return "xoxb-1", nil }

// noInstallations finds none.
type noInstallations struct{}

func (noInstallations) Installation(context.Context, string, bool) (*slack.Installation, error) {
	return nil, chat.ErrNotFound
}

func TestConfigNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for field, config := range map[string]slack.Config{
		"SigningSecret":     {BotToken: "xoxb-1"},
		"BotToken":          {SigningSecret: "s"},
		"AppToken":          {AppToken: "xoxb-1", BotToken: "xoxb-1"},
		"ClientID":          {SigningSecret: "s", ClientSecret: "c"},
		"ClientSecret":      {SigningSecret: "s", ClientID: "c"},
		"EncryptionKeys[1]": {SigningSecret: "s", BotToken: "xoxb-1", EncryptionKeys: []string{"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "short"}},
		"APIURL":            {SigningSecret: "s", BotToken: "xoxb-1", APIURL: "slack.com"},
		"SocketConnections": {AppToken: "xapp-1", BotToken: "xoxb-1", SocketConnections: 11},
		"ForwardURLs":       {SigningSecret: "s", BotToken: "xoxb-1", ForwardURLs: []string{"https://a"}},
		"ForwardURLs[1]":    {SigningSecret: "s", AppToken: "xapp-1", BotToken: "xoxb-1", ForwardURLs: []string{"https://a", ""}},
		"ForwardURLs[0]":    {SigningSecret: "s", AppToken: "xapp-1", BotToken: "xoxb-1", ForwardURLs: []string{"a"}},
		"BotTokenSource":    {SigningSecret: "s", BotToken: "xoxb-1", BotTokenSource: aToken},
		"Installations":     {SigningSecret: "s", BotTokenSource: aToken, Installations: noInstallations{}},
		"LookupTimeout":     {SigningSecret: "s", BotToken: "xoxb-1", LookupTimeout: -1},
	} {
		_, err := slack.New(config)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, "slack: "+field+":")
	}
	for _, config := range []slack.Config{
		{SigningSecret: "s", BotToken: "xoxb-1"},
		{AppToken: "xapp-1", BotToken: "xoxb-1"},
		{SigningSecret: "s", ClientID: "1.2", ClientSecret: "c"},
		{VerifyRequest: func(*http.Request, []byte) error { return nil }, BotTokenSource: aToken},
		{SigningSecret: "s", AppToken: "xapp-1", BotToken: "xoxb-1", ForwardURLs: []string{"https://a"}},
	} {
		_, err := slack.New(config)
		require.NoError(t, err)
	}
}

// What is no bot token is found at once, and never told: it may be a secret.
func TestABotTokenIsOne(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"xoxp-secret", "xapp-secret", "xoxe-secret", "xoxe.xoxp-secret", " xoxb-secret", "Bearer xoxb-secret", "secret"} {
		_, err := slack.New(slack.Config{SigningSecret: "s", BotToken: token})
		require.ErrorIs(t, err, chat.ErrInvalidConfig, token)
		require.ErrorContains(t, err, `slack: BotToken: want a bot token, "xoxb-…"`)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, token := range []string{"xoxb-1", "xoxe.xoxb-1-x"} {
		_, err := slack.New(slack.Config{SigningSecret: "s", BotToken: token})
		require.NoError(t, err)
	}
}

func TestConfigFromEnvironment(t *testing.T) {
	for _, name := range []string{"SIGNING_SECRET", "BOT_TOKEN", "APP_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL", "API_URL"} {
		t.Setenv("SLACK_"+name, name)
	}
	t.Setenv("SLACK_ENCRYPTION_KEY", "one, two")
	require.Equal(t, slack.Config{
		SigningSecret: "SIGNING_SECRET", BotToken: "BOT_TOKEN", AppToken: "APP_TOKEN", ClientID: "CLIENT_ID", ClientSecret: "CLIENT_SECRET",
		RedirectURL: "REDIRECT_URL", APIURL: "API_URL", EncryptionKeys: []string{"one", "two"},
	}, slack.FromEnv())
}

// Secrets that were pasted into a file end with a line break, which no check of a
// signature or a token forgives.
func TestSecretsOfTheEnvironmentAreTrimmed(t *testing.T) {
	for name, field := range map[string]func(slack.Config) string{
		"SLACK_SIGNING_SECRET": func(c slack.Config) string { return c.SigningSecret },
		"SLACK_BOT_TOKEN":      func(c slack.Config) string { return c.BotToken },
		"SLACK_APP_TOKEN":      func(c slack.Config) string { return c.AppToken },
		"SLACK_CLIENT_ID":      func(c slack.Config) string { return c.ClientID },
		"SLACK_CLIENT_SECRET":  func(c slack.Config) string { return c.ClientSecret },
		"SLACK_REDIRECT_URL":   func(c slack.Config) string { return c.RedirectURL },
		"SLACK_API_URL":        func(c slack.Config) string { return c.APIURL },
		"SLACK_ENCRYPTION_KEY": func(c slack.Config) string { return c.EncryptionKeys[0] },
	} {
		t.Setenv(name, " \tvalue of "+name+"\r\n")
		require.Equal(t, "value of "+name, field(slack.FromEnv()), name)
	}
}

package githubtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Each mistake in a configuration is an error that names its field and shows no secret.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*github.Config){
		"WebhookSecret is empty":       func(c *github.Config) { c.WebhookSecret = "" },
		"Token is empty":               func(c *github.Config) { c.Token = "" },
		"Token is set together":        func(c *github.Config) { c.AppID = 1 },
		"Token has white space":        func(c *github.Config) { c.Token = "t0psecret x" },
		"AppID":                        func(c *github.Config) { c.Token, c.AppID, c.PrivateKey = "", -1, "t0psecret" },
		"PrivateKey: it is not in PEM": func(c *github.Config) { c.Token, c.AppID, c.PrivateKey = "", 1, "t0psecret" },
		"InstallationID":               func(c *github.Config) { c.InstallationID = 1 },
		"UserName":                     func(c *github.Config) { c.UserName = "@mybot" },
		"RedeliveryInterval":           func(c *github.Config) { c.RedeliveryInterval = -time.Second },
		"APIURL":                       func(c *github.Config) { c.APIURL = "https://user:t0psecret@example.com" },
	} {
		cfg := github.Config{WebhookSecret: "t0psecret", Token: "t0psecret"}
		_, err := github.New(cfg)
		require.NoError(t, err)
		change(&cfg)
		_, err = github.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
		require.NotContains(t, err.Error(), "t0psecret", field)
	}
}

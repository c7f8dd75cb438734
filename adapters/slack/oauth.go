package slack

// DefaultScopes are the bot scopes that the adapter's abilities need.
// https://docs.slack.dev/reference/scopes
func DefaultScopes() []string {
	return []string{
		"app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "chat:write.public", "commands",
		"files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
		"mpim:history", "mpim:read", "reactions:read", "reactions:write", "users:read", "users:read.email",
	}
}

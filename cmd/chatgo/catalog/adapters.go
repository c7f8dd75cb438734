package catalog

// Adapters returns the adapters, in the order of their names.
func Adapters() []Adapter {
	return []Adapter{
		{
			Name: "slack", Title: "Slack", Module: "adapters/slack", Version: "v0.1.0",
			New: "slack.New(slack.FromEnv())", EnabledBy: []string{"SLACK_BOT_TOKEN", "SLACK_CLIENT_ID"},
			Start: "create an app from a manifest at https://api.slack.com/apps",
			Variables: []Variable{
				{"SLACK_BOT_TOKEN", "the token of the one workspace, xoxb-…, from Install App"},
				{"SLACK_APP_TOKEN", "the app-level token for Socket Mode, xapp-…, from Basic Information; it needs no public address"},
				{"SLACK_SIGNING_SECRET", "the signing secret, from Basic Information, for webhooks instead of Socket Mode"},
				{"SLACK_CLIENT_ID", "the app's client id, for many workspaces instead of SLACK_BOT_TOKEN"},
				{"SLACK_CLIENT_SECRET", "the app's client secret, for many workspaces"},
				{"SLACK_REDIRECT_URL", "the address of /webhooks/slack/oauth/callback, for many workspaces"},
				{"SLACK_ENCRYPTION_KEY", "32 bytes that encrypt tokens in the state, as from openssl rand -hex 32; several are separated by commas"},
				{"SLACK_API_URL", "the address of the Web API, for tests and GovSlack"},
			},
		},
		{
			Name: "telegram", Title: "Telegram", Module: "adapters/telegram", Version: "v0.1.0",
			New: "telegram.New(telegram.FromEnv())", EnabledBy: []string{"TELEGRAM_BOT_TOKEN"},
			Start: "send /newbot to @BotFather in Telegram",
			Variables: []Variable{
				{"TELEGRAM_BOT_TOKEN", "the token that @BotFather gave"},
				{"TELEGRAM_WEBHOOK_SECRET_TOKEN", "a secret of your own that Telegram sends with each webhook; without it the bot polls and needs no public address"},
				{"TELEGRAM_ALLOWED_USER_IDS", "the only people that the bot hears, separated by commas; everybody by default"},
				{"TELEGRAM_MENTION_ON_REPLY", "true: an answer to the bot mentions it"},
				{"TELEGRAM_DRAFTS", "true: answers of language models in private chats grow as drafts"},
				{"TELEGRAM_API_BASE_URL", "a Bot API server of your own"},
			},
		},
		{
			Name: "web", Title: "a chat page in the browser", Module: "adapters/web", Version: "v0.1.0",
			New: "web.New(web.Config{})", Start: "open /webhooks/web/",
		},
	}
}

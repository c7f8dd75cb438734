package catalog

// Adapters returns the adapters, in the order of their names.
func Adapters() []Adapter {
	return []Adapter{
		{
			Name: "discord", Title: "Discord", Module: "adapters/discord", Version: "v0.1.0",
			New: "discord.New(discord.FromEnv())", EnabledBy: []string{"DISCORD_BOT_TOKEN"},
			Start: "create an application at https://discord.com/developers/applications",
			Variables: []Variable{
				{"DISCORD_BOT_TOKEN", "the token, from the page Bot; switch on the Message Content Intent there"},
				{"DISCORD_APPLICATION_ID", "the application's id, from General Information"},
				{"DISCORD_PUBLIC_KEY", "the public key, from General Information, for webhooks; the gateway needs none and no public address"},
				{"DISCORD_MENTION_ROLE_IDS", "roles whose mention is one of the bot, separated by commas"},
				{"DISCORD_RESPOND_TO_CHANNEL_IDS", "channels where every message is for the bot, separated by commas"},
				{"DISCORD_API_URL", "the address of the API, for a proxy of your own"},
			},
		},
		{
			Name: "github", Title: "GitHub", Module: "adapters/github", Version: "v0.1.0",
			New: "github.New(github.FromEnv())", EnabledBy: []string{"GITHUB_TOKEN", "GITHUB_APP_ID"},
			Start: "create a GitHub App in Settings, Developer settings, or a token of the bot's account",
			Variables: []Variable{
				{"GITHUB_WEBHOOK_SECRET", "a secret of your own, which GitHub signs webhooks with"},
				{"GITHUB_TOKEN", "the token of the account that is the bot"},
				{"GITHUB_APP_ID", "the App's id, instead of GITHUB_TOKEN"},
				{"GITHUB_PRIVATE_KEY", "the App's private key in PEM, in one line with \\n for its line endings"},
				{"GITHUB_INSTALLATION_ID", "one installation of the App only; all by default"},
				{"GITHUB_BOT_USERNAME", "the bot's login; GitHub is asked by default"},
				{"GITHUB_API_URL", "GitHub Enterprise, such as https://github.example.com/api/v3"},
			},
		},
		{
			Name: "linear", Title: "Linear", Module: "adapters/linear", Version: "v0.1.0",
			New: "linear.New(linear.FromEnv())", EnabledBy: []string{"LINEAR_WEBHOOK_SECRET"},
			Start: "create a webhook and an API key in Settings, API",
			Variables: []Variable{
				{"LINEAR_WEBHOOK_SECRET", "the signing secret of the webhook or of the OAuth application"},
				{"LINEAR_MODE", "comments, the default, or agent-sessions"},
				{"LINEAR_API_KEY", "a personal API key of the account that is the bot"},
				{"LINEAR_ACCESS_TOKEN", "an OAuth access token instead"},
				{"LINEAR_CLIENT_CREDENTIALS_CLIENT_ID", "the id of an OAuth application with client credentials instead"},
				{"LINEAR_CLIENT_CREDENTIALS_CLIENT_SECRET", "its secret"},
				{"LINEAR_CLIENT_CREDENTIALS_SCOPES", "what it may do, separated by commas"},
				{"LINEAR_CLIENT_ID", "the id of an OAuth application that workspaces install instead"},
				{"LINEAR_CLIENT_SECRET", "its secret"},
				{"LINEAR_REDIRECT_URL", "the address of /webhooks/linear/oauth/callback, for such an application"},
				{"LINEAR_ENCRYPTION_KEY", "32 bytes that encrypt tokens in the state, as from openssl rand -hex 32; several are separated by commas"},
				{"LINEAR_API_URL", "another address of the GraphQL API"},
			},
		},
		{
			Name: "messenger", Title: "Messenger", Module: "adapters/messenger", Version: "v0.1.0",
			New: "messenger.New(messenger.FromEnv())", EnabledBy: []string{"FACEBOOK_PAGE_ACCESS_TOKEN"},
			Start: "create an app with Messenger at https://developers.facebook.com/apps and connect your page",
			Variables: []Variable{
				{"FACEBOOK_APP_SECRET", "the app's secret, from App settings, Basic"},
				{"FACEBOOK_PAGE_ACCESS_TOKEN", "the page's token, from the settings of Messenger"},
				{"FACEBOOK_VERIFY_TOKEN", "a text of your own, which you give the webhook in the settings of Messenger, too"},
				{"FACEBOOK_PAGE_ID", "the page's id, for an app that is connected with several pages"},
				{"FACEBOOK_API_URL", "another address of the Graph API"},
				{"FACEBOOK_API_VERSION", "another version of the Graph API than v25.0"},
			},
		},
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

// Package discord is the adapter for Discord: a bot in servers, threads and direct
// conversations. Events reach it over a connection to Discord's gateway, and
// interactions also by webhooks.
//
// # Setup
//
//	adapter, err := discord.New(discord.FromEnv()) // or a discord.Config
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot) // with Config.PublicKey
//	err = bot.Run(ctx)             // keeps the connection to the gateway
//
// The README says how to create the app. Messages come over the gateway only, so a bot
// that reads messages must keep running. Slash commands, clicks and modals are called
// interactions. They come over the gateway, too, or by webhook if the app's settings
// have an Interactions Endpoint URL. Of all instances that share a state, one keeps each
// of the Config.Shards connections. When it dies, another one takes over within a minute.
// [Adapter.SetCommands] registers slash commands; one call is enough.
//
// # Webhooks
//
//	POST /webhooks/discord  interactions, and events that another program forwards
//
// Discord signs a timestamp and the body with Ed25519. The timestamp may differ from the
// time here by five minutes. A listener of the TypeScript SDK may also forward events of
// the gateway; it sends the bot's token in the header x-discord-gateway-token. Any other
// request is answered 401. What is answered 2xx is stored. Discord delivers an
// interaction only once. If it could not be stored, the user sees that it has failed.
//
// # Abilities
//
// The bot receives messages, edits, deletions, reactions, slash commands with their
// options, clicks on buttons, choices in menus, and modals. With Config.Members it also
// receives who joins and leaves threads. When it is added to a server or removed from
// one, that is a [chat.InstallationEvent] with the server as Workspace. Every other event
// is a [chat.PlatformEvent], whose Name is "discord:{event in lower case}" and whose Data
// is the event, such as "discord:guild_member_add". A system message, such as one about a
// boost, is a PlatformEvent with the name "discord:message_create".
//
// A message in a server mentions the bot if it names the bot, one of its roles, or one
// of Config.MentionRoleIDs, or if it is in one of Config.RespondToChannelIDs.
//
// The bot can post, reply to a message, edit, delete, react, show that it is typing,
// send files, open direct conversations and modals, and post what only one user sees. It
// can look up users, channels, threads, history and links to messages. A card is embeds
// with buttons and menus. The text of a language model is posted and edited while it
// grows.
//
// Discord wants a response to an interaction within three seconds. The handler of a
// click or a command can give it within two: a modal, or for a command its first post in
// the conversation. Otherwise the adapter responds. To a click it responds that nothing
// changes. To a command it responds that a message comes later, which Discord shows as
// loading. The first post of the handler replaces that, for 14.5 minutes. A later post is
// a usual message. For the same time after a click or a command in a conversation, the
// bot can post there what only that user sees; otherwise [chat.FallbackDM] helps. The
// handlers of a submitted modal have 2.5 seconds, and the user sees their errors. A modal
// cannot open another one. Inputs for dates and numbers are text inputs, and the adapter
// checks what was written.
//
// The values for an option of a command with Autocomplete come from the handlers of
// [chat.Chat.OnOptionsLoad] with the action id "/command option". [Options] returns the
// options of a command by name.
//
// A post notifies only the users whom its text or Markdown mentions as "<@id>", and
// whatever else Config.AllowedMentions allows. A mention in chat.Post.Raw notifies nobody.
//
// # IDs
//
// Ids are those of the TypeScript SDK. A thread is "discord:{server}:{channel}" or
// "discord:{server}:{channel}:{thread}", and the server of a direct conversation is
// "@me". A message is its number. A message in a channel that mentions the bot begins a
// thread with the number of the message. Discord's thread is created with the bot's
// first post to it. Where the bot may not create threads, it replies in the channel.
//
// Keys in the state:
//
//	lock  discord:shard:{app}:{shards}:{shard}   the instance that is connected, 45 seconds
//	cache discord:shard:{app}:{shards}:{shard}   the session and its last stored event, a day
//	lock  discord:identify:{app}:{number}        the pause between two new sessions, 5 seconds
//	cache discord:channel:{channel}              a channel or thread, a day
//	cache discord:roles:{server}                 the bot's roles, a day
//	cache discord:parts:{message}                the further messages of a long post, 30 days
//	cache discord:button:{token}                 a button's id and value that are too long, 30 days
//	cache discord:interaction:{thread}:{user}    the last interaction of a user, 14.5 minutes
//	cache discord:command:{thread}               the command that has no answer yet, 14.5 minutes
//	cache discord:answered:{interaction}         that it has an answer, 14.5 minutes
//
// # Limits
//
// A message has at most 2,000 characters; a longer text is posted as several messages.
// Markdown becomes Discord's markup, and tables are code with aligned columns. A message
// with a card has up to ten embeds of 4,096 characters and 25 fields, 6,000 characters
// in all, and below them five rows, each with five buttons or one menu. A larger card is
// continued in further messages. A menu has 25 options; more are shown in further menus.
// Labels are cut to 80 characters on a button and 100 in an option. The id and the value
// of a button have 100 bytes together; longer ones are kept in the state. A message has
// ten files, and a modal five elements.
//
// The adapter stores which event of the gateway was stored last. After a failure Discord
// sends the events after it again, and those that were already stored are recognised by
// their ids. Discord keeps a session for some minutes. Events that happen while there is
// no session are lost.
//
// The adapter reads Discord's rate limits from its answers, and does not make a call that
// a limit forbids. https://docs.discord.com/developers/topics/rate-limits
//
// # Errors
//
// A refusal by Discord is a *[chat.PlatformError]. Its text has Discord's code and the
// names of the fields that are wrong. No error contains the token or the text of a
// message. Run returns an error if Discord refuses the token or an intent.
package discord

// Package discord is the adapter for Discord: a bot in servers, threads and direct
// conversations, reached by the gateway and by webhooks.
//
// # Setup
//
//	adapter, err := discord.New(discord.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot) // with Config.PublicKey
//	err = bot.Run(ctx)             // keeps the connection to the gateway
//
// The README tells how to create the app. Messages come over the gateway alone, so a
// bot that reads them must keep running. Commands, clicks and forms come over it, too,
// or to the Interactions Endpoint URL of the app's settings if there is one. Of all
// instances that share a state one keeps each of Config.Shards connections; another one
// goes on within a minute when it dies. [Adapter.SetCommands] registers slash commands
// once.
//
// # Webhooks
//
//	POST /webhooks/discord  interactions, and events that another program forwards
//
// Interactions are signed with Ed25519 over the time, which may be five minutes away,
// and the body. Events of the gateway are taken from a listener of the TypeScript SDK,
// with the bot's token in the header x-discord-gateway-token. Anything else is 401.
// What is answered 2xx is stored. Discord delivers interactions once, and a user whose
// command was not stored sees that it failed.
//
// # Abilities
//
// In: messages, edits, deletions, reactions, slash commands with options, clicks,
// menus, forms, people who join and leave threads, servers that the bot is added to
// and removed from ([chat.InstallationEvent] with the server as Workspace). All else
// is [chat.PlatformEvent] with the name "discord:{event in lower case}" and the event
// as Data, such as "discord:guild_member_add"; so are notes of Discord's, such as that
// somebody has boosted the server, with the name "discord:message_create".
//
// A message in a server is for the bot if it mentions the bot, one of its roles or of
// Config.MentionRoleIDs, or stands in one of Config.RespondToChannelIDs.
//
// Out: post, answer to a message, edit, delete, cards as embeds with buttons and
// menus, reactions, typing, files, direct messages, users, channels, history, threads,
// links to messages, forms. Answers of language models are posted and edited.
//
// An interaction must be answered within three seconds. The handler of a click or a
// command has two: its form, or for a command its first post in the conversation, is
// the answer. Then Discord is told to wait, and the first post of a command's handler
// takes the place of what is loading, for 15 minutes. After that it is a message. What
// one user alone should see can be posted for 15 minutes after the user has clicked or
// given a command in the conversation; else [chat.FallbackDM] helps. The handlers of a
// submitted form have 2.5 seconds; their errors are shown to the user. A form cannot
// open another one. Dates and numbers are text inputs whose answer is checked.
//
// Values for an option of a command with Autocomplete are asked of the handlers of
// [chat.Chat.OnOptionsLoad], with the action id "/command option". [Options] reads what
// was given with a command by name.
//
// A post notifies only the users whom it mentions by "<@id>", unless
// Config.AllowedMentions says otherwise.
//
// # IDs
//
// A thread is "discord:{server}:{channel}" or "discord:{server}:{channel}:{thread}",
// with "@me" as the server of direct conversations, and a message is its number, as
// the TypeScript SDK has them. A message that mentions the bot in a channel is the
// beginning of a thread, which has its number: the bot's first answer makes it. Where
// the bot may make none, it answers in the channel.
//
// Keys in the state:
//
//	lock  discord:shard:{app}:{shards}:{shard}   the instance that is connected
//	cache discord:shard:{app}:{shards}:{shard}   the session and its place in the stream, a day
//	lock  discord:identify:{app}:{number}        the pause between two sessions, 5 s
//	cache discord:channel:{channel}              what Discord said, a day
//	cache discord:roles:{server}                 the bot's roles, a day
//	cache discord:parts:{message}                the further messages of a long post, 30 days
//	cache discord:button:{token}                 an id and a value that are too long, 30 days
//	cache discord:interaction:{thread}:{user}    the last interaction of a user, 15 minutes
//	cache discord:command:{thread}               the command that waits for an answer, 15 minutes
//	cache discord:answered:{interaction}         that it has one, 15 minutes
//
// # Limits
//
// A message has 2,000 characters; what is longer becomes several messages. Markdown
// becomes Discord's; tables are code in columns. A card is up to ten embeds of 4,096
// characters and 25 fields, 6,000 in all, and then goes on in further messages; five
// rows of five buttons or one menu stand below the last one. A menu has 25 options,
// and more become further menus. Labels are cut at what Discord shows: 80 characters
// on a button, 100 of an option. An id and value have 100 bytes together, and stand in
// the state when they are longer. A message has ten files. A form has five elements.
//
// The place in the gateway's stream is stored with the events: what was not stored
// comes again when the connection goes on, and what was is known by its id. Discord
// keeps a session for some minutes; what comes while there is none is lost.
//
// Discord's limits are read from its answers: a call for which the limit is used up is
// not made. https://docs.discord.com/developers/topics/rate-limits
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the code of Discord in their text, and the
// names of the fields that are wrong. No error holds the token, or the text of a
// message. Run ends with an error where Discord refuses the token or an intent.
package discord

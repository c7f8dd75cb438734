// Package telegram is the adapter for Telegram: a bot in private chats, groups,
// topics and channels, reached by webhooks or by long polling.
//
// # Setup
//
//	adapter, err := telegram.New(telegram.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx) // polls, with Config.Polling
//
// The README tells how to create the bot. With Config.Polling nothing else is needed,
// no public address either: one instance of all that share a state polls, and another
// one goes on within a minute and a half when it dies. With webhooks call
// [Adapter.SetWebhook] once.
//
// # Webhooks
//
//	POST /webhooks/telegram  updates
//
// Telegram sends Config.WebhookSecret with each; anything else is 401. An update that
// is answered 200 is stored. While the state is away or the queue is full the answer
// is 503 and Telegram sends it again. A click is acknowledged in the answer. An album
// comes as several updates, each of which waits for the others: Config.AlbumWait.
//
// # Abilities
//
// In: messages, edits, commands, clicks on buttons, reactions, members that join and
// leave, users who block the bot ([chat.InstallationEvent] with the private chat as
// Workspace), albums as one message, and what customers write to a business account
// that lets the bot answer ([chat.InstallationEvent] with the connection as Workspace
// tells of accounts): https://core.telegram.org/bots/features#bots-for-business. All
// else is a [chat.PlatformEvent] with the name "telegram:{field of Update}" and that
// field's content as Data, also what Telegram has not invented yet; a message without
// content, such as a new title, is one with the name "telegram:message".
//
// Out: post, answer to a message, edit, delete, cards as text with an inline keyboard,
// one reaction to a message, typing, files (several as an album, and those that have
// come from Telegram by their id), direct messages, users, channels, links to messages
// of supergroups and channels. Answers of language models are posted and edited, or
// with Config.Drafts in private chats shown as drafts until they are whole. Posts to a
// customer's thread are made in the name of the account. The bot keeps the history:
// Telegram gives none to bots. [Adapter.SetCommands] sets the menu of commands.
//
// In a group a message is for the bot when it names it, as "@name", "/command@name" or
// by its user; with Config.MentionOnReply also when it answers one of its messages.
// A bot in privacy mode gets no others: https://core.telegram.org/bots/features#privacy-mode
//
// A command is a [chat.SlashCommandEvent] and no message. "/start" is what a user
// sends first, so a bot has a handler for it.
//
// # IDs
//
// A thread is "telegram:{chat}", "telegram:{chat}:{topic}", or, of a business account
// with a customer, "telegram:biz:{connection}:{chat}", and a message
// "{chat}:{message}", as the TypeScript SDK has them. Only to a business account it is
// "biz:{connection}:{chat}:{message}": the bot's own chat with the customer has the
// same numbers. A private chat has its user's number, which is positive; other chats
// have negative numbers. A reaction and a click on an old message come without a topic:
// the thread is that of the topic if this process has seen the message, else the
// chat's.
//
// A group that becomes a supergroup is another chat with another number. Calls to the
// old one go to the new one from then on; threads, subscriptions and history stay
// under the old number.
//
// Keys in the state:
//
//	cache telegram:self:{bot}              the bot's name, a day
//	cache telegram:chat:{chat}             what getChat said, a day
//	cache telegram:business-connection:{id} a business account and its rights, an hour
//	cache telegram:parts:{message}         the further messages of a long post, 30 days
//	cache telegram:button:{token}          the id and value of a button that are too long, 30 days
//	cache telegram:polling:{bot}           the update from which polling goes on
//	lock  telegram:polling:{bot}           the instance that polls
//	list  telegram:album:{chat}:{album}    the parts of an album, a minute
//	cache telegram:album:{chat}:{album}    which parts it has, a minute
//
// # Limits
//
// A message has 4,096 UTF-16 units and a caption 1,024; what is longer becomes several
// messages. Markdown becomes Telegram's entities; headings are bold, lists have
// bullets, and tables are code in columns. A button's id and value have 64 bytes
// together, and stand in the state when they are longer; a menu's options are buttons.
// A message has 100 buttons, and a card with more has further messages.
// Pictures (JPEG, PNG, WebP) are sent as photos, which Telegram compresses; all else as
// documents. Uploads have 50 MB, and downloads 20 MB. A bot has one reaction per
// message, of those that Telegram lists. Messages can be deleted for 48 hours.
//
// Telegram allows about one message a second in a chat, 20 a minute in a group and 30 a
// second in all: one process edits answers that grow no faster. A call that Telegram
// refuses is made again when it says.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the method as Op. Telegram tells apart what
// is not found by its text alone, so a text that it changes makes
// [chat.ErrInvalid] of [chat.ErrNotFound]. No error holds the token.
package telegram

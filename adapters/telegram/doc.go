// Package telegram is the adapter for Telegram: a bot in private chats, groups,
// topics and channels. Updates reach it by webhooks or by long polling.
//
// # Setup
//
//	adapter, err := telegram.New(telegram.FromEnv()) // or a telegram.Config
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx) // polls, with Config.Polling
//
// The README says how to create the bot. With Config.Polling nothing else is needed,
// not even a public address. Of all instances that share a state, one polls. When it
// dies, another one takes over within about 90 seconds. With webhooks, call
// [Adapter.SetWebhook] once.
//
// # Webhooks
//
//	POST /webhooks/telegram  updates
//
// Telegram sends Config.WebhookSecret with each update; a request without it is
// answered 401. An update that is answered 200 is stored. While the state is
// unavailable or the queue is full, the answer is 503 and Telegram sends the update
// again. The answer to a click also acknowledges it. An album comes as several updates.
// Each of them waits for the others, for Config.AlbumWait.
//
// # Abilities
//
// The bot receives messages, edits, commands, clicks on buttons, reactions, and changes
// of who is in a chat. An album is one message. When a user blocks the bot, or unblocks
// it, that is a [chat.InstallationEvent] with the private chat as Workspace. Every other
// update is a [chat.PlatformEvent], whose Name is "telegram:{field of Update}" and whose
// Data is the JSON of that field. [Adapter.SetWebhook] and polling ask for all kinds of
// updates that this version knows; a webhook that was set by other means may bring newer
// ones, and they are events, too. A message without content, such as one about a new
// title, is a PlatformEvent with the name "telegram:message".
//
// The bot can also answer the customers of a business account whose owner allows it:
// https://core.telegram.org/bots/features#bots-for-business. What customers write is a
// message. An account that connects or disconnects the bot is a
// [chat.InstallationEvent] with the connection as Workspace. Posts to a customer's
// thread appear in the name of the account. There are no commands there, because
// customers do not see that a bot answers.
//
// The bot can post, reply to a message, edit, delete, send files, open private chats,
// show that it is typing, and set one reaction on a message. A card is text with an
// inline keyboard. Several files become an album. A file that came from Telegram is sent
// by its id, without an upload. Users and channels can be looked up. Messages of
// supergroups and channels have links. The text of a language model is posted and
// edited while it grows; with Config.Drafts, private chats show it as a draft until it
// is complete. The bot keeps the history itself, because Telegram gives bots none.
// [Adapter.SetCommands] sets the menu of commands.
//
// A message in a group mentions the bot if it contains "@name" or "/command@name", or a
// link to the bot's user. With Config.MentionOnReply a reply to a message of the bot
// mentions it, too. A bot in privacy mode receives no other messages of groups:
// https://core.telegram.org/bots/features#privacy-mode
//
// A command is a [chat.SlashCommandEvent] and not a message. The first thing that a
// user sends to a bot is "/start", so a bot should have a handler for it.
//
// # IDs
//
// Ids are those of the TypeScript SDK. A thread is "telegram:{chat}" or
// "telegram:{chat}:{topic}", and a message is "{chat}:{message}". Only the ids of
// business accounts differ: a thread is "telegram:biz:{connection}:{chat}" in both SDKs,
// and a message is "biz:{connection}:{chat}:{message}" here, because the bot's own chat
// with the same customer uses the same numbers. The number of a private chat is that of
// its user and positive; all other chats have negative numbers. Reactions, and clicks on
// old messages, come without a topic. Their thread is the topic's if this process has
// seen the message within a day, and the chat's otherwise.
//
// When a group becomes a supergroup, Telegram gives it a new number. From then on calls
// for the old number go to the new one. Threads, subscriptions and history stay under
// the old number.
//
// Keys in the state:
//
//	cache telegram:self:{bot}               the bot's name, a day
//	cache telegram:chat:{chat}              what getChat returned, a day
//	cache telegram:business-connection:{id} a business account and its rights, an hour
//	cache telegram:parts:{message}          the further messages of a long post, 30 days
//	cache telegram:button:{token}           a button's id and value that are too long, 30 days
//	cache telegram:polling:{bot}            the update with which polling continues
//	lock  telegram:polling:{bot}            the instance that polls, 90 seconds
//	list  telegram:album:{chat}:{album}     the messages of an album, a minute
//	cache telegram:album:{chat}:{album}     which messages belong to it, a minute
//
// # Limits
//
// Telegram counts text in UTF-16 units: a message has at most 4,096, and a caption
// 1,024. A longer text is posted as several messages. Markdown becomes Telegram's
// entities; headings are bold, lists have bullets, and tables are code with aligned
// columns. The id and the value of a button have 64 bytes together; longer ones are kept
// in the state. The options of a menu are shown as buttons. A message has at most 100
// buttons, and a card with more is continued in further messages. Pictures (JPEG, PNG,
// WebP) are sent as photos, which Telegram compresses and takes up to 10 MB; other files
// are sent as documents of up to 50 MB. Downloads are limited to 20 MB. A bot can set one
// reaction per message, from a list of Telegram's. A message can be deleted for 48 hours.
// https://core.telegram.org/bots/api#sending-files
//
// Telegram accepts about one message a second in a chat, 20 a minute in a group, and 30
// a second in all. One process therefore makes at most 30 edits and drafts a second. A
// call that Telegram refuses because of a rate limit is repeated after the time that
// Telegram names.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
//
// # Errors
//
// A refusal by Telegram is a *[chat.PlatformError] with the method as Op. Only the text
// of a refusal says that something was not found. If Telegram changes such a text, the
// error is [chat.ErrInvalid] instead of [chat.ErrNotFound]. No error contains the token.
package telegram

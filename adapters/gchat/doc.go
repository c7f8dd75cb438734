// Package gchat is the adapter for Google Chat: a Chat app in spaces and direct
// conversations, as an app of its own or as a Google Workspace add-on.
//
// # Setup
//
//	adapter, err := gchat.New(gchat.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README tells how the app is configured, step by step.
//
// # Webhooks
//
//	POST /webhooks/gchat  interactions, and pushes of Pub/Sub
//
// Each has a bearer token, which is checked in its signature, issuer, audience and
// time: Chat's, whose audience is Config.ProjectNumber or Config.EndpointURL; that of
// Config.AddOnServiceAccount; and for pushes that of Config.PubSubServiceAccount.
// Anything else is 401, and 503 while Google's keys cannot be fetched. A token is not
// bound to a body, so a request can be sent again within its hour: the bot handles it
// once.
//
// What is answered 200 is stored. A click or a command for which Chat wants a dialog is
// answered when a handler has opened one, or all have returned, or after 25 seconds.
//
// # Abilities
//
// In: messages that mention the app, direct messages, slash commands and quick commands
// ([chat.SlashCommandEvent], which are no messages), clicks and choices on cards,
// dialogs, and the app being added and removed: in a space a [chat.MembershipEvent], in
// a direct conversation a [chat.InstallationEvent] with it as Workspace. With
// Config.PubSubTopic, from the space of each thread that was subscribed to, all
// messages, edits, deletions, reactions and members. All else is [chat.PlatformEvent]
// with the name "gchat:{type}", such as "gchat:WIDGET_UPDATED" or
// "gchat:space.v1.updated", and what came as Data.
//
// Out: post, edit, delete, cards with buttons and menus, dialogs, messages for one user,
// reactions, files, direct messages, users, spaces, their members ([Adapter.ListMembers],
// [Adapter.ListSpaces]), history. Chat shows nobody typing, and has no messages for
// later.
//
// Chat allows some calls to users only. They are made in the name of
// Config.ImpersonateUser: history and subscriptions need it; reactions and files are
// tried as the app without it. A message with a file is that user's.
//
// # IDs
//
// A thread is "gchat:{space}:{thread in base64}", and a direct conversation
// "gchat:{space}:dm", whatever the thread in it; a message is its resource's name,
// "spaces/{space}/messages/{message}", and a user "users/{id}". All are the TypeScript
// SDK's.
//
// Keys in the state:
//
//	cache gchat:user:{user}           what is known of a user, 7 days
//	cache gchat:space:{space}         what Chat said about a space, a day
//	cache gchat:botUserId             the app's own user
//	cache gchat:user-id:{address}     the user who is impersonated
//	cache gchat:space-sub:{space}     the subscription of a space, 25 hours
//	lock  gchat:space-sub:{space}     the instance that subscribes or renews
//	cache gchat:subscriptions/{id}    the space of a subscription
//	cache gchat:space-subs            the spaces that are subscribed to
//	lock  gchat:space-subs            the instance that changes them
//	cache gchat:space-subs-turn       which instance looks at them, 10 minutes
//	cache gchat:uploaded:{message}    a message that is the impersonated user's, 30 days
//	cache gchat:parts:{message}       the further messages of a long post, 30 days
//
// # Limits
//
// A message has 32,000 bytes; what is longer becomes several. Texts are sent as Chat's
// Markdown: headings are bold, and tables code in columns. A card has 100 elements, and
// one with more has further messages; pictures in it have https addresses; a menu has
// 100 options. A dialog is opened by a button that says [card.OpenModal] or a command
// that is set up to open one, once, in the process that has the webhook. Its selects
// have options of their own: those that the bot is asked for are unsupported. Files have
// 200 MB.
//
// A space takes 60 writes a minute, of all apps together. One process makes no more: a
// further one is [chat.ErrRateLimited] with the time to wait, which the bot does.
// https://developers.google.com/workspace/chat/limits
//
// A subscription of a space lives for a day. With [chat.Chat.Run], one of all instances
// renews it at half of that time, whether or not Google reminds of its end, makes it
// anew where it has ended, and has it go on within ten minutes where Google has suspended
// it. What Google refuses is logged as an error and tried again each hour. It goes on
// when no thread of the space is subscribed to any more, until the app is removed.
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the method as Op, such as
// "spaces.messages.create", or "token" where the credentials give none. Errors and logs
// hold no token and no text of a message.
package gchat

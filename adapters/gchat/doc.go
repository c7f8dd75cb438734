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
// The README shows step by step how to configure the app.
//
// # Webhooks
//
//	POST /webhooks/gchat  interactions, and pushes of Pub/Sub
//
// Each request carries a bearer token. The adapter checks the token's signature, issuer,
// audience and time. It takes three kinds of tokens:
//
//   - Chat's, for the audience Config.ProjectNumber or Config.EndpointURL
//   - those of the service account Config.AddOnServiceAccount, for Config.EndpointURL
//   - for pushes of Pub/Sub, those of Config.PubSubServiceAccount, for
//     Config.PubSubAudience
//
// The adapter answers 401 to every other request, and 503 while it cannot fetch Google's
// keys. Google's signature does not cover the body, so a request can be sent again while
// its token is valid, which is an hour. The bot handles it once.
//
// The answer 200 means that the event is stored. If a click or a command asks for a
// dialog, the adapter waits with its answer until a handler has opened one or all
// handlers have returned, and for 25 seconds at most.
//
// # Abilities
//
// In: messages that mention the app, direct messages, slash commands and quick commands
// (both are a [chat.SlashCommandEvent] and not a message), clicks and choices on cards,
// and dialogs. When the app is added to a space or removed from it, a
// [chat.MembershipEvent] comes; in a direct conversation a [chat.InstallationEvent],
// whose Workspace is the space. With Config.PubSubTopic a bot that subscribes to a thread
// also gets all messages, edits, deletions, reactions and changes of members of the
// thread's space. Every other event is a [chat.PlatformEvent] with the name
// "gchat:{type}", such as "gchat:WIDGET_UPDATED" or "gchat:space.v1.updated", and the
// event's JSON as Data.
//
// Out: post, edit, delete, cards with buttons and menus, dialogs, messages for one user,
// reactions, files, direct messages, users, spaces, the members of a space
// ([Adapter.ListMembers], [Adapter.ListSpaces]), history. Chat has no sign that the bot
// is typing, and no scheduled messages.
//
// Chat allows some calls to users only. The adapter makes them in the name of
// Config.ImpersonateUser. History and subscriptions to spaces need that user. Without one,
// the adapter tries reactions and files as the app. A message with a file belongs to that
// user, and not to the app.
//
// # IDs
//
// A thread is "gchat:{space}:{thread}", where {space} is a resource name such as
// "spaces/AAAA" and {thread} is the thread's resource name in base64. A direct
// conversation is one thread, "gchat:{space}:dm". A message's id is its resource name,
// "spaces/{space}/messages/{message}", and a user's is "users/{id}". The TypeScript SDK
// has the same ids.
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
// A message has at most 32,000 bytes. A longer post becomes several messages. Texts are
// sent in Chat's Markdown, where a heading becomes bold text and a table becomes code in
// columns. A card has at most 100 elements; the rest goes into further messages. Pictures
// in a card need https addresses. A menu has at most 100 options. A file has at most
// 200 MB.
//
// A dialog opens in answer to a button with [card.OpenModal], or to a command that is set
// up to open one. It opens once per click or command, and only in the process that
// received the webhook. A select in a dialog must hold its options: a select that asks
// the bot for them is unsupported.
//
// Chat allows 60 writes a minute in a space, for all apps together. A process that has
// made 60 itself gets [chat.ErrRateLimited] with the time to wait, and the bot waits.
// https://developers.google.com/workspace/chat/limits
//
// A subscription to a space lives for a day. While [chat.Chat.Run] runs, one of all
// instances renews it at half of that time. It also subscribes again if the subscription
// has ended, and reactivates one that Google has suspended, within ten minutes. If Google
// refuses, the adapter logs an error and tries again after an hour. It keeps the
// subscription until the app is removed from the space, even if no thread of the space is
// subscribed to any more.
//
// # Errors
//
// A refusal by Google is a *[chat.PlatformError]. Its Op is the method, such as
// "spaces.messages.create", or "token" if the credentials give no token. Errors and logs
// hold no token and no text of a message.
package gchat

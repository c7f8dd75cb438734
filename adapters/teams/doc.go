// Package teams is the adapter for Microsoft Teams: a bot in personal chats, group chats
// and the channels of teams.
//
// # Setup
//
//	adapter, err := teams.New(teams.FromEnv()) // or a teams.Config
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README says how to register the bot and install its app. The app identifies itself
// to Microsoft with a client secret, a certificate, a managed identity of Azure, or a
// function of the program that returns tokens.
//
// # Webhooks
//
//	POST /webhooks/teams  activities
//
// Each activity comes with a token of the Bot Connector. Before the body is read, the
// adapter checks the token's issuer, audience and time, and its signature: the key must be
// one that the Bot Framework publishes and endorses for Teams. The service URL in the token
// must be that of the activity, and either one of Microsoft's or Config.APIURL. Any other
// request is answered 401. The adapter fetches the keys with the first token, when they are
// a day old, and when a token names a key that it does not know. If it cannot fetch them,
// the answer is 503 and Teams sends the activity again. An activity that is answered 200 is
// stored. Teams waits for an answer for 15 seconds; the adapter answers within 13.
//
// # Abilities
//
// The bot receives messages, edits, deletions, clicks on cards, reactions, and members that
// join and leave ([chat.MembershipEvent]; User.Me is true for the bot itself). When the
// app is installed or removed, that is a [chat.InstallationEvent] with the id of the team,
// or of the chat, as Workspace. Every other activity is a [chat.PlatformEvent] with the
// activity as Data. Its Name is "teams:" and the name of the activity, such as
// "teams:composeExtension/query" or "teams:application/vnd.microsoft.meetingStart". If the
// activity has no name, it is the event type in the channel data, such as
// "teams:channelCreated", or else the type of the activity, such as "teams:typing".
//
// The bot can post, also to begin a thread in a channel, edit, delete, mention users so that
// they are notified, send pictures, react, show that it is typing, open personal chats,
// post what only one member of a channel or group chat sees, and open dialogs as modals. A
// card is an Adaptive Card, also with [SuggestedActions]. In a personal chat a stream is
// shown while it grows. Elsewhere the message is posted and edited.
//
// A button that opens a dialog must be made with card.Button.WithModal, because Teams must
// know this when it shows the button. The dialog is the answer to the click. The handler
// has 10 seconds to open it, on any instance.
//
// History, users and channels come from Microsoft Graph, for which the app needs
// permissions. If one is missing, the error names it. In a handler, a user is looked up as
// a member of the conversation, which needs no permission. Graph identifies a channel by the
// GUID of its team, and a user by a GUID; activities contain both.
//
// The adapter can fetch files that users send in personal chats, and pictures in messages.
// A picture that the bot sends is shown in the message. Another file is offered to the user
// in a personal chat: it is kept for a day until the user accepts it. In a channel the file
// is stored in the files of the team, with the permission Files.ReadWrite.All. In a group
// chat it is [errors.ErrUnsupported].
//
// A message in a channel or a group chat mentions the bot if Teams says so. Messages that
// do not mention the bot come only with the permissions in the manifest.
//
// # IDs
//
// A thread is "teams:{conversation}:{service URL}", both in base64, as in the TypeScript
// SDK. The conversation of a thread in a channel is "{channel};messageid={root}". If the id
// of the conversation does not show whether it is a personal chat, its type follows. A
// message is "{conversation}:{activity}", with the conversation in base64 and without the
// thread. Teams numbers messages by their time, so two conversations can have the same
// number.
//
// Keys in the state:
//
//	cache teams:serviceUrl:{user}          the user's last service URL, 30 days
//	cache teams:aadObjectId:{user}         the user's id in Microsoft Entra, 30 days
//	cache teams:tenantId:{user}            the user's tenant, 30 days
//	cache teams:channelContext:{channel}   the ids of the conversation in Graph, 30 days
//	cache teams:teamOf:{channel}           the team of a channel, 30 days
//	cache teams:file:{file}                a file that was offered to a user, a day
//	lock  teams:file:{file}                the instance that uploads it, 13 seconds
//	cache teams:member:{user}              a user as a member of a conversation, a day
//	cache teams:targetedActivity:{…}       that only one user sees a message, a day
//	cache teams:dialog:{dialog}            a dialog, to show it again with errors, a day
//	cache teams:dialog-answer:{click}      the dialog that answers a click, 5 minutes
//	cache teams:parts:{message}            the further messages of a long post, 30 days
//
// # Limits
//
// Teams limits a message to about 100 KB, counted as UTF-16. Plain text of more than 20,000
// UTF-16 units, Markdown of more than 15,000, and cards of more than 30,000 bytes become
// several messages. Of Markdown, Teams shows bold, italic, strikethrough, code, quotes,
// lists and links; headings become bold, tables become code with aligned columns, and
// pictures become links. Cards show bold, italic, lists and links only. Teams sends the
// choice in a menu only when a button is clicked, so a row with menus has an additional
// button "OK". Pictures are PNG, JPEG or GIF with at most 1 MiB; other files have at most 4
// MiB. A page of the history has 50 messages. Pages that begin with the oldest message work
// only in threads of at most 5,000 messages.
//
// # Errors
//
// A refusal by Microsoft is a *[chat.PlatformError] with the operation as Op. A call that
// conflicts with another one in the same conversation (status 412) is repeated up to three
// times. No error contains a secret or a token.
package teams

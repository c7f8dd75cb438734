// Package teams is the adapter for Microsoft Teams: a bot in personal chats, group chats
// and the channels of teams.
//
// # Setup
//
//	adapter, err := teams.New(teams.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README tells how to register the bot and install its app. A secret, a certificate,
// a managed identity of Azure or a function of the program's own proves to Microsoft who
// the app is.
//
// # Webhooks
//
//	POST /webhooks/teams  activities
//
// Each comes with a token of the Bot Connector. Its signature, by a key that the Bot
// Framework publishes and endorses for Teams, its issuer, audience and time are checked
// before the body is read, and its service URL must be the activity's and one of
// Microsoft's, or Config.APIURL: anything else is 401. The keys are asked for when the
// first token comes, after a day, and when a token has another key; where they cannot be
// had the answer is 503 and Teams sends the activity again. An activity that is answered
// 200 is stored. Each is answered within 13 seconds, of the 15 that Teams waits.
//
// # Abilities
//
// In: messages, edits, deletions, clicks on cards, reactions, members that come and go
// ([chat.MembershipEvent], with User.Me for the bot), the app's installation and removal
// ([chat.InstallationEvent] with the team's id as Workspace, or the chat's). All else is
// [chat.PlatformEvent] with the activity as Data. Its name is "teams:" and the activity's
// name, such as "teams:composeExtension/query" or
// "teams:application/vnd.microsoft.meetingStart", else the event type of the channel
// data, such as "teams:channelCreated", or its type, such as "teams:typing".
//
// Out: post, also outside of threads, edit, delete, cards as Adaptive Cards, mentions
// that notify, pictures, reactions, typing, direct messages, messages that one member of
// a channel or group chat sees, dialogs as modals, [SuggestedActions]. In a personal chat
// a stream is shown as it grows; elsewhere the message is posted and edited.
//
// A button that opens a dialog is one with card.Button.WithModal: Teams must know it when
// the button is shown, and takes the dialog as the answer to the click. The handler, on
// whatever instance, has 10 seconds to open it.
//
// History, users and channels come from Microsoft Graph, for apps that have the
// permission: the error of a call without it names the permission. In a handler users
// are looked up as members of the conversation, which needs none. Graph knows a channel
// by its team's GUID and a user by the user's own GUID. Activities have both.
//
// Files that people send in personal chats, and pictures in messages, can be fetched.
// Pictures that the bot sends stand in the message. For another file in a personal chat
// the bot asks the user to accept it, and keeps it for a day until then; in a channel
// it is put into the team's files, with the permission Files.ReadWrite.All; in group
// chats it is unsupported.
//
// In a channel or a group chat a message is for the bot when it mentions it. Others come
// only with the permissions in the manifest.
//
// # IDs
//
// A thread is "teams:{conversation}:{service URL}", both in base64, as the TypeScript SDK
// has it; the conversation of a channel's thread is "{channel};messageid={root}". Where
// the conversation's id does not tell whether it is a personal chat, its type follows. A
// message is "{conversation}:{activity}", the former in base64 and without the thread:
// Teams numbers messages by the time, so that two conversations have the same numbers.
//
// Keys in the state:
//
//	cache teams:serviceUrl:{user}          where the user was last heard, 30 days
//	cache teams:aadObjectId:{user}         the user's id in Microsoft Entra, 30 days
//	cache teams:tenantId:{user}            the user's organization, 30 days
//	cache teams:channelContext:{channel}   what Microsoft Graph calls the conversation, 30 days
//	cache teams:teamOf:{channel}           the team of a channel, 30 days
//	cache teams:file:{file}                a file that waits for its user, a day
//	lock  teams:file:{file}                the instance that uploads it
//	cache teams:member:{user}              what the Bot Connector says of the user, a day
//	cache teams:targetedActivity:{…}       that a message is for one user, a day
//	cache teams:dialog:{dialog}            a dialog, to be shown again with what is wrong, a day
//	cache teams:dialog-answer:{click}      the dialog that answers a click, 5 minutes
//	cache teams:parts:{message}            the further messages of a long post, 30 days
//
// # Limits
//
// A message has about 100 KB, counted as UTF-16; texts of more than 20,000 UTF-16 units
// and cards of more than 30,000 bytes become several messages. Markdown is shown as bold,
// italic, struck out, code, quotes, lists and links; headings are bold, tables code in
// columns, pictures links. In cards it is bold, italic, lists and links. Teams tells what
// was chosen in a menu when a button is clicked, so a row with menus has one more, "OK".
// Pictures have 1 MB and are PNG, JPEG or GIF; other files have 4 MB. A page of the
// history has 50 messages, and the oldest first only work where there are fewer than
// 5,000.
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the Bot Connector's operation as Op. Calls that
// collide with others in the conversation (412) are made again up to three times. No
// error holds a secret or a token.
package teams

// Package slack is the adapter for Slack: one app, in one workspace or in many,
// reached by webhooks or by Socket Mode.
//
// # Setup
//
//	adapter, err := slack.New(slack.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx) // keeps the connections of Socket Mode
//
// The README tells how to create the app. An app in one workspace has
// Config.BotToken. An app in many has ClientID and ClientSecret instead: users
// install it at /webhooks/slack/install, and the tokens are kept in the state,
// encrypted if there are EncryptionKeys. To change the key put the new one in
// front: a token is encrypted with it the next time that it is read. A program that
// keeps installations itself has Config.Installations.
//
// A call must know whose token to use, and ids do not say it. The adapter keeps
// with which installation a channel or user was met, so whoever was heard of can
// be answered; [WithInstallation] names the installation for others. A trigger id
// of an app in many workspaces is "{installation}:{Slack's}", for OpenModal.
//
// # Webhooks
//
// Below /webhooks/slack:
//
//	POST /                events, interactions, slash commands and requests for options
//	GET  /install         sends the browser to Slack, with ClientID only
//	GET  /oauth/callback  where Slack sends it back: the installation is stored;
//	                      one that was begun at Slack begins again here
//
// A webhook's signature covers its body and must be at most five minutes old;
// anything else is 401. What is answered 200 is stored. While the state is away or
// the queue is full the answer is 503 and Slack delivers again, up to three times
// in an hour. Names are looked up for a second at most in all (Config.LookupTimeout);
// what is not known by then stays an id.
//
// With Config.AppToken, Run keeps Socket Mode connections: an envelope is
// acknowledged when its event is stored, messages of one channel are taken in
// their order, and when Slack announces that it will close a connection the next
// one is opened first.
//
// With Config.ForwardURLs an instance only receives: each envelope is posted to
// another instance, as a webhook that Slack would send, signed with the signing
// secret, and acknowledged when it was taken there. So instances that cannot keep a
// connection are reached without a public address.
//
// # Abilities
//
// In: messages, also those of a thread that are broadcast, edits, deletions,
// reactions, actions, slash commands, modals, options of external selects,
// membership, installations. Every other event, and shortcuts, are
// [chat.PlatformEvent]; the Event constants name those with a type of their own.
//
// Out: post, edit, delete, cards in Block Kit, native streaming and plans,
// ephemeral and scheduled messages, reactions, direct messages, modals, files,
// typing, session status, history, permanent links, users and channels. A message that was given up
// gets the reaction ⚠️. For assistants and agents: SetSuggestedPrompts,
// SetThreadTitle, SetStatus, and [FeedbackButtons] in a card.
//
// A message is read from its blocks, else from its text. Mentions, channels and
// emoji become names and characters in [chat.Message.Text]. The value of an action,
// or an answer of a modal, that has several choices is a JSON array of strings;
// formatted text is Markdown, a date and time is Unix time in seconds.
//
// A message that mentions the bot comes as two events, which are one message. An
// edit that adds the mention, within 30 days, makes the message a mention once, with
// an id of its own, unless it was heard already: in a direct conversation or a
// thread that is subscribed. An id that stands in code mentions nobody. Messages
// about the channel itself, such as "ada has joined", are not handled; those of
// other bots are. The user of a deleted message is its author: Slack does not say
// who removed it.
//
// [DeliveryOf] reads from Raw what Slack says about a delivery: whether the channel
// is shared with another organisation, to which workspace the author belongs, what
// the user looked at.
//
// When a user stops an agent, [EventAgentSessionStopped] comes; a program that wants
// the handler to stop calls Chat.CancelTurn with the event's thread.
//
// # IDs
//
// A thread is "slack:{channel}:{ts of its first message}". A direct conversation is
// one thread, "slack:{channel}:", and further ones where somebody answers in a
// thread; with Config.AgentView each message begins one. Conversations of several
// people are no direct ones: the bot is mentioned there as in a channel.
//
// A message is "{channel}:{ts}": Slack's ts is unique within its channel only. The
// TypeScript SDK has the ts alone, and such ids are understood. An event that one
// of both SDKs has stored is not handled by the other when Slack delivers it again.
// One that is a mention since an edit is "{channel}:{ts}:{ts of the edit}"; calls
// take it as the message's. A message that only one user sees is
// "ephemeral:{ts}:{…}" in the events of its buttons, and holds the address by which
// it can be changed for half an hour.
//
// Keys in the state, all but those marked with * the TypeScript SDK's. {scope} is
// "{installation}:" for an app in many workspaces, else nothing:
//
//	cache slack:installation:{workspace or organisation}  tokens and names
//	lock  slack:installation:{workspace or organisation}  * its token is being exchanged
//	cache slack:installation-of:{channel or user}         * which installation reaches it
//	cache slack:user:{scope}{user}                        names, 8 days
//	list  slack:user-by-name:{scope}{name}                users, 50, 8 days
//	cache slack:user-team:{scope}{user}                   * workspace, if not the bot's, 8 days
//	cache slack:channel:{scope}{channel}                  name, 8 days
//	cache dedupe:slack:{ts}                               our id of a message, Config.Storage.DedupeTTL, with SharedWithTypeScript
//	cache slack:event-delivered:{event}                   true, 1 day
//	cache slack:mention:{channel}:{ts}                    * the version that was a mention, 30 days
//	cache slack:parts:{channel}:{ts}                      * what continues a long message, 30 days
//	cache slack:button:{token}                            * an id and a value that are too long, 30 days
//	cache slack:oauth-state:{nonce}                       * a claim, 10 minutes
//
// # Limits
//
// Slack limits most methods to about 50 to 100 calls a minute and posting to
// one message a second in a channel. The previews of links are those that came with the message;
// Slack adds others later. A reaction to a message that this process has not seen
// costs a call to find its thread.
//
// Markdown goes to Slack as it is, plain text so that no character of it is markup.
// "<@U…>" and "<#C…>" mention, and so does "@name" outside of code if one user of
// that name was heard of; "<!channel>" and its like are shown and notify nobody.
// What is too long for one message is continued in further ones, which edits and
// deletions of the first take along. A card becomes blocks: text that is too long
// is split, a field that is too long has sections of its own, labels are shortened
// with "…", and a table or chart that Slack would not take is text in columns. Ids and
// values of actions that are too long stand in the state; more than 100 options are
// [chat.ErrInvalidArgument]. In the texts of cards, where Slack
// has no escape, a pair of characters that would be markup by chance is shown with
// others that look like them. A button that is disabled is its label; Slack has none.
// Files are a message of their own, which Slack does not name: a post of files alone
// can be deleted and not edited.
//
// Slack makes blocks of Markdown and refuses what becomes too many of them, or what
// it dislikes for reasons of its own. Such an answer is sent in smaller parts, then
// with its tables as text in columns, then as text without blocks. A picture that
// Slack cannot fetch becomes a link. A card that is refused without one is an error
// if it has buttons, and its text otherwise.
//
// A stream needs a thread, and in a channel whom it answers. Without them, and
// where Slack has no streams, the message is posted and edited. A message grows for
// four minutes, since Slack ends it after five, and to 11,000 characters; the stream
// goes on in another one, where what was cut is opened again. When the user stops it,
// StreamMessage returns [chat.ErrTurnCancelled], and a handler that returns it is not
// run again. Tasks that a failed stream leaves open end as failed.
//
// The newest page of a thread costs a call for each thousand messages of it, or for
// each 15 in an app that is distributed outside of Slack's Marketplace, which may ask
// once a minute: a call that is stopped so returns [chat.ErrRateLimited], and the next
// one goes on where it stopped, on the same instance within a quarter of an hour.
//
// With token rotation a token lives for 12 hours. The one of an installation in the
// state is exchanged when a call needs it in its last two hours, or when Slack
// refuses it, by one instance for all. Slack takes a refresh token once, and again
// for a short while only: if an instance crashes between Slack's answer and storing
// it, the next one must ask within that while, or the app must be installed again
// when the old token expires. Instances of the TypeScript SDK use such a token and
// do not exchange it. A Config.BotToken that expires is not exchanged, since there
// is nowhere to keep the next one: use ClientID and an installation.
//
// # Errors
//
// Slack's refusals are *[chat.PlatformError] with the method as Op.
// [chat.ErrAuthentication] without a call means that nothing says which installation
// to use.
package slack

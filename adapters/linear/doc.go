// Package linear is the adapter for Linear: comments on issues and projects, and
// sessions of an agent.
//
// # Setup
//
//	adapter, err := linear.New(linear.FromEnv()) // or a linear.Config
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//
// The README says how to create the webhook or the OAuth application. With
// [ModeComments] the bot receives comments. With [ModeAgentSessions] it is an agent:
// people mention it or delegate issues to it, and talk to it in sessions.
//
// # Webhooks
//
//	POST /webhooks/linear                 webhooks
//	GET  /webhooks/linear/install         sends the browser to Linear, with Config.OAuth
//	GET  /webhooks/linear/oauth/callback  where Linear sends the browser back
//
// Linear signs each webhook with its time. A webhook with another signature, or with a
// time that differs from the time here by more than a minute, is answered 401. A webhook
// that is answered 200 is stored. After any other answer Linear sends it again, after a
// minute, an hour and six hours. https://linear.app/developers/webhooks
//
// # Abilities
//
// The bot receives comments, their edits with the text before, their deletions,
// reactions to them, new sessions, prompts in sessions, and an [chat.InstallationEvent]
// when a workspace installs or revokes the app. When a user stops the agent, the context
// of the handler ends. Every other webhook, that stop too, is a [chat.PlatformEvent] with
// the thread of its issue and the name "linear:{type}.{action}", such as
// "linear:Issue.update" or "linear:AppUserNotification.issueMention".
//
// The bot can comment, answer in threads, edit, delete, react and send files. It can look
// up history, the threads of an issue, users, links to comments, and the issue or project
// that a message is about. A card is Markdown, and comments have no buttons.
//
// In a session, a post is the agent's response, and typing is a thought. A card with
// buttons or menus asks the user to choose; the choice is a [chat.ActionEvent]. A stream
// shows its text as thoughts while it grows, its tasks as actions, and its plan as the plan
// of the session. Its end is the response, or an error of the session if it fails. What
// the agent has posted in a session cannot be edited or deleted.
//
// # IDs
//
// A thread is "linear:{issue}:c:{comment}", with the comment that begins it. The comments
// in "linear:{issue}" begin threads. "linear:{issue}:s:{session}" is a session. These are
// the ids of the TypeScript SDK. A thread of a project is
// "linear:p:{project}:c:{comment}". A message has the id of its comment, or of its
// activity in a session.
//
// Keys in the state; {workspace} in linear:self is "own" without Config.OAuth:
//
//	cache linear:installation:{workspace}          the app in a workspace, as in the TypeScript SDK
//	cache linear:installation:client-credentials   the token of Config.ClientCredentials
//	lock  linear:installation:{…}                  the instance that exchanges its token, 30 seconds
//	cache linear:oauth-state:{nonce}               that an installation was finished, 10 minutes
//	cache linear:organization:{issue or project}   its workspace, with Config.OAuth, a year
//	cache linear:self:{workspace}                  the bot's user, a day
//	cache linear:choices:{session}                 the options of the last card in a session, 30 days
//	cache linear:comment:{comment}                 the thread of a comment with a reaction, a day
//
// # Limits
//
// Linear limits the calls of an hour: https://linear.app/developers/rate-limiting. A call
// that it refuses because of a limit is repeated after the time that Linear names. A file
// has at most 100 MiB. History needs a call for each 100 comments of the issue, and reads at
// most 5,000. The adapter learns the workspace of an issue from webhooks. For an issue that
// no webhook has named, use [WithWorkspace].
//
// Linear shows an agent that posts nothing within 10 seconds as unresponsive, and a session
// without activity for 30 minutes as stale, until the agent posts again:
// https://linear.app/developers/agent-best-practices. A handler that needs more time
// calls Thread.StartTyping first.
//
// # Errors
//
// A refusal by Linear is a *[chat.PlatformError] with the method as Op. Only the text of a
// refusal says that something was not found. If Linear changes that text, the error is
// [chat.ErrInvalid] instead of [chat.ErrNotFound]. No error contains a token, or what
// Linear quotes of a message.
package linear

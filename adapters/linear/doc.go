// Package linear is the adapter for Linear: comments on issues and projects, and
// sessions of an agent.
//
// # Setup
//
//	adapter, err := linear.New(linear.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//
// The README tells how to create the webhook or the OAuth application. With
// [ModeComments] the bot hears comments; with [ModeAgentSessions] it is an agent, which
// people mention and to whom they delegate issues.
//
// # Webhooks
//
//	POST /webhooks/linear                 webhooks
//	GET  /webhooks/linear/install         sends a browser to Linear, with Config.OAuth
//	GET  /webhooks/linear/oauth/callback  to which it comes back
//
// Linear signs each webhook, and tells when it was sent: one that is older than a
// minute is 401. A webhook that is answered 200 is stored. After any other answer
// Linear sends it again, after a minute, an hour and six hours.
// https://linear.app/developers/webhooks
//
// # Abilities
//
// In: comments, their edits with the text before, their deletions, reactions to them,
// sessions that begin, prompts in them, and installations that are revoked. A user's
// wish that the agent stops ends the handler's context. All else is
// [chat.PlatformEvent] with the name "linear:{type}.{action}", such as
// "linear:Issue.update" and "linear:AppUserNotification.issueMention", and with the
// thread of its issue.
//
// Out: comments and answers to them, edits, deletions, reactions, files, history,
// threads of an issue, users, addresses, and what a message is about. Cards are
// Markdown; comments have no buttons. In a session a post is the agent's response, and
// typing a thought; a card with buttons or menus asks the user to choose, which comes
// back as [chat.ActionEvent]; a stream shows thoughts while it grows, tasks as actions, a plan as
// the session's, and is an error of the session if it fails. What an agent has said
// cannot be changed.
//
// # IDs
//
// A thread is "linear:{issue}:c:{comment}", with the comment that begins it;
// "linear:{issue}", whose messages begin threads; or "linear:{issue}:s:{session}", as
// the TypeScript SDK has them. On a project it is "linear:p:{project}:c:{comment}". A
// message has the id of its comment, or of its activity in a session.
//
// Keys in the state:
//
//	cache linear:installation:{workspace}          the app in a workspace, as the TypeScript SDK has it
//	cache linear:installation:client-credentials   the token of client credentials
//	cache linear:organization:{issue or project}   its workspace, with Config.OAuth, a year
//	cache linear:self:{workspace}                  the bot's user, a day
//	cache linear:choices:{session}                 what can be chosen in a session, 30 days
//	cache linear:comment:{comment}                 the thread of a comment that somebody has reacted to, a day
//
// # Limits
//
// Linear counts calls by the hour, https://linear.app/developers/rate-limiting, and a
// call that it refuses is made again when it says. Files have 100 MB. Of an issue with
// more than 5,000 comments the history has the newest 5,000. A webhook does not tell
// the workspace of an issue that the bot has not heard of: [WithWorkspace] does.
//
// Linear shows an agent that says nothing within 10 seconds as unresponsive, and a session
// without anything new for 30 minutes as stale, until the agent says something again:
// https://linear.app/developers/agent-best-practices. A handler that first works in
// silence calls Thread.StartTyping before.
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the method as Op. Linear tells what is not
// found by its text alone, so a text that it changes makes [chat.ErrInvalid] of
// [chat.ErrNotFound]. No error holds a token or what Linear quotes of a message.
package linear

// Package web is the adapter for a chat page in the browser. It serves the page
// itself, and the AI SDK's UI message stream protocol for pages of one's own:
// useChat of @ai-sdk/react, with its default transport, talks to the same
// endpoint.
//
// # Setup
//
//	page, err := web.New(web.Config{User: signedInUser})
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{page}, State: st})
//	http.Handle("/webhooks/", bot) // the page is at /webhooks/web/
//
// Config.User says who sent a request; it is the whole security boundary. The
// user's id is part of every thread id, and every request reaches only the
// threads of its own user. The default, a random id in an HttpOnly,
// SameSite=Lax cookie, knows a browser and not a person: it is meant for local
// use and for pages that need no sign-in.
//
// # Webhooks
//
// Below /webhooks/web:
//
//	GET    /                               the page (a path without the slash is redirected)
//	GET    /assets/…                       its files
//	POST   /                               a turn: DefaultChatTransport's body, answered by a UI message stream
//	POST   /stop?conversation=ID           stops the bot's work on it: 204, see [chat.Chat.CancelTurn]
//	GET    /{id}/stream                    the rest of the turn that runs in the conversation, or 204
//	GET    /conversations                  {"conversations": […]}, the last used first
//	DELETE /conversations?conversation=ID  deletes one with all that is kept of it
//	GET    /messages?conversation=ID       {"messages": […]}, UIMessages, oldest first
//	GET    /events?conversation=ID         server-sent events: history, message, delta, tasks, removed, typing, session, deleted, ping
//	GET    /files/{file}?conversation=ID   a file of a message
//	POST   /actions                        a click or a choice, answered by server-sent events: taken, modal, handled, failed
//	POST   /options                        the options of an external select for what was typed
//	POST   /modals                         the values of a modal, answered by what becomes of it
//	POST   /modals/close                   a modal that was closed without being submitted
//
// A turn takes the last message of the user in the body; the earlier ones are ignored,
// so a body may be {"id": …, "message": …} with that one alone. The answer's status is
// 200 once the message is safe. Then comes a text part for each message that the bot
// posts until the message's handlers are done, on whatever instance they run. A
// transient data-typing part carries the typing indicator, or with "stopped" takes it
// away, and a transient data-session part {"status": …} says where the bot's work
// stands, see [chat.Thread.MarkSession]. A handler that failed for good is an error
// part with a neutral text. A turn that the user has stopped ends with an abort part,
// without a finish part; a message that was cut by it has "stopped" in its metadata. If
// another instance was asked to stop it before it said anything, it just finishes. The
// text of a message that was edited meanwhile comes once more at the end, as a further
// part with {"chat": {"edited": true}} as its providerMetadata.
//
// A card is a data-card part with the card's JSON, behind a text part with its
// fallback text, whose providerMetadata is {"chat": {"fallback": true}}: a page
// that shows cards leaves that text out, any other shows it. Tasks, of a stream
// or a plan, are a data-tasks part: {"title": …, "tasks": […]}, with the fields of
// [chat.Task]. Both have the message's id, and replace the part of that id and
// type which came before. A file is a file part; the URL of one that the bot has
// posted is relative to the endpoint.
//
// The bodies of the requests after a turn have the fields conversation and id, a
// random name of the request: sent again with it, it is not handled again. An
// action has message, or view for one in a modal, action, and value for a choice.
// What the message's card does not offer is 410; the value of a button is the
// bot's, whatever the page sends. A modal comes as {"id": …, "modal": …}; its id
// is the view of the requests about it. A submission has values by the ids of the
// inputs and is answered with {"action": "close", "clear", "errors", "update" or
// "push", "errors": {…}, "view": {…}}. Options have action and query and are
// {"groups": [{"label": …, "options": […]}]}.
//
// A message keeps the id that the page gave it. Sent again with the same id it
// is not handled again. With the same id and another text or other files, as the AI SDK sends an
// edit, the user's last message is changed: the bot's work on it is stopped, its
// answers go from all pages, and the handlers get the message with its next wording,
// whose Edited is set and whose ID is another one. An edit of an earlier message is
// refused with 409.
//
// A page that was loaded again gets the rest of an answer by /{id}/stream, as useChat's
// resume option asks for it: what /messages does not hold yet. What came after a
// message that the page has, it gets with ?after={the message's id}. The stream is on
// the instance where the turn began; elsewhere, and when no turn runs, the answer is
// 204, and the answer comes with the messages when it is whole.
//
// Requests of other origins' pages, but for those in Config.AllowedOrigins, are refused
// with 403 (by Sec-Fetch-Site, else Origin), and a body must be application/json. The
// page's content security policy allows nothing but its own files; Markdown and cards
// become nodes and never HTML, links go to http, https and mailto addresses only, and
// pictures from elsewhere are shown as links, so that no other server learns that a
// message is read. Pictures that the bot has posted as files are shown. A file is
// served as a download, in a sandbox, and to its user only.
//
// # Abilities
//
// Post, edit, delete, cards, actions, modals, native streaming with tasks, plans,
// ephemeral messages, reactions of the bot, files from the bot, typing indicator,
// session status, kept history. Every message is a direct one. With Config.UserFiles a
// message of the user may have files, as the AI SDK sends them: file parts with data
// URLs. Their content is kept as that of the bot's files is, and
// [chat.Attachment.Open] reads it. Otherwise they are refused with 400.
//
// An ephemeral message is shown for an hour, to the user whose conversation it is.
// For another user PostEphemeral returns [chat.ErrNotFound]: nobody else has a
// part in the conversation.
//
// A modal opens in the tab where the user has clicked. Its trigger opens one
// modal, within a minute.
//
// Emoji placeholders are shown as characters, and a mention "<@id>" as "@id".
//
// # IDs
//
// A thread is "web:{user}:{conversation}", as in the TypeScript SDK; "%" and ":"
// within a part are "%25" and "%3A". A user's id has at most 256 bytes, a
// conversation's and a message's, which the page chooses, at most 128. The
// message id of a user's message is "{user}:{conversation}:{page's id}", or
// "{user}:{conversation}%r{hash}:{page's id}" after an edit; the bot's messages have
// random ids.
//
// Keys in the state, besides the bot's own msg-history:{threadId}:
//
//	list  web:conversations:{user}             ids of conversations                   500, 9 days
//	cache web:conversation:{threadId}          title and times                        7 days from the last use
//	list  web:contents:{threadId}              ids of messages with content           200, 32 days
//	cache web:content:{threadId}:{messageId}   cards, tasks, files, edits, reactions  30 days, renewed by reading
//	cache web:file:{threadId}:{file}           a file of a message                    30 days
//	list  web:ephemeral:{threadId}             ephemeral messages                     20, 1 hour
//	cache web:modal:{view}                     an open modal                          24 hours
//	cache web:opened:{triggerId}               the view that a trigger has opened     2 minutes
//
// # Limits
//
// The page shows what the history keeps: the last 100 messages of 7 days. The cards,
// tasks and files of a message, and its edits and deletions, are kept outside the
// history: pages and readers of /messages see it, Thread.History does not.
//
// An open page is told at once of what its own instance does, and within
// Config.PollInterval (five times that when nothing happens) of what others do.
// The typing indicator, the session status and the growth of a streamed answer are seen on the
// instance that makes them and by the page whose turn it is, if the turn runs
// there; elsewhere the answer appears when it is whole.
//
// A turn goes on when its reader leaves. The AI SDK's regenerate is refused with
// 400: the bot answers a message once. Thread.History keeps what was said before an
// edit, with its answers.
//
// One message has at most Config.MaxText bytes of text. A message of the bot has
// at most 10 files of Config.MaxFile bytes each: the state keeps them. Larger ones
// belong elsewhere, with their URL as an attachment.
//
// A modal is reported as closed when it is closed in the page, not when the page
// itself is. Its submission is handled within 20 s, options are loaded within 5 s.
//
// Deleting a conversation removes its history, contents, files, typed state and
// subscription. Pages on other instances show it until they are loaded again. A handler
// that still runs may post afterwards: the conversation then has that post alone.
//
// # Errors
//
// Requests are answered with {"error": "…"}: 400 and 413 name the field that is
// wrong, 401 comes from Config.User, 403 is another site's page, 409 an edit of a message that is not the last one, 410 what was
// changed or removed meanwhile, 415 a body that is not JSON, 503 a state that is
// away or a bot that is busy: send again.
//
// EditMessage and DeleteMessage return [chat.ErrNotFound] for a message that is
// not in the history and [chat.ErrPermission] for one that is not the bot's.
// Posts of nothing, and of files that are too large or too many, are
// [chat.ErrInvalid], as is OpenModal with a trigger that is used or too old.
package web

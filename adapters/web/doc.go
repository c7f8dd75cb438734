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
//	GET  /                          the page (a path without the slash is redirected)
//	GET  /assets/…                  its files
//	POST /                          a turn: DefaultChatTransport's body, answered by a UI message stream
//	GET  /{id}/stream               204: there is no stream to resume, see Limits
//	GET  /conversations             {"conversations": […]}, the last used first
//	GET  /messages?conversation=ID  {"messages": […]}, UIMessages, oldest first
//	GET  /events?conversation=ID    server-sent events: history, message, delta, removed, typing, ping
//
// A turn takes the last message of the user in the body; those before it are the
// page's business. The answer's status is 200 once the message is safe. Then
// comes a text part for each message that the bot posts until the message's
// handlers are done, on whatever instance they run. A transient data-typing
// part carries the typing indicator. A handler that failed for good is an error
// part with a neutral text.
//
// A message keeps the id that the page gave it. Sent again with the same id it
// is not handled again.
//
// Requests of other sites' pages are refused with 403 (by Sec-Fetch-Site, else
// Origin), and a turn must be application/json. The page's content security
// policy allows nothing but its own files; Markdown becomes nodes and never
// HTML, links go to http, https and mailto addresses only, and pictures are
// shown as links, so that reading a message tells nobody.
//
// # Abilities
//
// Post, edit, delete, native streaming, typing indicator, kept history. Every
// message is a direct one. Files are [errors.ErrUnsupported], in both
// directions.
//
// # IDs
//
// A thread is "web:{user}:{conversation}", as in the TypeScript SDK; "%" and ":"
// within a part are "%25" and "%3A". A user's id has at most 256 bytes, a
// conversation's and a message's, which the page chooses, at most 128. The
// message id of a user's message is "{user}:{conversation}:{page's id}", the
// bot's messages have random ids.
//
// Keys in the state, beside the bot's own msg-history:{threadId}:
//
//	list  web:conversations:{user}          ids of conversations       500, 9 days
//	cache web:conversation:{threadId}       title and times            7 days from the last message
//	list  web:edited:{threadId}             ids of edited messages     200, 32 days
//	cache web:edit:{threadId}:{messageId}   what became of a message   30 days, renewed by reading
//
// # Limits
//
// The page shows what the history keeps: the last 100 messages of 7 days. Edits
// and deletions stand beside the history: pages and readers of /messages see
// them, Thread.History does not.
//
// An open page is told at once of what its own instance does, and within
// Config.PollInterval (five times that when nothing happens) of what others do.
// The typing indicator and the growth of a streamed answer are seen on the
// instance that makes them and by the page whose turn it is, if the turn runs
// there; elsewhere the answer appears when it is whole.
//
// A turn goes on when its reader leaves. An AI SDK page that comes back reads
// /messages: a stream is not resumed, so useChat's resume option finds nothing.
// Its regenerate is refused with 400: the bot answers a message once.
//
// One message has at most Config.MaxText bytes of text.
//
// # Errors
//
// Requests are answered with {"error": "…"}: 400 and 413 name the field that is
// wrong, 401 comes from Config.User, 403 is another site's page, 415 a body that
// is not JSON, 503 a state that is away or a bot that is busy: send again.
//
// EditMessage and DeleteMessage return [chat.ErrNotFound] for a message that is
// not in the history and [chat.ErrPermission] for one that is not the bot's.
// Posts without text are [chat.ErrInvalid].
package web

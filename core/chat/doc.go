// Package chat is the bot: its handlers, its threads, and the contract with the
// platform adapters.
//
// # The way of a message
//
// An adapter verifies and parses a webhook and calls [Host.Deliver]. The bot
// drops its own messages, claims the message's id so that a redelivery is
// recognised, asks for the thread's lock, stores the message in the inbox, and
// lets the webhook be answered. A worker then hands what waits to the handlers of
// the first class that fits: direct message, subscribed, mention, pattern. When
// they have returned, the message is marked as handled and removed from the inbox,
// and the lock is released. On a single Redis that is two round trips.
//
// A message passes the files in this order. http.go takes the request (serverless.go where
// the process runs only while it is asked) and host.go what the adapter makes of it.
// deliver.go, or deliverevent.go for another event, makes an arrival of it (arrival.go,
// receipt.go) with its rule (concurrency.go, rule.go, group.go, conflict.go), and gives it
// to the dispatcher: core/internal/dispatch, whose package comment says how it claims,
// locks, stores, retries and recovers. For a batch of what waits the dispatcher calls
// program.go; route.go finds the handlers (handlers.go), attempt.go keeps what they post
// in place of an attempt that has failed, and deadletter.go what was given up.
//
// On its way out a post passes threadpost.go or channel.go, then outlet.go, with
// callback.go for its buttons and growth.go for streams, and request.go, which calls the
// adapter; history.go and transcript.go keep it.
//
// # Mistakes of the program
//
// A mistake is told where it is made. [New] and the other constructors return
// [ErrInvalidConfig], a call with an argument that can never work, such as a nil
// context, [ErrInvalidArgument]. Registering what can never work, such as a nil
// handler or an action id that no click has, panics with a message that says so, as
// net/http's ServeMux does.
//
// # Messages that overlap
//
// What happens to messages that come while a handler runs is the choice of a
// [Concurrency]: StrategyQueue handles the newest of them afterwards, with the others
// as its event's Skipped, StrategyDrop discards them, StrategyDebounce and
// StrategyBurst wait for more before they begin, StrategyConcurrent handles all at
// once. With OnLockConflict a function decides for each message that finds its thread
// locked whether it waits, is dropped, or cancels the turn that runs and comes next;
// two handlers never run at a time for that. It also says how many may wait, for how
// long, and what happens to one more.
//
// Config.Concurrency is the bot's rule, Config.ConcurrencyFor one that depends on
// the message, and the handlers of a [Group] have a rule of their own. Events other
// than messages are handled at once.
//
// # What is guaranteed
//
// One handler at a time runs on a thread, across all instances with the same
// state. The lock behind it is a lease: it is renewed while the handler runs, and
// when it may have been lost the handler's context ends, with [ErrLockLost],
// before another instance can have it. A handler must therefore obey its context.
// On one Redis master that fails over without replication, or under a clock that
// jumps, two instances can hold a lock for a moment.
//
// A lock can also be taken away: somebody deletes its key, calls ForceReleaseLock or
// empties the server, or the server comes back without its data. The instance that
// gets the lock next then calls no handler before the instance that had it has been
// told, within about a second. There are two exceptions. A handler is not protected in
// its first 50 ms. A handler that a TypeScript instance follows is told when its lock
// is next renewed, within a third of Config.Lock.TTL. To stop a handler use
// [Chat.CancelTurn], which lets the next one begin only when the first has returned.
//
// What a webhook has answered with 2xx is handled at least once. A message stays
// in the inbox until its handlers have returned; if the instance dies, another
// one handles it within Config.Lock.TTL + Config.Lock.SweepInterval. A handler that
// fails or panics is tried again, with backoff; after Retry.MaxAttempts the
// message becomes a dead letter, which can be listed and replayed. So a handler
// may see a message more than once: [MessageEvent].Attempt tells.
//
// A platform with the ability [FailureMarker] shows people which messages became dead
// letters, have waited too long, or have a handler that ignores the end of its turn.
// It does so until the message is handled after all.
//
// # What a failed attempt has posted
//
// Each attempt starts over, for its readers too. What it posts to a thread, a channel
// or as an answer replaces, in order and by edits, what the failed attempts have posted
// there. What cannot be edited, such as a file, is posted anew, and the old message is
// removed. What the attempt that succeeds does not replace is removed, too.
// Retry.KeepPosts lets all of it stand instead, for handlers that go on where the last
// attempt ended.
//
// That covers posts, streams, plans and scheduled messages that were made through the
// event, on any instance. After a crash it covers those of a turn that has run for more
// than 50 ms, but no stream in the platform's own form that was still growing. An
// [Approval] without an ID is found again if the next attempt asks the same. Messages
// to one user, modals and reactions are made again.
//
// # Other bots
//
// The bot's own messages are dropped. Those of other bots are handled like anyone's.
// Of those that come in a row in a thread it answers no more than
// Config.Limits.MaxBotAnswers, so that two bots that answer each other come to an end.
// The count begins anew with a person's message there, or after an hour of silence.
//
// # Modals, callbacks and approvals
//
// [ActionEvent.OpenModal] shows a form, and [Chat.OnModalSubmit] answers its
// submission while the platform waits. Where the form was opened from is kept
// meanwhile and given to one submission only. A redelivered submission gets the
// same answer.
//
// A button or a modal with a callback URL is posted there too, at least once, from
// the inbox, with the same webhook-id each time. The URL must lead to a public
// address over TLS, unless Config.Callbacks.Hosts names its host.
//
// A button works as often as it is clicked, until the bot edits or deletes its
// message, as on Slack. A button with [card.Button.Once] works once: the first click
// that a handler takes without an error counts, and people who click later are told
// so. An edit that shows the button again lets it be clicked again.
//
// [Thread.RequestApproval] asks people for a yes or no. The first answer counts, and
// [Chat.OnApproval] hears of it on any instance, also after a restart.
//
// # Outages
//
// While the state is away, webhooks are answered with 503, and the bot goes on by
// itself when it is back.
//
// # Posting
//
// [Thread.Post] takes texts, Markdown, cards, files, a [Stream] and a [Plan];
// [Thread.Reply] answers a message, [Channel.Post] begins a thread,
// [Thread.PostEphemeral] shows something to one user, [Thread.Schedule] posts
// later. What comes back is a [SentMessage], which can be edited and deleted;
// [Thread.Sent] and [Thread.Scheduled] find it again by its id after a restart. Calls
// about any message, such as [Thread.React], take its id. Where a platform has no form
// of its own for a stream or a plan, the bot posts and edits. What else the platform
// cannot do satisfies errors.Is(err, errors.ErrUnsupported).
//
// A call that the platform's rate limit refuses is made again after the time that
// the platform names, within Config.Limits.RateLimitWait. Other failures are returned as
// they are, as a [*PlatformError]: a post that failed may have been made all the
// same, so it is for the program to repeat it.
//
// A thread that came with an event belongs to its turn. Once the turn's context
// has ended, every call returns the cause and does nothing.
//
// # What was said before
//
// [Thread.Messages] and [Channel.Messages] read the platform's history, or the one
// that the bot keeps where the platform has none (Config.History). [Transcripts] hold
// what a person and the bot said to each other on all platforms, if Config.Transcripts
// and Config.Identity are set. [ToPrompt] and [TranscriptPrompt] turn them into what a
// language model takes, and the model's answer is posted as a [Stream].
//
// # Keys
//
// What the bot itself has in the state, without the prefix that the state puts in front.
// Those marked with * are the TypeScript SDK's, in its form; what adapters have is in
// their package comments. {lock} is the id of a thread or a channel, as LockScope says.
//
//	lock  {lock}                               * handlers run on it, Config.Lock.TTL
//	lock  {lock}#message:{message}             the same for one message, with StrategyConcurrent
//	lock  {lock}#slot:{n}                      one of MaxConcurrent handlers
//	lock  {lock}#group:{n}#slot:{n}            the same for a group
//	lock  chat:event:{adapter}:{event}         handlers of an event that is no message
//	lock  {cache key}                          its value is being changed, with a state without Swaps
//	queue {lock}                               * messages that wait, Config.Storage.MessageTTL
//	queue {lock}#message:{message}             the message that waits, with StrategyConcurrent
//	queue chat:event:{adapter}:{event}         the event that waits
//	queue chat:dead-letters                    what could not be handled, Config.Storage.DeadLetterTTL
//	queue chat:approvals-due                   requests that can time out
//	set   {thread}                             * it is subscribed
//	cache dedupe:{adapter}:{message}           * true, Config.Storage.DedupeTTL; a claim while it is handled
//	cache thread-state:{thread}                * ThreadData, 30 days
//	cache channel-state:{channel}              * ChannelData, 30 days
//	cache modal-context:{adapter}:{context}    * where a modal was opened from, 24 hours
//	cache chat:modal-answer:{adapter}:{event}  how a submission was answered, Config.Storage.DedupeTTL
//	cache chat:callback:{token}                * a button with a callback URL, 7 days
//	cache chat:once:{token}                    the click that counts on a button that counts once, 30 days
//	cache chat:approval:{approval}             a request for approval, 30 days after its end
//	cache chat:retries:{lock key}              failed messages of a queue and their attempts
//	cache chat:running:{lock key}              a handler runs under this lock, Config.Lock.TTL
//	cache chat:canary                          true for ever: when it is gone, the state was emptied
//	cache chat:bot-answers:{thread}            answers to other bots in a row, 1 hour
//	cache chat:ready                           written and deleted to see whether the state takes writes
//	list  msg-history:{thread}                 * messages without Raw, Config.History.TTL
//	list  msg-history:{channel}                * the same of a channel
//	list  transcripts:user:{user}              * what a person and the bot said, TranscriptConfig.Retention
//	list  chat:cancelled-turns                 calls of CancelTurn and checks of locks, 30 seconds
package chat

// Package twilio is the adapter for Twilio: a bot that answers on SMS, MMS, WhatsApp and
// RCS, from the numbers of one account.
//
// # Setup
//
//	adapter, err := twilio.New(twilio.FromEnv()) // or a Config of your own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README shows step by step how to set up the number.
//
// # Webhooks
//
//	POST /webhooks/twilio  messages, statuses of messages, and events of Event Streams
//
// Twilio signs the address that it calls, together with the form or with a digest of the
// JSON. The adapter answers 401 to a webhook without that signature, also to one that a
// Webhook Rule has signed with a key of its own. If a proxy changes the address, set
// Config.WebhookURL. When everything in a webhook is stored, the answer is an empty TwiML
// document, because the bot writes through the API.
//
// The signature holds no time. So the ids of what the bot has stored are the only
// protection against an old webhook that somebody sends again, and the bot remembers them
// for Config.Storage.DedupeTTL.
//
// # Abilities
//
// In: texts, files, locations as texts, answers to messages, and taps on buttons and
// lists of templates. Every other event is a [chat.PlatformEvent]:
//
//	twilio:status   whether a message of the bot was sent, delivered, read, …: a [Status]
//	twilio:opt_out  a word such as STOP, which Twilio has answered: an [OptOut]
//	twilio:event    an event of Event Streams
//	twilio:button   a tap on a button without data
//	twilio:{type}   a message of another MessageType
//	twilio:empty    a message with nothing in it
//
// The Data of twilio:event is Twilio's JSON. Every other Data is an object with the fields
// of the webhook.
//
// Out: texts, which have formatting on WhatsApp, cards as texts, files, templates by
// [Adapter.SendTemplate], and on WhatsApp the typing indicator. Twilio cannot edit a
// message, so a stream is posted when it is complete. A message that is deleted is deleted
// at Twilio, and stays on the phone. The bot keeps the history.
//
// # IDs
//
// A thread is "twilio:{sender}:{recipient}", each written as encodeURIComponent does it, and
// its channel has the same id. The TypeScript SDK has the same ids. Each thread is a direct
// conversation of a person with one of the numbers. The sender is a number, a short code or
// a messaging service, and after "whatsapp:" or "rcs:" a sender on that channel. A user id
// has the same forms. A message has Twilio's id, and its Raw is an object with the fields of
// the webhook.
//
// A post in the thread of a messaging service is sent from a number that the service
// chooses. What people answer comes in the thread of that number.
//
// Keys in the state:
//
//	cache twilio:parts:{message}  the further messages of a long post, 30 days
//
// # Limits
//
// A message has 1,600 characters; what is longer becomes several messages, or is
// refused: Config.RefuseLong. An SMS is sent in segments, each of which is paid for:
// [CountSegments], Config.MaxSegments. WhatsApp's formatting has no escape: where a
// text has its markers, it shows look-alikes. On WhatsApp, to a user who has not
// written for 24 hours only templates can be sent.
//
// Twilio fetches files from public addresses: those of Attachments, or where Config.Upload
// stores Files. It sends pictures, video, audio, PDF, vCards and calendars, ten with an
// MMS of at most 5 MB in all, and one with a message on WhatsApp or by RCS, of at most 16 MB.
// Attachments of other types are links in the text.
//
// # Errors
//
// Refusals are *[chat.PlatformError] with "Messages" as Op, and an [Error] with Twilio's
// code. [ErrOptedOut], [ErrWindowClosed] and [ErrTooLong] are what programs most need
// to know. Twilio tells of many failures only later: [Status.Err]. No error holds the auth
// token, or Twilio's words, which can quote the message.
package twilio

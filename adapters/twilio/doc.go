// Package twilio is the adapter for Twilio: a bot that answers on SMS, MMS, WhatsApp and
// RCS, from the numbers of one account.
//
// # Setup
//
//	adapter, err := twilio.New(twilio.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//
// The README tells how the number is set up.
//
// # Webhooks
//
//	POST /webhooks/twilio  messages, statuses of messages, and events of Event Streams
//
// Twilio signs the address that it calls together with the form that it sends, or with a
// digest of the JSON; anything else is 401, also what a Webhook Rule has signed with a
// key of its own. Behind a proxy that changes the address, Config.WebhookURL tells it. A
// webhook is answered with an empty TwiML document when what it holds is stored: the bot
// answers through the API. A signature tells no time, so an old webhook is known by its
// ids alone, for Config.Storage.DedupeTTL.
//
// # Abilities
//
// In: texts, files, locations as texts, answers to messages, and taps on buttons and
// lists of templates. All else is [chat.PlatformEvent]:
//
//	twilio:status   what has become of a message of the bot: a [Status]
//	twilio:opt_out  a word such as STOP, which Twilio has answered: an [OptOut]
//	twilio:event    an event of Event Streams, as Twilio has it
//	twilio:button   a tap on a button without data
//	twilio:{type}   a message of another MessageType
//	twilio:empty    a message with nothing in it
//
// whose Data, but for events of streams, is an object of the webhook's fields.
//
// Out: texts, with WhatsApp's formatting there, cards as texts, files, templates by
// [Adapter.SendTemplate], and on WhatsApp typing. Messages cannot be edited, so a stream is
// posted when it is whole. What is deleted is deleted at Twilio and stays on the phone.
// The bot keeps the history.
//
// # IDs
//
// A thread is "twilio:{sender}:{recipient}", each as encodeURIComponent writes it, as the
// TypeScript SDK has it, and a channel is the same: each is a direct conversation of
// somebody with one of the numbers, and has a lock of its own. The sender is a number, a
// short code, a messaging service, or with "whatsapp:" or "rcs:" before it a sender of
// that channel; a user id is likewise. A message has Twilio's id, and its Raw is an
// object of the webhook's fields.
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

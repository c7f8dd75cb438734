// Package whatsapp is the adapter for WhatsApp: a bot that answers on one or several
// phone numbers of a business, through Meta's Cloud API.
//
// # Setup
//
//	adapter, err := whatsapp.New(whatsapp.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//
// The README tells how the app is created.
//
// # Webhooks
//
//	GET  /webhooks/whatsapp  Meta asks whether the webhook is the bot's
//	POST /webhooks/whatsapp  messages, statuses and what else the app is subscribed to
//
// Meta signs each with the app's secret; anything else is 401. A delivery can hold
// messages to several numbers from several people. Each is taken by itself: one that
// cannot be read stops no other and is logged; the answer is 400 only if there was no
// other. What is answered 200 is stored; else Meta delivers all of it again, for up to
// seven days, and what was stored is not stored again as long as the bot knows its ids,
// for Config.Storage.DedupeTTL. A signature tells no time, so an old delivery is known
// by its ids alone, too.
//
// # Abilities
//
// In: texts, pictures, video, audio, documents, stickers, locations and contacts as
// attachments, answers to messages, reactions, and taps on buttons, lists and the quick
// replies of templates. All else is [chat.PlatformEvent]:
//
//	whatsapp:status         what has become of a message of the bot: a [Status]
//	whatsapp:system         a user has another phone number or id
//	whatsapp:group_message  a message in a group, which the bot cannot answer
//	whatsapp:error          what Meta could not do, as {code, title, …}
//	whatsapp:{type}         a message of another type, such as order, unsupported
//	whatsapp:{field}        a change of another field, such as account_update
//
// whose Data is as WhatsApp has it.
//
// Out: texts, answers to messages, files, cards as a text with up to three buttons, with
// lists of ten, or with a link, one reaction to a message, read marks, typing, and
// templates: [Adapter.SendTemplate]. Messages cannot be edited or deleted, so a stream
// is posted when it is whole. The bot keeps the history: WhatsApp gives none.
//
// # IDs
//
// A thread is "whatsapp:{phone number id}:{user id}", as the TypeScript SDK has it, and
// a channel is the same; each is a direct conversation. A user id is a phone number in
// digits, or for users who show none a business-scoped id such as
// "US.13491208655302741918". A message has WhatsApp's id.
//
// A user can have several ids, which change with the phone number. A thread keeps the
// one that it has begun with; the state has the others, and where the user is reached.
// A number that goes to another person begins another thread, if WhatsApp has told of
// it.
//
// Keys in the state, of which the first two are the TypeScript SDK's:
//
//	cache whatsapp:identity:alias:{phone number id}:{id}       the user id of the thread, for ever
//	cache whatsapp:identity:route:{phone number id}:{user id}  the user's ids now, for ever
//	cache whatsapp:parts:{message}                             the further messages of a long post, 30 days
//	cache whatsapp:button:{token}                              the id and value of a button that are too long, 30 days
//
// # Limits
//
// To a user who has not written for 24 hours only templates can be sent. A text has
// 4,096 characters, one with buttons and a caption 1,024; what is longer becomes
// several messages. WhatsApp's formatting has no escape: where a text has its markers,
// it shows look-alikes. A card's buttons and the options of its menus are up to three
// buttons, of 20 characters, or else rows of a list, of 24 with the whole label below.
// A list has ten rows; a card with more has further messages. A link is a button if it
// is the card's only one; others stand in the text. A button's id and value have 200
// bytes together and stand in the state when they are longer.
//
// Pictures are JPEG or PNG with at most 5 MB, video is MP4 or 3GP and audio AAC, AMR,
// MP3, M4A or Ogg with at most 16 MB, and documents are text, PDF or Office's with at
// most 100 MB. Other texts are sent as plain text; any other type of file is
// [errors.ErrUnsupported]. A file that a user has sent can be fetched for seven days.
//
// # Errors
//
// Refusals are *[chat.PlatformError] with "messages" or "media" as Op. [ErrWindowClosed]
// says that only templates can be sent. WhatsApp tells of many failures only later:
// [Status.Err]. No error holds the token.
package whatsapp

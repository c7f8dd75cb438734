// Package whatsapp is the adapter for WhatsApp: a bot that answers on one or several
// phone numbers of a business, through Meta's Cloud API.
//
// # Setup
//
//	adapter, err := whatsapp.New(whatsapp.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README shows step by step how to create the app.
//
// # Webhooks
//
//	GET  /webhooks/whatsapp  Meta asks whether the webhook is the bot's
//	POST /webhooks/whatsapp  messages, statuses, and the other fields that the app is subscribed to
//
// Meta signs each delivery with the app's secret. The adapter answers 401 to a delivery
// without that signature. A delivery can hold messages to several numbers from several
// people. The adapter takes each of them by itself. One that it cannot read is logged,
// and stops no other one. The answer is 400 only if the delivery holds nothing that it
// can read.
//
// The answer 200 means that everything is stored. After any other answer Meta sends the
// whole delivery again, for up to seven days. The bot stores nothing twice while it
// remembers the ids of what it has stored, which is Config.Storage.DedupeTTL. The
// signature holds no time, so the ids are also the only protection against an old
// delivery that somebody sends again.
//
// # Abilities
//
// In: texts, pictures, video, audio, documents, stickers, and locations and contacts as
// attachments; answers to messages, reactions, and taps on buttons, on rows of lists and
// on the quick replies of templates. Every other event is a [chat.PlatformEvent], whose
// Data is WhatsApp's JSON:
//
//	whatsapp:status         whether a message of the bot was sent, delivered, read, …: a [Status]
//	whatsapp:system         a user has another phone number or id
//	whatsapp:group_message  a message in a group, which the bot cannot answer
//	whatsapp:error          an error of Meta's, as {code, title, …}
//	whatsapp:{type}         a message of another type, such as order or unsupported
//	whatsapp:{field}        a change of another field, such as account_update
//
// Out: texts, answers to messages, files, cards, one reaction to a message, read marks,
// the typing indicator, and templates ([Adapter.SendTemplate]). A card is a text with up
// to three buttons, with lists of ten rows, or with a link. WhatsApp has no edits and no
// deletions, so a stream is posted when it is complete. WhatsApp gives no history, so the
// bot keeps it.
//
// # IDs
//
// A thread is "whatsapp:{phone number id}:{user id}", and its channel has the same id.
// The TypeScript SDK has the same ids. Each thread is a direct conversation. A user id is
// a phone number in digits. A user who hides the phone number has a business-scoped id
// instead, such as "US.13491208655302741918". A message has WhatsApp's id.
//
// A user can have several ids, and they change when the phone number changes. A thread
// keeps the id that it began with. The state keeps the user's other ids, and the id to
// which the bot writes. If a phone number goes to another person and WhatsApp tells of
// it, that person gets a new thread.
//
// Keys in the state, of which the first two are the TypeScript SDK's:
//
//	cache whatsapp:identity:alias:{phone number id}:{id}       the user id of the thread, without expiry
//	cache whatsapp:identity:route:{phone number id}:{user id}  the user's present ids, without expiry
//	cache whatsapp:parts:{message}                             the further messages of a long post, 30 days
//	cache whatsapp:button:{token}                              an id and a value that are too long for a button, 30 days
//
// # Limits
//
// To a user who has not written for 24 hours, WhatsApp sends only templates. A text has at
// most 4,096 characters. A text above buttons and a caption have at most 1,024. Longer
// text becomes several messages. WhatsApp's formatting has no escape character, so a
// character of the text that would be formatting is replaced by one that looks like it.
//
// The buttons of a card and the options of its menus become up to three buttons. If there
// are more, they become rows of a list; a list has at most ten rows, and the rest goes
// into further messages. A button shows 20 characters of a label. A row shows 24, and
// below them 72 if the label is longer. A link becomes a button if the card has one link,
// no other button and no menu, and if the label has at most 20 characters. Other links
// stand in the text. The id and the value of a button are sent as JSON of at most
// 200 bytes. Longer ones stay in the state.
//
// WhatsApp takes JPEG and PNG pictures of at most 5 MB; MP4 and 3GP video, and AAC, AMR,
// MP3, M4A and Ogg audio, of at most 16 MB; and PDF, Office and text documents of at most
// 100 MB. The adapter sends JSON, XML, YAML and any other text as plain text. For another
// type of file it returns [errors.ErrUnsupported]. A file that a user has sent can be
// fetched for seven days.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
//
// # Errors
//
// A refusal by WhatsApp is a *[chat.PlatformError] with "messages" or "media" as its Op.
// [ErrWindowClosed] means that only templates can be sent. WhatsApp reports many failures
// only later, as a status: see [Status.Err]. No error holds the token.
package whatsapp

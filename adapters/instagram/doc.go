// Package instagram is the adapter for Instagram: a bot that answers for a professional
// account.
//
// # Setup
//
//	adapter, err := instagram.New(instagram.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README tells how to create the app.
//
// # Webhooks
//
//	GET  /webhooks/instagram  asks whether the webhook is the bot's, when it is set up
//	POST /webhooks/instagram  entries
//
// Meta signs each delivery with the app secret; anything else is 401. A delivery may have
// many entries, with many events. Each is taken by itself: what can never be taken stops
// no other one. What is answered 200 is stored. While the state is away or the queue is
// full the answer is 503, and Meta delivers all of it again; what was stored then is not
// taken twice.
//
// # Abilities
//
// In: messages with pictures, films, sounds, files, reels and shared posts, with what
// they answer; messages that are taken back; clicks on buttons and quick replies;
// reactions. An answer to a story of the account is an answer to a message
// "story:{story}", whose attachment is the story; a story that mentions the account is
// an attachment of the kind "story_mention" in FetchMetadata. Meta forbids to keep
// stories. Echoes, which are what the account itself has sent, are left out. How a user
// has come into the conversation is a [chat.PlatformEvent] "instagram:referral", also
// where it comes with a message or a click. All else is one with the name
// "instagram:{field}" and the field's content as Data: "instagram:read",
// "instagram:standby" for what comes while another app has the conversation, changes
// such as "instagram:comments", what the API does not show of a message as
// "instagram:message", and what Meta has not invented yet.
//
// Out: post, answer to a message, typing, read marks, one reaction to a message, files
// and files that are elsewhere, direct messages, users. Up to three buttons of a card are
// those of a template, with its picture if its words are few; more are quick replies. What
// was sent cannot be edited or deleted, so a stream shows that the bot is writing and is
// posted when it is whole. The bot keeps the history.
//
// The bot can write only to a user who has written first, and for 24 hours after the
// last message: [ErrWindowClosed], [WithTag].
//
// # IDs
//
// A thread is "instagram:{account}:{user}", as the TypeScript SDK has it, with the user's
// Instagram-scoped id, and a message has Meta's mid.
//
// Keys in the state:
//
//	cache instagram:user:{user}         what the platform said about a user, a day
//	cache instagram:parts:{message}     the further messages of a long post, 30 days
//	cache instagram:button:{token}      the id and value of a button that are too long, 30 days
//
// # Limits
//
// A text has 1,000 bytes; what is longer becomes several messages. Text is shown without
// formatting, tables in columns. A message has 13 quick replies or three buttons, and a
// card with more of both has further messages; their labels have 20 characters and are
// cut with "…". A button's id and value have 1,000 bytes together, and stand in the state
// when they are longer. Files are pictures (PNG, JPEG, GIF) of 8 MB, and sounds (AAC, M4A,
// WAV), films (MP4, OGG, AVI, MOV, WebM) and PDFs of 25 MB; another file is
// [errors.ErrUnsupported]. Quick replies do not tell which message they stood under:
// [chat.ActionEvent] has no MessageID.
//
// Meta allows an account 300 calls a second, and ten with films or sounds:
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting
//
// # Errors
//
// Refusals are *[chat.PlatformError] with "messages" as Op and Meta's codes in their text.
// A user who has blocked the account is [chat.ErrPermission], one that it does not know
// [chat.ErrNotFound]; so is a thread of another account. No error holds the token or the
// text of a message.
package instagram

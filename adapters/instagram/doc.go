// Package instagram is the adapter for Instagram: a bot that answers for a professional
// account.
//
// # Setup
//
//	adapter, err := instagram.New(instagram.FromEnv()) // or a Config of your own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README shows step by step how to create the app.
//
// # Webhooks
//
//	GET  /webhooks/instagram  Meta's check of the verify token, when you set up the webhook
//	POST /webhooks/instagram  entries with events
//
// Meta signs each delivery with the app secret. The adapter answers 401 to a delivery
// without that signature. A delivery can hold several entries, and an entry several events.
// The adapter takes each of them by itself, so one that it cannot read stops no other one.
//
// The answer 200 means that everything is stored. While the state cannot be reached or the
// queue is full the answer is 503. Then Meta sends the whole delivery again, and the bot
// stores nothing twice.
//
// # Abilities
//
// In: messages with pictures, video, audio, files, reels and shared posts, and the message
// that they answer; messages that the user takes back; clicks on buttons and quick replies;
// reactions. An answer to a story of the account is an answer to a message "story:{story}",
// whose attachment is the story. A story that mentions the account is an attachment of the
// kind "story_mention" in FetchMetadata. Meta does not allow a program to keep stories. The
// adapter ignores echoes, which are the messages of the account itself. Every other event is
// a [chat.PlatformEvent], whose Data is Meta's JSON of the field:
//
//	instagram:referral  how a user came into the conversation, also with a message or a click
//	instagram:read      the user has read the messages until a time
//	instagram:standby   what comes while another app has the conversation
//	instagram:message   a message of which the API shows nothing
//	instagram:{field}   any other field, such as comments
//
// Out: texts, answers to messages, the typing indicator, read marks, one reaction to a
// message, files and links to files, direct messages, users. A card with up to three
// buttons is a template, with the picture of the card if its text is short. With four to 13
// buttons they are quick replies, and links stand in the text. With more it is several
// templates. Instagram has no edits and no deletions, so a stream shows the typing
// indicator and is posted when it is complete. The bot keeps the history.
//
// The bot can write only to a user who has written to it, and only for 24 hours after the
// user's last message: see [ErrWindowClosed] and [WithTag].
//
// # IDs
//
// A thread is "instagram:{account}:{user}", with the Instagram-scoped id of the user, as in
// the TypeScript SDK. The id of a message is Meta's mid.
//
// Keys in the state:
//
//	cache instagram:user:{user}         what the platform says about a user, for a day
//	cache instagram:parts:{message}     the further messages of a long post, for 30 days
//	cache instagram:button:{token}      the id and value of a button that are too long, for 30 days
//
// # Limits
//
// A text has at most 1,000 bytes; a longer one becomes several messages. Texts have no
// formatting, and a table is shown in columns. A message has at most 13 quick replies or
// three buttons. The label of a button has at most 20 characters and is cut with "…". The id and the value of a button have 1,000
// bytes together; longer ones are kept in the state. Files are pictures (PNG, JPEG, GIF) of
// at most 8 MB, and audio (AAC, M4A, WAV), video (MP4, OGG, AVI, MOV, WebM) and PDF of at
// most 25 MB; any other file is [errors.ErrUnsupported]. A quick reply does not say to which
// message it belongs, so its [chat.ActionEvent] has no MessageID.
//
// Meta allows an account 300 calls a second, and ten with video or audio:
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview/rate-limiting
//
// # Errors
//
// What Meta refuses is a *[chat.PlatformError] with "messages" as Op, whose text has Meta's
// codes. It is [chat.ErrPermission] if the user has blocked the account, and
// [chat.ErrNotFound] if the account does not know the user or the thread is of another
// account. No error holds the token or the text of a message.
package instagram

// Package pager is a sample of a platform adapter, for those who write one: see
// docs/adapters.md. Its platform, made up, sends short pages to numbers and takes
// those of people. It has no threads, no buttons and no history, and needs nothing
// but the public packages of core.
//
// # Setup
//
//	adapter, err := pager.New(pager.Config{BaseURL: "https://pager.example/v1/", Token: token, Secret: secret})
//	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st})
//
// # Webhooks
//
//	POST /webhooks/pager   a page: {"id": "7", "number": "110", "text": "help"}
//
// The header Pager-Secret has Config.Secret. What is answered 200 is stored.
//
// # Abilities
//
// None: pages are sent, changed and withdrawn. Of a card its text is shown.
//
// # IDs
//
//	thread   pager:{number}   every one is a direct conversation
//	message  {number}:{page}
//
// # Limits
//
// A page has 500 characters. A longer post is several pages behind the id of the
// first, whose further ids are kept in the state:
//
//	cache pager:parts:{message}   30 days
//
// # Errors
//
// The platform's refusals are a [chat.PlatformError], by the status of its answer.
// Files are [errors.ErrUnsupported].
package pager

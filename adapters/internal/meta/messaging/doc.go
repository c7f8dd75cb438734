// Package messaging has what Messenger and Instagram share: the Messenger Platform, with
// which a business answers the people who write to its page or account. Each of the two
// adapters is an [Adapter] with a [Config] that says how it differs.
//
//	webhook.go, event.go, inbound.go   what comes in
//	post.go, content.go, card.go       what goes out
//	action.go, lookup.go               typing, read marks, reactions, users
//	error.go                           what a refusal means, and the messaging window
//
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/overview
package messaging

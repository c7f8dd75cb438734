// Package faketelegram is a Bot API server in memory: it checks every argument of a
// call against Telegram's documentation, refuses as Telegram does, and reads back
// what a message shows by Telegram's rules.
//
// https://core.telegram.org/bots/api
package faketelegram

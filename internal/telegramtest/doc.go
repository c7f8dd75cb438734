// Package telegramtest tests the Telegram adapter against a fake Telegram.
package telegramtest

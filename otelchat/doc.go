// Package otelchat reports what a bot does to OpenTelemetry: metrics of every
// step of a message, and a span around every handler.
//
//	telemetry, err := otelchat.New(otelchat.Config{})
//	bot, err := chat.New(chat.Config{Observer: telemetry, …})
//	bot.Use(telemetry.Middleware())
//
// # Metrics
//
//	chat.messages           counter    steps of messages and other events, by chat.step and chat.adapter
//	chat.locks              counter    locks that were acquired and released, by chat.step and chat.adapter
//	chat.message.wait       histogram  seconds from acceptance to the handlers
//	chat.handler.duration   histogram  seconds that the handlers ran, by chat.step (handled, failed, …)
//	chat.queue.depth        histogram  messages on the lock after one was accepted
//
// # Spans
//
// Each call of a handler is a span of kind consumer, named "process {event}", with
// the attributes messaging.operation.type, messaging.message.id and
// messaging.destination.name of the OpenTelemetry semantic conventions for
// messaging, and chat.adapter, chat.event and chat.attempt. Message text appears
// nowhere.
package otelchat

module github.com/chat-adapter/chat-go/adapters/whatsapp

go 1.26.0

require (
	github.com/chat-adapter/chat-go/adapters/internal/meta v0.1.0
	github.com/chat-adapter/chat-go/core v0.1.0
)

replace github.com/chat-adapter/chat-go/core => ../../core

replace github.com/chat-adapter/chat-go/adapters/internal/meta => ../internal/meta

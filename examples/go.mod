module github.com/chat-adapter/chat-go/examples

go 1.26.0

require (
	github.com/chat-adapter/chat-go/adapters/web v0.1.0
	github.com/chat-adapter/chat-go/core v0.1.0
	github.com/chat-adapter/chat-go/state-memory v0.1.0
	github.com/chat-adapter/chat-go/state-redis v0.1.0
)

replace github.com/chat-adapter/chat-go/core => ../core

replace github.com/chat-adapter/chat-go/adapters/web => ../adapters/web

replace github.com/chat-adapter/chat-go/state-memory => ../state-memory

replace github.com/chat-adapter/chat-go/state-redis => ../state-redis

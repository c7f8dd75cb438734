module github.com/chat-adapter/chat-go/state-memory

go 1.26.0

require github.com/chat-adapter/chat-go/core v0.1.0

replace github.com/chat-adapter/chat-go/core => ../core

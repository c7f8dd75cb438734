module github.com/chat-adapter/chat-go/core

go 1.26.0

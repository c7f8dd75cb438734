module github.com/chat-adapter/chat-go/linearizability

go 1.26.0

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/chat-adapter/chat-go/core v0.1.0
)

replace github.com/chat-adapter/chat-go/core => ../core

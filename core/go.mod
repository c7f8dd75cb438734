module github.com/chat-adapter/chat-go/core

go 1.26.0

require github.com/stretchr/testify v1.12.1 // indirect

module github.com/chat-adapter/chat-go/adapters/twilio

go 1.26.0

require github.com/chat-adapter/chat-go/core v0.1.0

require go.yaml.in/yaml/v3 v3.0.6 // indirect

replace github.com/chat-adapter/chat-go/core => ../../core

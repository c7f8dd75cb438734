module github.com/chat-adapter/chat-go/adapters/github

go 1.26.0

require (
	github.com/bradleyfalzon/ghinstallation/v2 v2.19.0
	github.com/chat-adapter/chat-go/core v0.1.0
	github.com/google/go-github/v92 v92.0.0
)

require (
	github.com/golang-jwt/jwt/v4 v4.5.2 // indirect
	github.com/google/go-github/v88 v88.0.0 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace github.com/chat-adapter/chat-go/core => ../../core

module github.com/chat-adapter/chat-go/examples

go 1.26.0

require (
	github.com/chat-adapter/chat-go/adapters/discord v0.1.0
	github.com/chat-adapter/chat-go/adapters/github v0.1.0
	github.com/chat-adapter/chat-go/adapters/slack v0.1.0
	github.com/chat-adapter/chat-go/adapters/telegram v0.1.0
	github.com/chat-adapter/chat-go/adapters/web v0.1.0
	github.com/chat-adapter/chat-go/core v0.1.0
	github.com/chat-adapter/chat-go/llm/openai v0.1.0
	github.com/chat-adapter/chat-go/state-memory v0.1.0
	github.com/chat-adapter/chat-go/state-postgres v0.1.0
	github.com/chat-adapter/chat-go/state-redis v0.1.0
	github.com/openai/openai-go/v3 v3.98.0
)

require (
	github.com/bradleyfalzon/ghinstallation/v2 v2.19.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/go-redsync/redsync/v4 v4.18.1 // indirect
	github.com/golang-jwt/jwt/v4 v4.5.2 // indirect
	github.com/google/go-github/v88 v88.0.0 // indirect
	github.com/google/go-github/v92 v92.0.0 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/pgx/v5 v5.12.0 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	github.com/slack-go/slack v0.36.0 // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
)

replace github.com/chat-adapter/chat-go/core => ../core

replace github.com/chat-adapter/chat-go/adapters/discord => ../adapters/discord

replace github.com/chat-adapter/chat-go/adapters/gchat => ../adapters/gchat

replace github.com/chat-adapter/chat-go/adapters/github => ../adapters/github

replace github.com/chat-adapter/chat-go/adapters/linear => ../adapters/linear

replace github.com/chat-adapter/chat-go/adapters/instagram => ../adapters/instagram

replace github.com/chat-adapter/chat-go/adapters/messenger => ../adapters/messenger

replace github.com/chat-adapter/chat-go/adapters/teams => ../adapters/teams

replace github.com/chat-adapter/chat-go/adapters/telegram => ../adapters/telegram

replace github.com/chat-adapter/chat-go/adapters/web => ../adapters/web

replace github.com/chat-adapter/chat-go/llm/openai => ../llm/openai

replace github.com/chat-adapter/chat-go/state-memory => ../state-memory

replace github.com/chat-adapter/chat-go/state-postgres => ../state-postgres

replace github.com/chat-adapter/chat-go/state-redis => ../state-redis

replace github.com/chat-adapter/chat-go/adapters/slack => ../adapters/slack

replace github.com/chat-adapter/chat-go/adapters/whatsapp => ../adapters/whatsapp

replace github.com/chat-adapter/chat-go/adapters/internal/meta => ../adapters/internal/meta

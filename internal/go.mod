module github.com/chat-adapter/chat-go/internal

go 1.26.0

require (
	github.com/Shopify/toxiproxy/v2 v2.12.0
	github.com/anthropics/anthropic-sdk-go/v2 v2.15.0
	github.com/chat-adapter/chat-go/adapters/discord v0.1.0
	github.com/chat-adapter/chat-go/adapters/gchat v0.1.0
	github.com/chat-adapter/chat-go/adapters/github v0.1.0
	github.com/chat-adapter/chat-go/adapters/instagram v0.1.0
	github.com/chat-adapter/chat-go/adapters/linear v0.1.0
	github.com/chat-adapter/chat-go/adapters/messenger v0.1.0
	github.com/chat-adapter/chat-go/adapters/teams v0.1.0
	github.com/chat-adapter/chat-go/adapters/telegram v0.1.0
	github.com/chat-adapter/chat-go/adapters/twilio v0.1.0
	github.com/chat-adapter/chat-go/adapters/web v0.1.0
	github.com/chat-adapter/chat-go/adapters/whatsapp v0.1.0
	github.com/chat-adapter/chat-go/cmd/chatgo v0.1.0
	github.com/chat-adapter/chat-go/core v0.1.0
	github.com/chat-adapter/chat-go/linearizability v0.1.0
	github.com/chat-adapter/chat-go/llm/anthropic v0.1.0
	github.com/chat-adapter/chat-go/llm/genai v0.1.0
	github.com/chat-adapter/chat-go/llm/openai v0.1.0
	github.com/chat-adapter/chat-go/mcpchat v0.1.0
	github.com/chat-adapter/chat-go/state-memory v0.1.0
	github.com/chat-adapter/chat-go/state-postgres v0.1.0
	github.com/chat-adapter/chat-go/state-redis v0.1.0
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/golang-jwt/jwt/v5 v5.3.1
	github.com/google/jsonschema-go v0.4.3
	github.com/google/uuid v1.6.0
	github.com/gorilla/websocket v1.5.3
	github.com/jackc/pgx/v5 v5.12.0
	github.com/moby/moby/api v1.56.1
	github.com/moby/moby/client v0.6.2
	github.com/modelcontextprotocol/go-sdk v1.8.0
	github.com/openai/openai-go/v3 v3.98.0
	github.com/redis/go-redis/v9 v9.23.0
	github.com/rs/zerolog v1.33.0
	github.com/stretchr/testify v1.12.1
	github.com/testcontainers/testcontainers-go v0.45.0
	github.com/vektah/gqlparser/v2 v2.5.64
	github.com/yuin/goldmark v1.8.7
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/sdk/metric v1.47.0
	google.golang.org/genai v1.77.0
)

require (
	cloud.google.com/go v0.116.0 // indirect
	cloud.google.com/go/auth v0.9.3 // indirect
	cloud.google.com/go/compute/metadata v0.10.0 // indirect
	github.com/MicahParks/jwkset v0.11.4 // indirect
	github.com/MicahParks/keyfunc/v3 v3.9.2 // indirect
	github.com/agnivade/levenshtein v1.2.2 // indirect
	github.com/bahlo/generic-list-go v0.2.0 // indirect
	github.com/bradleyfalzon/ghinstallation/v2 v2.19.0 // indirect
	github.com/buger/jsonparser v1.1.2 // indirect
	github.com/chat-adapter/chat-go/adapters/internal/meta v0.1.0 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/golang-jwt/jwt/v4 v4.5.2 // indirect
	github.com/golang/groupcache v0.0.0-20210331224755-41bb18bfe9da // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/google/go-github/v88 v88.0.0 // indirect
	github.com/google/go-github/v92 v92.0.0 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/google/s2a-go v0.1.8 // indirect
	github.com/googleapis/enterprise-certificate-proxy v0.3.4 // indirect
	github.com/invopop/jsonschema v0.14.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/pb33f/ordered-map/v2 v2.3.1 // indirect
	github.com/segmentio/asm v1.1.3 // indirect
	github.com/segmentio/encoding v0.5.4 // indirect
	github.com/slack-go/slack v0.36.0 // indirect
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1 // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	github.com/yosida95/uritemplate/v3 v3.0.2 // indirect
	go.opencensus.io v0.24.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.2 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/oauth2 v0.38.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.15.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20240903143218-8af14fe29dc1 // indirect
	google.golang.org/grpc v1.67.0 // indirect
)

require (
	dario.cat/mergo v1.0.2 // indirect
	github.com/Azure/go-ansiterm v0.0.0-20261006220739-8c912ac31dd4 // indirect
	github.com/Microsoft/go-winio v0.6.2 // indirect
	github.com/anishathalye/porcupine v1.3.1 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/chat-adapter/chat-go/adapters/slack v0.1.0
	github.com/chat-adapter/chat-go/otelchat v0.1.0
	github.com/containerd/errdefs v1.0.0 // indirect
	github.com/containerd/errdefs/pkg v0.3.0 // indirect
	github.com/containerd/log v0.1.0 // indirect
	github.com/containerd/platforms v0.2.1 // indirect
	github.com/cpuguy83/dockercfg v0.3.2 // indirect
	github.com/distribution/reference v0.6.0 // indirect
	github.com/docker/go-connections v0.8.2 // indirect
	github.com/docker/go-units v0.5.0 // indirect
	github.com/ebitengine/purego v0.10.1 // indirect
	github.com/felixge/httpsnoop v1.1.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/go-ole/go-ole v1.3.0 // indirect
	github.com/go-redsync/redsync/v4 v4.18.1
	github.com/gorilla/mux v1.8.1 // indirect
	github.com/klauspost/compress v1.18.7 // indirect
	github.com/lufia/plan9stats v0.0.0-20260330125221-c963978e514e // indirect
	github.com/magiconair/properties v1.18.12 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/moby/docker-image-spec v1.3.1 // indirect
	github.com/moby/go-archive v0.3.3 // indirect
	github.com/moby/patternmatcher v0.6.1 // indirect
	github.com/moby/sys/sequential v0.7.0 // indirect
	github.com/moby/sys/user v0.4.1 // indirect
	github.com/moby/sys/userns v0.1.0 // indirect
	github.com/moby/term v0.5.2 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/opencontainers/image-spec v1.1.1 // indirect
	github.com/power-devops/perfstat v0.0.0-20240221224432-82ca36839d55 // indirect
	github.com/prometheus/client_golang v1.21.1 // indirect
	github.com/prometheus/client_model v0.6.1 // indirect
	github.com/prometheus/common v0.62.0 // indirect
	github.com/prometheus/procfs v0.15.1 // indirect
	github.com/rs/xid v1.5.0 // indirect
	github.com/shirou/gopsutil/v4 v4.26.6 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	github.com/tklauser/go-sysconf v0.4.0 // indirect
	github.com/tklauser/numcpus v0.12.0 // indirect
	github.com/yusufpapurcu/wmi v1.2.4 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.69.0 // indirect
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/metric v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0
	google.golang.org/protobuf v1.36.1 // indirect
	gopkg.in/tomb.v1 v1.0.0-20141024135613-dd632973f1e7 // indirect
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

replace github.com/chat-adapter/chat-go/adapters/twilio => ../adapters/twilio

replace github.com/chat-adapter/chat-go/adapters/web => ../adapters/web

replace github.com/chat-adapter/chat-go/adapters/whatsapp => ../adapters/whatsapp

replace github.com/chat-adapter/chat-go/adapters/internal/meta => ../adapters/internal/meta

replace github.com/chat-adapter/chat-go/state-postgres => ../state-postgres

replace github.com/chat-adapter/chat-go/linearizability => ../linearizability

replace github.com/chat-adapter/chat-go/llm/anthropic => ../llm/anthropic

replace github.com/chat-adapter/chat-go/llm/genai => ../llm/genai

replace github.com/chat-adapter/chat-go/llm/openai => ../llm/openai

replace github.com/chat-adapter/chat-go/state-memory => ../state-memory

replace github.com/chat-adapter/chat-go/state-redis => ../state-redis

replace github.com/chat-adapter/chat-go/mcpchat => ../mcpchat

replace github.com/chat-adapter/chat-go/otelchat => ../otelchat

replace github.com/chat-adapter/chat-go/adapters/slack => ../adapters/slack

replace github.com/chat-adapter/chat-go/cmd/chatgo => ../cmd/chatgo

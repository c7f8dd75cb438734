package mcpchat

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// HandlerConfig says who may use a server by HTTP. One of Token and Authenticate is
// required, and only one may be set.
type HandlerConfig struct {
	// Token is the secret that agents send as their bearer token: at least 16 letters,
	// digits and "-._~+/=". Default none.
	Token string
	// Authenticate is a middleware that hands on the requests of those who may use the
	// server and answers the others, such as one of [auth.RequireBearerToken]. The user
	// whom that names keeps a session for that user alone. Default none.
	Authenticate func(http.Handler) http.Handler
	// SessionTimeout is after which time without requests a session ends. Default 30
	// minutes.
	SessionTimeout time.Duration
	// Logger gets what goes wrong. Default none.
	Logger *slog.Logger
}

// minToken is the length in bytes that keeps a token from being guessed.
const minToken = 16

// tokenCharacters are those of a bearer token.
// https://www.rfc-editor.org/rfc/rfc6750#section-2.1
const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

// NewHandler serves the server by streamable HTTP, on any path. It refuses requests that a
// browser makes for the page of another origin. Its error is [chat.ErrInvalidConfig], among
// others for a configuration that would let everybody in.
func NewHandler(server *mcp.Server, cfg HandlerConfig) (http.Handler, error) {
	switch {
	case server == nil:
		return nil, invalid("the server is nil, want one of New")
	case cfg.Token == "" && cfg.Authenticate == nil:
		return nil, invalid("HandlerConfig.Token and Authenticate are not set, want one of them: whoever reaches the handler acts as the bot")
	case cfg.Token != "" && cfg.Authenticate != nil:
		return nil, invalid("HandlerConfig.Token and Authenticate are both set, want one of them")
	case cfg.Token != "" && len(cfg.Token) < minToken:
		return nil, invalid("HandlerConfig.Token has %d bytes, want at least %d", len(cfg.Token), minToken)
	case strings.Trim(cfg.Token, tokenCharacters) != "":
		return nil, invalid("HandlerConfig.Token has a character that no bearer token has, want letters, digits and -._~+/=")
	case cfg.SessionTimeout < 0:
		return nil, invalid("HandlerConfig.SessionTimeout is %v, want 0 (the default) or more", cfg.SessionTimeout)
	}
	if cfg.SessionTimeout == 0 {
		cfg.SessionTimeout = 30 * time.Minute
	}
	authenticate := cfg.Authenticate
	if authenticate == nil {
		authenticate = auth.RequireBearerToken(verifier(cfg.Token), &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})
	}
	// A page that has rebound its name to this address has no credentials, so the host need
	// not be checked, which would refuse every proxy on this machine.
	options := mcp.StreamableHTTPOptions{
		SessionTimeout: cfg.SessionTimeout, Logger: cfg.Logger, PropagateRequestCancellation: true, DisableLocalhostProtection: true,
	}
	get := func(*http.Request) *mcp.Server { return server }
	withSessions := mcp.NewStreamableHTTPHandler(get, &options)
	options.Stateless = true
	stateless := mcp.NewStreamableHTTPHandler(get, &options)
	return http.NewCrossOriginProtection().Handler(authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Mcp-Protocol-Version") >= firstStateless {
			stateless.ServeHTTP(w, r)
			return
		}
		withSessions.ServeHTTP(w, r)
	}))), nil
}

// firstStateless is the first version of the protocol that has no sessions. The SDK serves
// it with sessions off alone, and without sessions it cannot cancel calls of older ones.
// https://github.com/modelcontextprotocol/go-sdk/releases/tag/v1.7.0
const firstStateless = "2026-07-28"

// verifier compares in the same time, wherever the tokens differ.
func verifier(token string) auth.TokenVerifier {
	want := sha256.Sum256([]byte(token))
	return func(_ context.Context, given string, _ *http.Request) (*auth.TokenInfo, error) {
		got := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			return nil, auth.ErrInvalidToken
		}
		return &auth.TokenInfo{}, nil
	}
}

package mcptest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/mcpchat"
)

const token = "a-token/of+some.length=="

// bearer sends requests with a token.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func serve(t *testing.T, server *mcp.Server, cfg mcpchat.HandlerConfig) string {
	t.Helper()
	handler, err := mcpchat.NewHandler(server, cfg)
	require.NoError(t, err)
	listening := httptest.NewServer(handler)
	t.Cleanup(listening.Close)
	return listening.URL
}

func overHTTP(t *testing.T, url, token string) *mcp.ClientSession {
	t.Helper()
	return dial(t, httpTransport(url, token), nil)
}

func httpTransport(url, token string) mcp.Transport {
	return &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: bearer(token)}, MaxRetries: -1}
}

// An agent starts a program and talks to it over its standard input and output.
func TestStdio(t *testing.T) {
	program := filepath.Join(t.TempDir(), "stdio")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./stdio").CombinedOutput()
	require.NoError(t, err, string(out))
	command := exec.CommandContext(t.Context(), program)
	session := dial(t, &mcp.CommandTransport{Command: command}, nil)
	require.Contains(t, mustCall(t, session, chattools.FetchMessages, nil).text, "hello")
	require.False(t, mustCall(t, session, chattools.PostMessage, arguments{"message": "Hi"}).failed)
	require.Contains(t, mustCall(t, session, chattools.FetchMessages, nil).text, "Hi")
	require.True(t, mustCall(t, session, chattools.FetchMessages, arguments{"threadId": "fake:board:7"}).failed)
	require.NoError(t, session.Close(), "the program ends with its input")
	require.True(t, command.ProcessState.Success())
}

// Two agents at once each get the answers to their own calls.
func TestTwoAgentsAtOnce(t *testing.T) {
	r := newRig(t)
	cfg := everywhere
	url := serve(t, r.server(t, cfg), mcpchat.HandlerConfig{Token: token})
	var working sync.WaitGroup
	for agent, thread := range map[string]chat.ThreadID{"ann": r.home, "bea": r.board} {
		session := overHTTP(t, url, token)
		working.Go(func() {
			for n := range 20 {
				text := fmt.Sprintf("%s %d", agent, n)
				posted, err := call(t.Context(), session, chattools.PostMessage, arguments{"threadId": thread, "message": text})
				assert.NoError(t, err)
				assert.Contains(t, posted.text, string(thread))
				read, err := call(t.Context(), session, chattools.FetchMessages, arguments{"threadId": thread, "limit": 1})
				assert.NoError(t, err)
				assert.Contains(t, read.text, text)
			}
		})
	}
	working.Wait()
	require.Len(t, r.texts(r.home), 21)
	require.Len(t, r.texts(r.board), 21)
}

// People approve what comes over HTTP too, from agents of today, which have sessions, and
// from those without. A call that is given up there takes its question back.
func TestApprovalsOverHTTP(t *testing.T) {
	for _, version := range mcp.SupportedProtocolVersions() {
		t.Run(version, func(t *testing.T) {
			r := newRig(t)
			url := serve(t, r.server(t, chattools.Config{Tools: chattools.Messenger(), Thread: r.home}), mcpchat.HandlerConfig{Token: token})
			connect := func() *mcp.ClientSession {
				client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "v1"}, nil)
				session, err := client.Connect(t.Context(), httpTransport(url, token), &mcp.ClientSessionOptions{ProtocolVersion: version})
				require.NoError(t, err)
				t.Cleanup(func() { _ = session.Close() })
				require.Equal(t, version, session.InitializeResult().ProtocolVersion)
				return session
			}
			done := begin(t.Context(), connect(), chattools.PostMessage, ship)
			r.click(t, r.asked(t, r.home, 2), 0)
			require.False(t, (<-done).failed)
			require.Equal(t, "Ship it", r.texts(r.home)[2])

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done = begin(ctx, connect(), chattools.PostMessage, ship)
			r.asked(t, r.home, 4)
			cancel()
			require.True(t, (<-done).failed)
			r.awaitWithdrawn(t, 3)
		})
	}
}

// Nobody uses the server by HTTP without a credential, nor from the page of another
// origin.
func TestStrangersAreRefused(t *testing.T) {
	r := newRig(t)
	server := r.server(t, chattools.Config{Thread: r.home})
	alone := auth.RequireBearerToken(func(_ context.Context, given string, _ *http.Request) (*auth.TokenInfo, error) {
		if given != token {
			return nil, auth.ErrInvalidToken
		}
		return &auth.TokenInfo{UserID: "agent"}, nil
	}, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})
	for name, cfg := range map[string]mcpchat.HandlerConfig{"token": {Token: token}, "middleware": {Authenticate: alone}} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, server, cfg)
			for _, c := range []struct {
				authorization, origin string
				want                  int
			}{
				{"", "", http.StatusUnauthorized},
				{"Bearer ", "", http.StatusUnauthorized},
				{"Bearer " + token + "x", "", http.StatusUnauthorized},
				{"Bearer " + token[:8], "", http.StatusUnauthorized},
				{"Basic " + token, "", http.StatusUnauthorized},
				{"Bearer " + token, "https://elsewhere.example", http.StatusForbidden},
			} {
				for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
					req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
					require.NoError(t, err)
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("Accept", "application/json, text/event-stream")
					if c.authorization != "" {
						req.Header.Set("Authorization", c.authorization)
					}
					if c.origin != "" {
						req.Header.Set("Origin", c.origin)
					}
					if c.origin != "" && method == http.MethodGet {
						continue // which changes nothing, and whose answer a browser hides
					}
					resp, err := http.DefaultClient.Do(req)
					require.NoError(t, err)
					require.NoError(t, resp.Body.Close())
					require.Equal(t, c.want, resp.StatusCode, "%s %+v", method, c)
				}
			}
			session := overHTTP(t, url, token)
			require.Contains(t, mustCall(t, session, chattools.FetchMessages, arguments{}).text, "Hello")
		})
	}
}

// A handler that would let everybody in is refused.
func TestHandlersThatCannotWork(t *testing.T) {
	r := newRig(t)
	server := r.server(t, chattools.Config{Thread: r.home})
	same := func(h http.Handler) http.Handler { return h }
	for want, c := range map[string]struct {
		server *mcp.Server
		cfg    mcpchat.HandlerConfig
	}{
		"Token and Authenticate are not set":  {server, mcpchat.HandlerConfig{}},
		"Token and Authenticate are both set": {server, mcpchat.HandlerConfig{Token: token, Authenticate: same}},
		"Token has 5 bytes":                   {server, mcpchat.HandlerConfig{Token: "12345"}},
		"Token has a character":               {server, mcpchat.HandlerConfig{Token: "0123456789 abcdef"}},
		"SessionTimeout is -1ns":              {server, mcpchat.HandlerConfig{Token: token, SessionTimeout: -1}},
		"the server is nil":                   {nil, mcpchat.HandlerConfig{Token: token}},
	} {
		_, err := mcpchat.NewHandler(c.server, c.cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, want)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "12345")
	}
}

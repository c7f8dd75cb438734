package statetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chat-adapter/chat-go/core/state"
)

// failures stands in for a test.
type failures struct {
	mu   sync.Mutex
	said []string
}

func (*failures) Helper()  {}
func (*failures) FailNow() {}

func (f *failures) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

// idle is an adapter that can be opened, connected and closed.
type idle struct {
	state.Adapter
	connected bool
}

func (a *idle) Connect(context.Context) error { a.connected = true; return nil }
func (a *idle) Close(context.Context) error   { return nil }
func (a *idle) Subscribe(context.Context, string) error {
	if !a.connected {
		return state.ErrNotConnected
	}
	return nil
}

// openRight is an opener without fault.
func openRight(_ context.Context, raw string) (state.Adapter, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be read", state.ErrInvalidConfig)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: the query cannot be read", state.ErrInvalidConfig)
	}
	for name := range query {
		if name != "prefix" {
			return nil, fmt.Errorf("%w: the query parameter %q is unknown", state.ErrInvalidConfig, strings.ReplaceAll(strings.ReplaceAll(name, firstPart, ""), secondPart, ""))
		}
	}
	return &idle{}, nil
}

// registered registers the opener for a scheme that nothing else has.
func registered(open state.Opener) (scheme string) {
	scheme = "s" + strings.ToLower(rand.Text())
	state.Register(scheme, open)
	return scheme
}

func TestRunOpener(t *testing.T) {
	scheme := registered(openRight)
	RunOpener(t, scheme, scheme+"://host:1")
	for _, c := range openerCases {
		if at := RuleSource(c.rule); !strings.Contains(at, "open.go:") {
			t.Errorf("%s: the rule is no text of a comment of open.go: %q", c.name, c.rule)
		}
	}
}

// Each faulty opener is caught by the case that owns the rule.
func TestOpenerMutants(t *testing.T) {
	for _, m := range []struct {
		fault, owner string
		open         state.Opener
	}{
		{"unknown parameters are passed over", "UnknownParameter", func(ctx context.Context, raw string) (state.Adapter, error) {
			raw, _, _ = strings.Cut(raw, "?")
			return openRight(ctx, raw)
		}},
		{"the name of an unknown parameter is not said", "UnknownParameter", func(ctx context.Context, raw string) (state.Adapter, error) {
			a, err := openRight(ctx, raw)
			if err != nil {
				return nil, state.ErrInvalidConfig
			}
			return a, nil
		}},
		{"the error of net/url shows the password", "Password", func(_ context.Context, raw string) (state.Adapter, error) {
			if _, err := url.Parse(raw); err != nil {
				return nil, fmt.Errorf("%w: %w", state.ErrInvalidConfig, err)
			}
			return &idle{}, nil
		}},
		{"what follows a slash in a password is taken for a path, and shown", "Password", func(_ context.Context, raw string) (state.Adapter, error) {
			_, rest, _ := strings.Cut(raw, "://")
			if _, path, ok := strings.Cut(rest, "/"); ok {
				return nil, fmt.Errorf("%w: the path %q is no database", state.ErrInvalidConfig, path)
			}
			return &idle{}, nil
		}},
		{"no prefix is taken", "Prefix", func(ctx context.Context, raw string) (state.Adapter, error) {
			if strings.Contains(raw, "prefix=") {
				return nil, state.ErrInvalidConfig
			}
			return openRight(ctx, raw)
		}},
		{"opening connects", "Opens", func(context.Context, string) (state.Adapter, error) { return &idle{connected: true}, nil }},
		{"opening looks whether the backend is there", "NothingBeforeConnect", func(ctx context.Context, raw string) (state.Adapter, error) {
			u, err := url.Parse(raw)
			if err != nil {
				return nil, state.ErrInvalidConfig
			}
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
			if err != nil {
				return nil, err
			}
			_, _ = conn.Read(make([]byte, 1)) // until the backend has seen it
			return &idle{}, conn.Close()
		}},
		{"a query that cannot be read is a client's own error", "Unreadable", func(ctx context.Context, raw string) (state.Adapter, error) {
			a, err := openRight(ctx, raw)
			if err != nil {
				return nil, errors.New("invalid URL escape")
			}
			return a, nil
		}},
	} {
		scheme := registered(m.open)
		for _, c := range openerCases {
			if c.name == m.owner {
				f := &failures{}
				if c.check(f, opener{scheme, scheme + "://host:1"}); len(f.said) == 0 {
					t.Errorf("%s: it passes %s, which owns the rule", m.fault, m.owner)
				}
			}
		}
	}
}

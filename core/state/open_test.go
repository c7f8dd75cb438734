package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// register adds a scheme for the length of the test.
func register(t *testing.T, scheme string, open Opener) {
	t.Helper()
	Register(scheme, open)
	t.Cleanup(func() {
		openersMu.Lock()
		defer openersMu.Unlock()
		delete(openers, scheme)
	})
}

func TestOpenPassesTheURLAsWritten(t *testing.T) {
	want := errors.New("opened")
	var got string
	register(t, "test+cluster", func(_ context.Context, rawURL string) (Adapter, error) {
		got = rawURL
		return nil, want
	})
	const url = "test+cluster://H1:1,h2:2/?prefix=a%20b"
	for _, written := range []string{url, " \t" + url + "\n", "TEST+Cluster" + strings.TrimPrefix(url, "test+cluster")} {
		if _, err := Open(t.Context(), written); !errors.Is(err, want) {
			t.Errorf("Open(%q) returned %v, want the opener's error", written, err)
		}
		if got != url {
			t.Errorf("the opener got %q, want %q", got, url)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	register(t, "test", func(context.Context, string) (Adapter, error) { return nil, nil })
	for _, c := range []struct{ url, want string }{
		{"redis://user:secret@host", `add import _ "github.com/chat-adapter/chat-go/state-redis"`},
		{"rediss+sentinel://h/m/0", `add import _ "github.com/chat-adapter/chat-go/state-redis"`},
		{"postgres://user:secret@host/db", `add import _ "github.com/chat-adapter/chat-go/state-postgres"`},
		{"pg://user:secret@host/db", "did you mean postgres://?"},
		{"memory://", `add import _ "github.com/chat-adapter/chat-go/state-memory"`},
		{"REDIS://user:secret@host", `add import _ "github.com/chat-adapter/chat-go/state-redis"`},
		{"valkeys+cluster://user:secret@host", `add import _ "github.com/chat-adapter/chat-go/state-redis"`},
		{"reddis://user:secret@host", "did you mean redis://?"},
		{"redsi://user:secret@host", "did you mean redis://?"},
		{"Reddiss://user:secret@host", "did you mean rediss://?"},
		{"redis-cluster://user:secret@host", "did you mean redis+cluster://?"},
		{"redis-sentinel://user:secret@host", "did you mean redis+sentinel://?"},
		{"valky://user:secret@host", "did you mean valkey://?"},
		{"unix:///run/redis.sock", "did you mean redis+unix://?"},
		{"memroy://", "did you mean memory://?"},
		{"tset://", "did you mean test://?"},
		{"x://user:secret@host", `scheme "x" is not registered (registered: test)`},
		{"user:secret://", "has no scheme"},
		{"pass secret://", "has no scheme"},
		{"mongodb://user:secret@host", `scheme "mongodb" is not registered (registered: test)`},
		{"user:secret@host", "has no scheme"},
		{"://secret", "has no scheme"},
		{"", "is empty"},
		{" \n", "is empty"},
	} {
		_, err := Open(t.Context(), c.url)
		if !errors.Is(err, ErrInvalidConfig) {
			t.Errorf("Open(%q) returned %v, want ErrInvalidConfig", c.url, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%q) says %q, want it to say %q", c.url, err, c.want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q) shows the password: %q", c.url, err)
		}
	}
}

func TestSchemesAreSorted(t *testing.T) {
	open := func(context.Context, string) (Adapter, error) { return nil, nil }
	for _, s := range []string{"zz", "aa", "mm"} {
		register(t, s, open)
	}
	if got, want := schemes(), []string{"aa", "mm", "zz"}; !slices.Equal(got, want) {
		t.Errorf("schemes() = %v, want %v", got, want)
	}
}

func TestRegisterPanics(t *testing.T) {
	open := func(context.Context, string) (Adapter, error) { return nil, nil }
	register(t, "taken", open)
	for name, f := range map[string]func(){
		"taken scheme": func() { Register("taken", open) },
		"nil opener":   func() { Register("free", nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: Register did not panic", name)
				}
			}()
			f()
		}()
	}
}

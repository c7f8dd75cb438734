package memorystate

import (
	"errors"
	"strings"
	"testing"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestOpenByURL(t *testing.T) {
	ctx := t.Context()
	for _, url := range []string{"memory://", "memory:///", "memory://?", "memory://?prefix=a", "MEMORY://?prefix=", " memory://\n"} {
		a, err := state.Open(ctx, url)
		if err != nil {
			t.Errorf("Open(%q): %v", url, err)
			continue
		}
		if err := a.Subscribe(ctx, "t"); !errors.Is(err, state.ErrNotConnected) {
			t.Errorf("Open(%q) returned an adapter that is connected already: %v", url, err)
		}
		if err := a.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	for url, want := range map[string]string{
		"memory://localhost":             "names a place",
		"memory:///data":                 "names a place",
		"memory://user:secret@":          "names a place",
		"memory://?prefix=a&c=secret":    `unknown option "c"`,
		"memory://?z=secret&b=secret":    `unknown option "b"`,
		"memory://#secret":               "fragment",
		"memory://?%zz=secret":           "cannot be parsed",
		"memory://user:secret@host:port": "cannot be parsed",
	} {
		_, err := state.Open(t.Context(), url)
		if !errors.Is(err, state.ErrInvalidConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q): error %v, want ErrInvalidConfig with %q", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q) shows the secret: %v", url, err)
		}
	}
}

func TestEveryURLHasItsOwnData(t *testing.T) {
	ctx := t.Context()
	var adapters [2]state.Adapter
	for i := range adapters {
		a, err := state.Open(ctx, "memory://")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Connect(ctx); err != nil {
			t.Fatal(err)
		}
		adapters[i] = a
	}
	if err := adapters[0].Subscribe(ctx, "t"); err != nil {
		t.Fatal(err)
	}
	if ok, err := adapters[1].IsSubscribed(ctx, "t"); ok || err != nil {
		t.Errorf("IsSubscribed on the other adapter: %v, %v", ok, err)
	}
}

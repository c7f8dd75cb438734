package pager

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

const (
	token  = "the token 0815"
	secret = "open sesame 4711"
)

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features(t)) }

func FuzzWebhook(f *testing.F) { adaptertest.Fuzz(f, open, features(f)) }

func TestConfigNamesWhatIsMissing(t *testing.T) {
	whole := Config{BaseURL: "https://pager.example/", Token: token, Secret: secret}
	for name, clear := range map[string]func(*Config){
		"BaseURL": func(c *Config) { c.BaseURL = "" }, "Token": func(c *Config) { c.Token = "" }, "Secret": func(c *Config) { c.Secret = "" },
	} {
		cfg := whole
		clear(&cfg)
		if _, err := New(cfg); !errors.Is(err, chat.ErrInvalidConfig) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v, want ErrInvalidConfig that names it", name, err)
		}
	}
}

// open returns what one case of the suite works with.
func open(t *testing.T) adaptertest.Harness {
	net := newNetwork(t)
	adapter, err := New(Config{BaseURL: net.URL + "/", Token: token, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	st, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return adaptertest.Harness{Adapter: adapter, State: st, Posts: net.Posts, Limit: net.Limit, Break: net.breakDown}
}

// features is what the suite cannot ask.
func features(tb testing.TB) adaptertest.Features {
	tb.Helper()
	recordings, err := webhook.ReadRecordings("testdata")
	if err != nil {
		tb.Fatal(err)
	}
	return adaptertest.Features{
		Sign:         func(r *http.Request, _ []byte, _ time.Time) { r.Header.Set("Pager-Secret", secret) },
		BodyUnsigned: true, NoOwnMessages: true, NoButtons: true, Secrets: []string{secret, token},
		Samples: []adaptertest.Sample{
			adaptertest.Recorded(recordings[0], &chat.Message{
				ID: "110:1", ThreadID: "pager:110", Text: "help", Author: chat.Author{UserID: "110"},
			}),
		},
		Recordings: recordings,
		Twins: []adaptertest.Sample{
			{Name: "one", Body: `{"id":"7","number":"110","text":"a"}`},
			{Name: "other", Body: `{"id":"7","number":"112","text":"b"}`},
		},
	}
}

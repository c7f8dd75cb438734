package teams

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// keysTTL is how long keys are used before they are fetched again. Microsoft's
	// documentation asks for at most a day.
	keysTTL = 24 * time.Hour
	// keysInterval is the least time between two fetches. Otherwise forged tokens with
	// invented key ids would cause a fetch each.
	keysInterval = 30 * time.Second
	keysTimeout  = 10 * time.Second
	keysOp       = "openidconfiguration"
)

var errNoKey = errors.New("no published key has the token's kid")

// signingKey is a public key of the Bot Connector, with the channels that it is endorsed for.
type signingKey struct {
	function     jwt.Keyfunc
	endorsements []string
}

// keySet has the keys that the Bot Framework publishes. They change: when a token names an
// unknown key, they are fetched again. It is safe for concurrent use.
type keySet struct {
	metadata string
	http     *http.Client

	flight sync.Mutex // held by the caller that fetches

	mu    sync.Mutex
	keys  map[string]signingKey
	asked time.Time // the end of the last fetch
	fresh time.Time // the end of the last successful fetch
	err   error     // of the last fetch
}

// find returns the key with the id. The error is errNoKey, or a *[chat.PlatformError] if the
// keys cannot be fetched.
func (s *keySet) find(ctx context.Context, id string) (signingKey, error) {
	if key, known := s.known(id); known {
		return key, nil
	}
	s.flight.Lock() // one caller fetches, and the others wait for it
	defer s.flight.Unlock()
	if key, known := s.known(id); known {
		return key, nil
	}
	s.mu.Lock()
	recent := time.Since(s.asked) < keysInterval
	s.mu.Unlock()
	if !recent {
		s.refresh(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known := s.keys[id] // an old key is better than none
	switch {
	case known:
		return key, nil
	case s.err != nil:
		return signingKey{}, s.err
	}
	return signingKey{}, errNoKey
}

func (s *keySet) known(id string) (signingKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, ok := s.keys[id]
	return key, ok && time.Since(s.fresh) < keysTTL
}

// refresh fetches the keys. It continues when ctx ends, because other callers wait for it.
func (s *keySet) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	keys, err := s.ask(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.err = time.Now(), err
	if err == nil {
		s.keys, s.fresh = keys, s.asked
	}
}

// ask fetches the OpenID metadata and the keys that it names.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot-step-2
func (s *keySet) ask(ctx context.Context) (map[string]signingKey, error) {
	var metadata struct {
		JWKS string `json:"jwks_uri"`
	}
	if err := s.get(ctx, s.metadata, &metadata); err != nil {
		return nil, err
	}
	if u, err := url.Parse(metadata.JWKS); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, failure(keysOp, chat.CodeTemporary, "the metadata has no jwks_uri with https")
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := s.get(ctx, metadata.JWKS, &set); err != nil {
		return nil, err
	}
	keys := map[string]signingKey{}
	for _, raw := range set.Keys {
		var about struct {
			ID           string   `json:"kid"`
			Kind         string   `json:"kty"`
			Use          string   `json:"use"`
			Endorsements []string `json:"endorsements"`
		}
		if json.Unmarshal(raw, &about) != nil || about.ID == "" || about.Kind != "RSA" || about.Use != "" && about.Use != "sig" {
			continue // not a key for RSA signatures
		}
		if read, err := keyfunc.NewJWKJSON(raw); err == nil {
			keys[about.ID] = signingKey{read.Keyfunc, about.Endorsements}
		}
	}
	if len(keys) == 0 {
		return nil, failure(keysOp, chat.CodeTemporary, "the answer has no keys")
	}
	return keys, nil
}

func (s *keySet) get(ctx context.Context, address string, into any) error {
	slash := strings.LastIndexByte(address, '/') + 1
	client, err := platform.NewClient(platform.ClientConfig{Adapter: adapterName, BaseURL: address[:slash], HTTPClient: s.http, MaxAnswer: 1 << 20})
	if err != nil {
		return failure(keysOp, chat.CodeTemporary, "the address of the keys is not valid")
	}
	_, err = client.Do(ctx, platform.Call{Op: keysOp, Path: address[slash:], Into: into})
	if _, refused := errors.AsType[*chat.PlatformError](err); refused {
		return failure(keysOp, chat.CodeTemporary, "the keys of the Bot Framework cannot be fetched") // temporary for any status, so that Teams sends the activity again
	}
	return err
}

package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/flight"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// InstallationsConfig configures [Installations]. T is the type of an installation, which
// is stored as JSON.
type InstallationsConfig[T any] struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// Keys encrypt the Secrets. Default: secrets are stored unencrypted.
	Keys *Keyring
	// Secrets are the names of the fields in the JSON of T that are encrypted. Their
	// values must be strings. Default none.
	Secrets []string

	// Token returns the token of an installation. Required with Exchange.
	Token func(installation T) Token
	// Exchange asks the platform for a new token, and returns the installation with it.
	// It is repeated for up to ten seconds while its error is [chat.ErrTemporary].
	// Default: tokens are not exchanged.
	Exchange func(ctx context.Context, installation T) (T, error)
	// Early is how long before its expiry a token is exchanged. Default: two hours.
	Early time.Duration
}

// Token is an access token with its refresh token.
type Token struct {
	// Access is the access token. Required.
	Access string
	// Refresh is the refresh token. Default none: the access token is not exchanged.
	Refresh string
	// ExpiresAt is the time when the access token expires. Zero means that it has
	// expired, if there is a refresh token. Default zero.
	ExpiresAt time.Time
}

// works reports whether the token has not expired.
func (t Token) works() bool { return time.Until(t.ExpiresAt) > 0 }

// Installations stores the installations of an app, one for each workspace, in the state
// under "{adapter}:installation:{id}". It encrypts their secrets, and renews their tokens
// before they expire. It is safe for concurrent use.
type Installations[T any] struct {
	cfg  InstallationsConfig[T]
	host chat.Host

	flights  flight.Group[T]
	attempts *adapterkit.Cache[attempt] // the last exchange, by id
	unstored *adapterkit.Cache[T]       // what a refresh token was exchanged for, until it is stored
}

// NewInstallations returns the Installations of an adapter. It needs the adapter's
// host, so call it in Attach.
func NewInstallations[T any](host chat.Host, cfg InstallationsConfig[T]) *Installations[T] {
	if cfg.Keys == nil {
		cfg.Keys = &Keyring{}
	}
	if cfg.Early <= 0 {
		cfg.Early = 2 * time.Hour
	}
	const most = 10_000
	return &Installations[T]{
		cfg: cfg, host: host,
		flights:  flight.Group[T]{KeepGoing: true},
		attempts: adapterkit.NewCache[attempt](most, exchangePause),
		unstored: adapterkit.NewCache[T](most, unstoredTTL),
	}
}

// Get returns the stored installation. If there is none, the error is [chat.ErrNotFound].
// Secrets that were not encrypted with the first key are encrypted again with it.
func (s *Installations[T]) Get(ctx context.Context, id string) (T, error) {
	installation, _, err := s.read(ctx, id)
	return installation, err
}

// Set stores an installation, and replaces a former one. The error is the state's.
func (s *Installations[T]) Set(ctx context.Context, id string, installation T) error {
	data, err := s.seal(installation)
	if err != nil {
		return err
	}
	s.attempts.Delete(id)
	return s.host.State().Set(ctx, s.key(id), data, 0)
}

// Delete deletes an installation. If there is none, it returns nil.
func (s *Installations[T]) Delete(ctx context.Context, id string) error {
	return s.host.State().Delete(ctx, s.key(id))
}

func (s *Installations[T]) key(id string) string { return s.cfg.Adapter + ":installation:" + id }

// read returns an installation, and its bytes in the state.
func (s *Installations[T]) read(ctx context.Context, id string) (installation T, data []byte, err error) {
	data, err = s.host.State().Get(ctx, s.key(id))
	if errors.Is(err, state.ErrNotFound) {
		err = s.failure(chat.CodeNotFound, "there is no installation of the app with this id")
	}
	if err != nil {
		return installation, nil, err
	}
	installation, current, err := s.open(data)
	if err != nil {
		return installation, nil, fmt.Errorf("%s: the stored installation %s: %w", s.cfg.Adapter, id, err)
	}
	if !current {
		data = s.sealAgain(ctx, id, data, installation)
	}
	return installation, data, nil
}

// sealAgain encrypts the secrets with the first key, unless the installation has changed in
// the meantime. It returns the bytes that are then stored. If it fails, the next reader tries
// again.
func (s *Installations[T]) sealAgain(ctx context.Context, id string, old []byte, installation T) []byte {
	swaps, ok := state.As[state.Swaps](s.host.State())
	if !ok {
		return old
	}
	data, err := s.seal(installation)
	swapped := false
	if err == nil {
		swapped, err = swaps.CompareAndSwap(ctx, s.key(id), old, data, 0)
	}
	if err != nil {
		s.host.Logger().WarnContext(ctx, "token-not-encrypted-again", "installation", id, "error", err)
	}
	if !swapped {
		return old
	}
	return data
}

// seal returns the bytes of an installation in the state.
func (s *Installations[T]) seal(installation T) ([]byte, error) {
	data, err := json.Marshal(installation)
	if err != nil {
		return nil, err
	}
	return s.eachSecret(data, func(plain json.RawMessage) (json.RawMessage, error) {
		var secret string
		if err := json.Unmarshal(plain, &secret); err != nil {
			return nil, errors.New("a secret is not a string")
		}
		return s.cfg.Keys.Seal(secret)
	})
}

// open is the inverse of seal. current is false if one of the secrets is not encrypted with the
// first key.
func (s *Installations[T]) open(data []byte) (installation T, current bool, err error) {
	current = true
	data, err = s.eachSecret(data, func(sealed json.RawMessage) (json.RawMessage, error) {
		secret, isCurrent, err := s.cfg.Keys.Open(sealed)
		if err != nil {
			return nil, err
		}
		current = current && isCurrent
		return json.Marshal(secret)
	})
	if err != nil {
		return installation, false, err
	}
	if json.Unmarshal(data, &installation) != nil { // its error may quote the JSON
		return installation, false, errors.New("its JSON has another form than expected")
	}
	return installation, current, nil
}

// eachSecret returns the JSON of an installation with its secrets changed.
func (s *Installations[T]) eachSecret(data []byte, change func(json.RawMessage) (json.RawMessage, error)) ([]byte, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil, errors.New("it is not a JSON object")
	}
	for _, name := range s.cfg.Secrets {
		value, ok := fields[name]
		if !ok {
			continue
		}
		changed, err := change(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = changed
	}
	return json.Marshal(fields)
}

func (s *Installations[T]) failure(code chat.Code, text string) error {
	return &chat.PlatformError{Adapter: s.cfg.Adapter, Op: "installation", Code: code, Err: errors.New(text)}
}

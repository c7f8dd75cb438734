package credential

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Most platforms accept a refresh token only once. So one instance of a bot exchanges it for
// all instances, and the platform's answer must not be lost.
const (
	// exchangeTimeout is the limit for the exchange, and storeTimeout for storing its
	// result.
	exchangeTimeout = 10 * time.Second
	storeTimeout    = 15 * time.Second
	// exchangeLockTTL is longer than both together. If an instance crashes, the others
	// wait so long, while the platform may still accept the used refresh token.
	exchangeLockTTL = 30 * time.Second
	// exchangePause is the pause between two attempts while the token is still valid.
	exchangePause = time.Minute
	// exchangeRetry is the pause before the lock is tried again, and before the second
	// attempt of a call that has failed.
	exchangeRetry = 100 * time.Millisecond
	// unstoredTTL is how long a result that could not be stored is kept in this process.
	unstoredTTL = 12 * time.Hour
)

// attempt is the outcome of an exchange: the new token, or the old token and an error.
type attempt struct {
	access string
	err    error
}

// Fresh returns the installation with a valid token. If the token expires within
// InstallationsConfig.Early, it is exchanged first, by one instance for all. If the exchange
// fails and the stored token is still valid, that is returned without an error. Otherwise
// the error is that of InstallationsConfig.Exchange, the state's or ctx's.
func (s *Installations[T]) Fresh(ctx context.Context, id string, installation T) (T, error) {
	if s.cfg.Exchange == nil {
		return installation, nil
	}
	token := s.cfg.Token(installation)
	if token.Refresh == "" || time.Until(token.ExpiresAt) >= s.cfg.Early {
		return installation, nil
	}
	if last, ok := s.attempts.Get(id); ok {
		switch {
		case token.works():
			return installation, nil
		case errors.Is(last.err, chat.ErrAuthentication):
			return installation, last.err // the platform would refuse it again
		}
	}
	next, err := s.refresh(ctx, id, token.Access, false)
	if err != nil && token.works() {
		if ctx.Err() == nil {
			s.host.Logger().WarnContext(ctx, "token-not-refreshed", "installation", id, "expires", token.ExpiresAt, "error", err)
		}
		return installation, nil
	}
	return next, err
}

// Renew returns the installation with another token than the one that the platform has
// refused: the stored one, or a new one. If there is none, the error is
// [chat.ErrAuthentication]; without an installation it is [chat.ErrNotFound].
func (s *Installations[T]) Renew(ctx context.Context, id, refused string) (T, error) {
	var none T
	installation, err := s.Get(ctx, id)
	if err != nil {
		return none, err
	}
	if token := s.cfg.Token(installation); token.Access == refused && token.Refresh != "" && s.cfg.Exchange != nil {
		if last, ok := s.attempts.Get(id); !ok || last.access != refused {
			installation, err = s.refresh(ctx, id, refused, true)
		}
	}
	if err == nil && s.cfg.Token(installation).Access == refused {
		err = s.failure(chat.CodeAuthentication, "the platform refuses the token, and there is no other one")
	}
	return installation, err
}

// refresh exchanges the token, unless that was done already, and returns the installation
// after that. Callers at the same time share one exchange. It continues when they no longer
// wait, because the platform's answer must be stored.
func (s *Installations[T]) refresh(ctx context.Context, id, access string, refused bool) (T, error) {
	return s.flights.Do(ctx, id, func(ctx context.Context) (T, error) {
		return s.exchange(ctx, id, access, refused)
	})
}

// exchange exchanges the token in one instance at a time. The other instances use the old
// token while it is valid, and wait otherwise.
func (s *Installations[T]) exchange(ctx context.Context, id, access string, refused bool) (T, error) {
	var none T
	// If another instance crashes with the lock, this one gets it when it expires.
	waiting, cancel := context.WithTimeout(ctx, exchangeLockTTL+exchangeTimeout)
	defer cancel()
	for {
		installation, err := s.Get(waiting, id)
		if err != nil {
			return none, err
		}
		token := s.cfg.Token(installation)
		if token.Access != access || token.Refresh == "" {
			return installation, nil
		}
		lock, err := s.host.State().AcquireLock(waiting, s.key(id), exchangeLockTTL)
		switch {
		case err == nil:
			installation, err = s.exchangeLocked(ctx, id, access)
			// If it is not released, it expires.
			_ = s.host.State().ReleaseLock(ctx, lock)
			return installation, err
		case !errors.Is(err, state.ErrLocked):
			return none, err
		case token.works() && !refused:
			return installation, nil
		}
		if adapterkit.Sleep(waiting, exchangeRetry) != nil {
			return none, waiting.Err()
		}
	}
}

func (s *Installations[T]) exchangeLocked(ctx context.Context, id, access string) (T, error) {
	installation, err := s.Get(ctx, id)
	if err != nil {
		return installation, err
	}
	if token := s.cfg.Token(installation); token.Access == access {
		next, kept := s.unstored.Get(token.Refresh)
		if !kept {
			if next, err = s.ask(ctx, installation); err != nil {
				s.attempts.Set(id, attempt{access, err})
				return installation, err
			}
			s.unstored.Set(token.Refresh, next)
		}
		if installation, err = s.replace(ctx, id, token.Refresh, next); err != nil {
			return installation, err
		}
		s.host.Logger().InfoContext(ctx, "token-refreshed", "installation", id, "expires", s.cfg.Token(installation).ExpiresAt)
	}
	s.attempts.Set(id, attempt{access: s.cfg.Token(installation).Access})
	return installation, nil
}

// ask exchanges the token. If the answer is lost, it asks again at once, while the platform may
// still accept the same refresh token.
func (s *Installations[T]) ask(ctx context.Context, installation T) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	for wait := exchangeRetry; ; wait *= 2 {
		next, err := s.cfg.Exchange(ctx, installation)
		if !errors.Is(err, chat.ErrTemporary) || adapterkit.Sleep(ctx, wait) != nil {
			return next, err
		}
	}
}

// replace stores the installation in place of the one with the old refresh token, and returns
// what is stored after that: the app may have been installed again or removed. If it cannot be
// stored, this process uses it, and tries to store it at the next exchange.
func (s *Installations[T]) replace(ctx context.Context, id, old string, next T) (T, error) {
	storing, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	for wait := exchangeRetry; ; wait *= 2 {
		stored, err := s.swap(storing, id, old, next)
		if err == nil {
			s.unstored.Delete(old)
		}
		if err == nil || errors.Is(err, chat.ErrNotFound) {
			return stored, err
		}
		if adapterkit.Sleep(storing, wait) != nil {
			s.host.Logger().ErrorContext(ctx, "token-not-stored", "installation", id, "error", err)
			return next, nil
		}
	}
}

// swap tries once to replace the installation.
func (s *Installations[T]) swap(ctx context.Context, id, old string, next T) (T, error) {
	value, err := s.seal(next)
	if err != nil {
		return next, err
	}
	for {
		stored, data, err := s.read(ctx, id)
		if err != nil || s.cfg.Token(stored).Refresh != old {
			return stored, err
		}
		swaps, ok := state.As[state.Swaps](s.host.State())
		if !ok {
			return next, s.host.State().Set(ctx, s.key(id), value, 0)
		}
		if swapped, err := swaps.CompareAndSwap(ctx, s.key(id), data, value, 0); err != nil || swapped {
			return next, err
		}
	}
}

package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Tokens that expire. Slack exchanges a refresh token once, and again only for a
// short while; the token before stays valid, but there are two at most.
// https://docs.slack.dev/authentication/using-token-rotation
const (
	// refreshBefore is how long before its end a token is exchanged. It lives for
	// 12 hours; Slack's own libraries take 2, too.
	refreshBefore = 2 * time.Hour
	// refreshTimeout bounds the exchange, storeTimeout the storing of its result.
	refreshTimeout = 10 * time.Second
	storeTimeout   = 15 * time.Second
	// refreshLockTTL outlasts both. An instance that crashes holds up the others
	// that long, while the used refresh token may still be good.
	refreshLockTTL = 30 * time.Second
	// refreshPause is between two attempts that are not urgent.
	refreshPause = time.Minute
	// refreshRetry is between two looks at what another instance does, and before
	// the second attempt after a lost answer.
	refreshRetry = 100 * time.Millisecond
	// unstoredTTL is how long a result that could not be stored is kept.
	unstoredTTL = 12 * time.Hour
)

var errNoRefreshToken = errors.New("the answer has no token, no refresh token or no expiry")

// rotation is what this process knows of tokens that expire.
type rotation struct {
	mu        sync.Mutex
	exchanges map[string]*exchange // those that are under way, by installation

	attempts *adapterkit.Cache[attempt]       // the last one, by installation
	unstored *adapterkit.Cache[*Installation] // what a refresh token was exchanged for, until it is stored
}

func newRotation() *rotation {
	return &rotation{
		exchanges: map[string]*exchange{},
		attempts:  adapterkit.NewCache[attempt](maxCached, refreshPause),
		unstored:  adapterkit.NewCache[*Installation](maxCached, unstoredTTL),
	}
}

// attempt is how an exchange ended: with a new token, or with an error while the
// old one was there.
type attempt struct {
	token string
	err   error
}

// exchange is one that several callers wait for.
type exchange struct {
	done         chan struct{} // closed when it is over
	installation *Installation
	err          error
}

// expires reports whether the token must be exchanged soon.
func (i *Installation) expires() bool {
	return i.RefreshToken != "" && time.Until(i.ExpiresAt) < refreshBefore
}

// works reports whether the token is good for another call.
func (i *Installation) works() bool { return time.Until(i.ExpiresAt) > 0 }

// fresh returns the installation with a token that works for a while. As long as
// the old one does, no failure to exchange it matters.
func (a *Adapter) fresh(ctx context.Context, id string, i *Installation) (*Installation, error) {
	if !a.keepsInstallations() || !i.expires() {
		return i, nil
	}
	if last, ok := a.rotation.attempts.Get(id); ok {
		switch {
		case i.works():
			return i, nil
		case errors.Is(last.err, chat.ErrAuthentication):
			return nil, last.err // Slack would say it again
		}
	}
	next, err := a.refresh(ctx, id, i.BotToken, false)
	if err != nil && i.works() {
		if ctx.Err() == nil {
			a.log.WarnContext(ctx, "token-not-refreshed", "installation", id, "expires", i.ExpiresAt, "error", err)
		}
		return i, nil
	}
	return next, err
}

// renew returns the token in the place of one that Slack has refused, or "" if
// there is none.
func (a *Adapter) renew(ctx context.Context, id, refused string) string {
	a.installations.Delete(id)
	i, err := a.installation(ctx, origin{Installation: id})
	if err == nil && i.BotToken == refused && i.RefreshToken != "" && a.keepsInstallations() {
		if last, ok := a.rotation.attempts.Get(id); ok && last.token == refused {
			return ""
		}
		i, err = a.refresh(ctx, id, refused, true)
	}
	if err != nil || i.BotToken == refused {
		return ""
	}
	return i.BotToken
}

// refresh exchanges the token, unless it was already, and returns the
// installation as it then is. Callers at the same time share one exchange. It
// goes on when they give up: what Slack has answered must be stored.
func (a *Adapter) refresh(ctx context.Context, id, token string, refused bool) (*Installation, error) {
	r := a.rotation
	r.mu.Lock()
	e, ok := r.exchanges[id]
	if !ok {
		e = &exchange{done: make(chan struct{})}
		r.exchanges[id] = e
		going := context.WithoutCancel(ctx)
		go func() {
			e.installation, e.err = a.exchange(going, id, token, refused)
			r.mu.Lock()
			delete(r.exchanges, id)
			r.mu.Unlock()
			close(e.done)
		}()
	}
	r.mu.Unlock()
	select {
	case <-e.done:
		return e.installation, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// exchange has one instance at a time exchange the token. The others go on with
// the token if it works, and else wait.
func (a *Adapter) exchange(ctx context.Context, id, token string, refused bool) (*Installation, error) {
	waiting, cancel := context.WithTimeout(ctx, refreshLockTTL+refreshTimeout)
	defer cancel()
	for {
		i, _, err := a.readInstallation(waiting, id)
		if err != nil {
			return nil, err
		}
		if i.BotToken != token || i.RefreshToken == "" {
			a.installations.Set(id, i)
			return i, nil
		}
		lock, err := a.host.State().AcquireLock(waiting, installationPrefix+id, refreshLockTTL)
		switch {
		case err == nil:
			i, err = a.exchangeLocked(ctx, id, token)
			// If it is not given back it expires.
			_ = a.host.State().ReleaseLock(ctx, lock)
			return i, err
		case !errors.Is(err, state.ErrLocked):
			return nil, err
		case i.works() && !refused:
			return i, nil
		}
		if !sleep(waiting, refreshRetry) {
			return nil, waiting.Err()
		}
	}
}

func (a *Adapter) exchangeLocked(ctx context.Context, id, token string) (*Installation, error) {
	i, _, err := a.readInstallation(ctx, id)
	if err != nil {
		return nil, err
	}
	if i.BotToken == token {
		old := i.RefreshToken
		next, kept := a.rotation.unstored.Get(old)
		if !kept {
			if next, err = a.askForToken(ctx, i); err != nil {
				a.rotation.attempts.Set(id, attempt{token, err})
				return nil, err
			}
			a.rotation.unstored.Set(old, next)
		}
		if i, err = a.replaceInstallation(ctx, id, old, next); err != nil {
			return nil, err
		}
		a.log.InfoContext(ctx, "token-refreshed", "installation", id, "expires", i.ExpiresAt)
	}
	a.rotation.attempts.Set(id, attempt{token: i.BotToken})
	a.installations.Set(id, i)
	return i, nil
}

// askForToken exchanges the refresh token. An answer that got lost is asked for
// again at once, while Slack still takes the same refresh token.
func (a *Adapter) askForToken(ctx context.Context, i *Installation) (*Installation, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	for wait := refreshRetry; ; wait *= 2 {
		sent := time.Now()
		answer, err := slackapi.RefreshOAuthV2TokenContext(ctx, a.config.HTTPClient, a.config.ClientID, a.config.ClientSecret, i.RefreshToken,
			slackapi.OAuthOptionAPIURL(a.config.APIURL))
		if err == nil {
			if answer.AccessToken == "" || answer.RefreshToken == "" || answer.ExpiresIn <= 0 {
				return nil, platformError(opOAuth, chat.CodeInvalid, errNoRefreshToken)
			}
			next := *i
			next.BotToken, next.RefreshToken, next.ExpiresAt = answer.AccessToken, answer.RefreshToken, expiry(sent, answer.ExpiresIn)
			return &next, nil
		}
		err = apiError(opOAuth, err)
		if !errors.Is(err, chat.ErrTemporary) || !sleep(ctx, wait) {
			return nil, err
		}
	}
}

// expiry returns when a token that was asked for at a time ends. Slack counts in
// seconds from its answer on.
func expiry(asked time.Time, seconds int) time.Time {
	return asked.Add(time.Duration(seconds) * time.Second).UTC().Truncate(time.Second)
}

// replaceInstallation stores the installation in the place of the one with the
// old refresh token, and returns what is stored then: somebody may have installed
// the app again, or removed it. What cannot be stored is used by this process,
// which tries again the next time that it looks.
func (a *Adapter) replaceInstallation(ctx context.Context, id, old string, next *Installation) (*Installation, error) {
	storing, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	for wait := refreshRetry; ; wait *= 2 {
		stored, err := a.swapInstallation(storing, id, old, next)
		if err == nil {
			a.rotation.unstored.Delete(old)
			return stored, nil
		}
		if errors.Is(err, chat.ErrNotFound) {
			return nil, err
		}
		if !sleep(storing, wait) {
			a.log.ErrorContext(ctx, "token-not-stored", "installation", id, "error", err)
			return next, nil
		}
	}
}

// swapInstallation does it once.
func (a *Adapter) swapInstallation(ctx context.Context, id, old string, next *Installation) (*Installation, error) {
	value, err := a.keys.installation(next)
	if err != nil {
		return nil, err
	}
	for {
		stored, data, err := a.readInstallation(ctx, id)
		if err != nil || stored.RefreshToken != old {
			return stored, err
		}
		swaps, ok := state.As[state.Swaps](a.host.State())
		if !ok {
			return next, a.host.State().Set(ctx, installationPrefix+id, value, 0)
		}
		if swapped, err := swaps.CompareAndSwap(ctx, installationPrefix+id, data, value, 0); err != nil || swapped {
			return next, err
		}
	}
}

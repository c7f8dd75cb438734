package credential

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

// app is what a platform gives an app.
type app struct {
	Token   string    `json:"token"`
	Refresh string    `json:"refresh,omitempty"`
	Ends    time.Time `json:"ends,omitzero"`
	Name    string    `json:"name"`
}

// pager is a platform that takes a refresh token once.
type pager struct {
	mu        sync.Mutex
	exchanged int
	running   int
	used      map[string]bool
	fail      error // what an exchange returns
}

func (p *pager) failWith(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = err
}

func (p *pager) exchanges() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exchanged
}

func (p *pager) exchange(ctx context.Context, old app) (app, error) {
	p.mu.Lock()
	p.exchanged++
	p.running++
	n, err := p.exchanged, p.fail
	if p.running > 1 || p.used[old.Refresh] {
		err = errors.New("two at the same time, or twice")
	}
	p.mu.Unlock()
	_ = adapterkit.Sleep(ctx, time.Second) // the answer comes all the same
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if err != nil {
		return app{}, err
	}
	if p.used == nil {
		p.used = map[string]bool{}
	}
	p.used[old.Refresh] = true
	return app{Token: fmt.Sprint("token", n), Refresh: fmt.Sprint("refresh", n), Ends: time.Now().Add(12 * time.Hour), Name: old.Name}, nil
}

// instance is one instance of a bot.
func (p *pager) instance(host *kittest.Host, keys *Keyring) *Installations[app] {
	return NewInstallations(host, InstallationsConfig[app]{
		Adapter: "pager", Keys: keys, Secrets: []string{"token", "refresh"},
		Token:    func(a app) Token { return Token{Access: a.Token, Refresh: a.Refresh, ExpiresAt: a.Ends} },
		Exchange: p.exchange,
	})
}

func ending(in time.Duration) app {
	return app{Token: "token0", Refresh: "refresh0", Ends: time.Now().Add(in), Name: "One"}
}

func TestInstallations(t *testing.T) {
	t.Parallel()
	host, p := kittest.NewHost(), &pager{}
	before, after := p.instance(host, ring(t, oldKey)), p.instance(host, ring(t, newKey, oldKey))
	_, err := before.Get(t.Context(), "T1")
	require.ErrorIs(t, err, chat.ErrNotFound)
	one := app{Token: "xoxb-token", Name: "One"}
	require.NoError(t, before.Set(t.Context(), "T1", one))
	require.Equal(t, []string{"pager:installation:T1"}, host.Memory.Keys())
	data, err := host.Memory.Get(t.Context(), "pager:installation:T1")
	require.NoError(t, err)
	require.NotContains(t, string(data), "xoxb")
	require.Contains(t, string(data), `"name":"One"`)

	got, err := after.Get(t.Context(), "T1")
	require.NoError(t, err)
	require.Equal(t, one, got)
	got, err = p.instance(host, ring(t, newKey)).Get(t.Context(), "T1")
	require.NoError(t, err, "it was encrypted anew")
	require.Equal(t, one, got)
	_, err = before.Get(t.Context(), "T1")
	require.ErrorIs(t, err, ErrNoKey)
	require.ErrorContains(t, err, "pager: Keys")
	_, err = p.instance(host, nil).Get(t.Context(), "T1")
	require.ErrorIs(t, err, ErrNoKey)

	require.NoError(t, after.Delete(t.Context(), "T1"))
	require.NoError(t, after.Delete(t.Context(), "T1"))
	require.Empty(t, host.Memory.Keys())
	broken := errors.New("broken")
	host.Memory.Fail(broken)
	_, err = after.Get(t.Context(), "T1")
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, after.Set(t.Context(), "T1", one), broken)
}

func TestTokensAreExchangedOnce(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]time.Duration{"ended": -time.Minute, "soon": time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			host, p := kittest.NewHost(), &pager{}
			one := ending(left)
			require.NoError(t, p.instance(host, nil).Set(t.Context(), "T1", one))
			var wait sync.WaitGroup
			for range 3 {
				instance := p.instance(host, nil)
				for range 5 {
					wait.Go(func() {
						got, err := instance.Fresh(t.Context(), "T1", one)
						require.NoError(t, err)
						require.True(t, got.Token == "token1" || left > 0 && got.Token == "token0", "nobody waits while the old one works")
					})
				}
			}
			wait.Wait()
			require.Equal(t, 1, p.exchanges(), name)
			got, err := p.instance(host, nil).Get(t.Context(), "T1")
			require.NoError(t, err)
			require.Equal(t, "token1", got.Token)
			require.Equal(t, "One", got.Name)
		})
	}
}

func TestTokensThatAreLeftAlone(t *testing.T) {
	t.Parallel()
	host, p := kittest.NewHost(), &pager{}
	for _, one := range []app{{Token: "for ever"}, ending(3 * time.Hour)} {
		got, err := p.instance(host, nil).Fresh(t.Context(), "T1", one)
		require.NoError(t, err)
		require.Equal(t, one, got)
	}
	without := NewInstallations(host, InstallationsConfig[app]{Adapter: "pager"})
	got, err := without.Fresh(t.Context(), "T1", ending(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, "token0", got.Token)
	require.Zero(t, p.exchanges())
}

// A failure matters only once the token has ended, and what the platform has refused
// is not asked for again at once.
func TestExchangeFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, p := kittest.NewHost(), &pager{}
		s := p.instance(host, nil)
		refused := &chat.PlatformError{Adapter: "pager", Op: "token", Code: chat.CodeAuthentication}
		p.failWith(refused)
		one := ending(time.Hour)
		require.NoError(t, s.Set(t.Context(), "T1", one))
		for range 3 {
			got, err := s.Fresh(t.Context(), "T1", one)
			require.NoError(t, err)
			require.Equal(t, one, got)
		}
		require.Equal(t, 1, p.exchanges())
		time.Sleep(2 * time.Hour)
		for range 3 {
			_, err := s.Fresh(t.Context(), "T1", one)
			require.ErrorIs(t, err, chat.ErrAuthentication)
		}
		require.Equal(t, 2, p.exchanges())
		p.failWith(nil)
		again := app{Token: "token9", Refresh: "refresh9", Ends: time.Now()}
		require.NoError(t, s.Set(t.Context(), "T1", again))
		got, err := s.Fresh(t.Context(), "T1", again)
		require.NoError(t, err, "installed again")
		require.Equal(t, "token3", got.Token)

		p.failWith(&chat.PlatformError{Adapter: "pager", Op: "token", Code: chat.CodeTemporary})
		go func() {
			time.Sleep(3 * time.Second)
			p.failWith(nil)
		}()
		require.NoError(t, s.Set(t.Context(), "T1", ending(-time.Minute)))
		_, err = s.Fresh(t.Context(), "T1", ending(-time.Minute))
		require.NoError(t, err, "an answer that was lost is asked for again")
	})
}

// An exchange goes on when its caller gives up, and an instance that has crashed with
// the lock holds up the others for its time only.
func TestExchangeGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, p := kittest.NewHost(), &pager{}
		s, one := p.instance(host, nil), ending(-time.Minute)
		require.NoError(t, s.Set(t.Context(), "T1", one))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := s.Fresh(ctx, "T1", one)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(2 * time.Second)
		got, err := s.Get(t.Context(), "T1")
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token, "what the platform has answered is stored")

		_, err = host.Memory.AcquireLock(t.Context(), "pager:installation:T2", 20*time.Second)
		require.NoError(t, err)
		one.Refresh = "another"
		require.NoError(t, s.Set(t.Context(), "T2", one))
		begun := time.Now()
		_, err = s.Fresh(t.Context(), "T2", one)
		require.NoError(t, err)
		require.InDelta(t, 21, time.Since(begun).Seconds(), 0.2)
	})
}

// What cannot be stored is used, and stored later: the platform would not take the
// refresh token again.
func TestExchangeThatCannotBeStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, p := kittest.NewHost(), &pager{}
		s, one := p.instance(host, nil), ending(-time.Minute)
		require.NoError(t, s.Set(t.Context(), "T1", one))
		go func() {
			time.Sleep(500 * time.Millisecond) // while the platform is asked
			host.Memory.Fail(errors.New("the state is away"))
		}()
		got, err := s.Fresh(t.Context(), "T1", one)
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token)
		host.Memory.Fail(nil)
		time.Sleep(2 * time.Minute)
		got, err = s.Get(t.Context(), "T1")
		require.NoError(t, err)
		require.Equal(t, "token0", got.Token)
		got, err = s.Fresh(t.Context(), "T1", got)
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token)
		got, err = s.Get(t.Context(), "T1")
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token)
		require.Equal(t, 1, p.exchanges())
	})
}

// An app that is removed or installed again meanwhile stays so.
func TestInstallationChangesDuringAnExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, p := kittest.NewHost(), &pager{}
		s, one := p.instance(host, nil), ending(-time.Minute)
		during := func(change func(ctx context.Context) error) (app, error) {
			require.NoError(t, s.Set(t.Context(), "T1", one))
			go func() {
				time.Sleep(500 * time.Millisecond)
				_ = change(t.Context()) // its effect is looked at
			}()
			got, err := s.Fresh(t.Context(), "T1", one)
			one.Refresh += "'"
			return got, err
		}
		_, err := during(func(ctx context.Context) error { return s.Delete(ctx, "T1") })
		require.ErrorIs(t, err, chat.ErrNotFound)
		require.Empty(t, host.Memory.Keys(), "it does not come back")
		again := ending(12 * time.Hour)
		again.Token, again.Refresh, again.Ends = "again", "again", again.Ends.UTC().Round(0)
		got, err := during(func(ctx context.Context) error { return s.Set(ctx, "T1", again) })
		require.NoError(t, err)
		require.Equal(t, again, got)
	})
}

func TestRenew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, p := kittest.NewHost(), &pager{}
		s := p.instance(host, nil)
		_, err := s.Renew(t.Context(), "T1", "token0")
		require.ErrorIs(t, err, chat.ErrNotFound)
		require.NoError(t, s.Set(t.Context(), "T1", ending(6*time.Hour)))
		got, err := s.Renew(t.Context(), "T1", "token0")
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token)
		got, err = p.instance(host, nil).Renew(t.Context(), "T1", "token0")
		require.NoError(t, err)
		require.Equal(t, "token1", got.Token, "another instance finds it")
		for range 3 {
			_, err = s.Renew(t.Context(), "T1", "token1")
			require.ErrorIs(t, err, chat.ErrAuthentication)
		}
		require.Equal(t, 1, p.exchanges(), "one that was refused as soon as it was given is not exchanged again and again")

		require.NoError(t, s.Set(t.Context(), "T2", app{Token: "for ever"}))
		_, err = s.Renew(t.Context(), "T2", "for ever")
		require.ErrorIs(t, err, chat.ErrAuthentication)
		require.NotContains(t, err.Error(), "for ever")
	})
}

func FuzzInstallations(f *testing.F) {
	f.Add([]byte(`{"token":"x"}`), "token")
	f.Add([]byte(`{"token":{"iv":"AAAAAAAAAAAAAAAA","data":"AA==","tag":"AAAAAAAAAAAAAAAAAAAAAA=="},"refresh":null}`), "")
	f.Add([]byte(`[]`), "\xff")
	host, p := kittest.NewHost(), &pager{}
	s := p.instance(host, ring(f, newKey, oldKey))
	f.Fuzz(func(t *testing.T, stored []byte, secret string) {
		require.NoError(t, host.Memory.Set(t.Context(), "pager:installation:T1", stored, 0))
		_, _ = s.Get(t.Context(), "T1")
		one := app{Token: secret, Name: "One"}
		require.NoError(t, s.Set(t.Context(), "T1", one))
		got, err := s.Get(t.Context(), "T1")
		require.NoError(t, err)
		require.Equal(t, one.Name, got.Name)
	})
}

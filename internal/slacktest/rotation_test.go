package slacktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

const opRefresh = "oauth.v2.access"

// rotated is an instance of an app whose tokens expire.
type rotated struct {
	*slack.Adapter
	host  *host
	slack *fakeslack.Server
}

// newRotated returns an instance with an installation whose token ends then.
func newRotated(t *testing.T, left time.Duration, keys ...string) (*rotated, *slack.Installation) {
	t.Helper()
	s := newSlack(t)
	r := anotherRotated(t, &rotated{slack: s, host: &host{state: newMemory(t)}}, keys...)
	require.NoError(t, r.host.state.Connect(t.Context()))
	token, refresh := s.Rotate(fakeslack.TeamID)
	i := &slack.Installation{
		BotToken: token, BotUserID: fakeslack.BotUser, TeamName: "One", RefreshToken: refresh, ExpiresAt: time.Now().Add(left).UTC().Truncate(time.Second),
	}
	if left <= 0 {
		s.Expire(token)
	}
	require.NoError(t, r.SaveInstallation(t.Context(), fakeslack.TeamID, i))
	return r, i
}

// anotherRotated returns another instance on the same state.
func anotherRotated(t *testing.T, r *rotated, keys ...string) *rotated {
	t.Helper()
	a, err := slack.New(slack.Config{
		SigningSecret: signingSecret, ClientID: fakeslack.ClientID, ClientSecret: fakeslack.ClientSecret, APIURL: r.slack.APIURL, EncryptionKeys: keys,
	})
	require.NoError(t, err)
	h := &host{state: r.host.state}
	require.NoError(t, a.Attach(h))
	return &rotated{Adapter: a, host: h, slack: r.slack}
}

// call makes a call that needs a token.
func (r *rotated) call(ctx context.Context) error {
	_, err := r.OpenDM(slack.WithInstallation(ctx, fakeslack.TeamID), "U0ADA")
	return err
}

func (r *rotated) stored(t *testing.T) *slack.Installation {
	t.Helper()
	i, err := r.Installation(t.Context(), fakeslack.TeamID)
	require.NoError(t, err)
	return i
}

func (r *rotated) refreshes() int { return len(r.slack.Calls(opRefresh)) }

func TestTokenIsRefreshedInTime(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{"plain": nil, "encrypted": {key1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, old := newRotated(t, time.Hour, keys...)
			before := time.Now()
			require.NoError(t, r.call(t.Context()))
			require.NoError(t, r.call(t.Context()))
			require.Equal(t, 1, r.refreshes())
			i := r.stored(t)
			require.NotEqual(t, old.BotToken, i.BotToken)
			require.NotEqual(t, old.RefreshToken, i.RefreshToken)
			require.WithinDuration(t, before.Add(fakeslack.Lifetime), i.ExpiresAt, time.Minute)
			require.False(t, i.ExpiresAt.After(time.Now().Add(fakeslack.Lifetime)), "it promises no more than Slack does")
			require.Equal(t, fakeslack.BotUser, string(i.BotUserID))
			require.Equal(t, "One", i.TeamName)

			data, err := r.host.state.Get(t.Context(), "slack:installation:"+fakeslack.TeamID)
			require.NoError(t, err)
			require.Equal(t, keys == nil, strings.Contains(string(data), i.BotToken))
			require.Equal(t, keys == nil, strings.Contains(string(data), i.RefreshToken))
			var fields object
			require.NoError(t, json.Unmarshal(data, &fields))
			require.Equal(t, i.ExpiresAt.Format(time.RFC3339), fields["expiresAt"])

			again := anotherRotated(t, r, keys...)
			require.NoError(t, again.call(t.Context()))
			require.Equal(t, 1, r.refreshes(), "another instance uses it")
		})
	}
}

func TestTokenIsNotRefreshedEarly(t *testing.T) {
	t.Parallel()
	r, old := newRotated(t, 3*time.Hour)
	require.NoError(t, r.call(t.Context()))
	require.Zero(t, r.refreshes())
	require.Equal(t, old, r.stored(t))
}

// TestKeysOfRefreshTokensChange checks that a refresh token is encrypted again
// with the first key, also if the bot token is already.
func TestKeysOfRefreshTokensChange(t *testing.T) {
	t.Parallel()
	r, old := newRotated(t, 3*time.Hour, key1)
	first := anotherRotated(t, r, key2, key1)
	require.Equal(t, old, first.stored(t))
	last := anotherRotated(t, r, key2)
	require.Equal(t, old, last.stored(t))
}

// TestOneInstanceRefreshes has many callers of several instances find an expired
// token at the same time.
func TestOneInstanceRefreshes(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]time.Duration{"expired": -time.Minute, "soon": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newRotated(t, left)
			instances := []*rotated{r, anotherRotated(t, r), anotherRotated(t, r), anotherRotated(t, r)}
			var calls sync.WaitGroup
			errs := make(chan error, 64)
			for _, instance := range instances {
				for range 16 {
					calls.Go(func() { errs <- instance.call(t.Context()) })
				}
			}
			calls.Wait()
			for range cap(errs) {
				require.NoError(t, <-errs)
			}
			require.Equal(t, 1, r.refreshes())
			require.Contains(t, r.slack.Working(fakeslack.TeamID), r.stored(t).BotToken)
		})
	}
}

// TestRefusedToken has Slack refuse a token before its time: in calls that send it
// in a form, and in those that send it in the header.
func TestRefusedToken(t *testing.T) {
	t.Parallel()
	r, old := newRotated(t, 6*time.Hour)
	ctx := slack.WithInstallation(t.Context(), fakeslack.TeamID)
	require.NoError(t, r.call(ctx))
	r.slack.Expire(old.BotToken)
	require.NoError(t, r.call(ctx))
	require.Equal(t, 1, r.refreshes())

	// The next one is refused where another instance uses it in the header.
	other := anotherRotated(t, r)
	require.NoError(t, other.call(ctx))
	r.slack.Expire(r.stored(t).BotToken)
	_, err := other.FetchChannelMessages(ctx, "slack:C0GENERAL", chat.PageRequest{})
	require.NoError(t, err)
	require.Equal(t, 2, r.refreshes())
	id, err := r.PostMessage(ctx, "slack:C0GENERAL:", &chat.Post{Text: "once"})
	require.NoError(t, err)
	require.NotEmpty(t, id)
	require.Equal(t, 2, r.refreshes(), "the first one finds what is stored")
	require.Len(t, r.slack.Messages("C0GENERAL", ""), 1)
}

// TestRefusedFreshToken checks that tokens that Slack refuses as soon as it has
// given them are not exchanged again and again.
func TestRefusedFreshToken(t *testing.T) {
	t.Parallel()
	r, _ := newRotated(t, 6*time.Hour)
	r.slack.Handle("conversations.open", func(fakeslack.Args) (map[string]any, string) { return nil, "invalid_auth" })
	for range 5 {
		require.ErrorIs(t, r.call(t.Context()), chat.ErrAuthentication)
	}
	require.Equal(t, 1, r.refreshes())
}

// TestLostRefresh loses Slack's answer: the refresh token is used, and Slack takes
// it again for a short while.
func TestLostRefresh(t *testing.T) {
	t.Parallel()
	r, _ := newRotated(t, -time.Minute)
	r.slack.Fail(opRefresh, fakeslack.Failure{Status: http.StatusBadGateway, Done: true})
	require.NoError(t, r.call(t.Context()))
	require.Equal(t, 2, r.refreshes())
	require.Contains(t, r.slack.Working(fakeslack.TeamID), r.stored(t).BotToken)
}

// exchange is what an instance does that then crashes.
func (r *rotated) exchangeAndCrash(t *testing.T, i *slack.Installation) {
	t.Helper()
	response, err := http.PostForm(r.slack.APIURL+opRefresh, url.Values{
		"client_id": {fakeslack.ClientID}, "client_secret": {fakeslack.ClientSecret}, "grant_type": {"refresh_token"}, "refresh_token": {i.RefreshToken},
	})
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
}

// TestRefreshAfterCrash has an instance crash between the exchange and the storing
// of its result, while it holds the lock.
func TestRefreshAfterCrash(t *testing.T) {
	t.Parallel()
	crash := func(t *testing.T, left time.Duration) (*rotated, *slack.Installation) {
		t.Helper()
		r, old := newRotated(t, left)
		_, err := r.host.state.AcquireLock(t.Context(), "slack:installation:"+fakeslack.TeamID, 500*time.Millisecond)
		require.NoError(t, err)
		r.exchangeAndCrash(t, old)
		return r, old
	}
	t.Run("the token works", func(t *testing.T) {
		t.Parallel()
		r, old := crash(t, time.Hour)
		require.NoError(t, r.call(t.Context()))
		require.Equal(t, old, r.stored(t), "nobody waits for the lock")
	})
	t.Run("the token has expired", func(t *testing.T) {
		t.Parallel()
		r, old := crash(t, -time.Minute)
		require.NoError(t, r.call(t.Context()), "the used refresh token is taken once more")
		require.NotEqual(t, old.BotToken, r.stored(t).BotToken)
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		r, old := crash(t, time.Hour)
		r.slack.EndGrace()
		require.NoError(t, r.host.state.ForceReleaseLock(t.Context(), "slack:installation:"+fakeslack.TeamID))
		for range 3 {
			require.NoError(t, r.call(t.Context()), "the token works to its end")
		}
		require.Equal(t, 2, r.refreshes(), "once by each")
		old.ExpiresAt = time.Now().Add(-time.Minute)
		r.slack.Expire(old.BotToken)
		require.NoError(t, r.SaveInstallation(t.Context(), fakeslack.TeamID, old))
		for range 3 {
			require.ErrorIs(t, r.call(t.Context()), chat.ErrAuthentication)
		}
		require.Equal(t, 3, r.refreshes(), "what Slack says does not change at once")
		token, refresh := r.slack.Rotate(fakeslack.TeamID)
		require.NoError(t, r.SaveInstallation(t.Context(), fakeslack.TeamID, &slack.Installation{BotToken: token, RefreshToken: refresh, ExpiresAt: time.Now().Add(time.Hour)}))
		require.NoError(t, r.call(t.Context()), "installed again")
	})
}

// TestCallerGivesUp checks that an exchange ends although the caller who began it
// does not wait any longer.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	r, old := newRotated(t, -time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	entered, stay := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.host.state = &gate{Adapter: r.host.state, swap: func() error {
		once.Do(func() { close(entered) })
		<-stay
		return nil
	}}
	instance := anotherRotated(t, r)
	failed := make(chan error, 1)
	go func() { failed <- instance.call(ctx) }()
	<-entered
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	close(stay)
	require.Eventually(t, func() bool { return instance.stored(t).BotToken != old.BotToken }, 10*time.Second, time.Millisecond)
	require.NoError(t, instance.call(t.Context()))
	require.Equal(t, 1, r.refreshes())
}

// gate is a state whose swaps can be held up or fail.
type gate struct {
	state.Adapter
	swap func() error
}

func (g *gate) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if err := g.swap(); err != nil {
		return false, err
	}
	return g.Adapter.(state.Swaps).CompareAndSwap(ctx, key, old, value, ttl)
}

// transport answers requests in this process.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRefreshThatCannotBeStored has the state be away for longer than the exchange
// waits: this process uses what it has and stores it later.
func TestRefreshThatCannotBeStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var exchanges atomic.Int32
		used := map[string]int{}
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			answer := `{"ok":true,"channel":{"id":"D0ADA"}}`
			require.NoError(t, r.ParseForm())
			if strings.HasSuffix(r.URL.Path, opRefresh) {
				n := exchanges.Add(1)
				answer = fmt.Sprintf(`{"ok":true,"access_token":"new-%d","refresh_token":"refresh-%d","expires_in":43200}`, n, n)
			} else {
				used[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]++
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
		})}
		away := true
		memory := newMemory(t)
		st := &gate{memory, func() error {
			if away {
				return state.ErrUnavailable
			}
			return nil
		}}
		a, err := slack.New(slack.Config{SigningSecret: signingSecret, ClientID: "12.34", ClientSecret: "client-secret", HTTPClient: client})
		require.NoError(t, err)
		r := &rotated{Adapter: a, host: &host{state: st}}
		require.NoError(t, a.Attach(r.host))
		require.NoError(t, st.Connect(t.Context()))
		require.NoError(t, a.SaveInstallation(t.Context(), fakeslack.TeamID, &slack.Installation{BotToken: "old", RefreshToken: "refresh-0", ExpiresAt: time.Now()}))

		require.NoError(t, r.call(t.Context()))
		require.Equal(t, "old", r.stored(t).BotToken)
		time.Sleep(2 * time.Minute)
		away = false
		require.NoError(t, r.call(t.Context()))
		require.Equal(t, map[string]int{"new-1": 2}, used)
		require.EqualValues(t, 1, exchanges.Load())
		require.Equal(t, "new-1", r.stored(t).BotToken)
		require.Equal(t, "refresh-1", r.stored(t).RefreshToken)
		require.NoError(t, memory.Close(t.Context()))
	})
}

// TestChangedWhileRefreshing has the app be removed, or installed again, during an
// exchange.
func TestChangedWhileRefreshing(t *testing.T) {
	t.Parallel()
	during := func(t *testing.T, r *rotated, change func()) {
		t.Helper()
		r.slack.Handle(opRefresh, func(fakeslack.Args) (map[string]any, string) {
			change()
			return map[string]any{"access_token": "xoxe.xoxb-late", "refresh_token": "xoxe-late", "expires_in": 43200}, ""
		})
	}
	t.Run("removed", func(t *testing.T) {
		t.Parallel()
		r, _ := newRotated(t, -time.Minute)
		during(t, r, func() { _ = r.DeleteInstallation(context.Background(), fakeslack.TeamID) })
		require.ErrorIs(t, r.call(t.Context()), chat.ErrNotFound)
		_, err := r.Installation(t.Context(), fakeslack.TeamID)
		require.ErrorIs(t, err, chat.ErrNotFound, "it does not come back")
	})
	t.Run("installed again", func(t *testing.T) {
		t.Parallel()
		r, _ := newRotated(t, -time.Minute)
		token, refresh := r.slack.Rotate(fakeslack.TeamID)
		again := &slack.Installation{BotToken: token, RefreshToken: refresh, ExpiresAt: time.Now().Add(fakeslack.Lifetime).UTC().Truncate(time.Second)}
		during(t, r, func() { _ = r.SaveInstallation(context.Background(), fakeslack.TeamID, again) })
		require.NoError(t, r.call(t.Context()))
		require.Equal(t, again, r.stored(t))
	})
}

// TestEventsWithADeadToken checks that events are handed over although the app can
// make no call: whether it is installed does not depend on its token.
func TestEventsWithADeadToken(t *testing.T) {
	t.Parallel()
	r, _ := newRotated(t, -time.Minute)
	r.slack.Uninstall(fakeslack.TeamID)
	body := strings.ReplaceAll(callback(`{"type":"message","channel":"C0GENERAL","channel_type":"channel","user":"U0ADA","ts":"1700000200.000200","text":"hello"}`), "T0ONE", fakeslack.TeamID)
	require.Equal(t, http.StatusOK, serve(r, request(jsonType, body)).Code)
	require.Equal(t, "hello", one[*chat.Message](t, r.host.taken()).Text)
	require.LessOrEqual(t, r.refreshes(), 1)
}

// TestUninstalledWithRotation checks that a token that cannot be exchanged says
// that the app was removed.
func TestUninstalledWithRotation(t *testing.T) {
	t.Parallel()
	r, _ := newRotated(t, 6*time.Hour)
	uninstalled := strings.ReplaceAll(callback(`{"type":"app_uninstalled"}`), "T0ONE", fakeslack.TeamID)
	require.Equal(t, http.StatusOK, serve(r, request(jsonType, uninstalled)).Code)
	require.Empty(t, r.host.taken(), "the token works")
	r.slack.Uninstall(fakeslack.TeamID)
	require.Equal(t, http.StatusOK, serve(r, request(jsonType, uninstalled)).Code)
	require.False(t, one[*chat.InstallationEvent](t, r.host.taken()).Installed)
	_, err := r.Installation(t.Context(), fakeslack.TeamID)
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestInstallWithRotation(t *testing.T) {
	t.Parallel()
	r := oauthRig(t)
	r.api.answer(opRefresh, func(url.Values, string) any {
		return object{
			"ok": true, "access_token": "xoxe.xoxb-1", "refresh_token": "xoxe-1", "expires_in": 43200, "bot_user_id": "U0BOT",
			"team": object{"id": "T0ONE", "name": "One"}, "authed_user": object{"id": "U0ADA"},
		}
	})
	var b browser
	require.Equal(t, http.StatusOK, b.get(r, "/oauth/callback?code=good&state="+url.QueryEscape(b.begin(t, r))).StatusCode)
	i, err := r.Installation(t.Context(), "T0ONE")
	require.NoError(t, err)
	require.Equal(t, "xoxe-1", i.RefreshToken)
	require.WithinDuration(t, time.Now().Add(12*time.Hour), i.ExpiresAt, time.Minute)
}

// TestProgramRefreshesItsOwnInstallations checks that the adapter exchanges nothing
// for a program that keeps the installations, and asks it again for a token that
// Slack refuses.
func TestProgramRefreshesItsOwnInstallations(t *testing.T) {
	t.Parallel()
	s := newSlack(t)
	first, refresh := s.Rotate(fakeslack.TeamID)
	second, _ := s.Rotate(fakeslack.TeamID)
	var token atomic.Value
	token.Store(first)
	a, err := slack.New(slack.Config{SigningSecret: signingSecret, APIURL: s.APIURL, Installations: finder(func() *slack.Installation {
		return &slack.Installation{BotToken: token.Load().(string), RefreshToken: refresh, ExpiresAt: time.Now()}
	})})
	require.NoError(t, err)
	r := &rotated{Adapter: a, slack: s, host: &host{state: newMemory(t)}}
	require.NoError(t, a.Attach(r.host))
	require.NoError(t, r.host.state.Connect(t.Context()))
	require.NoError(t, r.call(t.Context()))
	s.Expire(first)
	require.ErrorIs(t, r.call(t.Context()), chat.ErrAuthentication)
	token.Store(second)
	require.NoError(t, r.call(t.Context()))
	require.Zero(t, r.refreshes())
}

type finder func() *slack.Installation

func (f finder) Installation(context.Context, string, bool) (*slack.Installation, error) {
	return f(), nil
}

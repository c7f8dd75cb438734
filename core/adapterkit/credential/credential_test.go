package credential

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

func ring(tb testing.TB, keys ...string) *Keyring {
	tb.Helper()
	k, err := ParseKeyring("pager: Keys", keys...)
	require.NoError(tb, err)
	return k
}

var (
	oldKey = strings.Repeat("0a", 32)
	newKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcd??"))
)

func TestParseKeyring(t *testing.T) {
	t.Parallel()
	key := []byte("\xfb\xff123456789abcdef0123456789abcd?")[:32]
	first := ring(t, hex.EncodeToString(key))
	stored, err := first.Seal("xoxb-token")
	require.NoError(t, err)
	for _, text := range []string{
		hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)), " " + hex.EncodeToString(key) + "\n",
		base64.StdEncoding.EncodeToString(key), base64.RawStdEncoding.EncodeToString(key),
		base64.URLEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key),
	} {
		token, _, err := ring(t, text).Open(stored)
		require.NoError(t, err, text)
		require.Equal(t, "xoxb-token", token)
	}
	for _, text := range []string{"", "s3cret", strings.Repeat("0", 62), strings.Repeat("0", 66), base64.StdEncoding.EncodeToString(key[:31])} {
		_, err := ParseKeyring("pager: Keys", hex.EncodeToString(key), text)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, "pager: Keys[1]: want 32 bytes")
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestKeyring(t *testing.T) {
	t.Parallel()
	stored, err := ring(t, oldKey).Seal("xoxb-token")
	require.NoError(t, err)
	require.NotContains(t, string(stored), "xoxb")
	again, err := ring(t, oldKey).Seal("xoxb-token")
	require.NoError(t, err)
	require.NotEqual(t, stored, again)

	token, current, err := ring(t, oldKey).Open(stored)
	require.NoError(t, err)
	require.Equal(t, "xoxb-token", token)
	require.True(t, current)
	token, current, err = ring(t, newKey, oldKey).Open(stored)
	require.NoError(t, err)
	require.Equal(t, "xoxb-token", token)
	require.False(t, current, "it should be stored anew")
	for _, k := range []*Keyring{ring(t, newKey), ring(t), {}} {
		_, _, err = k.Open(stored)
		require.ErrorIs(t, err, ErrNoKey)
		require.NotContains(t, err.Error(), "xoxb")
	}

	plain, err := (&Keyring{}).Seal("xoxb-token")
	require.NoError(t, err)
	require.Equal(t, `"xoxb-token"`, string(plain))
	token, current, err = ring(t, oldKey).Open(plain)
	require.NoError(t, err)
	require.Equal(t, "xoxb-token", token)
	require.False(t, current)

	for _, wrong := range []string{``, `{`, `7`, `[]`, `{}`, `{"iv":"!","data":"","tag":""}`, `{"iv":"AAAA","data":"","tag":"AAAA"}`} {
		_, _, err := ring(t, oldKey).Open(json.RawMessage(wrong))
		require.Error(t, err, wrong)
	}
}

// Made with Node's aes-256-gcm, as the TypeScript SDK does it.
func TestTokenOfTheTypeScriptSDK(t *testing.T) {
	t.Parallel()
	token, current, err := ring(t, oldKey).Open(json.RawMessage(`{"iv":"MDEyMzQ1Njc4OWFi","data":"156yJzaIa1o/tw==","tag":"306rwJHnneo4pTO2aBFYZA=="}`))
	require.NoError(t, err)
	require.Equal(t, "xoxb-token", token)
	require.True(t, current)
}

func FuzzKeyring(f *testing.F) {
	f.Add("token", []byte(`{"iv":"AAAAAAAAAAAAAAAA","data":"AA==","tag":"AAAAAAAAAAAAAAAAAAAAAA=="}`))
	f.Add("", []byte(`"x"`))
	k := ring(f, oldKey)
	f.Fuzz(func(t *testing.T, token string, stored []byte) {
		_, _, _ = k.Open(stored)
		_, _ = ParseKeyring("pager: Keys", token)
		sealed, err := k.Seal(token)
		require.NoError(t, err)
		got, current, err := k.Open(sealed)
		require.NoError(t, err)
		require.True(t, current)
		require.Equal(t, token, got)
	})
}

// browser begins authorizations and comes back.
type browser struct {
	o       *OAuthState
	host    *kittest.Host
	cookies []*http.Cookie
}

func (b *browser) request(query string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/callback?"+query, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *browser) begin() string {
	w := httptest.NewRecorder()
	state := b.o.Begin(w, b.request(""))
	b.cookies = w.Result().Cookies()
	return state
}

func (b *browser) finish(t *testing.T, state string) error {
	t.Helper()
	return b.o.Finish(t.Context(), b.host.Memory, b.request(url.Values{"state": {state}}.Encode()))
}

func TestOAuthState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := OAuthStateConfig{Adapter: "pager", Secret: "client secret"}
		o, err := NewOAuthState(cfg)
		require.NoError(t, err)
		host := kittest.NewHost()
		ada, eve := &browser{o: o, host: host}, &browser{o: o, host: host}
		first, second := ada.begin(), ada.begin()
		require.NotEqual(t, first, second)
		cookie := ada.cookies[0]
		require.True(t, cookie.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		require.NotContains(t, first, cookie.Value, "the address does not tell the cookie")

		require.ErrorIs(t, eve.finish(t, first), ErrState, "without a cookie")
		eve.begin()
		require.ErrorIs(t, eve.finish(t, first), ErrState, "another browser's")
		require.NoError(t, ada.finish(t, second), "two tabs do not disturb each other")
		require.NoError(t, ada.finish(t, first))
		require.ErrorIs(t, ada.finish(t, first), ErrState, "it was used")

		state := ada.begin()
		parts := strings.Split(state, ".")
		later := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
		for _, wrong := range []string{
			"", ".", "..", "a.b.c", state + ".", state[1:], state + "x", parts[0] + "." + later + "." + parts[2],
			"x" + parts[0][1:] + "." + parts[1] + "." + parts[2], parts[0] + "." + parts[1] + ".", "\xff",
		} {
			require.ErrorIs(t, ada.finish(t, wrong), ErrState, wrong)
		}
		other, err := NewOAuthState(OAuthStateConfig{Adapter: "pager", Secret: "another secret"})
		require.NoError(t, err)
		require.ErrorIs(t, (&browser{o: other, host: host, cookies: ada.cookies}).finish(t, state), ErrState)
		host.Memory.Fail(errors.New("the state is gone"))
		require.EqualError(t, ada.finish(t, state), "the state is gone")
		host.Memory.Fail(nil)
		time.Sleep(11 * time.Minute)
		require.ErrorIs(t, ada.finish(t, state), ErrState, "too old")
	})
	for _, cfg := range []OAuthStateConfig{{Adapter: "pager"}, {Secret: "x"}} {
		_, err := NewOAuthState(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
	}
}

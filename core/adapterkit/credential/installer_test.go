package credential

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

// visitor is a browser that installs an app.
type visitor struct {
	installer *Installer
	cookies   []*http.Cookie
}

func (v *visitor) get(serve http.HandlerFunc, query url.Values) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(http.MethodGet, "/?"+query.Encode(), nil), httptest.NewRecorder()
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	serve(w, r)
	if cookies := w.Result().Cookies(); len(cookies) > 0 {
		v.cookies = cookies
	}
	return w
}

// begin returns the state parameter with which the browser is sent away.
func (v *visitor) begin(t *testing.T) string {
	t.Helper()
	return sentTo(t, v.get(v.installer.Begin, nil)).Get("state")
}

// sentTo returns the query with which the browser is sent to the platform.
func sentTo(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	target, err := url.Parse(w.Header().Get("Location"))
	require.NoError(t, err)
	require.Equal(t, "pager.example", target.Host)
	require.Equal(t, "12.34", target.Query().Get("client_id"))
	return target.Query()
}

func (v *visitor) finish(t *testing.T, query url.Values) int {
	t.Helper()
	w := v.get(v.installer.Finish, query)
	require.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
	require.NotContains(t, w.Body.String(), "s3cret")
	return w.Code
}

func newInstaller(t *testing.T, host *kittest.Host, install func(context.Context, url.Values) (string, error), after string) *Installer {
	t.Helper()
	state, err := NewOAuthState(OAuthStateConfig{Adapter: "pager", Secret: "client secret"})
	require.NoError(t, err)
	i, err := NewInstaller(host, InstallerConfig{
		State: state, AuthorizeURL: "https://pager.example/authorize?client_id=12.34", Install: install, InstalledURL: after,
	})
	require.NoError(t, err)
	return i
}

func TestInstaller(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var codes []string
	install := func(_ context.Context, query url.Values) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		codes = append(codes, query.Get("code")+query.Get("team"))
		if query.Get("code") == "bad" {
			return "", errors.New("s3cret")
		}
		return "T1", nil
	}
	host := kittest.NewHost()
	ada, eve := &visitor{installer: newInstaller(t, host, install, "")}, &visitor{installer: newInstaller(t, host, install, "")}
	first := ada.begin(t)
	eve.begin(t)
	require.Equal(t, http.StatusBadRequest, eve.finish(t, url.Values{"code": {"good"}, "state": {first}}), "another browser's")
	require.Equal(t, http.StatusOK, ada.finish(t, url.Values{"code": {"good"}, "team": {"+T1"}, "state": {first}}))
	require.Equal(t, http.StatusBadRequest, ada.finish(t, url.Values{"code": {"good"}, "state": {first}}), "used")
	require.Equal(t, http.StatusBadRequest, ada.finish(t, url.Values{"code": {"good"}, "state": {"a.b.c"}}), "made up")
	require.Equal(t, http.StatusBadRequest, ada.finish(t, url.Values{"state": {ada.begin(t)}}), "no code")
	require.Equal(t, http.StatusBadRequest, ada.finish(t, nil), "neither")
	require.Equal(t, http.StatusForbidden, ada.finish(t, url.Values{"error": {"access_denied"}, "state": {ada.begin(t)}}))
	require.Equal(t, http.StatusServiceUnavailable, ada.finish(t, url.Values{"code": {"bad"}, "state": {ada.begin(t)}}))
	state := ada.begin(t)
	host.Memory.Fail(errors.New("s3cret: the state is away"))
	require.Equal(t, http.StatusServiceUnavailable, ada.finish(t, url.Values{"code": {"good"}, "state": {state}}))
	host.Memory.Fail(nil)

	begun := ada.get(ada.installer.Finish, url.Values{"code": {"unasked"}})
	require.Empty(t, sentTo(t, begun).Get("code"), "it was begun at the platform, and begins again here")

	eve.installer = newInstaller(t, host, install, "https://bot.example/welcome")
	w := eve.get(eve.installer.Finish, url.Values{"code": {"good"}, "state": {eve.begin(t)}})
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "https://bot.example/welcome", w.Header().Get("Location"))
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, "good+T1 bad good", strings.Join(codes, " "))
}

func TestInstallerConfig(t *testing.T) {
	t.Parallel()
	state, err := NewOAuthState(OAuthStateConfig{Adapter: "pager", Secret: "client secret"})
	require.NoError(t, err)
	install := func(context.Context, url.Values) (string, error) { return "", nil }
	for _, cfg := range []InstallerConfig{
		{},
		{State: state, Install: install},
		{State: state, Install: install, AuthorizeURL: "pager"},
		{Install: install, AuthorizeURL: "https://pager.example/"},
		{State: state, AuthorizeURL: "https://pager.example/"},
	} {
		_, err := NewInstaller(kittest.NewHost(), cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
	}
}

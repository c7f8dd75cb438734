package gchattest

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// TestOneTokenForAll asks for one token, however many calls wait for it, and ends a call
// whose context ends meanwhile.
func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := make(chan struct{})
	r.google.HoldTokens(hold)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if _, err := r.FetchChannel(context.WithoutCancel(t.Context()), "gchat:spaces/AAAA"); err != nil {
				t.Error(err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := r.FetchChannel(ctx, "gchat:spaces/AAAA")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(hold)
	group.Wait()
	require.Equal(t, 1, r.google.TokenCalls())
}

// TestTokenIsRefused asks for another token once where Google refuses one that has not
// ended, at a call and at the download of a file.
func TestTokenIsRefused(t *testing.T) {
	t.Parallel()
	for op, call := range map[string]string{"spaces.get": "channel", "media.download": "attachment", "spaces.messages.create": "post", "subscriptions.create": "subscribe"} {
		r := newRig(t)
		r.google.AddFile("F1", []byte("tea"))
		require.NoError(t, calls[call](t.Context(), r.Adapter), call)
		r.google.RevokeTokens()
		if call == "subscribe" { // else it is there already
			require.NoError(t, r.state.Delete(t.Context(), "gchat:space-sub:"+room))
		}
		before := r.google.TokenCalls()
		require.NoError(t, calls[call](t.Context(), r.Adapter), call)
		require.Equal(t, before+1, r.google.TokenCalls(), call)
		if call == "subscribe" {
			continue
		}
		failure := fakegchat.Failure{Status: 401, Code: "UNAUTHENTICATED"}
		r.google.Fail(op, failure, failure)
		require.ErrorIs(t, calls[call](t.Context(), r.Adapter), chat.ErrAuthentication, "%s: and only once", call)
	}
}

// TestNoToken says why the credentials give no token, without what the endpoint quotes.
func TestNoToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *gchat.Config) { c.ImpersonateUser = "somebody@elsewhere.example" })
	_, err := r.FetchMessages(t.Context(), inThread, chat.PageRequest{})
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.ErrorContains(t, err, "unauthorized_client")
	require.NotContains(t, err.Error(), "eyJ", "the assertion")
	for status, want := range map[int]error{400: chat.ErrAuthentication, 401: chat.ErrAuthentication, 403: chat.ErrAuthentication, 429: chat.ErrRateLimited, 500: chat.ErrTemporary, 503: chat.ErrTemporary} {
		fresh := newRig(t)
		fresh.google.Fail("token", fakegchat.Failure{Status: status, Code: "invalid_grant", Message: "the s3cret"})
		_, err := fresh.FetchChannel(t.Context(), "gchat:spaces/AAAA")
		require.ErrorIs(t, err, want, status)
		require.NotContains(t, err.Error(), "s3cret")
		_, err = fresh.FetchChannel(t.Context(), "gchat:spaces/AAAA")
		require.NoError(t, err, "a failure is not remembered")
	}
	gone := newRig(t, func(c *gchat.Config) {
		c.HTTPClient = &http.Client{Transport: answerWith(func(*http.Request) (*http.Response, error) { return nil, os.ErrDeadlineExceeded })}
	})
	_, err = gone.FetchChannel(t.Context(), "gchat:spaces/AAAA")
	require.ErrorIs(t, err, chat.ErrTemporary)
}

// answerWith is a Google that answers all so.
type answerWith func(r *http.Request) (*http.Response, error)

func (f answerWith) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDefaultCredentials finds the application default credentials: a key in the file
// that the environment names, and without one the machine's account, for which Google
// signs where a user is impersonated. It is not parallel: it sets the environment.
func TestDefaultCredentials(t *testing.T) {
	useADC := func(c *gchat.Config) { c.Credentials, c.UseADC = nil, true }
	t.Setenv("HOME", t.TempDir())
	key := filepath.Join(t.TempDir(), "key.json")
	require.NoError(t, os.WriteFile(key, fakegchat.Credentials(), 0o600))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", key)
	works := func(r *rig) {
		t.Helper()
		_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "as the app"})
		require.NoError(t, err)
		page, err := r.FetchMessages(t.Context(), inThread, chat.PageRequest{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Empty(t, r.google.Calls("spaces.messages.create")[0].User)
		require.Equal(t, fakegchat.Delegate, r.google.Calls("spaces.messages.list")[0].User)
	}
	works(newRig(t, useADC))

	r := newRig(t, useADC)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(r.google.URL, "http://"))
	works(r)

	user := filepath.Join(t.TempDir(), "user.json")
	require.NoError(t, os.WriteFile(user, []byte(`{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}`), 0o600))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", user)
	_, err := newRig(t, useADC).FetchMessages(t.Context(), inThread, chat.PageRequest{})
	require.ErrorContains(t, err, `credentials of the type "authorized_user"`)
	require.ErrorContains(t, err, "unsupported")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	_, err = newRig(t, useADC).FetchChannel(t.Context(), "gchat:spaces/AAAA")
	require.ErrorIs(t, err, chat.ErrAuthentication)
}

// TestConfig refuses configurations that can never work, and names the field.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*gchat.Config){
		"Credentials nor UseADC":     func(c *gchat.Config) { c.Credentials = nil },
		"Credentials and UseADC":     func(c *gchat.Config) { c.UseADC = true },
		"Credentials must":           func(c *gchat.Config) { c.Credentials = []byte("s3cret") },
		"Credentials has":            func(c *gchat.Config) { c.Credentials = []byte(`{"type":"service_account","private_key":"s3cret"}`) },
		"ProjectNumber nor":          func(c *gchat.Config) { c.ProjectNumber, c.EndpointURL, c.AddOnServiceAccount = "", "", "" },
		"ProjectNumber must":         func(c *gchat.Config) { c.ProjectNumber = "my-project" },
		"EndpointURL must":           func(c *gchat.Config) { c.EndpointURL = "bot.example.com" },
		"AddOnServiceAccount needs":  func(c *gchat.Config) { c.EndpointURL = "" },
		"AddOnServiceAccount must":   func(c *gchat.Config) { c.AddOnServiceAccount = "x" },
		"PubSubTopic must":           func(c *gchat.Config) { c.PubSubTopic = "chat" },
		"PubSubTopic needs PubSub":   func(c *gchat.Config) { c.PubSubAudience, c.PubSubServiceAccount = "", "" },
		"PubSubTopic needs Imperson": func(c *gchat.Config) { c.ImpersonateUser = "" },
		"PubSubAudience and":         func(c *gchat.Config) { c.PubSubAudience = "" },
		"PubSubServiceAccount must":  func(c *gchat.Config) { c.PubSubServiceAccount = "x" },
		"ImpersonateUser must":       func(c *gchat.Config) { c.ImpersonateUser = "users/1" },
		"BotUserID must":             func(c *gchat.Config) { c.BotUserID = "1" },
		"Commands[2] must":           func(c *gchat.Config) { c.Commands = map[int64]string{1: "/a", 2: "b"} },
		"APIURL must":                func(c *gchat.Config) { c.APIURL = "ftp://x" },
	} {
		cfg := gchat.Config{
			Credentials: fakegchat.Credentials(), ProjectNumber: project, EndpointURL: endpoint, AddOnServiceAccount: fakegchat.AddOnAccount,
			PubSubTopic: fakegchat.Topic, PubSubAudience: fakegchat.PushAudience, PubSubServiceAccount: fakegchat.PushAccount, ImpersonateUser: fakegchat.Delegate,
		}
		_, err := gchat.New(cfg)
		require.NoError(t, err)
		change(&cfg)
		_, err = gchat.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

// TestOwnUserIsLearnt has the app know itself by what it has posted, so that it hears
// other apps from then on, on all instances.
func TestOwnUserIsLearnt(t *testing.T) {
	t.Parallel()
	s, st := newChat(t), botrig.Memory(t)
	unknown := func(c *gchat.Config) { c.BotUserID = "" }
	r, other := newRigOn(t, s, st, unknown), newRigOn(t, s, st, unknown)
	fromApp := func(id, user string) string {
		return push("message.v1.created", id, `{"message":`+strings.Replace(pushedMessage("TTTT."+id, user, `"text":"beep",`), `"HUMAN"`, `"BOT"`, 1)+`}`)
	}
	r.send(t, fromApp("l1", "users/7")) // which may be the app itself
	_, err := r.PostMessage(t.Context(), inThread, &chat.Post{Text: "hello"})
	require.NoError(t, err)
	r.send(t, fromApp("l2", fakegchat.BotID))
	other.send(t, fromApp("l3", fakegchat.BotID))
	other.send(t, fromApp("l4", "users/7"))
	require.Equal(t, chat.MessageID("spaces/AAAA/messages/TTTT.l4"), next[*chat.Message](t, other).ID)
	require.NoError(t, r.Shutdown(t.Context()))
	require.NoError(t, other.Shutdown(t.Context()))
	r.quiet(t)
	other.quiet(t)
}

package teamstest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// TestAnswersInTime answers each activity within the 15 seconds that Teams waits, on a
// clock of its own: while its handler does not return, and while Microsoft's keys or the
// upload of a file take as long as they like.
// https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	for name := range webhooks {
		for _, keys := range []time.Duration{0, 4 * time.Second, time.Hour} {
			t.Run(name+"/keys after "+keys.String(), func(t *testing.T) {
				t.Parallel()
				s := newTeams(t) // its server is outside of the clock, and is called without a network
				synctest.Test(t, func(t *testing.T) { answerInTime(t, s, hookOf(t, name), keys) })
			})
		}
	}
}

func answerInTime(t *testing.T, s *faketeams.Server, body string, keys time.Duration) {
	t.Helper()
	st := botrig.Memory(t)
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	microsoft := s.Direct().Transport
	r := newRigOn(t, s, st, func(c *teams.Config) {
		c.HTTPClient = &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			wait := map[string]time.Duration{"login.botframework.com": keys, "contoso.sharepoint.com": time.Hour}[req.URL.Host]
			select {
			case <-req.Context().Done():
				return nil, req.Context().Err()
			case <-time.After(wait):
				return microsoft.RoundTrip(req)
			}
		})}
	})
	release := make(chan struct{})
	defer close(release)
	hang := func() error { <-release; return nil }
	r.OnMessage(botrig.AnyText, func(context.Context, *chat.MessageEvent) error { return hang() })
	r.OnAction(func(context.Context, *chat.ActionEvent) error { return hang() })
	r.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		return chat.ModalAnswer{}, hang()
	})
	r.OnOptionsLoad(func(context.Context, *chat.OptionsLoadEvent) (chat.Options, error) { return chat.Options{}, hang() })
	r.OnPlatformEvent(func(context.Context, *chat.PlatformEvent) error { return hang() })
	require.NoError(t, st.Set(t.Context(), "teams:file:f", []byte(`{"name":"a.txt","data":"dGVh"}`), time.Hour))
	if strings.Contains(body, "fileConsent") {
		body = strings.Replace(body, `"context":{"x":1}`, `"context":{"file":"f"}`, 1)
	}
	begun := time.Now()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/teams", strings.NewReader(body))
	sign(req, nil, begun)
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	require.Less(t, time.Since(begun), 15*time.Second, "%d %s", w.Code, w.Body)
	if keys == 0 && !strings.Contains(body, "task/submit") && !strings.Contains(body, "application/search") && !strings.Contains(body, "fileConsent") {
		require.Equal(t, http.StatusOK, w.Code, "what needs no handler's answer is taken: %s", w.Body)
	}
}

package gchattest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// TestAnswersInTime answers each webhook within the 30 seconds that Chat waits, on a clock
// of its own: while its handler does not return, and while Google's keys and the calls
// that it needs take as long as they like.
// https://developers.google.com/workspace/chat/receive-respond-interactions
func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	const more = `,"dialogEventType":"REQUEST_DIALOG","isDialogEvent":true,"common":{"parameters":{"actionId":"b"}}`
	bodies := map[string]string{
		"a click that wants a dialog":   chatEvent("CARD_CLICKED", room, more),
		"one in a space of some kind":   strings.Replace(chatEvent("CARD_CLICKED", room, more), roomJSON, `"space":{"name":"spaces/AAAA"}`, 1), // Google is asked for it
		"a command that wants a dialog": chatEvent("APP_COMMAND", room, `,"dialogEventType":"REQUEST_DIALOG","isDialogEvent":true,"appCommandMetadata":{"appCommandId":7}`),
	}
	for name := range webhooks {
		bodies[name] = sample(name)
	}
	for name, body := range bodies {
		for _, slow := range []time.Duration{0, 2 * time.Second, 4 * time.Second, time.Hour} {
			t.Run(name+"/Google after "+slow.String(), func(t *testing.T) {
				t.Parallel()
				s := newChat(t)
				synctest.Test(t, func(t *testing.T) { answerInTime(t, s, body, slow) })
			})
		}
	}
}

func answerInTime(t *testing.T, s *fakegchat.Server, body string, slow time.Duration) {
	t.Helper()
	google := s.Direct().Transport
	r := newRigOn(t, s, memoryOnClock(t), func(c *gchat.Config) {
		c.HTTPClient = &http.Client{Transport: answerWith(func(req *http.Request) (*http.Response, error) {
			select {
			case <-req.Context().Done():
				return nil, req.Context().Err()
			case <-time.After(slow):
				return google.RoundTrip(req)
			}
		})}
	})
	release := make(chan struct{})
	defer close(release)
	hang := func() error { <-release; return nil }
	r.OnMessage(botrig.AnyText, func(context.Context, *chat.MessageEvent) error { return hang() })
	r.OnAction(func(context.Context, *chat.ActionEvent) error { return hang() })
	r.OnSlashCommand(func(context.Context, *chat.SlashCommandEvent) error { return hang() })
	r.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		return chat.ModalAnswer{}, hang()
	})
	r.OnPlatformEvent(func(context.Context, *chat.PlatformEvent) error { return hang() })
	token := fakegchat.Sign(fakegchat.ChatKey(), "chat-1", fakegchat.Claims())
	if strings.Contains(body, `"subscription":"projects/`) {
		token = fakegchat.Sign(fakegchat.GoogleKey(), "google-1", fakegchat.IDClaims(fakegchat.PushAudience, fakegchat.PushAccount))
	}
	begun := time.Now()
	w := r.deliver(t, body, token)
	require.Less(t, time.Since(begun), 30*time.Second, "%d %s", w.Code, w.Body)
	if slow == 0 && !strings.Contains(body, "SUBMIT_DIALOG") {
		require.Equal(t, http.StatusOK, w.Code, "what needs no handler's answer is taken: %s", w.Body)
	}
}

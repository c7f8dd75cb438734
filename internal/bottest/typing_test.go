package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// A bot that has nothing to say takes the indicator away; where there is none, or
// the platform will not now, nothing happens.
func TestTypingEnds(t *testing.T) {
	for name, platform := range map[string]chattest.Config{"shown": {}, "not shown": {Without: []chattest.Ability{chattest.Typer}}} {
		t.Run(name, func(t *testing.T) {
			playOn(t, 1, platform, nil, func(r *rig) {
				fake := r.instances[0].fake
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if err := ev.Thread.StartTyping(ctx, "looking"); err != nil {
						return err
					}
					if ev.Message.ID == "m2" {
						fake.FailNext(&chat.PlatformError{Adapter: "fake", Op: "typing", Code: chat.CodeRateLimited, RetryAfter: time.Second})
					}
					return ev.Thread.StopTyping(ctx)
				})
				for i, id := range []string{"m1", "m2"} {
					require.NoError(r.t, r.send(0, "t", id).Wait(r.t.Context()))
					if name == "shown" {
						require.Equal(r.t, i+1, fake.Typed("fake:c:t"))
						require.Equal(r.t, 1, fake.StoppedTyping("fake:c:t"))
					}
				}
			})
		})
	}
}

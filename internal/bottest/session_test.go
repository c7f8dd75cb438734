package bottest

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// A handler marks where its work stands; where the platform shows none, or will not
// now, nothing happens, and what is no status is an error.
func TestSessionIsMarked(t *testing.T) {
	for name, platform := range map[string]chattest.Config{"shown": {}, "not shown": {Without: []chattest.Ability{chattest.SessionMarker}}} {
		t.Run(name, func(t *testing.T) {
			playOn(t, 1, platform, nil, func(r *rig) {
				fake := r.instances[0].fake
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if err := ev.Thread.MarkSession(ctx, "busy"); !errors.Is(err, chat.ErrInvalidArgument) {
						return errors.New("no ErrInvalidArgument")
					}
					if err := ev.Thread.MarkSession(ctx, chat.SessionProcessing); err != nil {
						return err
					}
					fake.FailNext(&chat.PlatformError{Adapter: "fake", Op: "session", Code: chat.CodeRateLimited, RetryAfter: time.Second})
					if err := ev.Thread.MarkSession(ctx, chat.SessionActive); err != nil {
						return err
					}
					fake.FailNext()
					return ev.Thread.MarkSession(ctx, chat.SessionSuspended)
				})
				require.NoError(r.t, r.send(0, "t", "m1").Wait(r.t.Context()))
				if name == "shown" {
					require.Equal(r.t, []chat.SessionStatus{chat.SessionProcessing, chat.SessionSuspended}, fake.Sessions("fake:c:t"))
				}
			})
		})
	}
}

// A stream marks the session when it has ended, by whichever way it is shown and
// however it has ended.
func TestAStreamMarksTheSession(t *testing.T) {
	broken := errors.New("the model broke off")
	for name, test := range map[string]struct {
		platform chattest.Config
		fails    error
		text     string
	}{
		"native":         {text: "hello"},
		"edited":         {platform: chattest.Config{Without: []chattest.Ability{chattest.Streamer}}, text: "hello"},
		"native, failed": {text: "hello", fails: broken},
		"edited, failed": {platform: chattest.Config{Without: []chattest.Ability{chattest.Streamer}}, text: "hello", fails: broken},
		"nothing said":   {},
	} {
		t.Run(name, func(t *testing.T) {
			playOn(t, 1, test.platform, nil, func(r *rig) {
				fake := r.instances[0].fake
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					var words iter.Seq2[string, error] = func(yield func(string, error) bool) {
						if test.text == "" || yield(test.text, nil) {
							if test.fails != nil {
								yield("", test.fails)
							}
						}
					}
					_, err := ev.Thread.Post(ctx, chat.Stream(words).With(chat.StreamOptions{Session: chat.SessionClosed}))
					if !errors.Is(err, test.fails) {
						return err
					}
					return nil
				})
				require.NoError(r.t, r.send(0, "t", "m1").Wait(r.t.Context()))
				require.Equal(r.t, []chat.SessionStatus{chat.SessionClosed}, fake.Sessions("fake:c:t"))
			})
		})
	}
}

// What is no status is refused before anything is posted.
func TestAStreamWithAnotherStatus(t *testing.T) {
	playOn(t, 1, chattest.Config{}, nil, func(r *rig) {
		fake := r.instances[0].fake
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			var words iter.Seq2[string, error] = func(func(string, error) bool) {}
			_, err := ev.Thread.Post(ctx, chat.Stream(words).With(chat.StreamOptions{Session: "busy"}))
			if !errors.Is(err, chat.ErrInvalidArgument) {
				return errors.New("no ErrInvalidArgument")
			}
			return nil
		})
		require.NoError(r.t, r.send(0, "t", "m1").Wait(r.t.Context()))
		require.Empty(r.t, fake.Posts("fake:c:t"))
		require.Empty(r.t, fake.Sessions("fake:c:t"))
	})
}

package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// failedMessages are the texts of the conversation's messages that the page marks as
// not answered.
func (b *testBot) failedMessages(user, conversation string) []string {
	b.t.Helper()
	resp := b.do(http.MethodGet, "/messages?conversation="+conversation, user, "")
	var body struct {
		Messages []struct {
			Parts    []struct{ Text string }
			Metadata struct{ Failed bool }
		}
	}
	require.NoError(b.t, json.Unmarshal(readAll(b.t, resp), &body))
	texts := []string{}
	for _, m := range body.Messages {
		if m.Metadata.Failed {
			texts = append(texts, m.Parts[0].Text)
		}
	}
	return texts
}

// A message that was given up stays marked in the history, and sending it once more
// has it handled again, as a dead letter or, where none are kept, as a new message.
func TestAMessageThatWasGivenUpCanBeSentAgain(t *testing.T) {
	for name, durability := range map[string]chat.Durability{"inbox": chat.DurabilityInbox, "none": chat.DurabilityNone} {
		t.Run(name, func(t *testing.T) {
			var fails atomic.Bool
			fails.Store(true)
			b := newBot(t, botOptions{
				config: func(c *chat.Config) { c.Durability = durability },
				handle: func(ctx context.Context, ev *chat.MessageEvent) error {
					if fails.Load() {
						return errors.New("the model is away")
					}
					_, err := ev.Thread.Post(ctx, chat.Text("here it is"))
					return err
				},
			})
			require.Equal(t, "start error finish", kinds(b.say("ada", "c1", "m1", "go")))
			require.Equal(t, []string{"go"}, b.failedMessages("ada", "c1"))

			require.Equal(t, "start error finish", kinds(b.say("ada", "c1", "m1", "go")), "it fails again")
			require.Equal(t, []string{"go"}, b.failedMessages("ada", "c1"))

			fails.Store(false)
			require.Equal(t, []string{"here it is"}, texts(b.say("ada", "c1", "m1", "go")))
			require.Empty(t, b.failedMessages("ada", "c1"))
			require.Equal(t, []string{"user: go", "assistant: here it is"}, b.history("ada", "c1"))
			if durability == chat.DurabilityInbox {
				letters, err := b.DeadLetters(t.Context())
				require.NoError(t, err)
				require.Empty(t, letters)
			}
			require.Equal(t, "start finish", kinds(b.say("ada", "c1", "m1", "go")), "what was answered is not again")
		})
	}
}

package live

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// TestChannelScope has messages of two threads wait for a handler of a third one in the
// same channel. When the npm package's handler has returned it takes both, hands over
// the newest, and discards the other: ours, which had answered for it, finds it missing.
// With locks on threads, as the guide has it, neither waits.
func TestChannelScope(t *testing.T) {
	t.Parallel()
	busy, second, third := message("fake:c:1", "1", "wait"), message("fake:c:2", "2", "hello"), message("fake:c:3", "3", "hello")

	t.Run("TypeScript discards", func(t *testing.T) {
		_, there, here := newPair(t, "channel", "ioredis", standalone)
		there.deliver(t, busy)
		there.handled(t)
		discarded, taken := here.accept(t, second), here.accept(t, third)
		there.goOn(t)
		h := there.handled(t)
		require.JSONEq(t, string(third), string(h.Message))
		require.Empty(t, h.Skipped)
		require.ErrorIs(t, discarded.Wait(t.Context()), chat.ErrMissing)
		require.ErrorIs(t, taken.Wait(t.Context()), chat.ErrMissing)
		require.Empty(t, there.handles)
		require.Empty(t, here.handles)
		require.Contains(t, here.log.String(), "msg=message-missing adapter=fake thread=fake:c:2 message=2")
	})
	t.Run("Go handles all", func(t *testing.T) {
		_, there, here := newPair(t, "channel", "ioredis", standalone)
		here.deliver(t, busy)
		here.handled(t)
		there.deliver(t, second)
		there.deliver(t, third)
		here.goOn(t)
		require.ElementsMatch(t, []string{compact(t, second), compact(t, third)}, handledOnes(t, here, here))
	})
	t.Run("locks on threads", func(t *testing.T) {
		_, there, here := newPair(t, "thread", "ioredis", standalone)
		there.deliver(t, busy)
		there.handled(t)
		here.deliver(t, second)
		here.deliver(t, third)
		require.ElementsMatch(t, []string{compact(t, second), compact(t, third)}, handledOnes(t, here, here))
		there.goOn(t)
	})
}

// handledOnes returns what the sides handle next, of which nothing is skipped.
func handledOnes(t *testing.T, sides ...side) (messages []string) {
	t.Helper()
	for _, s := range sides {
		h := s.handled(t)
		require.Equal(t, []json.RawMessage(nil), h.Skipped)
		messages = append(messages, compact(t, h.Message))
	}
	return messages
}

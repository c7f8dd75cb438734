package chat

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Steps of every message cost nothing where nobody wants to know of them.
func TestStepsCostNothingWithoutAnObserver(t *testing.T) {
	p := program{&Chat{log: slog.New(slog.DiscardHandler)}}
	ctx, thread, event := t.Context(), dispatch.ConversationKey("fake:c:t"), dispatch.EventKey("fake", "1")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p.Report(ctx, dispatch.Report{Step: dispatch.LockAcquired, Key: thread})
		p.Report(ctx, dispatch.Report{Step: dispatch.LockReleased, Key: event})
	}))
}

package aisdktest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
	"github.com/chat-adapter/chat-go/internal/nodejs"
)

func TestMain(m *testing.M) { os.Exit(exampletest.Main(m)) }

func TestTheAISDKHoldsAConversation(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	require.NoError(t, nodejs.InstallPackages(ctx, "."))
	bot := exampletest.Start(t, "memory://")
	showcase := exampletest.StartExample(t, "showcase", "memory://")
	for _, version := range []string{"5", "6", "7"} {
		t.Run("ai "+version, func(t *testing.T) {
			talk, err := nodejs.Command(ctx, "node", "talk.mjs", bot.URL("/webhooks/web"), showcase.URL("/webhooks/web"), version)
			require.NoError(t, err)
			out, err := talk.CombinedOutput()
			require.NoError(t, err, "%s", out)
			t.Logf("\n%s", out)
		})
	}
}

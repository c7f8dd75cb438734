package aisdktest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

func TestMain(m *testing.M) { os.Exit(exampletest.Main(m)) }

// needNode skips the test where Node.js is missing, but not in CI.
func needNode(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			const text = "there is no %s: install Node.js 18 or newer with npm, on Debian with: apt-get install -y nodejs npm"
			if os.Getenv("CI") == "true" {
				t.Fatalf(text, program)
			}
			t.Skipf(text, program)
		}
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	require.NoError(t, err, "%s %v:\n%s", name, args, out)
	return string(out)
}

func TestTheAISDKHoldsAConversation(t *testing.T) {
	needNode(t)
	run(t, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	bot := exampletest.Start(t, "memory://")
	showcase := exampletest.StartExample(t, "showcase", "memory://")
	t.Log("\n" + run(t, "node", "talk.mjs", bot.URL("/webhooks/web"), showcase.URL("/webhooks/web")))
}

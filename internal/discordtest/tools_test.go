package discordtest

import (
	"testing"

	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(t), "channel")
	toolstest.Run(t, open, features(t), "thread")
	toolstest.Run(t, open, features(t), "direct")
}

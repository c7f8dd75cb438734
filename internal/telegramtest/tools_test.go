package telegramtest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "direct", chattools.ListThreads)
	toolstest.Run(t, open, features(), "group", chattools.ListThreads)
	toolstest.Run(t, open, features(), "topic", chattools.ListThreads)
}

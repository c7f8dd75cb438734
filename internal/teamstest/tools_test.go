package teamstest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "in a thread")
	toolstest.Run(t, open, features(), "in a group chat", chattools.ListThreads)
	toolstest.Run(t, open, features(), "a file", chattools.ListThreads)
}

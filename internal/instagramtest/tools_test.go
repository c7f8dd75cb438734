package instagramtest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "message", chattools.EditMessage, chattools.DeleteMessage, chattools.ListThreads)
}

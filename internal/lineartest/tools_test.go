package lineartest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "a comment", chattools.SendDirectMessage)
	toolstest.Run(t, open, features(), "on a project", chattools.SendDirectMessage)
}

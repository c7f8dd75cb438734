package platform

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModelsOnTheWeb(t *testing.T) {
	toolstest.Run(t, openWeb, webFeatures(), "message", chattools.SendDirectMessage, chattools.ListThreads, chattools.GetChannelInfo, chattools.GetUser)
}

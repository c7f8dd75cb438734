package whatsapptest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "text", chattools.EditMessage, chattools.DeleteMessage, chattools.FetchThread, chattools.ListThreads, chattools.GetChannelInfo, chattools.GetUser)
}

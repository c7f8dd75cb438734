package githubtest

import (
	"testing"

	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features("a comment on an issue"), "a comment on an issue", chattools.PostChannelMessage, chattools.SendDirectMessage)
	toolstest.Run(t, open, features("a review comment that begins a thread"), "a review comment that begins a thread", chattools.PostChannelMessage, chattools.SendDirectMessage)
	toolstest.Run(t, open, features("a comment on a discussion"), "a comment on a discussion", chattools.PostChannelMessage, chattools.SendDirectMessage)
}

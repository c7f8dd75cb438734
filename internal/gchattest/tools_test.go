package gchattest

import (
	"testing"

	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "in a space")
}

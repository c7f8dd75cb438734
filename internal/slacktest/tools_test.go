package slacktest_test

import (
	"testing"

	"github.com/chat-adapter/chat-go/internal/toolstest"
)

func TestToolsOfLanguageModels(t *testing.T) {
	toolstest.Run(t, open, features(), "channel")
	toolstest.Run(t, open, features(), "direct")
}

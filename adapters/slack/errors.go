package slack

import (
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	errNoBotToken  = errors.New(`what Config.BotTokenSource returned is no bot token, "xoxb-…"`)
	errNoWorkspace = errors.New("no event came from there yet that says which workspace's token to use; see WithInstallation")
)

func platformError(op string, code chat.Code, cause error) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: cause}
}

func unsupported(what string) error {
	return fmt.Errorf("slack: %s: %w", what, errors.ErrUnsupported)
}

func invalidConfig(field, want string) error {
	return fmt.Errorf("%w: slack: %s: %s", chat.ErrInvalidConfig, field, want)
}

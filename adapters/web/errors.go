package web

import (
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	errEmpty     = errors.New("the message has no text")
	errNoMessage = errors.New("the conversation's kept history has no such message")
	errNotOurs   = errors.New("the message is not the bot's")
)

func platformError(op string, code chat.Code, cause error) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: cause}
}

func unsupported(what string) error {
	return fmt.Errorf("web: %s: %w", what, errors.ErrUnsupported)
}

package web

import (
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

var (
	errEmpty     = errors.New("the message has neither text nor anything else")
	errNoMessage = errors.New("the conversation's kept history has no such message")
	errNotOurs   = errors.New("the message is not the bot's")
	errNotThere  = errors.New("the user has no part in the conversation")
	errTrigger   = errors.New("the trigger is not one of this adapter's")
	errExpired   = errors.New("the trigger has expired")
	errTriggered = errors.New("the trigger has opened a modal already")
)

func platformError(op string, code chat.Code, cause error) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: cause}
}

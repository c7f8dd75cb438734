package chat

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
)

// Causes that end the context of a running handler. Find them with
// [context.Cause]; what the handler does through its Thread afterwards returns
// them.
var (
	// ErrLockLost is [state.ErrLockLost]. It means that another instance may hold the
	// thread's lock from now on: the renewal was refused, or the state backend was
	// silent for so long that the lock may have expired.
	ErrLockLost = fault.ErrLockLost
	// ErrTurnTooLong means that the handler ran longer than Config.Limits.MaxTurn.
	ErrTurnTooLong = fault.ErrTurnTooLong
	// ErrTurnCancelled means that CancelTurn was called for the thread.
	ErrTurnCancelled = fault.ErrTurnCancelled
	// ErrShutdown means that the bot shuts down. New events are refused with it,
	// and handlers still running at the deadline are cancelled with it.
	ErrShutdown = fault.ErrShutdown
)

// Errors of calls.
var (
	// ErrInvalidConfig is returned by New, of a bot or of an adapter, for a
	// configuration that can never work; the message names the field. It is
	// [state.ErrInvalidConfig].
	ErrInvalidConfig = fault.ErrInvalidConfig
	// ErrInvalidArgument is returned for an argument that can never work; the
	// message names it and says what was expected. It is [state.ErrInvalidArgument].
	ErrInvalidArgument = fault.ErrInvalidArgument
	// ErrUnknownAdapter is returned for an id whose adapter the bot does not have.
	ErrUnknownAdapter = errors.New("chat: no such adapter")
	// ErrBusy is returned by Host.Deliver when an event cannot be taken now: its
	// queue is full, or an earlier delivery of it is still being stored. The
	// platform should deliver it again.
	ErrBusy = fault.ErrBusy
	// ErrMissing is returned by Receipt.Wait for a message that is no longer stored
	// although no instance of this SDK has handled it: a TypeScript instance that
	// shares the state took it, and handled it or not, or dropped it.
	ErrMissing = fault.ErrMissing
	// ErrPanic wraps a panic of a handler: its value, if that is an error, else the
	// first 500 bytes of it as text. The log has the stack.
	ErrPanic = errors.New("chat: the handler panicked")
)

// Code classifies what a platform answered.
type Code int

// The codes of platform errors. Their numbers never change.
const (
	CodeRateLimited    Code = 1 // ask again after RetryAfter
	CodeNotFound       Code = 2 // the channel, message or user is not there
	CodePermission     Code = 3 // the bot may not do that
	CodeAuthentication Code = 4 // the platform does not accept the credentials
	CodeInvalid        Code = 5 // the platform can never accept the request
	CodeTemporary      Code = 6 // trying again may help
)

// Sentinels that errors.Is matches against a *[PlatformError] by its code.
// ErrNotFound is also returned for other things that were named and are not there, such
// as a dead letter.
var (
	ErrRateLimited    = errors.New("rate limited")
	ErrNotFound       = fault.ErrNotFound
	ErrPermission     = errors.New("permission denied")
	ErrAuthentication = errors.New("authentication failed")
	ErrInvalid        = errors.New("invalid request")
	ErrTemporary      = errors.New("temporary failure")
)

var codeErrors = map[Code]error{
	CodeRateLimited:    ErrRateLimited,
	CodeNotFound:       ErrNotFound,
	CodePermission:     ErrPermission,
	CodeAuthentication: ErrAuthentication,
	CodeInvalid:        ErrInvalid,
	CodeTemporary:      ErrTemporary,
}

// PlatformError is what an adapter returns when its platform refused or failed.
// Abilities that a platform lacks are not PlatformErrors: they satisfy
// errors.Is(err, errors.ErrUnsupported).
type PlatformError struct {
	// Adapter is the adapter's name.
	Adapter string
	// Op is what was asked, in the platform's words, such as "chat.postMessage".
	Op string
	// Code classifies the failure.
	Code Code
	// RetryAfter is how long to wait, if the platform said so. Default 0: unknown.
	RetryAfter time.Duration
	// Err is the cause. It must not hold message text or credentials.
	Err error
}

// Error names the adapter, the operation, the class and the cause.
func (e *PlatformError) Error() string {
	s := fmt.Sprintf("%s: %s: %v", e.Adapter, e.Op, codeErrors[e.Code])
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap makes errors.Is match the code's sentinel and the cause.
func (e *PlatformError) Unwrap() []error {
	errs := make([]error, 0, 2)
	if s := codeErrors[e.Code]; s != nil {
		errs = append(errs, s)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// HTTPStatus returns the status with which a webhook answers an error of
// Host.Deliver. Anything but a bad request is a 503, so that the platform
// delivers again.
func HTTPStatus(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrInvalidArgument):
		return http.StatusBadRequest
	default:
		return http.StatusServiceUnavailable
	}
}

func unsupported(adapter, ability string) error {
	return fmt.Errorf("chat: adapter %q: %s: %w", adapter, ability, errors.ErrUnsupported)
}

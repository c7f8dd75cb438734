package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Error is a request that is refused. Its text is for the log: it holds no
// content of the request. One with status 400 satisfies errors.Is with
// [chat.ErrInvalidArgument], so that what came over a socket can be told apart, too.
type Error struct {
	// Status is the HTTP status of the answer.
	Status int
	// Answer is what the sender is told. Default: the status's text.
	Answer string
	// Allow are the methods that would be taken, for status 405. Default none.
	Allow []string
	// Err says why, for the log. Default: as the answer.
	Err error
}

// Error says why the request is refused.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("webhook: %d: %v", e.Status, e.Err)
	}
	return fmt.Sprintf("webhook: %d: %s", e.Status, e.answer())
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the target is what the status means.
func (e *Error) Is(target error) bool {
	return target == chat.ErrInvalidArgument && e.Status == http.StatusBadRequest
}

func (e *Error) answer() string {
	if e.Answer != "" {
		return e.Answer
	}
	return http.StatusText(e.Status)
}

// Refuse answers a request that could not be taken, and logs why. The sender is told
// the Answer of an *[Error], and of any other error only the status that
// [chat.HTTPStatus] gives it. It must be called before anything is written.
func Refuse(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	log.WarnContext(r.Context(), "webhook-refused", "error", err)
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		refused = &Error{Status: chat.HTTPStatus(err)}
	}
	if len(refused.Allow) > 0 {
		w.Header().Set("Allow", strings.Join(refused.Allow, ", "))
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.Error(w, refused.answer(), refused.Status)
}

// unauthorizedf is any request without a proof. Whatever is wrong with it, the
// answer is the same.
func unauthorizedf(format string, args ...any) error {
	return &Error{Status: http.StatusUnauthorized, Err: fmt.Errorf(format, args...)}
}

// Unauthorized turns the error of a check that the program makes itself into an
// *[Error] with status 401. If the check could not be made, which [chat.ErrTemporary]
// or a context's error says, the status is 503, so that the platform delivers again. It
// returns nil for nil.
func Unauthorized(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, chat.ErrTemporary), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Err: err}
	}
	return &Error{Status: http.StatusUnauthorized, Err: err}
}

// BadRequest is a request with status 400. The sender is told the text, so it quotes
// nothing that only the log may have.
func BadRequest(format string, args ...any) error {
	return &Error{Status: http.StatusBadRequest, Answer: fmt.Sprintf(format, args...)}
}

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

// Error is the reason why a request is refused. Its text is for the log, and contains
// nothing of the request. An Error with status 400 is also [chat.ErrInvalidArgument] for
// errors.Is, which is useful for events that came over a socket.
type Error struct {
	// Status is the HTTP status of the answer. Required.
	Status int
	// Answer is the body of the answer. Default: the text of the status.
	Answer string
	// Allow are the allowed methods, for status 405. Default none.
	Allow []string
	// Err is the reason, for the log. Default: Answer.
	Err error
}

// Error returns the status and the reason.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("webhook: %d: %v", e.Status, e.Err)
	}
	return fmt.Sprintf("webhook: %d: %s", e.Status, e.answer())
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is [chat.ErrInvalidArgument] and the status is 400.
func (e *Error) Is(target error) bool {
	return target == chat.ErrInvalidArgument && e.Status == http.StatusBadRequest
}

func (e *Error) answer() string {
	if e.Answer != "" {
		return e.Answer
	}
	return http.StatusText(e.Status)
}

// Refuse answers a request that was refused, and logs the error. The answer has the Status
// and the Answer of an *[Error]. For any other error it has only the status of
// [chat.HTTPStatus]. It must be called before anything is written.
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

// unauthorizedf returns the error of a request that is not authenticated. The answer is
// always the same; only the log has the reason.
func unauthorizedf(format string, args ...any) error {
	return &Error{Status: http.StatusUnauthorized, Err: fmt.Errorf(format, args...)}
}

// Unauthorized returns an *[Error] with status 401 for the error of a check of the program
// itself. If the error is [chat.ErrTemporary] or a context's, the check could not be made;
// the status is then 503, so that the platform delivers again. For nil it returns nil.
func Unauthorized(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, chat.ErrTemporary), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Err: err}
	}
	return &Error{Status: http.StatusUnauthorized, Err: err}
}

// BadRequest returns an *[Error] with status 400. The text is the body of the answer, so it
// must contain nothing that only the log may have.
func BadRequest(format string, args ...any) error {
	return &Error{Status: http.StatusBadRequest, Answer: fmt.Sprintf(format, args...)}
}

package chat

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestPlatformErrorMatchesItsCodeAndCause(t *testing.T) {
	cause := errors.New("no such channel")
	for code, sentinel := range codeErrors {
		err := fmt.Errorf("posting: %w", &PlatformError{Adapter: "slack", Op: "chat.postMessage", Code: code, Err: cause})
		require.ErrorIs(t, err, sentinel)
		require.ErrorIs(t, err, cause)
		for other, s := range codeErrors {
			require.Equal(t, other == code, errors.Is(err, s))
		}
	}
	require.Equal(t, "slack: chat.postMessage: not found: no such channel",
		(&PlatformError{Adapter: "slack", Op: "chat.postMessage", Code: CodeNotFound, Err: cause}).Error())
}

func TestHTTPStatusMakesThePlatformDeliverAgain(t *testing.T) {
	require.Equal(t, http.StatusOK, HTTPStatus(nil))
	require.Equal(t, http.StatusBadRequest, HTTPStatus(fmt.Errorf("x: %w", ErrInvalidArgument)))
	for _, err := range []error{ErrBusy, ErrShutdown, state.ErrUnavailable, state.ErrUnknownOutcome, errors.New("?")} {
		require.Equal(t, http.StatusServiceUnavailable, HTTPStatus(err))
	}
}

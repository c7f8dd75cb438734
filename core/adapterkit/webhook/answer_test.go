package webhook_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	webhook.Answer(w, map[string]int{"type": 1})
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.JSONEq(t, `{"type":1}`, w.Body.String())
}

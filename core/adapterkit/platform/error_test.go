package platform

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestParseCodes(t *testing.T) {
	t.Parallel()
	codes := ParseCodes(map[chat.Code]string{
		chat.CodeNotFound:   "channel_not_found  user_not_found\n",
		chat.CodePermission: "missing_scope",
	})
	require.Equal(t, Codes{
		"channel_not_found": chat.CodeNotFound, "user_not_found": chat.CodeNotFound, "missing_scope": chat.CodePermission,
	}, codes)
	_, ok := codes["unheard_of"]
	require.False(t, ok)
}

func TestWithoutURL(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	nested := &url.Error{Op: "Post", URL: "https://a.example/" + secret, Err: fmt.Errorf("dial: %w", &url.Error{Op: "Get", URL: "https://b.example/" + secret, Err: cause})}
	require.Equal(t, cause, WithoutURL(nested))
	require.Equal(t, cause, WithoutURL(cause))
	require.NoError(t, WithoutURL(nil))
}

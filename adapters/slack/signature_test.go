package slack

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// TestSignatureOfTheDocumentation checks the example that Slack gives.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func TestSignatureOfTheDocumentation(t *testing.T) {
	t.Parallel()
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	header := http.Header{}
	header.Set("X-Slack-Request-Timestamp", "1531420618")
	header.Set("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")
	now := time.Unix(1531420618, 0)
	const secret = "8f742231b10e8888abcd99yyyzzz85a5"
	const minutes = 5 * time.Minute
	require.NoError(t, checkSignature(secret, header, []byte(body), now))
	require.NoError(t, checkSignature(secret, header, []byte(body), now.Add(minutes)))
	for name, err := range map[string]error{
		"too old":        checkSignature(secret, header, []byte(body), now.Add(minutes+time.Second)),
		"of the future":  checkSignature(secret, header, []byte(body), now.Add(-minutes-time.Second)),
		"another body":   checkSignature(secret, header, []byte(body+"x"), now),
		"another secret": checkSignature("another", header, []byte(body), now),
		"no secret":      checkSignature("", header, []byte(body), now),
	} {
		refused, ok := errors.AsType[*webhook.Error](err)
		require.True(t, ok, name)
		require.Equal(t, http.StatusUnauthorized, refused.Status, name)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("1531420618", "v0=00", []byte("body"))
	f.Add("-9223372036854775808", "v0=", []byte(""))
	f.Add("9223372036854775807", "", []byte("{}"))
	f.Fuzz(func(t *testing.T, timestamp, given string, body []byte) {
		now := time.Unix(1531420618, 0)
		header := http.Header{timestampHeader: {timestamp}, signatureHeader: {given}}
		if checkSignature("secret", header, body, now) == nil {
			seconds, err := strconv.ParseInt(timestamp, 10, 64)
			want := hmacWith("secret").Sign(signed(timestamp, body)...)
			if err != nil || seconds < now.Unix()-300 || seconds > now.Unix()+300 || !equalFoldHex(given, want) {
				t.Errorf("accepted %q %q", timestamp, given)
			}
		}
	})
}

// equalFoldHex compares signatures whose digits may be capital.
func equalFoldHex(a, b string) bool {
	x, errA := hex.DecodeString(a[min(3, len(a)):])
	y, errB := hex.DecodeString(b[3:])
	return errA == nil && errB == nil && string(x) == string(y)
}

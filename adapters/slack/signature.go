package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Slack signs "v0:{timestamp}:{body}" with the signing secret and asks to refuse
// requests that are older than five minutes.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const (
	timestampHeader  = "X-Slack-Request-Timestamp"
	signatureHeader  = "X-Slack-Signature"
	signatureVersion = "v0"
	signatureAge     = 5 * time.Minute
)

var (
	errNoSecret     = errors.New("no SigningSecret is configured")
	errTimestamp    = errors.New("the timestamp is missing, or more than five minutes away")
	errBadSignature = errors.New("the signature is not this body's")
)

// VerifySignature returns why a request with the header and the body is not
// Slack's, for an app with the signing secret; nil if it is. It is what the adapter
// does without Config.VerifyRequest, for programs that take webhooks of Slack's by
// themselves.
func VerifySignature(signingSecret string, header http.Header, body []byte) error {
	return checkSignature(signingSecret, header, body, time.Now())
}

// checkSignature returns why the request is not Slack's.
func checkSignature(secret string, header http.Header, body []byte, now time.Time) error {
	if secret == "" {
		return errNoSecret
	}
	timestamp := header.Get(timestampHeader)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Unix(seconds, 0).Sub(now).Abs() > signatureAge {
		return errTimestamp
	}
	text, ok := strings.CutPrefix(header.Get(signatureHeader), signatureVersion+"=")
	given, err := hex.DecodeString(text)
	if !ok || err != nil || !hmac.Equal(given, signature(secret, timestamp, body)) {
		return errBadSignature
	}
	return nil
}

func signature(secret, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signatureVersion + ":" + timestamp + ":"))
	mac.Write(body)
	return mac.Sum(nil)
}

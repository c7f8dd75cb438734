package slack

import (
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// Slack signs "v0:{timestamp}:{body}" with the signing secret and asks to refuse
// requests that are older than five minutes.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const (
	timestampHeader  = "X-Slack-Request-Timestamp"
	signatureHeader  = "X-Slack-Signature"
	signatureVersion = "v0"
)

// VerifySignature returns why a request with the header and the body is not
// Slack's, for an app with the signing secret; nil if it is. It is what the adapter
// does without Config.VerifyRequest, for programs that take webhooks of Slack's by
// themselves.
func VerifySignature(signingSecret string, header http.Header, body []byte) error {
	return checkSignature(signingSecret, header, body, time.Now())
}

func checkSignature(secret string, header http.Header, body []byte, now time.Time) error {
	timestamp := header.Get(timestampHeader)
	if err := (webhook.Window{}).Check(timestamp, now); err != nil {
		return err
	}
	return hmacWith(secret).Check(header.Get(signatureHeader), signed(timestamp, body)...)
}

func hmacWith(secret string) webhook.HMAC {
	return webhook.HMAC{Secrets: []string{secret}, Prefix: signatureVersion + "="}
}

// signed returns what a signature covers.
func signed(timestamp string, body []byte) [][]byte {
	return [][]byte{[]byte(signatureVersion + ":" + timestamp + ":"), body}
}

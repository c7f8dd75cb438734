package fakemeta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// Signer returns what signs a webhook with an app's secret, for adaptertest.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
func Signer(appSecret string) func(r *http.Request, body []byte, at time.Time) {
	return func(r *http.Request, body []byte, _ time.Time) {
		mac := hmac.New(sha256.New, []byte(appSecret))
		mac.Write(body)
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
}

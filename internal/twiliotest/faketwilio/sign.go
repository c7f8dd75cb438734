package faketwilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Reason: Twilio signs with HMAC-SHA1.
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
)

// Sign returns the signature of a webhook: of its address with the query, and of its
// fields in the order of their names.
// https://www.twilio.com/docs/usage/webhooks/webhooks-security
func Sign(token, address string, fields url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values := slices.Clone(fields[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

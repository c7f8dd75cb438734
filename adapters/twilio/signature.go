package twilio

import (
	"crypto/sha1" //nolint:gosec // Reason: Twilio signs with HMAC-SHA1.
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// signature checks that a webhook is Twilio's: the header X-Twilio-Signature has the
// HMAC-SHA1 of the webhook's address and its fields.
// https://www.twilio.com/docs/usage/webhooks/webhooks-security
type signature struct {
	hmac webhook.HMAC
	// addresses are those of the webhook as Twilio knows them, without their query;
	// none if requests tell.
	addresses []string
}

const signatureHeader = "X-Twilio-Signature"

func newSignature(c *Config) signature {
	s := signature{hmac: webhook.HMAC{Secrets: []string{c.AuthToken, c.SecondaryAuthToken}, Hash: sha1.New, Encoding: webhook.Base64}}
	if c.WebhookURL == "" {
		return s
	}
	for _, address := range []string{c.WebhookURL, c.StatusCallbackURL} {
		// The fragment has Twilio's settings for the connection, which are not sent:
		// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
		address, _, _ = strings.Cut(address, "#")
		address, _, _ = strings.Cut(address, "?")
		if address != "" {
			s.addresses = append(s.addresses, ports(address)...)
		}
	}
	return s
}

// ports returns an address with and without its port, or the port of its scheme: Twilio
// does not always sign the same, and its own libraries take both.
// https://github.com/twilio/twilio-go/blob/main/client/request_validator.go
func ports(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	other := *u
	if u.Port() != "" {
		other.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	} else {
		other.Host += map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	}
	return []string{address, other.String()}
}

// candidates are the addresses that Twilio may have called.
func (s signature) candidates(r *http.Request) []string {
	addresses := s.addresses
	if len(addresses) == 0 {
		// The bot has shortened the path of r.URL.
		path := r.URL.EscapedPath()
		if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
			path = u.EscapedPath()
		}
		// Where TLS ends before the bot, nothing tells that it was there.
		for _, scheme := range []string{"https://", "http://"} {
			addresses = append(addresses, ports(scheme+r.Host+path)...)
		}
	}
	if r.URL.RawQuery == "" {
		return addresses
	}
	with := make([]string, len(addresses))
	for i, address := range addresses {
		with[i] = address + "?" + r.URL.RawQuery
	}
	return with
}

// checkForm refuses a form that Twilio has not signed with status 401.
func (s signature) checkForm(r *http.Request, fields url.Values) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// A name that comes several times counts once with each of its values, as
		// Twilio's own libraries have it.
		for _, value := range slices.Compact(slices.Sorted(slices.Values(fields[name]))) {
			b.WriteString(name + value)
		}
	}
	return s.check(r, b.String())
}

// checkJSON refuses JSON that Twilio has not signed: the address has a digest of it, and
// only the address is signed. https://www.twilio.com/docs/api/errors/57012
func (s signature) checkJSON(r *http.Request, body []byte) error {
	if err := s.check(r, ""); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	return webhook.CheckSecret(strings.ToLower(r.URL.Query().Get("bodySHA256")), hex.EncodeToString(sum[:]))
}

func (s signature) check(r *http.Request, fields string) error {
	given := r.Header.Get(signatureHeader)
	var err error
	for _, address := range s.candidates(r) {
		if err = s.hmac.Check(given, []byte(address), []byte(fields)); err == nil {
			return nil
		}
	}
	return err
}

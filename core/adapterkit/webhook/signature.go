package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// HMAC checks signatures that a platform makes with a shared secret. Signatures are compared
// in constant time.
//
//	Slack     HMAC{Secrets: secrets, Prefix: "v0="}.Check(signature, []byte("v0:"+timestamp+":"), body)
//	GitHub    HMAC{Secrets: secrets, Prefix: "sha256="}.Check(signature, body)
//	Linear    HMAC{Secrets: secrets}.Check(signature, body)
//	Twilio    HMAC{Secrets: secrets, Hash: sha1.New, Encoding: Base64}.Check(signature, []byte(address+fields))
type HMAC struct {
	// Secrets are the shared secrets. A signature made with any of them is valid, so there
	// can be two during a rotation. Without a secret every signature is refused.
	Secrets []string
	// Hash is the hash function. Default: SHA-256.
	Hash func() hash.Hash
	// Encoding is the encoding of the signature. Default: [Hex].
	Encoding Encoding
	// Prefix is the text before the signature, such as "sha256=". Default none.
	Prefix string
}

// Encoding is the encoding of bytes in a header.
type Encoding int

// The encodings.
const (
	// Hex is hexadecimal digits of either case.
	Hex Encoding = iota
	// Base64 is base64 with padding.
	Base64
)

func (e Encoding) decode(text string) ([]byte, error) {
	if e == Base64 {
		return base64.StdEncoding.Strict().DecodeString(text)
	}
	return hex.DecodeString(text)
}

func (e Encoding) encode(data []byte) string {
	if e == Base64 {
		return base64.StdEncoding.EncodeToString(data)
	}
	return hex.EncodeToString(data)
}

// Check returns an *[Error] with status 401 if the signature is not that of the parts, which
// are concatenated.
func (h HMAC) Check(signature string, parts ...[]byte) error {
	text, ok := strings.CutPrefix(signature, h.Prefix)
	if !ok || text == "" {
		return unauthorizedf("the signature is missing, or has another prefix than %q", h.Prefix)
	}
	given, err := h.Encoding.decode(text)
	if err != nil {
		return unauthorizedf("the signature has another encoding than expected")
	}
	configured, equal := false, 0
	for _, secret := range h.Secrets {
		if secret == "" {
			continue
		}
		configured = true
		equal |= subtle.ConstantTimeCompare(given, h.sum(secret, parts))
	}
	switch {
	case !configured:
		return unauthorizedf("no secret is configured")
	case equal == 0:
		return unauthorizedf("the signature is not this body's")
	}
	return nil
}

// Sign returns the signature of the parts, made with the first of the secrets. It is for
// requests to other servers and for tests.
func (h HMAC) Sign(parts ...[]byte) string {
	secret := ""
	if len(h.Secrets) > 0 {
		secret = h.Secrets[0]
	}
	return h.Prefix + h.Encoding.encode(h.sum(secret, parts))
}

func (h HMAC) sum(secret string, parts [][]byte) []byte {
	newHash := h.Hash
	if newHash == nil {
		newHash = sha256.New
	}
	mac := hmac.New(newHash, []byte(secret))
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Window is the range of valid times for a signed request, so that a copy of the request
// cannot be sent again later.
type Window struct {
	// Within is how far the time may be from now, in the past or the future. Default:
	// five minutes.
	Within time.Duration
	// Milliseconds says that timestamps are in milliseconds, and not in seconds. Default
	// false.
	Milliseconds bool
}

// lastSecond is the last second of the year 9999, since 1970.
const lastSecond = 253402300799

// Check returns an *[Error] with status 401 if the timestamp is missing or outside of the
// window. A timestamp is a decimal number, counted from 1970.
func (w Window) Check(timestamp string, now time.Time) error {
	within, perSecond := w.Within, int64(1)
	if within == 0 {
		within = 5 * time.Minute
	}
	if w.Milliseconds {
		perSecond = 1000
	}
	count, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || count < 0 || count/perSecond > lastSecond {
		return unauthorizedf("the timestamp is missing, or not a time since 1970")
	}
	at := time.Unix(count/perSecond, count%perSecond*int64(time.Second)/perSecond)
	if at.Before(now.Add(-within)) || at.After(now.Add(within)) {
		return unauthorizedf("the timestamp is more than %v from now", within)
	}
	return nil
}

// CheckSecret returns an *[Error] with status 401 if the given secret is none of the
// configured ones. It is for platforms that send the secret itself.
func CheckSecret(given string, secrets ...string) error {
	configured, equal := false, 0
	got := sha256.Sum256([]byte(given))
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		configured = true
		want := sha256.Sum256([]byte(secret))
		equal |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	switch {
	case !configured:
		return unauthorizedf("no secret is configured")
	case equal == 0:
		return unauthorizedf("the secret is missing or another one")
	}
	return nil
}

// ParseEd25519Key reads a public key of 64 hexadecimal digits. Its error says what was
// expected, and does not quote the text.
func ParseEd25519Key(text string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("want %d hexadecimal digits", 2*ed25519.PublicKeySize)
	}
	return key, nil
}

// CheckEd25519 returns an *[Error] with status 401 if the signature, in hexadecimal digits,
// is not that of the parts, which are concatenated. Discord signs the timestamp and the body:
// https://docs.discord.com/developers/interactions/overview
func CheckEd25519(key ed25519.PublicKey, signature string, parts ...[]byte) error {
	if len(key) != ed25519.PublicKeySize {
		return unauthorizedf("no public key is configured")
	}
	given, err := hex.DecodeString(signature)
	if err != nil || len(given) != ed25519.SignatureSize {
		return unauthorizedf("the signature is missing, or not %d hexadecimal digits", 2*ed25519.SignatureSize)
	}
	var message []byte
	for _, part := range parts {
		message = append(message, part...)
	}
	if !ed25519.Verify(key, message, given) {
		return unauthorizedf("the signature is not this body's")
	}
	return nil
}

// longestChallenge is the length of a challenge that is repeated, in bytes.
const longestChallenge = 1 << 10

// HubChallenge returns the body, text/plain, of the answer to the request by which a platform
// verifies a webhook's address. The query contains the verify token that the bot's owner has
// entered on the platform. The error is an *[Error], with status 403 for another token and 400
// for another query. Meta's platforms send such a GET request:
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
func HubChallenge(query url.Values, verifyToken string) (string, error) {
	challenge := query.Get("hub.challenge")
	if query.Get("hub.mode") != "subscribe" || challenge == "" || len(challenge) > longestChallenge {
		return "", BadRequest("want hub.mode=subscribe and a hub.challenge")
	}
	if err := CheckSecret(query.Get("hub.verify_token"), verifyToken); err != nil {
		return "", &Error{Status: http.StatusForbidden, Err: errors.Unwrap(err)}
	}
	return challenge, nil
}

package credential

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	keySize = 32 // AES-256
	ivSize  = 12
	tagSize = 16
)

// ErrNoKey is the error for a token that none of the keys decrypts.
var ErrNoKey = errors.New("none of the keys decrypts the stored token")

// sealed is an encrypted token in the format of the TypeScript SDK: AES-256-GCM, with each
// field in base64.
type sealed struct {
	IV   string `json:"iv"`
	Data string `json:"data"`
	Tag  string `json:"tag"`
}

// Keyring encrypts tokens with its first key, and decrypts them with any of its keys. To
// rotate the keys, put the new key first, and keep the old one until every token was stored
// again. A Keyring without keys, such as the zero value, does not encrypt. It is safe for
// concurrent use.
type Keyring struct {
	field string
	keys  []cipher.AEAD
}

// ParseKeyring returns a keyring with the keys, in the formats of the TypeScript SDK: 64
// hexadecimal digits, or 32 bytes in base64, of either alphabet and with or without padding.
// Its error is [chat.ErrInvalidConfig]. It names field, such as "slack: EncryptionKeys", and
// what was expected, and does not quote the key.
func ParseKeyring(field string, keys ...string) (*Keyring, error) {
	ring := &Keyring{field: field}
	for i, text := range keys {
		key, ok := parseKey(text)
		if !ok {
			return nil, fmt.Errorf("%w: %s[%d]: want 32 bytes, as 64 hexadecimal digits or in base64", chat.ErrInvalidConfig, field, i)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, gcm)
	}
	return ring, nil
}

func parseKey(text string) ([]byte, bool) {
	text = strings.TrimSpace(text)
	if key, err := hex.DecodeString(text); err == nil && len(key) == keySize {
		return key, true
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.DecodeString(text)
	return key, err == nil && len(key) == keySize
}

// Seal returns the JSON of a token for the state: {"iv", "data", "tag"}, or without a key the
// token as a string.
func (k *Keyring) Seal(token string) (json.RawMessage, error) {
	if len(k.keys) == 0 {
		return json.Marshal(token)
	}
	iv := make([]byte, ivSize)
	_, _ = rand.Read(iv) // never fails
	out := k.keys[0].Seal(nil, iv, []byte(token), nil)
	split := len(out) - tagSize
	encode := base64.StdEncoding.EncodeToString
	return json.Marshal(sealed{IV: encode(iv), Data: encode(out[:split]), Tag: encode(out[split:])})
}

// Open is the inverse of Seal. It also accepts a token that was stored unencrypted. current is
// false if Seal would encrypt the token with another key, so that it should be stored again.
// Its errors contain no part of the token; one of them is [ErrNoKey].
func (k *Keyring) Open(stored json.RawMessage) (token string, current bool, err error) {
	if json.Unmarshal(stored, &token) == nil {
		return token, len(k.keys) == 0, nil
	}
	var box sealed
	if err := json.Unmarshal(stored, &box); err != nil {
		return "", false, errors.New("the stored token is neither text nor {iv, data, tag}")
	}
	var parts [3][]byte
	for i, text := range []string{box.IV, box.Data, box.Tag} {
		part, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", false, errors.New("the stored token's iv, data or tag is not base64")
		}
		parts[i] = part
	}
	if len(parts[0]) != ivSize || len(parts[2]) != tagSize {
		return "", false, fmt.Errorf("the stored token's iv has %d bytes and its tag %d, want %d and %d", len(parts[0]), len(parts[2]), ivSize, tagSize)
	}
	for i, key := range k.keys {
		if text, err := key.Open(nil, parts[0], append(parts[1], parts[2]...), nil); err == nil {
			return string(text), i == 0, nil
		}
	}
	return "", false, fmt.Errorf("%s: %w", k.field, ErrNoKey)
}

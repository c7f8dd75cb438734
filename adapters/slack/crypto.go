package slack

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
)

const (
	keySize = 32 // AES-256
	ivSize  = 12
	tagSize = 16
)

var errNoKey = errors.New("none of the EncryptionKeys decrypts the stored token")

// sealed is an encrypted token as the TypeScript SDK stores it: AES-256-GCM, each
// field in base64.
type sealed struct {
	IV   string `json:"iv"`
	Data string `json:"data"`
	Tag  string `json:"tag"`
}

// keyring encrypts with its first key and decrypts with each. Without a key it
// leaves tokens as they are.
type keyring []cipher.AEAD

func newKeyring(keys []string) (keyring, error) {
	var ring keyring
	for i, text := range keys {
		key, ok := decodeKey(text)
		if !ok {
			return nil, invalidConfig(fmt.Sprintf("EncryptionKeys[%d]", i), "want 32 bytes as 64 hexadecimal digits or in base64 (SLACK_ENCRYPTION_KEY)")
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		ring = append(ring, gcm)
	}
	return ring, nil
}

// decodeKey takes what the TypeScript SDK takes: hexadecimal digits, and base64
// of either alphabet with or without padding.
func decodeKey(text string) ([]byte, bool) {
	text = strings.TrimSpace(text)
	if key, err := hex.DecodeString(text); err == nil && len(key) == keySize {
		return key, true
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.DecodeString(text)
	return key, err == nil && len(key) == keySize
}

// seal returns the token's JSON for the state.
func (k keyring) seal(token string) (json.RawMessage, error) {
	if len(k) == 0 {
		return json.Marshal(token)
	}
	iv := make([]byte, ivSize)
	_, _ = rand.Read(iv) // never fails
	out := k[0].Seal(nil, iv, []byte(token), nil)
	split := len(out) - tagSize
	encode := base64.StdEncoding.EncodeToString
	return json.Marshal(sealed{IV: encode(iv), Data: encode(out[:split]), Tag: encode(out[split:])})
}

// open is the inverse of seal. A token that was stored as it is is taken too.
// current is false if seal would encrypt it with another key.
func (k keyring) open(stored json.RawMessage) (token string, current bool, err error) {
	if json.Unmarshal(stored, &token) == nil {
		return token, len(k) == 0, nil
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
	for i, key := range k {
		if text, err := key.Open(nil, parts[0], append(parts[1], parts[2]...), nil); err == nil {
			return string(text), i == 0, nil
		}
	}
	return "", false, errNoKey
}

package slack

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
)

// keyring encrypts the tokens of installations.
type keyring struct{ *credential.Keyring }

func newKeyring(texts []string) (keyring, error) {
	keys := make([]credential.Key, len(texts))
	for i, text := range texts {
		key, err := credential.ParseKey(text)
		if err != nil {
			return keyring{}, invalidConfig(fmt.Sprintf("EncryptionKeys[%d]", i), err.Error()+" (SLACK_ENCRYPTION_KEY)")
		}
		keys[i] = key
	}
	ring, err := credential.NewKeyring(keys...)
	return keyring{ring}, err
}

// Open is the keyring's, whose error names the field of [Config].
func (k keyring) Open(stored json.RawMessage) (token string, current bool, err error) {
	token, current, err = k.Keyring.Open(stored)
	if errors.Is(err, credential.ErrNoKey) {
		err = fmt.Errorf("EncryptionKeys: %w", err)
	}
	return token, current, err
}

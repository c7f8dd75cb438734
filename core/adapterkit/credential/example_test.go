package credential_test

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
)

func ExampleKeyring() {
	oldKey, newKey := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	before, _ := credential.ParseKeyring("pager: EncryptionKeys", oldKey)
	stored, _ := before.Seal("token")

	ring, _ := credential.ParseKeyring("pager: EncryptionKeys", newKey, oldKey) // a rotation
	token, current, err := ring.Open(stored)
	fmt.Println(token, current, err)
	// Output: token false <nil>
}

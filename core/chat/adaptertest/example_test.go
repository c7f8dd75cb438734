package adaptertest_test

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
)

// The cases are data: their IDs are the names of the subtests.
func ExampleCases() {
	for _, c := range adaptertest.Cases() {
		if strings.HasPrefix(c.ID, "Signatures/") {
			fmt.Println(c.ID)
		}
	}
	// Output:
	// Signatures/Missing
	// Signatures/Wrong
	// Signatures/OtherBody
	// Signatures/TooOld
	// Signatures/Renewed
	// Signatures/Replayed
}

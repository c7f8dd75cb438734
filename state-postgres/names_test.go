package pgstate

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Different names have different keys, which Postgres can store and index, and the
// name is found again.
func TestNamesAndKeys(t *testing.T) {
	names := []string{`\`, `\\`, "\x00", `\0`, `\x00`, `a\#b`, "a", "a\x00b", "é", strings.Repeat("\x00", 1500)}
	for _, n := range []int{maxKey - 101, maxKey - 100, maxKey - 1, maxKey, maxKey + 1, 100_000} {
		names = append(names, strings.Repeat("x", n), strings.Repeat("x", n-1)+"y", strings.Repeat("x", n/2)+"é"+strings.Repeat("x", n/2))
	}
	slices.Sort(names)
	keys := map[string]string{}
	for _, name := range slices.Compact(names) {
		key := keyOf(name)
		require.True(t, utf8.ValidString(key) && !strings.Contains(key, "\x00"), "%.20q", name)
		require.LessOrEqual(t, len(key), maxKey)
		require.Empty(t, keys[key], "two names have the key %.20q", key)
		keys[key] = name
		found := nameOf(key)
		if whole := wholeName(name, key); whole != nil {
			found = *whole
		}
		require.Equal(t, name, found)
	}
}

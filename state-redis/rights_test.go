package redisstate

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestScriptsNeedOnlyTheDocumentedRights checks that the user of the documentation may
// run every command of every script.
func TestScriptsNeedOnlyTheDocumentedRights(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(doc), "ACL SETUSER bot on ")
	require.True(t, ok, "the documentation has no ACL SETUSER line")
	rules, _, _ := strings.Cut(rest, "\n//\n")
	rights := strings.Fields(rules)
	source, err := os.ReadFile("scripts.go")
	require.NoError(t, err)
	commands := regexp.MustCompile(`redis\.p?call\('(\w+)'`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, commands)
	for _, c := range commands {
		require.Contains(t, rights, "+"+strings.ToLower(c[1]), "a script runs %s", c[1])
	}
}

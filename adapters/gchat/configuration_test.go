package gchat

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestConfiguration checks that the list from which the README has its reader copy has
// the scopes that the adapter asks for, and the address where it listens.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("configuration.yaml")
	require.NoError(t, err)
	var scopes []string
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if scope, ok := strings.CutPrefix(line, "- "+scopePrefix); ok {
			scopes = append(scopes, scopePrefix+scope)
		}
		name, value, _ := strings.Cut(line, ":")
		values[name] = strings.TrimSpace(value)
	}
	require.Equal(t, userScopes, scopes)
	for _, name := range []string{"http_endpoint_url", "push_endpoint"} {
		require.True(t, strings.HasSuffix(values[name], "/webhooks/"+adapterName), name)
	}
	topic, _, _ := strings.Cut(values["topic"], " ")
	require.Regexp(t, topicForm, topic)
	require.Regexp(t, addressForm, values["push_service_account"])
}

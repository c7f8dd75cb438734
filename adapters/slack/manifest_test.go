package slack

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManifest checks that the app that the README has its reader create asks for
// what the adapter needs.
func TestManifest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("manifest.json")
	require.NoError(t, err)
	var manifest struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
		Settings struct {
			Rotation bool `json:"token_rotation_enabled"`
		} `json:"settings"`
	}
	require.NoError(t, json.Unmarshal(text, &manifest))
	require.Equal(t, DefaultScopes(), manifest.OAuth.Scopes.Bot)
	require.False(t, manifest.Settings.Rotation)
}

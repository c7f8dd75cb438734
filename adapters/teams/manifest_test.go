package teams

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManifest checks that the app that the README has its reader upload has what the
// adapter needs: all kinds of conversations, files, and the history of channels and chats.
func TestManifest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("manifest.json")
	require.NoError(t, err)
	var manifest struct {
		ID   string
		Bots []struct {
			BotID         string
			Scopes        []string
			SupportsFiles bool
		}
		WebApplicationInfo struct{ ID string }
		Authorization      struct {
			Permissions struct {
				ResourceSpecific []struct{ Name, Type string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &manifest))
	require.Len(t, manifest.Bots, 1)
	require.ElementsMatch(t, []string{"personal", "team", "groupChat"}, manifest.Bots[0].Scopes)
	require.True(t, manifest.Bots[0].SupportsFiles)
	require.Equal(t, manifest.ID, manifest.Bots[0].BotID)
	require.Equal(t, manifest.ID, manifest.WebApplicationInfo.ID)
	var permissions []string
	for _, p := range manifest.Authorization.Permissions.ResourceSpecific {
		require.Equal(t, "Application", p.Type)
		permissions = append(permissions, p.Name)
	}
	require.ElementsMatch(t, []string{"ChannelMessage.Read.Group", "ChatMessage.Read.Chat"}, permissions)
}

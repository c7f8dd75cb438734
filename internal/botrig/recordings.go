package botrig

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Recordings returns what a platform has really sent: the payloads of each file by their
// names, from the folder that CHAT_RECORDED_FIXTURES names. It has none without.
func Recordings(t *testing.T, platform string) []map[string]json.RawMessage {
	t.Helper()
	folder := os.Getenv("CHAT_RECORDED_FIXTURES")
	if folder == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(folder, platform, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := make([]map[string]json.RawMessage, len(files))
	for i, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &all[i]), name)
	}
	return all
}

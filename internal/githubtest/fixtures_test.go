package githubtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// TestCatalogue delivers examples of GitHub's own catalogue of payloads, from the folder
// that CHAT_RECORDED_FIXTURES names.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CHAT_RECORDED_FIXTURES")
	if folder == "" {
		return
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(folder, "github", name+".payload.json"))
		require.NoError(t, err)
		return string(data)
	}
	author := chat.UserID("21031067")

	r := newRig(t)
	r.send(t, "installation", read("installation-created"))
	installed := next[*chat.InstallationEvent](t, r)
	require.Equal(t, "957387", installed.Workspace)
	require.True(t, installed.Installed)
	require.Equal(t, author, installed.User.UserID)

	messages := map[string]chat.Message{
		"issue_comment-created": {
			ID: "issuecomment-492700400", ThreadID: "github:Codertocat/Hello-World:issue:1", Text: "You are totally right! I'll get this fixed right away.",
		},
		"issues-opened": {
			ID: "Codertocat/Hello-World#1", ThreadID: "github:Codertocat/Hello-World:issue:1",
			Text: "Spelling error in the README file\n\nIt looks like you accidently spelled 'commit' with two 't's.", //nolint:misspell // GitHub's
		},
		"pull_request_review_comment-created": {
			ID: "discussion_r284312630", ThreadID: "github:Codertocat/Hello-World:2:rc:284312630", Text: "Maybe you should use more emoji on this line.",
		},
	}
	events := map[string]string{"issue_comment-created": "issue_comment", "issues-opened": "issues", "pull_request_review_comment-created": "pull_request_review_comment"}
	for name, want := range messages {
		r.send(t, events[name], read(name))
		m := next[*chat.Message](t, r)
		require.Equal(t, want.ID, m.ID)
		require.Equal(t, want.ThreadID, m.ThreadID)
		require.Equal(t, want.Text, m.Text)
		require.Equal(t, author, m.Author.UserID)
		require.Equal(t, "Codertocat", m.Author.UserName)
		require.True(t, json.Valid(m.Raw))
	}
}

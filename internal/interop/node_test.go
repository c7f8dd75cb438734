package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/nodejs"
)

// install puts the pinned npm packages in place, once for all tests.
var install = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return nodejs.InstallPackages(ctx, "npm")
})

// ask puts a question to npm/golden.mjs.
func ask[T any](t *testing.T, question string, input any) T {
	t.Helper()
	require.NoError(t, install())
	in, err := json.Marshal(input)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd, err := nodejs.Command(ctx, "node", "golden.mjs", question)
	require.NoError(t, err)
	cmd.Dir = "npm"
	cmd.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	answer, err := cmd.Output()
	require.NoError(t, err, "node golden.mjs %s:\n%s", question, &errs)
	var value T
	require.NoError(t, json.Unmarshal(answer, &value))
	return value
}

// moduleDir returns where the files of a required Go module are.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	require.NoError(t, err, "go list -m %s", module)
	return filepath.Clean(string(bytes.TrimSpace(out)))
}

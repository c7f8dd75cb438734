package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// install puts the pinned npm packages in place, once for all tests.
var install = sync.OnceValues(func() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = "npm"
	return cmd.CombinedOutput()
})

// needNode skips the test where Node.js is missing, but not in CI.
func needNode(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			const text = "there is no %s: install Node.js 18 or newer with npm, on Debian with: apt-get install -y nodejs npm"
			if os.Getenv("CI") == "true" {
				t.Fatalf(text, program)
			}
			t.Skipf(text, program)
		}
	}
}

// ask puts a question to npm/golden.mjs.
func ask[T any](t *testing.T, question string, input any) T {
	t.Helper()
	needNode(t)
	out, err := install()
	require.NoError(t, err, "npm ci:\n%s", out)
	in, err := json.Marshal(input)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "golden.mjs", question)
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

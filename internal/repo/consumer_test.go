package repo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

const consumerProgram = `package main

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"

	_ "github.com/chat-adapter/chat-go/state-redis"
)

func main() {
	st, err := state.Open(context.Background(), "redis://127.0.0.1:6379")
	fmt.Println(st != nil, err)
}
`

// TestConsumerGetsWhatItImports builds a program outside the workspace that
// imports core and state-redis, and looks at its module graph.
func TestConsumerGetsWhatItImports(t *testing.T) {
	t.Parallel()
	imported := []string{"core", "state-redis"}
	dir := t.TempDir()
	gomod := fmt.Sprintf("module example.com/consumer\n\ngo %s\n", goVersion)
	for _, m := range modules(t) {
		for _, folder := range imported {
			if m.Folder == folder {
				target, err := filepath.Abs(filepath.Join(root, folder))
				require.NoError(t, err)
				gomod += fmt.Sprintf("require %s %s\nreplace %s => %s\n", m.Path(), m.Version, m.Path(), target)
			}
		}
	}
	write(t, dir, "go.mod", gomod)
	write(t, dir, "main.go", consumerProgram)
	sums, err := os.ReadFile(filepath.Join(root, "state-redis", "go.sum"))
	require.NoError(t, err)
	write(t, dir, "go.sum", string(sums))

	env := []string{"GOFLAGS=-mod=mod"}
	_, err = repo.Go(dir, env, "build", "-o", os.DevNull, ".")
	require.NoError(t, err)
	out, err := repo.Go(dir, env, "list", "-m", "-f", "{{.Path}}", "all")
	require.NoError(t, err)

	var ours []string
	for path := range strings.Lines(out) {
		path = strings.TrimSpace(path)
		require.NotRegexp(t, heavy, path)
		if folder, ok := strings.CutPrefix(path, repo.Root+"/"); ok {
			ours = append(ours, folder)
		}
	}
	require.Equal(t, imported, ours, "what it gets of ours")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

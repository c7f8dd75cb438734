package repo_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// maxLines is the length of the longest source file. Tests may be longer.
const maxLines = 1000

var sourceExtensions = []string{".go", ".js", ".mjs", ".ts", ".css", ".html", ".sh", ".lua"}

// machinePath is a path that only one machine has.
var machinePath = regexp.MustCompile(`(^|[^\w./-])/(root|work|home|Users)/\w`)

// skip is a test that may end without having tested anything.
var skip = regexp.MustCompile(`\b(t|b|tb)\.Skip(f|Now)?\(`)

// skippers are the files that may skip, with the reason.
var skippers = map[string]string{
	"core/state/statetest/":  "a feature that the adapter declares not to have",
	"core/chat/adaptertest/": "a feature that the adapter declares not to have",
	"internal/pgtest/":       "a machine without Postgres, unless make test has set one up",
}

func eachTextFile(t *testing.T, do func(name string, text []byte)) {
	t.Helper()
	files, err := repo.Files(root)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		if !bytes.Contains(text, []byte{0}) {
			do(name, text)
		}
	}
}

func TestSourceFilesAreShort(t *testing.T) {
	t.Parallel()
	eachTextFile(t, func(name string, text []byte) {
		if slices.Contains(sourceExtensions, path.Ext(name)) && !strings.HasSuffix(name, "_test.go") {
			lines := bytes.Count(text, []byte("\n"))
			if lines > maxLines {
				t.Errorf("%s has %d lines, want at most %d", name, lines, maxLines)
			}
		}
	})
}

func TestNoFileNamesAMachinesPaths(t *testing.T) {
	t.Parallel()
	eachTextFile(t, func(name string, text []byte) {
		for i, line := range bytes.Split(text, []byte("\n")) {
			if found := machinePath.Find(line); found != nil {
				t.Errorf("%s:%d has the path of a machine: %q", name, i+1, bytes.TrimSpace(found))
			}
		}
	})
}

// TestNoTestSkips checks that a test fails when it lacks something. What was
// not tested must not look as if it had passed.
func TestNoTestSkips(t *testing.T) {
	t.Parallel()
	eachTextFile(t, func(name string, text []byte) {
		if path.Ext(name) != ".go" || !skip.Match(text) {
			return
		}
		for prefix := range skippers {
			if strings.HasPrefix(name, prefix) {
				return
			}
		}
		t.Errorf("%s skips tests and is not among the files that may", name)
	})
}

package repo_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

var exampleFunction = regexp.MustCompile(`(?m)^func Example\w*\(\) \{`)

// TestEveryReleasedPackageHasAnExample checks that whoever reads a package's
// documentation is shown how it is used.
func TestEveryReleasedPackageHasAnExample(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, m := range modules(t) {
		if !m.Released {
			continue
		}
		for _, p := range packagesOf(t, m) {
			if p.Name == "main" || strings.Contains(p.ImportPath, "/internal/") {
				continue
			}
			checked++
			files, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(p.ImportPath, repo.Root+"/"), "*_test.go"))
			require.NoError(t, err)
			found := false
			for _, file := range files {
				source, err := os.ReadFile(file)
				require.NoError(t, err)
				found = found || exampleFunction.Match(source)
			}
			if !found {
				t.Errorf("%s has no Example", p.ImportPath)
			}
		}
	}
	require.Greater(t, checked, 10)
}

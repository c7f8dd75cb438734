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

var (
	exampleFunction = regexp.MustCompile(`(?m)^func Example\w*\(\) \{`)
	exampleOutput   = regexp.MustCompile(`(?m)^\s*// (Unordered output|Output):`)
)

// withoutOutput are the packages whose examples are compiled and not run, with the reason.
var withoutOutput = map[string]string{
	"core/chattest":        "a bot needs a state, and this module has none",
	"core/state/statetest": "a suite needs a test that runs it",
	"otelchat":             "what is measured goes to a provider of another module",
}

// TestEveryReleasedPackageHasAnExample checks that whoever reads a package's
// documentation is shown how it is used, and that one of its examples runs.
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
			name := strings.TrimPrefix(p.ImportPath, repo.Root+"/")
			files, err := filepath.Glob(filepath.Join(root, name, "*_test.go"))
			require.NoError(t, err)
			found, runs := false, false
			for _, file := range files {
				source, err := os.ReadFile(file)
				require.NoError(t, err)
				found = found || exampleFunction.Match(source)
				runs = runs || exampleOutput.Match(source)
			}
			if !found {
				t.Errorf("%s has no Example", p.ImportPath)
			}
			if reason := withoutOutput[name]; runs == (reason != "") {
				t.Errorf("%s: an Example with output is %v, and withoutOutput has the reason %q", p.ImportPath, runs, reason)
			}
		}
	}
	require.Greater(t, checked, 10)
}

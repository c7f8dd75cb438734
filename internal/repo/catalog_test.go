package repo_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
)

var updateCatalog = flag.Bool("update-catalog", false, "write docs/catalog.md anew")

// TestTheCatalogHasEveryAdapterAndState checks that what chatgo offers is what is
// released, at its version.
func TestTheCatalogHasEveryAdapterAndState(t *testing.T) {
	t.Parallel()
	listed := map[string]string{"core": catalog.Core}
	for _, a := range catalog.Adapters() {
		require.Equal(t, "adapters/"+a.Name, a.Module)
		require.NotEmpty(t, a.Title)
		require.NotEmpty(t, a.Start)
		listed[a.Module] = a.Version
	}
	for _, s := range catalog.States() {
		require.Equal(t, "state-"+s.Name, s.Module)
		require.NotEmpty(t, s.URL)
		require.Equal(t, s.Service != "", s.Host != "" && s.ServiceURL != "", "%s: Service, Host and ServiceURL belong together", s.Name)
		listed[s.Module] = s.Version
	}
	released := map[string]string{}
	for _, m := range modules(t) {
		if m.Released && !m.Internal() && (m.Folder == "core" || strings.HasPrefix(m.Folder, "adapters/") || strings.HasPrefix(m.Folder, "state-")) {
			released[m.Folder] = m.Version
		}
	}
	require.Equal(t, released, listed, "modules.json and cmd/chatgo/catalog")
}

// environmentName is the name of an environment variable, as code has it.
var environmentName = regexp.MustCompile(`"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"`)

// TestTheCatalogHasEveryVariable compares the variables of each adapter with those
// that the source of its FromEnv names.
func TestTheCatalogHasEveryVariable(t *testing.T) {
	t.Parallel()
	for _, a := range catalog.Adapters() {
		var listed []string
		for _, v := range a.Variables {
			require.NotEmpty(t, v.Meaning, v.Name)
			listed = append(listed, v.Name)
		}
		for _, v := range a.EnabledBy {
			require.Contains(t, listed, v)
		}
		slices.Sort(listed)
		require.Equal(t, variablesOf(t, a.Module), listed, "FromEnv of %s and cmd/chatgo/catalog", a.Module)
	}
}

// variablesOf returns the variables in the source of an adapter's FromEnv, in order.
func variablesOf(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		_, function, found := strings.Cut(string(source), "\nfunc FromEnv(")
		if !found || strings.HasSuffix(file, "_test.go") {
			continue
		}
		function, _, _ = strings.Cut(function, "\n}\n")
		for _, m := range environmentName.FindAllStringSubmatch(function, -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestTheTableOfTheCatalogIsNew compares docs/catalog.md with the catalog:
//
//	go test ./internal/repo -run TheTableOfTheCatalog -args -update-catalog
func TestTheTableOfTheCatalogIsNew(t *testing.T) {
	t.Parallel()
	const head = `# Platforms, states and their variables

What a bot can connect to, and the environment variables that configure it. ` + "`chatgo adapters` and `chatgo env` print the same.\n\n"
	name := filepath.Join(root, "docs", "catalog.md")
	if *updateCatalog {
		require.NoError(t, os.WriteFile(name, []byte(head+catalog.Markdown()), 0o644))
	}
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, head+catalog.Markdown(), string(text))
}

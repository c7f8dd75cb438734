package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// newRepository returns a repository with two modules, one of which requires the
// other.
func newRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	gitIn(t, dir, "init", "--quiet", "--initial-branch=main")
	gitIn(t, dir, "config", "user.name", "test")
	gitIn(t, dir, "config", "user.email", "test@example.com")
	writeFile(t, dir, "modules.json", modulesJSON("v0.1.0", "v0.2.0"))
	writeFile(t, dir, "core/go.mod", "module "+repo.Root+"/core\n\ngo 1.26.0\n")
	writeFile(t, dir, "adapters/x/go.mod", adapterMod("v0.1.0"))
	writeFile(t, dir, "CHANGELOG.md", "## Unreleased\n\n### "+repo.Root+"/core v0.1.0\n\n### "+repo.Root+"/adapters/x v0.2.0\n")
	commit(t, dir)
	return dir
}

func modulesJSON(core, adapter string) string {
	return fmt.Sprintf(`{"modules": [{"folder": "adapters/x", "released": true, "version": %q},
		{"folder": "core", "released": true, "version": %q}, {"folder": "internal", "released": false}]}`, adapter, core)
}

func adapterMod(core string) string {
	return "module " + repo.Root + "/adapters/x\n\ngo 1.26.0\n\nrequire " + repo.Root + "/core " + core + "\n\nreplace " + repo.Root + "/core => ../../core\n"
}

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := git(t.Context(), dir, args...)
	require.NoError(t, err)
	return out
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o750))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

func commit(t *testing.T, dir string) {
	t.Helper()
	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "commit", "--quiet", "--message", "change")
}

func release(t *testing.T, dir string, apply bool) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), &out, dir, options{apply: apply})
	return out.String(), err
}

func TestDryRunTagsNothing(t *testing.T) {
	dir := newRepository(t)
	out, err := release(t, dir, false)
	require.NoError(t, err)
	require.Contains(t, out, "tag   adapters/x/v0.2.0\ntag   core/v0.1.0\n")
	require.Empty(t, gitIn(t, dir, "tag"))
}

func TestApplyTagsEachModule(t *testing.T) {
	dir := newRepository(t)
	out, err := release(t, dir, true)
	require.NoError(t, err)
	require.Contains(t, out, "git push --atomic origin refs/tags/adapters/x/v0.2.0 refs/tags/core/v0.1.0")
	require.Equal(t, "adapters/x/v0.2.0\ncore/v0.1.0", gitIn(t, dir, "tag"))
	before := gitIn(t, dir, "rev-parse", "core/v0.1.0")

	out, err = release(t, dir, true)
	require.NoError(t, err)
	require.Contains(t, out, "nothing to do")
	require.Equal(t, before, gitIn(t, dir, "rev-parse", "core/v0.1.0"), "a tag never moves")
}

func TestOnlyWhatHasANewVersionIsTagged(t *testing.T) {
	dir := newRepository(t)
	_, err := release(t, dir, true)
	require.NoError(t, err)
	writeFile(t, dir, "modules.json", modulesJSON("v0.1.0", "v0.3.0"))
	writeFile(t, dir, "CHANGELOG.md", "### "+repo.Root+"/core v0.1.0\n### "+repo.Root+"/adapters/x v0.3.0\n")
	writeFile(t, dir, "adapters/x/x.go", "package x\n")
	commit(t, dir)
	out, err := release(t, dir, true)
	require.NoError(t, err)
	require.Contains(t, out, "tag   adapters/x/v0.3.0\nkeep  core/v0.1.0\n")
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		says   string
	}{
		{"a tree that is not clean", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "core/new.go", "package core\n")
		}, "the working tree is not clean"},
		{"a change under a tagged version", func(t *testing.T, dir string) {
			t.Helper()
			gitIn(t, dir, "tag", "core/v0.1.0")
			writeFile(t, dir, "core/new.go", "package core\n")
			commit(t, dir)
		}, "core has changed since core/v0.1.0"},
		{"a sibling at another version", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "adapters/x/go.mod", adapterMod("v0.0.9"))
			commit(t, dir)
		}, "adapters/x requires core v0.0.9, but modules.json says v0.1.0"},
		{"a sibling that is not released", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "core/go.mod", "module "+repo.Root+"/core\n\ngo 1.26.0\n\nrequire "+repo.Root+"/internal v0.0.0\n")
			commit(t, dir)
		}, "core requires internal, which is not released"},
		{"another path", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "core/go.mod", "module example.com/core\n\ngo 1.26.0\n")
			commit(t, dir)
		}, "has the module path example.com/core"},
		{"a version that cannot be", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "modules.json", modulesJSON("v2.0.0", "v0.2.0"))
			commit(t, dir)
		}, `core has the version "v2.0.0"`},
		{"a version that nobody announced", func(t *testing.T, dir string) {
			t.Helper()
			writeFile(t, dir, "CHANGELOG.md", "### "+repo.Root+"/core v0.1.0\n")
			commit(t, dir)
		}, "CHANGELOG.md has no line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := newRepository(t)
			test.change(t, dir)
			before := gitIn(t, dir, "tag")
			out, err := release(t, dir, true)
			require.Error(t, err)
			require.Contains(t, out, test.says)
			require.Equal(t, before, gitIn(t, dir, "tag"), "nothing was tagged")
		})
	}
}

func TestPreviousVersion(t *testing.T) {
	m := repo.Module{Folder: "core", Version: "v0.10.0"}
	tags := []string{"core/v0.2.0", "core/v0.9.1", "core/v0.9.0", "core/v0.10.0-rc.1", "core/v0.10.0", "core/v0.11.0", "core/vnext"}
	require.Equal(t, "v0.10.0-rc.1", previous(tags, m))
	require.Equal(t, "v0.9.1", previous(tags[:3], m))
	require.Equal(t, "none", previous(nil, m))
	require.Equal(t, "v0.10", minor("v0.10.0-rc.1"))
}

func TestDiff(t *testing.T) {
	added, gone := diff("a v1\nb v1\n", "a v1\nb v2\n")
	require.Equal(t, []string{"b v2"}, added)
	require.Equal(t, []string{"b v1"}, gone)
}

package repo_test

import (
	"encoding/json"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// root is the repository, as tests of this package see it.
const root = "../.."

// toolsFolder holds a module that is no part of the workspace.
const toolsFolder = "tools"

// checkers is the module of which tests are the users.
const checkers = "linearizability"

// heavy are what only tests need.
var heavy = regexp.MustCompile(`testcontainers|toxiproxy|porcupine|chromedp|moby|docker`)

func modules(t *testing.T) []repo.Module {
	t.Helper()
	list, err := repo.Modules(root)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	return list
}

func TestModulesAreListed(t *testing.T) {
	t.Parallel()
	var listed, found []string
	for _, m := range modules(t) {
		listed = append(listed, m.Folder)
		require.Equal(t, m.Released, m.Version != "", "modules.json: %s: a released module has a version, no other has", m.Folder)
	}
	require.True(t, slices.IsSorted(listed), "modules.json is not in alphabetical order")

	files, err := repo.Files(root)
	require.NoError(t, err)
	for _, f := range files {
		if path.Base(f) == "go.mod" && path.Dir(f) != toolsFolder {
			found = append(found, path.Dir(f))
		}
	}
	slices.Sort(found)
	require.Equal(t, found, listed, "the go.mod files and modules.json")

	text, err := repo.Go(root, nil, "work", "edit", "-json", "go.work")
	require.NoError(t, err)
	var work struct {
		Go, Toolchain string
		Use           []struct{ DiskPath string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &work))
	require.Equal(t, goVersion, work.Go, "go.work")
	require.Empty(t, work.Toolchain, "go.work")
	var used []string
	for _, u := range work.Use {
		used = append(used, strings.TrimPrefix(u.DiskPath, "./"))
	}
	slices.Sort(used)
	require.Equal(t, listed, used, "modules.json and go.work")
}

// goVersion has no patch level above 0: one would force toolchains on users.
const goVersion = "1.26.0"

func TestGoModFiles(t *testing.T) {
	t.Parallel()
	all := modules(t)
	byPath := map[string]repo.Module{}
	for _, m := range all {
		byPath[m.Path()] = m
	}
	for _, m := range append(all, repo.Module{Folder: toolsFolder}) {
		mod, err := repo.ReadGoMod(filepath.Join(root, m.Folder))
		require.NoError(t, err)
		require.Equal(t, m.Path(), mod.Module.Path)
		require.Equal(t, goVersion, mod.Go, "the go line of %s", m.Folder)
		require.Empty(t, mod.Toolchain, "the toolchain line of %s", m.Folder)

		for _, r := range mod.Require {
			if m.Released && m.Folder != checkers {
				require.NotRegexp(t, heavy, r.Path, "%s is released, and users would get this", m.Folder)
			}
			sibling, ours := byPath[r.Path]
			if !ours {
				continue
			}
			require.True(t, sibling.Released, "%s requires %s, which is not released", m.Folder, r.Path)
			require.Equal(t, sibling.Version, r.Version, "what %s requires of %s", m.Folder, r.Path)
			require.Contains(t, replaced(mod), r.Path, "%s does not build without the workspace", m.Folder)
		}
		for old, target := range replaced(mod) {
			sibling, ours := byPath[old]
			require.True(t, ours, "%s replaces %s, which users would not see", m.Folder, old)
			want, err := filepath.Rel(m.Folder, sibling.Folder)
			require.NoError(t, err)
			require.Equal(t, filepath.ToSlash(want), target, "%s replaces %s", m.Folder, old)
		}
	}
}

func replaced(mod *repo.GoMod) map[string]string {
	targets := map[string]string{}
	for _, r := range mod.Replace {
		targets[r.Old.Path] = r.New.Path
	}
	return targets
}

package repo_test

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// listed is a package as go list shows it.
type listed struct {
	ImportPath, Name                   string
	Imports, TestImports, XTestImports []string
}

func packagesOf(t *testing.T, m repo.Module) []listed {
	t.Helper()
	out, err := repo.Go(filepath.Join(root, m.Folder), nil, "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	require.NoError(t, err)
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var p listed
		err := decoder.Decode(&p)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// TestImportsPointDown checks that what is released imports, of ours, only
// core and itself, its tests included, and an adapter what it shares with others; and
// that core keeps its layers.
func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	core := repo.Root + "/core"
	leaf := core + "/internal/jsontext" // every layer may use it
	adapters := repo.Root + "/adapters"
	shared := adapters + "/internal"
	layers := map[string]string{ // what a package of core must not import
		core + "/state":    core + "/chat",
		core + "/markdown": core + "/",
		core + "/card":     core + "/chat",
		core + "/emoji":    core + "/",
		leaf:               core + "/",
	}
	for _, m := range modules(t) {
		if !m.Released {
			continue
		}
		for _, p := range packagesOf(t, m) {
			imports := append(append(p.Imports, p.TestImports...), p.XTestImports...)
			for _, i := range imports {
				if !within(i, repo.Root) || i == leaf {
					continue
				}
				require.True(t, within(i, core) || within(i, m.Path()) || within(p.ImportPath, adapters) && within(i, shared), "%s imports %s", p.ImportPath, i)
				for layer, forbidden := range layers {
					if within(p.ImportPath, layer) && !within(i, layer) {
						require.False(t, strings.HasPrefix(i, forbidden), "%s imports %s", p.ImportPath, i)
					}
				}
			}
		}
	}
}

// within reports whether the import path is the folder or lies below it.
func within(importPath, folder string) bool {
	return importPath == folder || strings.HasPrefix(importPath, folder+"/")
}

// TestCommandsInstall checks what go install of a module at a version needs: a
// go.mod without replacements.
func TestCommandsInstall(t *testing.T) {
	t.Parallel()
	for _, m := range modules(t) {
		if !m.Released {
			continue
		}
		mod, err := repo.ReadGoMod(filepath.Join(root, m.Folder))
		require.NoError(t, err)
		for _, p := range packagesOf(t, m) {
			if p.Name == "main" {
				require.Empty(t, mod.Replace, "%s has a command, %s, that could not be installed", m.Folder, p.ImportPath)
			}
		}
	}
}

package repo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root is the import path that all modules begin with.
const Root = "github.com/chat-adapter/chat-go"

// Module is one line of modules.json, the list of what exists and what is
// released.
type Module struct {
	// Folder is the module's folder below the repository's root, with slashes.
	Folder string `json:"folder"`
	// Released modules are tagged; the others only serve the repository.
	Released bool `json:"released"`
	// Version is the version of a released module, such as v0.1.0: the one that
	// its siblings require.
	Version string `json:"version"`
}

// Path is the module's import path.
func (m Module) Path() string { return Root + "/" + m.Folder }

// Internal reports whether a released module is only for its siblings: Go lets nobody
// else import it.
func (m Module) Internal() bool { return strings.Contains(m.Folder, "/internal/") }

// Tag is the git tag of the module's version.
func (m Module) Tag() string { return m.Folder + "/" + m.Version }

// Modules reads modules.json from the repository whose root is at dir.
func Modules(dir string) ([]Module, error) {
	text, err := os.ReadFile(filepath.Join(dir, "modules.json"))
	if err != nil {
		return nil, err
	}
	var list struct {
		Modules []Module `json:"modules"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("modules.json: %w", err)
	}
	return list.Modules, nil
}

// GoMod is what a go.mod says.
type GoMod struct {
	Module    struct{ Path string }
	Go        string
	Toolchain string
	Require   []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// ReadGoMod reads the go.mod in a folder.
func ReadGoMod(dir string) (*GoMod, error) {
	out, err := Go(dir, nil, "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	m := &GoMod{}
	return m, json.Unmarshal([]byte(out), m)
}

// Go runs the go command in a folder, outside the workspace, and returns what
// it printed. env holds further variables as "NAME=value".
func Go(dir string, env []string, args ...string) (string, error) {
	return run(dir, append([]string{"GOWORK=off"}, env...), "go", args...)
}

// Files returns the files of the repository at dir, with slashes: those that
// git tracks, and new ones that it would.
func Files(dir string) ([]string, error) {
	out, err := run(dir, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil { // else it was just removed
			files = append(files, name)
		}
	}
	return files, nil
}

func run(dir string, env []string, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return "", fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
}

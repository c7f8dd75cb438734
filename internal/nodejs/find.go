package nodejs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// MinMajor is the oldest version of Node.js that the tests run on.
const MinMajor = 20

// Find returns the folder of node and npm, or an error that says what is wrong
// with those that are there. What is on PATH comes before what [Install] got.
func Find() (dir string, err error) {
	dir, onPath := findOnPath()
	if onPath == nil {
		return dir, nil
	}
	if dir, err := cacheDir(); err == nil && check(filepath.Join(dir, "bin")) == nil {
		return filepath.Join(dir, "bin"), nil
	}
	return "", onPath
}

func findOnPath() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", errors.New("there is no node on PATH")
	}
	return filepath.Dir(node), check(filepath.Dir(node))
}

// check looks at node and npm in a folder.
func check(dir string) error {
	out, err := exec.Command(filepath.Join(dir, "node"), "--version").Output()
	if err != nil {
		return fmt.Errorf("%s does not run: %w", filepath.Join(dir, "node"), err)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < MinMajor {
		return fmt.Errorf("%s is Node.js %s, want %d or newer", filepath.Join(dir, "node"), version, MinMajor)
	}
	if _, err := exec.LookPath(filepath.Join(dir, "npm")); err != nil {
		return fmt.Errorf("there is no npm in %s, where node is", dir)
	}
	return nil
}

// Command makes a command of a program of Node.js, such as node or npm. Its error
// says how to get Node.js.
func Command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	dir, err := Find()
	if err != nil {
		return nil, fmt.Errorf("%w: install Node.js %d or newer with npm, or let make test get it", err, MinMajor)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, program), args...)
	// npm is a script that looks for node.
	cmd.Env = append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return cmd, nil
}

// InstallPackages puts the packages in place that a folder's package-lock.json
// names.
func InstallPackages(ctx context.Context, dir string) error {
	cmd, err := Command(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	if err != nil {
		return err
	}
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return nil
}

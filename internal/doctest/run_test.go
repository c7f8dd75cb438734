package doctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run are the documents whose program is started and talked to by a test, with the
// test.
var run = map[string]string{"README.md": "internal/exampletest/readme_test.go"}

// TestTheProgramsOfDocumentsAreRun checks that each program of a document is run by a
// test, and runs the tests that documents show.
func TestTheProgramsOfDocumentsAreRun(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, d := range documents(t) {
		var files []string
		dir := t.TempDir()
		for _, b := range d.blocks() {
			if strings.Contains(b.code, "func main()") && d.name != fromTheSample {
				require.Contains(t, run, d.name, "line %d has a program, which a test has to run", b.line)
				require.FileExists(t, filepath.Join(root, run[d.name]))
			}
			if b.file != "" && whole.MatchString(b.code) {
				files = append(files, filepath.Join(dir, b.file))
				require.NoError(t, os.WriteFile(files[len(files)-1], []byte(b.code), 0o600))
			}
		}
		if !strings.Contains(strings.Join(files, " "), "_test.go") || d.name == fromTheSample {
			continue
		}
		tested++
		test := exec.Command("go", append([]string{"test", "-v"}, files...)...)
		test.Dir = filepath.Join(root, "examples")
		out, err := test.CombinedOutput()
		require.NoError(t, err, "%s: %s", d.name, out)
		require.Contains(t, string(out), "--- PASS", d.name)
	}
	require.Positive(t, tested)
}

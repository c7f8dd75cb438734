package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheListOfExamplesIsComplete checks that examples/README.md has a line for each
// example, and the Makefile's help names none that is not there.
func TestTheListOfExamplesIsComplete(t *testing.T) {
	t.Parallel()
	text := read(t, "examples/README.md")
	entries, err := os.ReadDir(filepath.Join(root, "examples"))
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() && e.Name() != "internal" {
			require.Regexp(t, `(?m)^\| \[`+e.Name()+`\]\(`+e.Name()+`\) \| .+ \|$`, text, "examples/README.md has a line for %s", e.Name())
		}
	}
}

// keyRow is a row of a table of keys in a package comment.
var keyRow = regexp.MustCompile(`(?m)^//\t(lock|queue|set|cache|list) +(.+?)(?: {2,}|$)`)

// TestOperationsListsEveryKey checks docs/operations.md against the table of keys in
// the bot's package comment, which a test of the bot keeps true.
func TestOperationsListsEveryKey(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/operations.md")
	rows := keyRow.FindAllStringSubmatch(read(t, "core/chat/doc.go"), -1)
	require.Greater(t, len(rows), 20)
	for _, row := range rows {
		require.Contains(t, text, "| "+row[1]+" | `"+row[2]+"` |", "docs/operations.md has no row for this key")
	}
}

// TestOperationsNamesMetricsThatAreThere checks the metrics and steps that
// docs/operations.md tells to alarm on.
func TestOperationsNamesMetricsThatAreThere(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/operations.md")
	_, alarms, found := strings.Cut(text, "## What to alarm on")
	require.True(t, found)
	alarms, _, _ = strings.Cut(alarms, "\n## ")
	metrics, steps := read(t, "otelchat/telemetry.go"), read(t, "core/chat/observe.go")
	named := 0
	for _, m := range regexp.MustCompile("`(chat\\.[a-z.]+)`|step `([a-z-]+)`").FindAllStringSubmatch(alarms, -1) {
		named++
		if m[1] != "" {
			require.Contains(t, metrics, `"`+m[1]+`"`)
		} else {
			require.Contains(t, steps, `= "`+m[2]+`"`)
		}
	}
	require.Greater(t, named, 10)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}

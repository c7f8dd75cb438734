package exampletest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var codeBlock = regexp.MustCompile("(?s)```go\n(?:// (\\S+\\.go)\n)?(.*?)```")

// The code of docs/adapters.md is that of the sample adapter, which is built and
// tested: each block begins with the name of its file.
func TestTheCodeOfAdaptersIsTheSample(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "adapters.md"))
	require.NoError(t, err)
	blocks := codeBlock.FindAllSubmatch(doc, -1)
	require.Len(t, blocks, strings.Count(string(doc), "```")/2)
	for _, block := range blocks {
		require.NotEmpty(t, block[1], "a block of code names the file that it is from:\n%s", block[2])
		source, err := os.ReadFile(filepath.Join("..", "..", "examples", "pager", string(block[1])))
		require.NoError(t, err)
		require.Contains(t, string(source), string(block[2]), "docs/adapters.md shows what %s does not have", block[1])
	}
}

// A handler that the README of the Slack adapter shows is one of its examples.
func TestTheHandlersOfTheSlackReadmeAreItsExamples(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "adapters", "slack")
	readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	examples, err := os.ReadFile(filepath.Join(folder, "example_test.go"))
	require.NoError(t, err)
	shown := 0
	for _, block := range codeBlock.FindAllSubmatch(readme, -1) {
		if code := string(block[2]); strings.Contains(code, "func(") {
			shown++
			require.Contains(t, unindent(string(examples)), unindent(code))
		}
	}
	require.Positive(t, shown)
}

var indentation = regexp.MustCompile(`(?m)^\t+`)

func unindent(code string) string { return indentation.ReplaceAllString(code, "") }

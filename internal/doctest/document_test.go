package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

var root = filepath.Join("..", "..")

// document is a Markdown file of the repository.
type document struct {
	name, text string
}

// documents returns all Markdown files for people, but not test data.
func documents(t *testing.T) []document {
	t.Helper()
	files, err := repo.Files(root)
	require.NoError(t, err)
	var all []document
	for _, name := range files {
		if !strings.HasSuffix(name, ".md") || strings.Contains(name, "testdata/") || strings.Contains(name, ".github/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		all = append(all, document{name, string(text)})
	}
	require.Greater(t, len(all), 10)
	return all
}

// block is Go code of a document. Its file is the name in a comment that it may
// begin with.
type block struct {
	line       int
	file, code string
}

var (
	fence    = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	fileName = regexp.MustCompile(`^// (\S+\.go)\n`)
)

func (d document) blocks() []block {
	var all []block
	for _, at := range fence.FindAllStringSubmatchIndex(d.text, -1) {
		b := block{line: 2 + strings.Count(d.text[:at[0]], "\n"), code: d.text[at[2]:at[3]]}
		if name := fileName.FindStringSubmatch(b.code); name != nil {
			b.file = name[1]
		}
		all = append(all, b)
	}
	return all
}

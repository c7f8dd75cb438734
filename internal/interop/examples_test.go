package interop

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is an example of a specification, named after it.
type example struct {
	name, markdown string
}

var (
	examplesOnce sync.Once
	allExamples  []example
)

// examples returns the examples of CommonMark 0.31.2, from npm, and those of
// the GFM extensions, which goldmark has in its tests.
func examples(t *testing.T) []example {
	t.Helper()
	examplesOnce.Do(func() {
		for i, markdown := range ask[[]string](t, "examples", nil) {
			allExamples = append(allExamples, example{fmt.Sprintf("commonmark/%d", i+1), markdown})
		}
		dir := filepath.Join(moduleDir(t, "github.com/yuin/goldmark"), "extension", "_test")
		for _, extension := range []string{"table", "strikethrough", "linkify", "tasklist", "footnote"} {
			allExamples = append(allExamples, readExamples(t, dir, extension)...)
		}
	})
	require.NotEmpty(t, allExamples, "the examples could not be read")
	return allExamples
}

// readExamples reads a file of goldmark: examples begin with their number and
// have three parts between lines of slashes, of which the first is Markdown.
func readExamples(t *testing.T, dir, extension string) []example {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, extension+".txt"))
	require.NoError(t, err)
	const rule = "//- - - - - - - - -//\n"
	found := map[string]string{}
	for part := range strings.SplitSeq(string(data), "//= = = = = = = = = = = = = = = = = = = = = = = =//\n") {
		parts := strings.Split(part, rule)
		if len(parts) < 3 {
			continue
		}
		number, _, _ := strings.Cut(strings.Fields(parts[0])[0], ":")
		found[fmt.Sprintf("%s/%03s", extension, number)] = parts[1]
	}
	require.NotEmpty(t, found)
	var list []example
	for _, name := range slices.Sorted(maps.Keys(found)) {
		list = append(list, example{name, found[name]})
	}
	return list
}

func sources(list []example) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.markdown
	}
	return out
}

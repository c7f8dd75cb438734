package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Contract is the comments of a package, in which rules stand.
type Contract struct {
	pkg   string
	files func() []source
}

// NewContract returns the contract of a package whose source is in the folder.
// It is read when it is first asked.
func NewContract(pkg, folder string) *Contract {
	return &Contract{pkg: pkg, files: sync.OnceValue(func() []source { return read(folder) })}
}

// Source returns the file and line where a rule stands, or the package's name if
// its source is not at hand.
func (c *Contract) Source(rule string) string {
	want := strings.Join(strings.Fields(rule), " ")
	for _, f := range c.files() {
		if at := strings.Index(f.comments, want); at >= 0 {
			return fmt.Sprintf("%s:%d", f.path, f.line(at))
		}
	}
	return "package " + c.pkg
}

// Comments returns the comments of each of the named files, in one line with
// single spaces.
func (c *Contract) Comments(files ...string) []string {
	var all []string
	for _, f := range c.files() {
		if slices.Contains(files, filepath.Base(f.path)) {
			all = append(all, f.comments)
		}
	}
	return all
}

// source is the comments of one file, in one line, with single spaces.
type source struct {
	path     string
	comments string
	starts   []int // offset in comments where each commented line starts
	lines    []int // its line number in the file
}

func (s source) line(at int) int {
	n := 0
	for n+1 < len(s.starts) && s.starts[n+1] <= at {
		n++
	}
	return s.lines[n]
}

func read(folder string) []source {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil
	}
	var sources []source
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if text, err := os.ReadFile(path); err == nil {
			sources = append(sources, readComments(path, string(text)))
		}
	}
	return sources
}

func readComments(path, text string) source {
	s := source{path: path}
	var b strings.Builder
	for n, line := range strings.Split(text, "\n") {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !ok {
			continue
		}
		s.starts = append(s.starts, b.Len())
		s.lines = append(s.lines, n+1)
		for word := range strings.FieldsSeq(comment) {
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	s.comments = b.String()
	return s
}

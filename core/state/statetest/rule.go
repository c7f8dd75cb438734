package statetest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

const contractPackage = "github.com/chat-adapter/chat-go/core/state"

// RuleSource returns the file and line where a rule stands in the contract, or
// the name of the contract's package if its source is not at hand.
func RuleSource(rule string) string {
	want := strings.Join(strings.Fields(rule), " ")
	for _, f := range contract() {
		if at := strings.Index(f.comments, want); at >= 0 {
			return fmt.Sprintf("%s:%d", f.path, f.line(at))
		}
	}
	return "package " + contractPackage
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

// contract reads the comments of package state, which stands one folder above
// this file.
var contract = sync.OnceValue(func() []source {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return nil
	}
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(here)), "*.go"))
	if err != nil {
		return nil
	}
	var sources []source
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		sources = append(sources, readComments(path, string(text)))
	}
	return sources
})

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

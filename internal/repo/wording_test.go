package repo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wordings are wordings that a stranger has to read twice, with what to write instead.
var wordings = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?i)\bbeside\b`), `"next to" for a place, "at the same time as" for a time, "as well as" or "besides" for more`},
	{regexp.MustCompile(`(?:^|[.:;] )(?:Who|who) [^?:.]*(?:[.:;]|$)`), `a subject: "a caller that …", "a program that …"`},
	{regexp.MustCompile(`\b(?:by|for|from|to) who \w`), `a subject: "a caller that …", "a program that …"`},
	{regexp.MustCompile(`\b(?:him|his|himself)\b|\b[Hh]e (?:has|is|was|does|can|must|gets|writes|holds|takes)\b`), `"the user", "they" or "their"`},
}

// faults returns what is wrong with a text, without its line breaks.
func faults(text string) (found []string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, w := range wordings {
		for _, at := range w.pattern.FindAllStringIndex(text, -1) {
			found = append(found, "…"+text[max(0, at[0]-40):min(len(text), at[1]+10)]+"…: want "+w.instead)
		}
	}
	return found
}

// TestTextsAreReadOnce checks the comments and strings of Go, and the documents.
func TestTextsAreReadOnce(t *testing.T) {
	t.Parallel()
	eachTextFile(t, func(name string, text []byte) {
		if strings.Contains(name, "testdata/") || strings.HasSuffix(name, "repo/wording_test.go") {
			return
		}
		switch path.Ext(name) {
		case ".md":
			for paragraph := range strings.SplitSeq(string(text), "\n\n") {
				for _, fault := range faults(paragraph) {
					t.Errorf("%s: %s", name, fault)
				}
			}
		case ".go":
			for _, fault := range faultsOfGo(t, name, text) {
				t.Errorf("%s", fault)
			}
		}
	})
}

// faultsOfGo returns what is wrong with the comments and strings of a file.
func faultsOfGo(t *testing.T, name string, text []byte) (found []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	add := func(at token.Pos, text string) {
		for _, fault := range faults(text) {
			found = append(found, files.Position(at).String()+": "+fault)
		}
	}
	for _, group := range file.Comments {
		for paragraph := range strings.SplitSeq(group.Text(), "\n\n") {
			add(group.Pos(), paragraph)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			add(literal.Pos(), strings.Trim(literal.Value, "\"`"))
		}
		return true
	})
	return found
}

// TestAWordingIsFound is for the check itself.
func TestAWordingIsFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Who gets a lock keeps it.", "It is kept. Who reads it waits.", "as it came; who does not know it leaves it out", "made by who waits", "so that he gets it", "the bot knows him",
		"the status beside\nit", "Beside the code: what one package does", "signed: who has it can send it",
	} {
		require.NotEmpty(t, faults(text), text)
	}
	for _, text := range []string{"Author is who wrote it.", "It says who can read it.", "Who may run a handler?", "besides those", "whoever holds it"} {
		require.Empty(t, faults(text), text)
	}
	found := faultsOfGo(t, "x.go", []byte("package x\n\n// F is kept\n// beside it.\nfunc F() {}\n"))
	require.Len(t, found, 1)
	require.Contains(t, found[0], "x.go:3:1: ")
}

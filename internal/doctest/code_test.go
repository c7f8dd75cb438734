package doctest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// importable are the packages that the code in documents can use without an import,
// besides those of the released modules.
var importable = []string{
	"cmp", "context", "database/sql", "errors", "fmt", "io", "iter", "log", "log/slog", "maps", "net", "net/http", "net/http/httptest", "os", "os/signal",
	"path/filepath", "regexp", "slices", "strings", "sync", "syscall", "testing", "time", "testing/synctest",
	"github.com/modelcontextprotocol/go-sdk/mcp", "github.com/redis/go-redis/v9", "github.com/stretchr/testify/require", "go.opentelemetry.io/otel",
}

// fromTheSample is the document whose code is that of examples/pager, which is built
// and tested there.
const fromTheSample = "docs/adapters.md"

// TestTheCodeOfDocumentsCompiles checks every block of Go: a file, declarations, or
// statements, which then stand in a function.
func TestTheCodeOfDocumentsCompiles(t *testing.T) {
	packages := compiled(t)
	checked := 0
	for _, d := range documents(t) {
		if d.name == fromTheSample {
			continue
		}
		files := make(map[string]string) // those of the document, one package
		for _, b := range d.blocks() {
			checked++
			switch {
			case strings.Contains(b.code, "\npackage ") && b.file != "":
				files[b.file] = b.code
			default:
				if err := packages.of(d.name).check(map[string]string{"block.go": b.code}); err != nil {
					t.Errorf("%s:%d: %v", d.name, b.line, err)
				}
			}
		}
		if len(files) > 0 {
			if err := packages.check(files); err != nil {
				t.Errorf("the files of %s: %v", d.name, err)
			}
		}
	}
	require.Greater(t, checked, 20)
}

// TestCodeThatDoesNotCompileIsFound is for the check itself.
func TestCodeThatDoesNotCompileIsFound(t *testing.T) {
	packages := compiled(t)
	for _, code := range []string{
		"bot.OnNothing(answer)", "st, err := state.Open(ctx)", "x := nowhere", "func f( {", "import \"nowhere/at/all\"\n\nf()",
		"package main\n\nfunc main() { chat.New() }", "return 5",
	} {
		require.Error(t, packages.check(map[string]string{"block.go": code}), code)
	}
	require.NoError(t, packages.check(map[string]string{"block.go": "bot.OnMention(answer)"}))
}

// packageSet are the packages that documents use.
type packageSet struct {
	byName map[string]string // path by name
	fset   *token.FileSet
	from   types.Importer

	source []byte // of given
	given  *ast.File
}

// of returns the set for a document: in that of an adapter, "adapter" is that adapter.
func (p *packageSet) of(document string) *packageSet {
	name := path.Base(path.Dir(document))
	if path.Dir(path.Dir(document)) != "adapters" || name == "slack" {
		return p
	}
	own := *p
	own.read(bytes.ReplaceAll(bytes.ReplaceAll(p.source, []byte("*slack.Adapter"), []byte("*"+name+".Adapter")),
		[]byte("chat-go/adapters/slack\""), []byte("chat-go/adapters/"+name+"\"")))
	return &own
}

// read parses the source of what is given.
func (p *packageSet) read(source []byte) {
	file, err := parser.ParseFile(p.fset, "given.go", source, parser.SkipObjectResolution)
	if err != nil {
		panic(err)
	}
	p.source, p.given = source, file
}

// compiled has go list compile the packages and say where they are.
func compiled(t *testing.T) *packageSet {
	t.Helper()
	wanted := append([]string(nil), importable...)
	for _, m := range releasedModules(t) {
		wanted = append(wanted, m.Path()+"/...")
	}
	out, err := repo.Go(filepath.Join(root, "internal"), nil, append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Export,DepOnly"}, wanted...)...)
	require.NoError(t, err)
	p := &packageSet{byName: map[string]string{}, fset: token.NewFileSet()}
	export := make(map[string]string)
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var listed struct {
			ImportPath, Name, Export string
			DepOnly                  bool
		}
		err := decoder.Decode(&listed)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		export[listed.ImportPath] = listed.Export
		if !listed.DepOnly && !strings.Contains(listed.ImportPath, "/internal/") && listed.Name != "main" {
			p.byName[listed.Name] = listed.ImportPath
		}
	}
	p.from = importer.ForCompiler(p.fset, "gc", func(importPath string) (io.ReadCloser, error) {
		if export[importPath] == "" {
			return nil, fmt.Errorf("%s is not among the packages that documents use", importPath)
		}
		return os.Open(export[importPath])
	})
	source, err := os.ReadFile(filepath.Join("testdata", "given.go"))
	require.NoError(t, err)
	p.read(source)
	return p
}

// releasedModules returns those that programs import.
func releasedModules(t *testing.T) []repo.Module {
	t.Helper()
	all, err := repo.Modules(root)
	require.NoError(t, err)
	var released []repo.Module
	for _, m := range all {
		if m.Released && !strings.HasPrefix(m.Folder, "cmd/") { // a command is no library
			released = append(released, m)
		}
	}
	return released
}

var (
	leadingImports = regexp.MustCompile(`^(?:import (?:\([^)]*\)|[^\n]*)\s*)+`)
	whole          = regexp.MustCompile(`(?m)^package \w`)
)

// check compiles the files as one package and returns what is wrong. A variable that
// is not used is not.
func (p *packageSet) check(files map[string]string) error {
	var parsed []*ast.File
	for name, code := range files {
		file, err := p.parse(name, code)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	var first error
	config := types.Config{Importer: p.from, Error: func(err error) {
		var e types.Error
		if first == nil && !(errors.As(err, &e) && e.Soft && strings.HasPrefix(e.Msg, "declared and not used")) {
			first = err
		}
	}}
	_, _ = config.Check("document", p.fset, parsed, nil)
	return first
}

// parse returns the file. Code that is not a whole one becomes one, with the imports
// and variables that it takes for granted.
func (p *packageSet) parse(name, code string) (*ast.File, error) {
	if whole.MatchString(code) {
		return parser.ParseFile(p.fset, name, code, parser.SkipObjectResolution)
	}
	imports := leadingImports.FindString(code)
	body := code[len(imports):]
	file, err := parser.ParseFile(p.fset, name, "package document\n"+imports+body, parser.SkipObjectResolution)
	if err != nil {
		body = "func _() error {\n{\n" + body + "\n}\nreturn nil\n}\n"
		if file, err = parser.ParseFile(p.fset, name, "package document\n"+imports+body, parser.SkipObjectResolution); err != nil {
			return nil, err
		}
	}
	return parser.ParseFile(p.fset, name, "package document\n"+p.missingImports(file)+imports+p.missingGiven(file)+body, parser.SkipObjectResolution)
}

// missingImports returns the imports of packages that the file names without
// importing them, and of those that the given variables need.
func (p *packageSet) missingImports(file *ast.File) string {
	has := make(map[string]bool)
	for _, spec := range file.Imports {
		name := path.Base(strings.Trim(spec.Path.Value, `"`))
		if found := p.nameOf(strings.Trim(spec.Path.Value, `"`)); found != "" {
			name = found
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		has[name] = true
	}
	var b strings.Builder
	add := func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && !has[x.Name] && p.byName[x.Name] != "" {
				has[x.Name] = true
				fmt.Fprintf(&b, "import %s %q\n", x.Name, p.byName[x.Name])
			}
		}
		return true
	}
	ast.Inspect(file, add)
	for _, d := range p.given.Decls {
		ast.Inspect(d, add)
	}
	return b.String()
}

func (p *packageSet) nameOf(importPath string) string {
	for name, at := range p.byName {
		if at == importPath {
			return name
		}
	}
	return ""
}

// missingGiven returns the source of the given declarations, without those that the
// file has itself.
func (p *packageSet) missingGiven(file *ast.File) string {
	own := make(map[string]bool)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			own[d.Name.Name] = d.Recv == nil
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					own[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						own[n.Name] = true
					}
				}
			}
		}
	}
	text := func(n ast.Node) []byte {
		return p.source[p.fset.Position(n.Pos()).Offset:p.fset.Position(n.End()).Offset]
	}
	var b bytes.Buffer
	for _, d := range p.given.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if !own[d.Name.Name] {
				fmt.Fprintf(&b, "%s\n", text(d))
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if !own[s.Name.Name] {
						fmt.Fprintf(&b, "type %s\n", text(s))
					}
				case *ast.ValueSpec:
					if !own[s.Names[0].Name] {
						fmt.Fprintf(&b, "var %s\n", text(s))
					}
				}
			}
		}
	}
	return b.String()
}

// Package scaffold makes the files of a new bot.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/chat-adapter/chat-go/cmd/chatgo/catalog"
)

// Options say what bot to make.
type Options struct {
	// Folder is where it is made. It may be there, with other files in it. Required.
	Folder string
	// Name is the bot's name, by which people mention it. Default: that of the folder.
	Name string
	// Module is the path of its Go module. Default: "example.com/" and the name.
	Module string
	// Adapters are names of the catalog. Default: web.
	Adapters []string
	// State is a name of the catalog. Default: memory.
	State string
	// Clone is a clone of chat-go that the bot is built with, by a go.work. Default
	// none: the released modules are got.
	Clone string
}

// bot is what the templates see.
type bot struct {
	Options
	Core      string
	Root      string
	Uses      []catalog.Adapter
	Keeps     catalog.State
	Memory    catalog.State
	Common    []catalog.Variable
	Workspace []module // of the clone
}

// module is a module of a clone: its import path, the version that the bot requires, and
// its folder.
type module struct{ Path, Version, Folder string }

//go:embed template
var templates embed.FS

// names are the files, each by its template.
var names = map[string]string{
	"template/go.mod.tmpl":       "go.mod",
	"template/main.go.tmpl":      "main.go",
	"template/bot.go.tmpl":       "bot.go",
	"template/bot_test.go.tmpl":  "bot_test.go",
	"template/dockerfile.tmpl":   "Dockerfile",
	"template/dockerignore.tmpl": ".dockerignore",
	"template/compose.yaml.tmpl": "compose.yaml",
	"template/env.example.tmpl":  ".env.example",
	"template/gitignore.tmpl":    ".gitignore",
	"template/readme.md.tmpl":    "README.md",
	"template/go.work.tmpl":      "go.work", // with a clone only
}

var (
	nameForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)
	moduleForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9._~-]+)*$`)
)

// Write makes the files and returns their names. It overwrites nothing: if one of them
// is there, nothing is written, and the error names it.
func Write(o Options) ([]string, error) {
	b, err := prepare(o)
	if err != nil {
		return nil, err
	}
	files, err := render(b)
	if err != nil {
		return nil, err
	}
	written := make([]string, 0, len(files))
	for name := range files {
		if _, err := os.Lstat(filepath.Join(o.Folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is there already, and nothing is overwritten", filepath.Join(o.Folder, name))
		}
		written = append(written, name)
	}
	slices.Sort(written)
	if err := os.MkdirAll(o.Folder, 0o755); err != nil {
		return nil, err
	}
	for _, name := range written {
		if err := create(filepath.Join(o.Folder, name), files[name]); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// create writes a file that is not there.
func create(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// prepare checks the options and fills in the defaults.
func prepare(o Options) (*bot, error) {
	if o.Folder == "" {
		return nil, errors.New("the folder is empty, want a name such as mybot")
	}
	if o.Name == "" {
		o.Name = filepath.Base(o.Folder)
	}
	if !nameForm.MatchString(o.Name) {
		return nil, fmt.Errorf("the name is %q, want letters, digits, - and _, with a letter first", o.Name)
	}
	if o.Module == "" {
		o.Module = "example.com/" + strings.ToLower(o.Name)
	}
	if !moduleForm.MatchString(o.Module) {
		return nil, fmt.Errorf("the module is %q, want a path such as example.com/mybot", o.Module)
	}
	if len(o.Adapters) == 0 {
		o.Adapters = []string{"web"}
	}
	if o.State == "" {
		o.State = "memory"
	}
	b := &bot{Options: o, Core: catalog.Core, Root: catalog.Root, Common: catalog.Common()}
	var err error
	if b.Keeps, err = catalog.FindState(o.State); err != nil {
		return nil, err
	}
	if b.Memory, err = catalog.FindState("memory"); err != nil {
		return nil, err
	}
	for _, name := range o.Adapters {
		a, err := catalog.FindAdapter(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(b.Uses, func(other catalog.Adapter) bool { return other.Name == a.Name }) {
			return nil, fmt.Errorf("the adapter %q is named twice", name)
		}
		b.Uses = append(b.Uses, a)
	}
	slices.SortFunc(b.Uses, func(x, y catalog.Adapter) int { return strings.Compare(x.Name, y.Name) })
	return b, b.useClone()
}

// useClone finds the modules of the clone that the bot needs.
func (b *bot) useClone() error {
	if b.Clone == "" {
		return nil
	}
	clone, err := filepath.Abs(b.Clone)
	if err != nil {
		return err
	}
	b.Clone = clone
	needed := []module{
		{"core", catalog.Core, ""},
		{b.Memory.Module, b.Memory.Version, ""},
	}
	if b.Keeps.Name != b.Memory.Name {
		needed = append(needed, module{b.Keeps.Module, b.Keeps.Version, ""})
	}
	for _, a := range b.Uses {
		needed = append(needed, module{a.Module, a.Version, ""})
	}
	for _, m := range needed {
		folder := filepath.Join(clone, filepath.FromSlash(m.Path))
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
			return fmt.Errorf("%s is no clone of chat-go: it has no %s/go.mod", clone, m.Path)
		}
		b.Workspace = append(b.Workspace, module{b.Root + "/" + m.Path, m.Version, filepath.ToSlash(folder)})
	}
	return nil
}

// render returns the files by their names.
func render(b *bot) (map[string][]byte, error) {
	files := make(map[string][]byte)
	all, err := template.New("").Funcs(template.FuncMap{
		"join": strings.Join,
		"indent": func(by int, text string) string {
			return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", by))
		},
	}).ParseFS(templates, "template/*")
	if err != nil {
		return nil, err
	}
	for source, name := range names {
		if name == "go.work" && b.Clone == "" {
			continue
		}
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, path.Base(source), b); err != nil {
			return nil, err
		}
		files[name] = text.Bytes()
		if strings.HasSuffix(name, ".go") {
			if files[name], err = format.Source(text.Bytes()); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return files, nil
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// buildLists is where the checked-in build lists are, below the root.
const buildLists = "internal/release/testdata/buildlists"

// getEach gets each module alone at its version, builds a program that imports
// all of it, and compares what came along with the checked-in list.
func (r *rehearsal) getEach() error {
	lists := make([]string, len(r.modules))
	errs := make([]error, len(r.modules))
	var all sync.WaitGroup
	for i, m := range r.modules {
		all.Go(func() { lists[i], errs[i] = r.get(m) })
	}
	all.Wait()
	for i, m := range r.modules {
		if errs[i] == nil {
			errs[i] = r.compareList(m, lists[i])
		}
	}
	return errors.Join(errs...)
}

// get gets one module and returns its consumer's build list.
func (r *rehearsal) get(m repo.Module) (string, error) {
	dir, err := r.consumer("gets-" + m.Folder)
	if err != nil {
		return "", err
	}
	if _, err := r.goTool(dir, "get", m.Path()+"@"+m.Version); err != nil {
		return "", err
	}
	packages, err := r.goTool(dir, "list", "-f", importable, m.Path()+"/...")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(importing(packages)), 0o600); err != nil {
		return "", err
	}
	if _, err := r.goTool(dir, "build", "-o", os.DevNull, "."); err != nil {
		return "", err
	}
	list, err := r.goTool(dir, "list", "-m", "-f", "{{if not .Main}}{{.Path}} {{.Version}}{{end}}", "all")
	if err != nil {
		return "", err
	}
	list = strings.TrimLeft(list, "\n") + "\n"
	for _, ours := range r.modules { // their versions stand in modules.json
		list = strings.Replace(list, ours.Path()+" "+ours.Version+"\n", ours.Path()+"\n", 1)
	}
	return list, nil
}

// importable has go list name the packages that are no programs.
const importable = `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`

// importing is a program that imports those of the packages that others may.
func importing(packages string) string {
	var program strings.Builder
	program.WriteString("package main\n\nimport (\n")
	for p := range strings.FieldsSeq(packages) {
		if !strings.Contains(p, "/internal/") {
			fmt.Fprintf(&program, "\t_ %q\n", p)
		}
	}
	program.WriteString(")\n\nfunc main() {}\n")
	return program.String()
}

// compareList compares a consumer's build list with the checked-in one.
func (r *rehearsal) compareList(m repo.Module, list string) error {
	name := filepath.Join(r.root, filepath.FromSlash(buildLists), strings.ReplaceAll(m.Folder, "/", "-")+".txt")
	if r.options.update {
		r.say("%s: %d modules, written", m.Folder, strings.Count(list, "\n"))
		return os.WriteFile(name, []byte(list), 0o644)
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	added, gone := diff(string(kept), list)
	for _, line := range added {
		r.fault("a program that gets %s now gets %s too: review it, then run with -update", m.Folder, line)
	}
	for _, line := range gone {
		r.fault("a program that gets %s no longer gets %s: run with -update", m.Folder, line)
	}
	r.say("%s: %d modules: %s", m.Folder, strings.Count(list, "\n"), strings.ReplaceAll(strings.TrimSpace(list), "\n", ", "))
	return nil
}

// diff returns the lines that only one of the texts has.
func diff(before, after string) (added, gone []string) {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range now {
		if !slices.Contains(old, line) {
			added = append(added, line)
		}
	}
	for _, line := range old {
		if !slices.Contains(now, line) {
			gone = append(gone, line)
		}
	}
	return added, gone
}

var (
	readmeProgram = regexp.MustCompile("(?s)```go\n(package main\n.*?)```")
	readmeGet     = regexp.MustCompile(`(?m)^\s+go get (\S+)$`)
)

// buildReadme does what the README tells its reader to.
func (r *rehearsal) buildReadme() error {
	text, err := os.ReadFile(filepath.Join(r.clone, "README.md"))
	if err != nil {
		return err
	}
	program := readmeProgram.FindSubmatch(text)
	gets := readmeGet.FindAllSubmatch(text, -1)
	if program == nil || len(gets) == 0 {
		return fmt.Errorf("README.md has no Go program, or no go get")
	}
	dir, err := r.consumer("readme")
	if err != nil {
		return err
	}
	for _, get := range gets {
		m, err := r.module(strings.TrimPrefix(string(get[1]), repo.Root+"/"))
		if err != nil {
			return err
		}
		if _, err := r.goTool(dir, "get", m.Path()+"@"+m.Version); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), program[1], 0o600); err != nil {
		return err
	}
	if _, err := r.goTool(dir, "vet", "./..."); err != nil {
		return err
	}
	_, err = r.goTool(dir, "build", "-o", os.DevNull, ".")
	return err
}

// proveThirdParty tests adapters that are in another module: their authors have
// the released modules and nothing else.
func (r *rehearsal) proveThirdParty() error {
	dir, err := r.consumer("thirdparty")
	if err != nil {
		return err
	}
	for folder, from := range map[string]string{
		"pager":      filepath.Join("examples", "pager"), // which docs/adapters.md is about
		"countstate": filepath.Join("internal", "release", "testdata", "thirdparty", "countstate"),
	} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(r.clone, from))); err != nil {
			return err
		}
	}
	for _, folder := range []string{"core", "state-memory"} {
		m, err := r.module(folder)
		if err != nil {
			return err
		}
		if _, err := r.goTool(dir, "get", m.Path()+"@"+m.Version); err != nil {
			return err
		}
	}
	out, err := r.goTool(dir, "test", "-v", "./...")
	if err != nil {
		return err
	}
	r.say("%d cases passed", strings.Count(out, "--- PASS: "))
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "ok") {
			r.say("%s", strings.Join(strings.Fields(line), " "))
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// plan is what a release would do, and what is in its way.
type plan struct {
	root string
	// tag are the modules to tag, kept those whose version has its tag already.
	tag, kept []repo.Module
	problems  []string
}

// version is what can be released under the modules' paths: from v2 on a path
// would end in the version.
var version = regexp.MustCompile(`^v[01]\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

func newPlan(ctx context.Context, root string) (*plan, error) {
	modules, err := repo.Modules(root)
	if err != nil {
		return nil, err
	}
	p := &plan{root: root}
	dirty, err := git(ctx, root, "status", "--porcelain")
	if err != nil {
		return nil, err
	}
	if dirty != "" {
		p.problem("the working tree is not clean:\n%s", dirty)
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if errors.Is(err, os.ErrNotExist) {
		p.problem("there is no CHANGELOG.md")
	} else if err != nil {
		return nil, err
	}
	for _, m := range modules {
		if !m.Released {
			continue
		}
		if !version.MatchString(m.Version) {
			p.problem("modules.json: %s has the version %q, want v0.Y.Z or v1.Y.Z", m.Folder, m.Version)
			continue
		}
		if err := p.add(ctx, m); err != nil {
			return nil, err
		}
		if err := p.checkGoMod(m, modules); err != nil {
			return nil, err
		}
		if !announced(string(changelog), m) {
			p.problem("CHANGELOG.md has no line \"### %s %s\"", m.Path(), m.Version)
		}
	}
	return p, nil
}

func (p *plan) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// add puts a module on the list, unless its version is tagged: a tag never moves.
func (p *plan) add(ctx context.Context, m repo.Module) error {
	tagged, err := hasTag(ctx, p.root, m.Tag())
	if err != nil {
		return err
	}
	if !tagged {
		p.tag = append(p.tag, m)
		return nil
	}
	p.kept = append(p.kept, m)
	differs, err := changed(ctx, p.root, m.Tag(), m.Folder)
	if err != nil {
		return err
	}
	if differs {
		p.problem("%s has changed since %s: give it another version in modules.json", m.Folder, m.Tag())
	}
	return nil
}

// checkGoMod checks that the module requires its siblings at the versions that
// are released.
func (p *plan) checkGoMod(m repo.Module, modules []repo.Module) error {
	mod, err := repo.ReadGoMod(filepath.Join(p.root, m.Folder))
	if err != nil {
		return err
	}
	if mod.Module.Path != m.Path() {
		p.problem("%s/go.mod has the module path %s, want %s", m.Folder, mod.Module.Path, m.Path())
	}
	for _, r := range mod.Require {
		if r.Path != repo.Root && !strings.HasPrefix(r.Path, repo.Root+"/") {
			continue
		}
		known := false
		for _, sibling := range modules {
			if sibling.Path() != r.Path {
				continue
			}
			known = true
			if !sibling.Released {
				p.problem("%s requires %s, which is not released", m.Folder, sibling.Folder)
			} else if sibling.Version != r.Version {
				p.problem("%s requires %s %s, but modules.json says %s", m.Folder, sibling.Folder, r.Version, sibling.Version)
			}
		}
		if !known {
			p.problem("%s requires %s, which modules.json does not have", m.Folder, r.Path)
		}
	}
	return nil
}

// announced reports whether the changelog has the module's version.
func announced(changelog string, m repo.Module) bool {
	for line := range strings.Lines(changelog) {
		if strings.TrimSpace(line) == "### "+m.Path()+" "+m.Version {
			return true
		}
	}
	return false
}

func (p *plan) print(out io.Writer) {
	for _, m := range p.tag {
		fmt.Fprintf(out, "tag   %s\n", m.Tag())
	}
	for _, m := range p.kept {
		fmt.Fprintf(out, "keep  %s\n", m.Tag())
	}
	for _, problem := range p.problems {
		fmt.Fprintf(out, "wrong %s\n", problem)
	}
}

// apply tags the current commit.
func (p *plan) apply(ctx context.Context, out io.Writer) error {
	if len(p.tag) == 0 {
		fmt.Fprintln(out, "every version is tagged: nothing to do")
		return nil
	}
	push := []string{"git push --atomic origin"}
	for _, m := range p.tag {
		if _, err := git(ctx, p.root, "tag", "-a", "-m", m.Path()+" "+m.Version, m.Tag()); err != nil {
			return err
		}
		push = append(push, "refs/tags/"+m.Tag())
	}
	fmt.Fprintf(out, "tagged; publish with\n  %s\n", strings.Join(push, " "))
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// rehearsal is a release that nobody sees: the repository is cloned, tagged as a
// release tags it, and served from this machine.
type rehearsal struct {
	ctx     context.Context //nolint:containedctx // one run, from beginning to end
	out     io.Writer
	options options
	root    string // the repository
	dir     string // everything that is made
	clone   string
	modules []repo.Module // the released ones
	env     []string      // for programs outside of the workspace
	wrong   int
}

// rehearse releases into a throw-away clone and gets every module from it, as
// its users will.
func rehearse(ctx context.Context, out io.Writer, root string, o options) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r := &rehearsal{ctx: ctx, out: out, options: o, root: root, dir: dir, clone: filepath.Join(dir, "clone")}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"tag a clone", r.tag},
		{"serve it offline", r.serve},
		{"what ships", r.listZips},
		{"get each module alone", r.getEach},
		{"build the README's program", r.buildReadme},
		{"prove a third party's adapters", r.proveThirdParty},
		{"compare with the version before", r.compareAPI},
	} {
		start := time.Now()
		fmt.Fprintf(out, "== %s\n", step.name)
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(out, "   %.1f s\n", time.Since(start).Seconds())
	}
	if r.wrong > 0 {
		return fmt.Errorf("the rehearsal found %d faults", r.wrong)
	}
	return nil
}

func (r *rehearsal) say(format string, args ...any) { fmt.Fprintf(r.out, "   "+format+"\n", args...) }

func (r *rehearsal) fault(format string, args ...any) {
	r.wrong++
	r.say("WRONG: "+format, args...)
}

func (r *rehearsal) git(args ...string) (string, error) { return git(r.ctx, r.clone, args...) }

// tag clones what is committed and makes the release there.
func (r *rehearsal) tag() error {
	if dirty, err := git(r.ctx, r.root, "status", "--porcelain"); err != nil {
		return err
	} else if dirty != "" {
		r.say("the working tree is not clean: this is about what is committed")
	}
	if _, err := git(r.ctx, r.dir, "clone", "--quiet", r.root, r.clone); err != nil {
		return err
	}
	for _, setting := range [][]string{{"user.name", "rehearsal"}, {"user.email", "rehearsal@example.com"}} {
		if _, err := r.git("config", setting[0], setting[1]); err != nil {
			return err
		}
	}
	modules, err := repo.Modules(r.clone)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.Released {
			continue
		}
		r.modules = append(r.modules, m)
		tagged, err := hasTag(r.ctx, r.clone, m.Tag())
		if err != nil {
			return err
		}
		if tagged { // released before: rehearse what it would be now
			if _, err := r.git("tag", "-d", m.Tag()); err != nil {
				return err
			}
		}
	}
	p, err := newPlan(r.ctx, r.clone)
	if err != nil {
		return err
	}
	p.print(r.out)
	if len(p.problems) > 0 {
		return fmt.Errorf("%d problems", len(p.problems))
	}
	return p.apply(r.ctx, io.Discard)
}

// serve makes a module proxy of files from the clone, with what go itself makes
// of the tags.
func (r *rehearsal) serve() error {
	config := filepath.Join(r.dir, "gitconfig")
	text := fmt.Sprintf("[url %q]\n\tinsteadOf = https://%s\n", "file://"+filepath.ToSlash(r.clone), repo.Root)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	for _, m := range r.modules {
		if err := r.serveVersion(m, m.Version); err != nil {
			return err
		}
	}
	modules, err := r.freshCache()
	if err != nil {
		return err
	}
	if err := r.fetchOthers(modules); err != nil {
		return err
	}
	// From here on there is no network. What others published was verified when it
	// was fetched.
	r.env = []string{
		// Go keeps an index of each folder of the module cache, and these change.
		"GODEBUG=goindex=0", "GOWORK=off", "GOFLAGS=-modcacherw -mod=mod", "GOENV=off", "GOPRIVATE=", "GOSUMDB=off", "GOTOOLCHAIN=local",
		"GOPROXY=" + fileProxy(filepath.Join(r.dir, "served", "cache", "download")) + ",off", "GOMODCACHE=" + modules,
	}
	return nil
}

func fileProxy(dir string) string { return "file://" + filepath.ToSlash(dir) }

// fetchOthers puts the modules that ours build on into the cache.
func (r *rehearsal) fetchOthers(cache string) error {
	env := []string{"GOWORK=off", "GOFLAGS=-modcacherw -mod=mod", "GOMODCACHE=" + cache}
	for _, m := range r.modules {
		dir := filepath.Join(r.clone, filepath.FromSlash(m.Folder))
		for _, args := range [][]string{{"mod", "download"}, {"list", "-m", "all"}} {
			if _, err := command(r.ctx, dir, env, "go", args...); err != nil {
				return err
			}
		}
		if err := r.fetchForUsers(m, env); err != nil {
			return err
		}
	}
	return nil
}

// fetchForUsers fetches what a user's build list has beyond the module's own: Go reads
// more of the graph for whom the module is not the main one.
func (r *rehearsal) fetchForUsers(m repo.Module, env []string) error {
	dir, err := os.MkdirTemp(r.dir, "fetch")
	if err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "module fetch\n\ngo 1.26.0\n\nrequire %s %s\n", m.Path(), m.Version)
	for _, other := range r.modules {
		fmt.Fprintf(&text, "\nreplace %s => %s\n", other.Path(), filepath.Join(r.clone, filepath.FromSlash(other.Folder)))
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text.String()), 0o600); err != nil {
		return err
	}
	packages, err := command(r.ctx, dir, env, "go", "list", "-f", importable, m.Path()+"/...")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(importing(packages)), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{{"list", "-deps", "."}, {"list", "-m", "all"}} { // the first adds to go.mod
		if _, err := command(r.ctx, dir, env, "go", args...); err != nil {
			return err
		}
	}
	return nil
}

// freshCache returns a module cache that has nothing of ours. What others
// published never changes, so it stays for the next rehearsal.
func (r *rehearsal) freshCache() (string, error) {
	cache := filepath.Join(r.root, ".bin", "rehearsal")
	ours := filepath.Dir(filepath.FromSlash(repo.Root))
	return cache, errors.Join(
		os.RemoveAll(filepath.Join(cache, ours)),
		os.RemoveAll(filepath.Join(cache, "cache", "download", ours)),
		os.RemoveAll(filepath.Join(cache, "cache", "vcs")))
}

// serveVersion puts one version of a module into the proxy.
func (r *rehearsal) serveVersion(m repo.Module, version string) error {
	env := []string{
		"GIT_CONFIG_GLOBAL=" + filepath.Join(r.dir, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1", "GOWORK=off", "GOFLAGS=-modcacherw",
		"GOENV=off", "GOPROXY=direct", "GOSUMDB=off", "GOPRIVATE=", "GOMODCACHE=" + filepath.Join(r.dir, "served"),
	}
	_, err := command(r.ctx, r.dir, env, "go", "mod", "download", m.Path()+"@"+version)
	return err
}

// goTool runs go as somebody who has nothing of this repository.
func (r *rehearsal) goTool(dir string, args ...string) (string, error) {
	return command(r.ctx, dir, r.env, "go", args...)
}

// consumer makes the folder of a module that is not of this repository.
func (r *rehearsal) consumer(name string) (string, error) {
	dir := filepath.Join(r.dir, "consumers", strings.ReplaceAll(name, "/", "-"))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	if _, err := r.goTool(dir, "mod", "init", "example.com/"+filepath.Base(dir)); err != nil {
		return "", err
	}
	_, err := r.goTool(dir, "mod", "edit", "-go=1.26.0", "-toolchain=none")
	return dir, err
}

// module returns the released module with the folder.
func (r *rehearsal) module(folder string) (repo.Module, error) {
	i := slices.IndexFunc(r.modules, func(m repo.Module) bool { return m.Folder == folder })
	if i < 0 {
		return repo.Module{}, fmt.Errorf("modules.json has no released module %s", folder)
	}
	return r.modules[i], nil
}

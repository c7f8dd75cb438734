package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/internal/repo"
)

// compareAPI has gorelease judge each module: against the newest version before
// this one, if there is any.
func (r *rehearsal) compareAPI() error {
	if r.options.gorelease == "" {
		return fmt.Errorf("want -gorelease with the path of the program")
	}
	gorelease, err := filepath.Abs(r.options.gorelease)
	if err != nil {
		return err
	}
	if err := r.completeSums(); err != nil {
		return err
	}
	said := make([]string, len(r.modules))
	errs := make([]error, len(r.modules))
	var all sync.WaitGroup
	for i, m := range r.modules {
		all.Go(func() { said[i], errs[i] = r.judge(gorelease, m) })
	}
	all.Wait()
	for i, m := range r.modules {
		r.say("%s %s", m.Folder, m.Version)
		for line := range strings.Lines(said[i]) {
			r.say("  %s", strings.TrimSpace(line))
		}
		if errs[i] != nil {
			r.fault("%v", errs[i])
		}
	}
	return nil
}

// judge compares one module with the newest version before it, if there is any.
func (r *rehearsal) judge(gorelease string, m repo.Module) (string, error) {
	tags, err := r.git("tag", "--list", m.Folder+"/v*")
	if err != nil {
		return "", err
	}
	base := previous(strings.Fields(tags), m)
	if base != "none" {
		// gorelease downloads the base: like the others, from the clone.
		if err := r.serveVersion(m, base); err != nil {
			return "", err
		}
	}
	proxy, err := r.serveWithout(m)
	if err != nil {
		return "", err
	}
	env := slices.Concat(r.env, []string{"GOFLAGS=-modcacherw", "GOPROXY=" + fileProxy(proxy) + ",off"})
	out, err := command(r.ctx, filepath.Join(r.clone, filepath.FromSlash(m.Folder)), env, gorelease, "-base="+base, "-version="+m.Version)
	if err == nil && strings.Contains(out, "## incompatible changes") && minor(base) == minor(m.Version) {
		err = fmt.Errorf("%s breaks callers of %s: want another minor version", m.Tag(), base)
	}
	return out, err
}

// minor returns the version without its last number. Below v1, where gorelease
// lets everything pass, callers rely on it.
func minor(version string) string {
	version, _, _ = strings.Cut(version, "-")
	return version[:strings.LastIndexByte(version, '.')]
}

// serveWithout returns a proxy that has all but the module's new version: for
// gorelease that is yet to come.
func (r *rehearsal) serveWithout(m repo.Module) (string, error) {
	proxy := filepath.Join(r.dir, "before-"+strings.ReplaceAll(m.Folder, "/", "-"))
	if err := os.CopyFS(proxy, os.DirFS(filepath.Join(r.dir, "served", "cache", "download"))); err != nil {
		return "", err
	}
	versions := filepath.Join(proxy, filepath.FromSlash(m.Path()), "@v")
	own, err := filepath.Glob(filepath.Join(versions, m.Version+".*"))
	if err != nil {
		return "", err
	}
	for _, name := range own {
		if err := os.Remove(name); err != nil {
			return "", err
		}
	}
	list, err := os.ReadFile(filepath.Join(versions, "list"))
	if err != nil {
		return "", err
	}
	left := strings.ReplaceAll("\n"+string(list), "\n"+m.Version+"\n", "\n")
	return proxy, os.WriteFile(filepath.Join(versions, "list"), []byte(strings.TrimPrefix(left, "\n")), 0o600)
}

// completeSums gives the clone's modules the checksums of their siblings, which
// the replacements in the repository make unnecessary and gorelease asks for.
func (r *rehearsal) completeSums() error {
	for _, m := range r.modules {
		dir := filepath.Join(r.clone, filepath.FromSlash(m.Folder))
		mod, err := repo.ReadGoMod(dir)
		if err != nil {
			return err
		}
		for _, replaced := range mod.Replace {
			if _, err := r.goTool(dir, "mod", "edit", "-dropreplace="+replaced.Old.Path); err != nil {
				return err
			}
		}
		if _, err := r.goTool(dir, "list", "-deps", "-test", "./..."); err != nil {
			return err
		}
	}
	if _, err := r.git("add", "--all"); err != nil {
		return err
	}
	_, err := r.git("commit", "--quiet", "--allow-empty", "-m", "Require the released siblings")
	return err
}

// previous returns the newest version of the module that is tagged and older
// than its own, or "none".
func previous(tags []string, m repo.Module) string {
	best := "none"
	for _, tag := range tags {
		v := strings.TrimPrefix(tag, m.Folder+"/")
		if !version.MatchString(v) || compareVersions(v, m.Version) >= 0 {
			continue
		}
		if best == "none" || compareVersions(v, best) > 0 {
			best = v
		}
	}
	return best
}

// compareVersions compares two versions. A pre-release comes before its release;
// pre-releases of one release are compared as text.
func compareVersions(a, b string) int {
	x, xpre, _ := strings.Cut(strings.TrimPrefix(a, "v"), "-")
	y, ypre, _ := strings.Cut(strings.TrimPrefix(b, "v"), "-")
	p, q := strings.Split(x, "."), strings.Split(y, ".")
	for i := range min(len(p), len(q)) {
		m, _ := strconv.Atoi(p[i])
		n, _ := strconv.Atoi(q[i])
		if c := cmp.Compare(m, n); c != 0 {
			return c
		}
	}
	switch {
	case xpre == ypre:
		return 0
	case xpre == "":
		return 1
	case ypre == "":
		return -1
	}
	return strings.Compare(xpre, ypre)
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// machine has these programs alone, and returns what the set-up plans there.
func machine(t *testing.T, programs map[string]string) (p *plan, said *strings.Builder) {
	t.Helper()
	bin := t.TempDir()
	for name, script := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755)) //nolint:gosec // a program
	}
	t.Setenv("PATH", bin)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, s := range []service{redis, postgres} {
		t.Setenv(s.provider, "")
		t.Setenv(s.image, "")
	}
	said = &strings.Builder{}
	return &plan{say: func(format string, a ...any) { fmt.Fprintf(said, format+"\n", a...) }}, said
}

const goProgram = "echo gcc\n" // go env CC

// A user who may not install reads at once all that is missing, why it is needed, and how
// to get it.
func TestAllThatIsMissingIsNamed(t *testing.T) {
	p, said := machine(t, map[string]string{"go": goProgram})
	p.apt.problem = errors.New("only root may run apt-get")
	for _, need := range []string{"cc", "redis", "browser", "node"} {
		require.NoError(t, needs[need](t.Context(), p))
	}
	err := p.carryOut(t.Context())
	require.EqualError(t, err, "nothing is installed: only root may run apt-get\n"+
		"set-up: on Debian, as root: apt-get install --no-install-recommends gcc libc6-dev redis-server chromium")
	require.Contains(t, said.String(), "missing on this machine:\n"+
		"  - gcc libc6-dev (apt-get): a C compiler, for the race detector of go test\n"+
		"  - redis-server (apt-get): Redis 7.0 or newer, since no Docker engine answers\n"+
		"  - chromium (apt-get): the browser in which the chat page is tested\n"+
		"  - Node.js ")
	require.Contains(t, said.String(), "for the tests against npm packages, since there is no node on PATH\n")
}

func TestNothingIsMissing(t *testing.T) {
	p, said := machine(t, map[string]string{
		"go": goProgram, "sh": "exit 0", "redis-server": "", "chromium": "", "node": "echo v20.0.0", "npm": "",
	})
	for _, need := range []string{"cc", "redis", "browser", "node"} {
		require.NoError(t, needs[need](t.Context(), p))
	}
	require.Empty(t, p.missing)
	require.NoError(t, p.carryOut(t.Context()))
	require.Equal(t, "Redis 7.0 or newer comes from processes of this machine\n", said.String())
	require.Equal(t, "local", os.Getenv(redis.provider))
}

// A compiler without the headers of the C library is of no use.
func TestHeadersAreMissing(t *testing.T) {
	p, _ := machine(t, map[string]string{"go": goProgram, "sh": "exit 1", "gcc": ""})
	require.NoError(t, findCompiler(t.Context(), p))
	require.Len(t, p.missing, 1)
}

// docker is an engine that has some images and may pull others.
func docker(images, pull string) string {
	return `case "$1 $2" in
"image inspect") case " ` + images + ` " in *" $3 "*) exit 0 ;; esac; exit 1 ;;
"pull --quiet") ` + pull + ` ;;
esac
`
}

func TestServersFromContainers(t *testing.T) {
	t.Run("redis", func(t *testing.T) { testContainers(t, redis, "redis-server busybox-static") })
	t.Run("postgres", func(t *testing.T) {
		s := postgres
		s.has = func() bool { return false } // whatever this machine has
		testContainers(t, s, "postgresql busybox-static")
	})
}

func testContainers(t *testing.T, s service, packages string) {
	for name, c := range map[string]struct {
		engine, wanted string
		image, failure string
		packages       string
	}{
		"image is there":    {engine: docker(s.defaultImage, "exit 1"), image: s.defaultImage},
		"own image":         {engine: docker(s.localImage, "exit 1"), image: s.localImage},
		"pulled":            {engine: docker("", "exit 0"), image: s.defaultImage},
		"wanted":            {engine: docker("mine:1 "+s.localImage, "exit 1"), wanted: "mine:1", image: "mine:1"},
		"wanted, not there": {engine: docker(s.localImage, "exit 1"), wanted: "mine:1", failure: "the image mine:1, which " + s.image + " names"},
		"cannot be pulled":  {engine: docker("", "exit 1"), packages: packages},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := machine(t, map[string]string{"docker": c.engine})
			t.Setenv(s.image, c.wanted)
			err := s.find(t.Context(), p)
			if c.failure != "" {
				require.ErrorContains(t, err, c.failure)
				return
			}
			require.NoError(t, err)
			var packages []string
			for _, m := range p.missing {
				packages = append(packages, m.packages...)
			}
			require.Equal(t, c.packages, strings.Join(packages, " "))
			if packages == nil {
				require.NoError(t, p.carryOut(t.Context()))
				require.Equal(t, "containers", os.Getenv(s.provider))
				require.Equal(t, c.image, os.Getenv(s.image))
			}
		})
	}
	t.Run("no engine", func(t *testing.T) {
		p, _ := machine(t, nil)
		t.Setenv(s.provider, "containers")
		require.EqualError(t, s.find(t.Context(), p), s.provider+" is containers, and no Docker engine answers")
		t.Setenv(s.provider, "cloud")
		require.EqualError(t, s.find(t.Context(), p), s.provider+` is "cloud", want containers or local`)
	})
}

// What apt says when a source does not answer, and when a package is not there.
const (
	unresolved = "W: Failed to fetch http://deb.example/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.example'"
	refused    = "E: Failed to fetch http://deb.example/debian/pool/g/gcc.deb  Could not connect to deb.example:80 (192.0.2.1). - connect (111: Connection refused)"
	notFound   = "E: Failed to fetch http://deb.example/debian/pool/g/gcc.deb  404  Not Found [IP: 192.0.2.1 80]"
	known      = "gcc:\n  Installed: (none)\n  Candidate: 4:12.2.0-3\n"
)

func TestApt(t *testing.T) {
	for name, c := range map[string]struct {
		update, policy, install string
		code                    int // of the installation
		want                    []string
	}{
		"installed":              {policy: known},
		"another source is away": {update: unresolved, policy: known},
		"source cannot be reached": {
			update: unresolved,
			want:   []string{"a package source cannot be reached, and no other has gcc:", "deb.example/debian/dists/bookworm/InRelease: Temporary failure resolving"},
		},
		"no such package":  {policy: "gcc:\n  Installed: (none)\n  Candidate: (none)\n", want: []string{"there is no package gcc in the sources of this machine, all of which answer"}},
		"source goes away": {policy: known, install: refused, code: 100, want: []string{"a package source cannot be reached:", "Connection refused"}},
		"source is stale":  {policy: known, install: notFound, code: 100, want: []string{"a package source lists packages that it does not have:", "404  Not Found"}},
		"something else":   {policy: known, install: "E: the disk is full", code: 100, want: []string{"the disk is full"}},
		"both at the same": {policy: known, install: notFound + "\n" + refused, code: 100, want: []string{"a package source cannot be reached:", "404  Not Found", "Connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, said := machine(t, map[string]string{
				"apt-cache": fmt.Sprintf("printf '%%s' '%s'\n", c.policy),
				"apt-get": fmt.Sprintf(`case "$*" in
update) echo "%s" ;;
--simulate*) echo "Inst gcc"; echo "Inst libc6-dev" ;;
*install\ gcc) echo "%s"; exit %d ;;
*) exit 7 ;;
esac
`, c.update, c.install, c.code),
			})
			p.lackPackages("to compile", "gcc")
			err := p.carryOut(t.Context())
			if c.want == nil {
				require.NoError(t, err)
				require.Contains(t, said.String(), "missing on this machine, and installed now:\n  - gcc (apt-get): to compile\napt-get installs 2 packages: these and what they depend on\n")
				return
			}
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chat-adapter/chat-go/internal/nodejs"
)

// needs find out what is missing, by the word on the command line.
var needs = map[string]func(ctx context.Context, p *plan) error{
	"cc":       findCompiler,
	"redis":    redis.find,
	"postgres": findPostgres,
	"browser":  findBrowser,
	"node":     findNode,
}

func has(programs ...string) bool {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			return true
		}
	}
	return false
}

func findCompiler(ctx context.Context, p *plan) error {
	out, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("go env CC: %w", err)
	}
	// A compiler may be there without the headers of the C library.
	compiler := exec.CommandContext(ctx, "sh", "-c", strings.TrimSpace(string(out))+" -E -x c -")
	compiler.Stdin = strings.NewReader("#include <stdlib.h>\n")
	if compiler.Run() != nil {
		p.lackPackages("a C compiler, for the race detector of go test", "gcc", "libc6-dev")
	}
	return nil
}

// requiredSetting is pgtest.RequiredEnv: what was set up must not be skipped.
const requiredSetting = "PGTEST_REQUIRED"

func findPostgres(ctx context.Context, p *plan) error {
	if _, err := os.Stat("/usr/sbin/pgbouncer"); err != nil && !has("pgbouncer") {
		p.lackPackages("the pooler before Postgres", "pgbouncer")
	}
	if err := os.Setenv(requiredSetting, "1"); err != nil {
		return err
	}
	return postgres.find(ctx, p)
}

func hasPostgres() bool {
	debian, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	return has("postgres") || err == nil && len(debian) > 0
}

func findBrowser(_ context.Context, p *plan) error {
	if !has("chromium", "chromium-browser", "google-chrome", "google-chrome-stable") {
		p.lackPackages("the browser in which the chat page is tested", "chromium")
	}
	return nil
}

func findNode(_ context.Context, p *plan) error {
	use := func(dir string) error {
		return os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	dir, err := nodejs.Find()
	if err == nil {
		return use(dir)
	}
	what, problem := nodejs.Plan()
	if problem != nil {
		what = fmt.Sprintf("Node.js %d or newer with npm", nodejs.MinMajor)
	}
	p.missing = append(p.missing, missing{
		what: what, problem: problem,
		why: fmt.Sprintf("for the tests against npm packages, since %v", err),
		get: func(ctx context.Context) error {
			dir, err := nodejs.Install(ctx)
			if err != nil {
				return err
			}
			return use(dir)
		},
	})
	return nil
}

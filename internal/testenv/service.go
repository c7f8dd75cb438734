package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// service is a server that tests start. This program imports little, since it is
// compiled first of all, so the names stand here again.
type service struct {
	name     string // as people call it
	kind     string // as scripts/server-image.sh calls it
	provider string // ProviderEnv of the package that starts it
	image    string // its ImageEnv
	// defaultImage is the package's DefaultImage, and localImage is made from this
	// machine's server.
	defaultImage, localImage string
	// has reports whether this machine has the server.
	has func() bool
	// packages are Debian's.
	packages []string
}

var (
	redis = service{
		name: "Redis 7.0 or newer", kind: "redis", provider: "REDISTEST_PROVIDER", image: "REDISTEST_IMAGE",
		defaultImage: "redis:7.2-alpine", localImage: "redistest/redis:local",
		has: func() bool { return has("redis-server") }, packages: []string{"redis-server"},
	}
	postgres = service{
		name: "Postgres", kind: "postgres", provider: "PGTEST_PROVIDER", image: "PGTEST_IMAGE",
		defaultImage: "postgres:17-alpine", localImage: "pgtest/postgres:local",
		has: hasPostgres, packages: []string{"postgresql"},
	}
)

// find decides where servers come from, and tells the package that starts them so.
func (s service) find(ctx context.Context, p *plan) error {
	switch provider := os.Getenv(s.provider); provider {
	case "local":
		s.useLocal(p, s.provider+" is local")
	case "containers":
		if !engineAnswers(ctx) {
			return fmt.Errorf("%s is containers, and no Docker engine answers", s.provider)
		}
		return s.useContainers(ctx, p)
	case "":
		if !engineAnswers(ctx) {
			s.useLocal(p, "no Docker engine answers")
			return nil
		}
		return s.useContainers(ctx, p)
	default:
		return fmt.Errorf("%s is %q, want containers or local", s.provider, provider)
	}
	return nil
}

func (s service) useLocal(p *plan, why string) {
	if !s.has() {
		p.lackPackages(s.name+", since "+why, s.packages...)
	}
	p.afterwards = append(p.afterwards, func(context.Context) error {
		p.say("%s comes from processes of this machine", s.name)
		return os.Setenv(s.provider, "local")
	})
}

// useContainers finds an image, or plans to make one.
func (s service) useContainers(ctx context.Context, p *plan) error {
	use := func(image string) {
		p.afterwards = append(p.afterwards, func(context.Context) error {
			p.say("%s comes from containers of the image %s", s.name, image)
			if err := os.Setenv(s.provider, "containers"); err != nil {
				return err
			}
			return os.Setenv(s.image, image)
		})
	}
	wanted := os.Getenv(s.image)
	image := cmp.Or(wanted, s.defaultImage)
	switch {
	case hasImage(ctx, image):
		use(image)
		return nil
	case wanted == "" && hasImage(ctx, s.localImage):
		use(s.localImage)
		return nil
	}
	p.say("pulling the image %s", image)
	if runDocker(ctx, 2*time.Minute, "pull", "--quiet", image) == nil {
		use(image)
		return nil
	}
	if wanted != "" {
		return fmt.Errorf("the image %s, which %s names, is not there and cannot be pulled", image, s.image)
	}
	const why = "%s, to make an image, since %s cannot be pulled"
	if !s.has() {
		p.lackPackages(fmt.Sprintf(why, s.name, image), s.packages...)
	}
	if !has("busybox") {
		p.lackPackages(fmt.Sprintf(why, "a shell", image), "busybox-static")
	}
	p.afterwards = append(p.afterwards, func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, "scripts/server-image.sh", s.kind, s.localImage)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		return cmd.Run()
	})
	use(s.localImage)
	return nil
}

func engineAnswers(ctx context.Context) bool {
	return has("docker") && runDocker(ctx, 10*time.Second, "info") == nil
}

func hasImage(ctx context.Context, image string) bool {
	return runDocker(ctx, 10*time.Second, "image", "inspect", image) == nil
}

func runDocker(ctx context.Context, timeout time.Duration, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return exec.CommandContext(ctx, "docker", args...).Run()
}

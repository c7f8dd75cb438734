package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const (
	providerSetting = "REDISTEST_PROVIDER"
	imageSetting    = "REDISTEST_IMAGE"

	// defaultImage is redistest.DefaultImage. This program imports little, since it
	// is compiled first of all.
	defaultImage = "redis:7.2-alpine"

	// localImage is made from this machine's redis-server.
	localImage = "redistest/redis:local"
)

// findRedis decides where servers come from, and tells package redistest so.
func findRedis(ctx context.Context, p *plan) error {
	switch provider := os.Getenv(providerSetting); provider {
	case "local":
		useLocal(p, "REDISTEST_PROVIDER is local")
	case "containers":
		if !engineAnswers(ctx) {
			return errors.New("REDISTEST_PROVIDER is containers, and no Docker engine answers")
		}
		return useContainers(ctx, p)
	case "":
		if !engineAnswers(ctx) {
			useLocal(p, "no Docker engine answers")
			return nil
		}
		return useContainers(ctx, p)
	default:
		return fmt.Errorf("REDISTEST_PROVIDER is %q, want containers or local", provider)
	}
	return nil
}

func useLocal(p *plan, why string) {
	if !has("redis-server") {
		p.lackPackages("Redis 7.0 or newer, since "+why, "redis-server")
	}
	p.afterwards = append(p.afterwards, func(context.Context) error {
		p.say("Redis comes from redis-server")
		return os.Setenv(providerSetting, "local")
	})
}

// useContainers finds an image, or plans to make one.
func useContainers(ctx context.Context, p *plan) error {
	use := func(image string) {
		p.afterwards = append(p.afterwards, func(context.Context) error {
			p.say("Redis comes from containers of the image %s", image)
			return errors.Join(os.Setenv(providerSetting, "containers"), os.Setenv(imageSetting, image))
		})
	}
	wanted := os.Getenv(imageSetting)
	image := cmp.Or(wanted, defaultImage)
	switch {
	case hasImage(ctx, image):
		use(image)
		return nil
	case wanted == "" && hasImage(ctx, localImage):
		use(localImage)
		return nil
	}
	p.say("pulling the image %s", image)
	if runDocker(ctx, 2*time.Minute, "pull", "--quiet", image) == nil {
		use(image)
		return nil
	}
	if wanted != "" {
		return fmt.Errorf("the image %s, which REDISTEST_IMAGE names, is not there and cannot be pulled", image)
	}
	const why = "to make an image, since %s cannot be pulled"
	if !has("redis-server") {
		p.lackPackages(fmt.Sprintf("Redis, "+why, image), "redis-server")
	}
	if !has("busybox") {
		p.lackPackages(fmt.Sprintf("a shell, "+why, image), "busybox-static")
	}
	p.afterwards = append(p.afterwards, func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, "scripts/redis-image.sh", localImage)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		return cmd.Run()
	})
	use(localImage)
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

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// command runs a program in a folder with further environment variables and
// returns what it printed, without the last line end.
func command(ctx context.Context, dir string, env []string, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		said := strings.TrimSpace(stderr.String() + "\n" + stdout.String())
		err = fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, said)
	}
	return strings.TrimSuffix(stdout.String(), "\n"), err
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	return command(ctx, dir, nil, "git", args...)
}

// hasTag reports whether the repository has the tag.
func hasTag(ctx context.Context, dir, tag string) (bool, error) {
	_, err := git(ctx, dir, "rev-parse", "--quiet", "--verify", "refs/tags/"+tag)
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return false, nil
	}
	return err == nil, err
}

// changed reports whether the folder has changed since the tag.
func changed(ctx context.Context, dir, tag, folder string) (bool, error) {
	out, err := git(ctx, dir, "diff", "--name-only", "refs/tags/"+tag, "HEAD", "--", folder)
	return out != "", err
}

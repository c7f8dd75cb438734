package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// apt installs packages of Debian and its relatives.
type apt struct {
	problem error // why it cannot install here
}

func newApt() apt {
	switch {
	case !has("apt-get"):
		return apt{errors.New("this machine has no apt-get")}
	case os.Geteuid() != 0:
		return apt{errors.New("only root may run apt-get")}
	}
	return apt{}
}

// failedFetch is what apt says of a file that it did not get.
var failedFetch = regexp.MustCompile(`(?m)^[EW]: Failed to fetch (\S+) +(.*)$`)

// installs is what apt says of a package that it would install.
var installs = regexp.MustCompile(`(?m)^Inst `)

// install gets the packages. The error tells packages that the machine's sources
// do not have from sources that cannot be reached.
func (a apt) install(ctx context.Context, say func(format string, a ...any), packages []string) error {
	// A source that fails may be one that has nothing of this.
	updated, err := a.run(ctx, "apt-get", "update")
	unreached := failedFetch.FindAllStringSubmatch(updated, -1)
	var unknown []string
	for _, p := range packages {
		policy, policyErr := a.run(ctx, "apt-cache", "policy", p)
		if policyErr != nil {
			return policyErr
		}
		if !strings.Contains(policy, "Candidate: ") || strings.Contains(policy, "Candidate: (none)") {
			unknown = append(unknown, p)
		}
	}
	switch {
	case unknown != nil && unreached != nil:
		return fmt.Errorf("a package source cannot be reached, and no other has %s:%s", strings.Join(unknown, " "), reasons(unreached))
	case unknown != nil && err != nil:
		return err
	case unknown != nil:
		return fmt.Errorf("there is no package %s in the sources of this machine, all of which answer: see /etc/apt/sources.list and /etc/apt/sources.list.d", strings.Join(unknown, " "))
	}

	install := append([]string{"-y", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", "install"}, packages...)
	simulated, err := a.run(ctx, "apt-get", append([]string{"--simulate"}, install...)...)
	if err != nil {
		return err
	}
	say("apt-get installs %d packages: these and what they depend on", len(installs.FindAllString(simulated, -1)))
	installed, err := a.run(ctx, "apt-get", install...)
	if failed := failedFetch.FindAllStringSubmatch(installed, -1); err != nil && failed != nil {
		if slices.ContainsFunc(failed, func(f []string) bool { return !strings.HasPrefix(f[2], "404") }) {
			return fmt.Errorf("a package source cannot be reached:%s", reasons(failed))
		}
		return fmt.Errorf("a package source lists packages that it does not have:%s", reasons(failed))
	}
	return err
}

// reasons lists what was not fetched, each reason once.
func reasons(failed [][]string) string {
	var text strings.Builder
	var listed []string
	for _, f := range failed {
		if reason := strings.TrimSpace(f[2]); !slices.Contains(listed, reason) {
			listed = append(listed, reason)
			fmt.Fprintf(&text, "\nset-up:   %s: %s", f[1], reason)
		}
	}
	return text.String()
}

// run runs a program of apt's and returns what it said. So does the error.
func (a apt) run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, said.String())
	}
	return said.String(), nil
}

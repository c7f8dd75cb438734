package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	command, err := setUp(ctx, os.Args[1:], os.Stderr)
	if err != nil {
		fail(err)
	}
	stop()
	path, err := exec.LookPath(command[0])
	if err != nil {
		fail(err)
	}
	fail(fmt.Errorf("%s: %w", strings.Join(command, " "), syscall.Exec(path, command, os.Environ())))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "set-up:", err)
	os.Exit(1)
}

// setUp gets what the arguments name and returns the command that follows.
func setUp(ctx context.Context, args []string, out io.Writer) (command []string, err error) {
	dashes := slices.Index(args, "--")
	if dashes < 0 || dashes == len(args)-1 {
		return nil, errors.New("the arguments are what is needed, two dashes, and a command")
	}
	p := plan{
		say: func(format string, a ...any) { fmt.Fprintf(out, "set-up: "+format+"\n", a...) },
		apt: newApt(),
	}
	for _, need := range args[:dashes] {
		find, ok := needs[need]
		if !ok {
			return nil, fmt.Errorf("nobody knows how to set up %q", need)
		}
		if err := find(ctx, &p); err != nil {
			return nil, err
		}
	}
	return args[dashes+1:], p.carryOut(ctx)
}

// plan is what this machine lacks.
type plan struct {
	say     func(format string, a ...any)
	apt     apt
	missing []missing
	// afterwards is what is to be done when everything is installed.
	afterwards []func(ctx context.Context) error
}

// missing is something that this machine lacks.
type missing struct {
	packages []string // of Debian
	what     string   // where it is no package of Debian's
	why      string
	get      func(ctx context.Context) error // nil for packages
	problem  error                           // why it cannot be had here
}

func (m missing) String() string {
	if m.packages != nil {
		return strings.Join(m.packages, " ") + " (apt-get): " + m.why
	}
	return m.what + ": " + m.why
}

func (p *plan) lackPackages(why string, packages ...string) {
	p.missing = append(p.missing, missing{packages: packages, why: why, problem: p.apt.problem})
}

// carryOut says what is missing and gets it, or says why that cannot be done.
func (p *plan) carryOut(ctx context.Context) error {
	if len(p.missing) > 0 {
		if err := p.get(ctx); err != nil {
			return err
		}
	}
	for _, do := range p.afterwards {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) get(ctx context.Context) error {
	var packages, problems []string
	for _, m := range p.missing {
		packages = append(packages, m.packages...)
		if m.problem != nil && !slices.Contains(problems, m.problem.Error()) {
			problems = append(problems, m.problem.Error())
		}
	}
	if problems != nil {
		p.say("missing on this machine:")
	} else {
		p.say("missing on this machine, and installed now:")
	}
	for _, m := range p.missing {
		p.say("  - %s", m)
	}
	if problems != nil {
		text := "nothing is installed: " + strings.Join(problems, "; ")
		if packages != nil {
			text += "\nset-up: on Debian, as root: apt-get install --no-install-recommends " + strings.Join(packages, " ")
		}
		return errors.New(text)
	}
	start := time.Now()
	if packages != nil {
		if err := p.apt.install(ctx, p.say, packages); err != nil {
			return err
		}
	}
	for _, m := range p.missing {
		if m.get != nil {
			if err := m.get(ctx); err != nil {
				return err
			}
		}
	}
	p.say("installed in %.0f s", time.Since(start).Seconds())
	return nil
}

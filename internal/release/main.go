// Release makes a release of this repository's modules, and rehearses one.
//
//	release                what would be tagged, and what is in the way
//	release -apply         make the tags; pushing them is left to whoever calls it
//	release -rehearse      release into a throw-away clone and get every module from it
//
// What is released at which version stands in modules.json. RELEASING.md says
// what to do before and after.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	var o options
	flag.BoolVar(&o.apply, "apply", false, "make the tags")
	flag.BoolVar(&o.rehearse, "rehearse", false, "release into a throw-away clone and get every module from it")
	flag.BoolVar(&o.update, "update", false, "with -rehearse: write the build lists instead of comparing them")
	flag.BoolVar(&o.verbose, "v", false, "with -rehearse: list every file that ships")
	flag.StringVar(&o.gorelease, "gorelease", "", "with -rehearse: the program gorelease, to compare with the version before")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, ".", o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	apply, rehearse, update, verbose bool
	gorelease                        string
}

// run releases, or says what a release would be, from the repository at root.
func run(ctx context.Context, out io.Writer, root string, o options) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if o.apply && o.rehearse {
		return fmt.Errorf("-apply and -rehearse exclude each other")
	}
	if o.rehearse {
		return rehearse(ctx, out, root, o)
	}
	p, err := newPlan(ctx, root)
	if err != nil {
		return err
	}
	p.print(out)
	if len(p.problems) > 0 {
		return fmt.Errorf("%d problems: nothing was tagged", len(p.problems))
	}
	if !o.apply {
		fmt.Fprintln(out, "nothing was tagged: say -apply to tag")
		return nil
	}
	return p.apply(ctx, out)
}

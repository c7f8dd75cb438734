package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"
)

func main() {
	// An interrupt reaches go test as well. What it had done by then is reported.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		code = 1
	}
	os.Exit(code)
}

// run returns the exit code of go test.
func run(args []string, out io.Writer) (int, error) {
	start := time.Now()
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	r := newReport(out, isVerbose(args))
	reader := bufio.NewReader(events)
	for {
		line, err := reader.ReadBytes('\n')
		r.read(line)
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		err = nil
	}
	if err == nil {
		r.end(time.Since(start), cmd.ProcessState.ExitCode())
	}
	return cmd.ProcessState.ExitCode(), err
}

// isVerbose reports whether go test would print what passing tests say.
func isVerbose(args []string) bool {
	for _, arg := range args {
		if arg == "-args" || arg == "--args" {
			return false
		}
		if slices.Contains([]string{"-v", "--v", "-v=true", "-test.v"}, arg) {
			return true
		}
	}
	return false
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// event is a line of go test -json. https://pkg.go.dev/cmd/test2json
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build
	Test       string // empty for what concerns the package
	Output     string
}

// test is what a package has printed for one of its tests, or for none.
type test struct{ pkg, name string }

// report makes the text of go test out of its events, and counts.
type report struct {
	out     io.Writer
	verbose bool
	output  map[test]*strings.Builder // of what has not ended

	passed, failed int
	skipped        map[string]int // by reason
}

func newReport(out io.Writer, verbose bool) *report {
	return &report{out: out, verbose: verbose, output: map[test]*strings.Builder{}, skipped: map[string]int{}}
}

// read takes a line of output. One that is no event is printed as it is.
func (r *report) read(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		r.print(string(line))
		return
	}
	of := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		r.print(e.Output)
	case "output":
		if r.verbose {
			r.print(e.Output)
		}
		if r.output[of] == nil {
			r.output[of] = &strings.Builder{}
		}
		r.output[of].WriteString(e.Output)
	case "run":
		if r.output[of] == nil {
			r.output[of] = &strings.Builder{}
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(of, e.Action)
		}
	}
}

func (r *report) print(text string) { _, _ = io.WriteString(r.out, text) }

// take returns what was printed and forgets it.
func (r *report) take(of test) string {
	output := r.output[of]
	delete(r.output, of)
	if output == nil {
		return ""
	}
	return output.String()
}

func (r *report) endTest(of test, result string) {
	text := r.take(of)
	switch result {
	case "pass":
		r.passed++
	case "skip":
		r.skipped[reason(text)]++
	case "fail":
		r.failed++
		if !r.verbose {
			r.print(progress.ReplaceAllString(text, ""))
		}
	}
}

// endPackage prints what go test prints of a package, which is one line if the
// package has passed. Tests that have not ended by now were cut off.
func (r *report) endPackage(e event) {
	text := r.take(test{e.Package, ""})
	var cutOff []test
	for of := range r.output {
		if of.pkg == e.Package {
			cutOff = append(cutOff, of)
		}
	}
	slices.SortFunc(cutOff, func(a, b test) int { return cmp.Compare(a.name, b.name) })
	for _, of := range cutOff {
		r.endTest(of, "fail")
	}
	if r.verbose {
		return
	}
	for line := range strings.Lines(text) {
		if e.Action == "fail" && line != "PASS\n" || strings.HasPrefix(line, "ok  \t") {
			r.print(line)
		}
	}
}

// progress is a line that go test prints of a running test with -v alone.
var progress = regexp.MustCompile(`(?m)^=== (RUN|PAUSE|CONT|NAME) .*\n`)

// logged is a line that a test has logged, with its place.
var logged = regexp.MustCompile(`(?m)^ +[\w.-]+\.go:\d+: (.+)$`)

// reason finds why a test was skipped in what it has printed.
func reason(text string) string {
	lines := logged.FindAllStringSubmatch(text, -1)
	if lines == nil {
		return "without a reason"
	}
	return strings.TrimPrefix(lines[len(lines)-1][1], "skip: ")
}

// end prints the sums. A run that failed without a failed test, since something
// did not compile for instance, counts as one failure.
func (r *report) end(took time.Duration, code int) {
	if code != 0 {
		r.failed = max(r.failed, 1)
	}
	sum := 0
	for _, reason := range slices.Sorted(maps.Keys(r.skipped)) {
		fmt.Fprintf(r.out, "%5d skipped: %s\n", r.skipped[reason], reason)
		sum += r.skipped[reason]
	}
	fmt.Fprintf(r.out, "in %v:\n%d passed, %d failed, %d skipped\n", took.Round(time.Second), r.passed, r.failed, sum)
}

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// table holds the measurements of one topology.
type table struct {
	kind     string
	ops      []string
	callers  []int
	subjects []string
	rates    map[cell][]float64
}

type cell struct {
	subject, op string
	callers     int
}

func newTable(kind string, ops []string, callers []int, subjects []subject) *table {
	t := &table{kind: kind, ops: ops, callers: callers, rates: map[cell][]float64{}}
	for _, s := range subjects {
		t.subjects = append(t.subjects, s.name())
	}
	return t
}

func (t *table) add(subject, op string, callers int, rate float64) {
	if rate > 0 {
		c := cell{subject, op, callers}
		t.rates[c] = append(t.rates[c], rate)
	}
}

// median is NaN where nothing was measured.
func (t *table) median(subject, op string, callers int) float64 {
	rates := slices.Clone(t.rates[cell{subject, op, callers}])
	if len(rates) == 0 {
		return math.NaN()
	}
	slices.Sort(rates)
	return rates[len(rates)/2]
}

// write prints the medians, and how many times as fast the first subject is as
// each other.
func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "### %s\n\nOperations per second, median. In brackets: %s against this one.\n\n", t.title(), t.subjects[0])
	fmt.Fprintf(w, "| operation | callers | %s |\n|---|--:|%s\n", strings.Join(t.subjects, " | "), strings.Repeat("--:|", len(t.subjects)))
	for _, op := range t.ops {
		for _, n := range t.callers {
			fmt.Fprintf(w, "| %s | %d |", op, n)
			first := t.median(t.subjects[0], op, n)
			for i, s := range t.subjects {
				rate := t.median(s, op, n)
				switch {
				case math.IsNaN(rate):
					fmt.Fprint(w, " – |")
				case i == 0:
					fmt.Fprintf(w, " %s |", thousands(rate))
				default:
					fmt.Fprintf(w, " %s (%.2f×) |", thousands(rate), first/rate)
				}
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
}

func (t *table) title() string {
	if t.kind == "postgres" {
		return "Postgres"
	}
	return "Redis, " + t.kind
}

func thousands(f float64) string {
	digits := fmt.Sprintf("%.0f", f)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

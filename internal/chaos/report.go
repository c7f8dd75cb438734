package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// String is the report of a run.
func (o *outcome) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-22s%s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "%s, %d processes, %d threads, seed %d\n", o.plan.Topology, o.plan.Processes, o.plan.Threads, o.plan.Seed)
	line("traffic", "%d of %d messages accepted in %v, %.0f a second during the faults, %d redeliveries",
		o.accepted, o.sent, o.traffic.Round(time.Millisecond), o.disturbed, o.redelivers)
	line("handlers", "%d runs, %d messages handled; nothing waited %v after the last fault", o.runs, o.handled, o.finish.Round(time.Millisecond))
	for _, k := range slices.Sorted(maps.Keys(o.struck)) {
		line(string(k), "%d times, %d while its handlers ran", o.struck[k], o.hit[k])
	}
	line("lost", "%d", len(o.lost))
	line("overlaps", "%d", len(o.overlaps))
	line("out of order", "%d", len(o.disordered))
	line("dead letters", "%d", o.deadLetter)
	repeats := 0
	for _, n := range o.repeated {
		repeats += n
	}
	line("handled again", "%d", repeats+len(o.unexplained))
	for _, reason := range slices.Sorted(maps.Keys(o.repeated)) {
		line("", "%d: %s", o.repeated[reason], reason)
	}
	line("", "%d: without a reason", len(o.unexplained))
	if n := len(o.recovery); n > 0 {
		line("recovery", "median %v, worst %v, of %d kills or restarts that left work", o.recovery[n/2].Round(time.Millisecond), o.recovery[n-1].Round(time.Millisecond), n)
		line("", "the worst: %s", o.slowest)
	}
	for _, step := range slices.Sorted(maps.Keys(o.told)) {
		line("reported "+step, "%d", o.told[step])
	}
	return b.String()
}

// complaints lists what must not be, a few of each kind.
func (o *outcome) complaints() []string {
	var list []string
	for _, c := range []struct {
		what string
		each []string
	}{
		{"lost", o.lost},
		{"overlap", o.overlaps},
		{"out of order", o.disordered},
		{"handled again without a reason", o.unexplained},
		{"still waiting", o.waiting},
	} {
		for _, one := range c.each[:min(len(c.each), 10)] {
			list = append(list, c.what+": "+one)
		}
		if len(c.each) > 10 {
			list = append(list, fmt.Sprintf("%s: %d in all", c.what, len(c.each)))
		}
	}
	return list
}

// quiet says why the run proves too little, if it does.
func (o *outcome) quiet(minRate float64) []string {
	var list []string
	if o.disturbed < minRate {
		list = append(list, fmt.Sprintf("%.0f messages a second were accepted during the faults, want at least %.0f: the run does not count", o.disturbed, minRate))
	}
	bots, server := 0, 0
	for k, n := range o.hit {
		switch {
		case !k.planned():
		case k.onServer():
			server += n
		default:
			bots += n
		}
	}
	// Kills and pauses come at any time; in a short run all of one kind may meet
	// idle bots.
	if o.plan.KillEvery+o.plan.PauseEvery > 0 && bots == 0 {
		list = append(list, "no kill and no pause struck a running handler: the run does not count")
	}
	if o.plan.ServerFaults > 0 && server == 0 {
		list = append(list, "no fault of the server struck a running handler: the run does not count")
	}
	return list
}

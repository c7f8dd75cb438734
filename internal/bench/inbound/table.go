package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/bench/server"
	"github.com/chat-adapter/chat-go/internal/bench/side"
)

// table compares subjects on one state, each with several numbers of callers.
type table struct {
	state    string
	subjects []*subject
	meter    *server.Meter // nil: there is no server
}

// subject is one side of the comparison.
type subject struct {
	name    string
	command func(callers, messages int) []string // measures it and prints a side.Result
	results map[int][]result                     // by callers
}

type result struct {
	side.Result
	server.Usage
}

var callerCounts = []int{1, 64, 256}

// measure fills the table, the subjects in turns.
func (t *table) measure(ctx context.Context, client *redis.Client, messages, rounds int) error {
	for _, n := range callerCounts {
		for range rounds {
			for _, s := range t.subjects {
				if err := client.FlushAll(ctx).Err(); err != nil {
					return err
				}
				if err := s.measure(ctx, t.meter, n, messages); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *subject) measure(ctx context.Context, meter *server.Meter, callers, messages int) error {
	var r result
	run := func(messages int) func() error {
		command := s.command(callers, messages)
		return func() (err error) {
			r.Result, err = side.Run(ctx, command[0], command[1:]...)
			return err
		}
	}
	var err error
	if meter == nil {
		err = run(messages)()
	} else {
		if err := meter.Learn(run(200)); err != nil {
			return err
		}
		r.Usage, err = meter.Measure(ctx, run(messages))
		r.Usage = r.Per(messages + min(messages, warmUp))
	}
	if s.results == nil {
		s.results = map[int][]result{}
	}
	s.results[callers] = append(s.results[callers], r)
	return err
}

// median takes a figure of all measurements by itself.
func (s *subject) median(callers int, figure func(result) float64) float64 {
	var values []float64
	for _, r := range s.results[callers] {
		values = append(values, figure(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func perSecond(r result) float64 { return r.PerSecond }

// write prints the medians: messages a second, with how many times as fast the first
// subject is, and what a message costs.
func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "### A message on %s\n\nMessages per second, median. In brackets: chat-go against this one.\n\n| callers |", t.state)
	for _, s := range t.subjects {
		fmt.Fprintf(w, " %s |", s.name)
	}
	fmt.Fprint(w, "\n|--:|")
	for range t.subjects {
		fmt.Fprint(w, "--:|")
	}
	for _, n := range callerCounts {
		fmt.Fprintf(w, "\n| %d |", n)
		first := t.subjects[0].median(n, perSecond)
		for i, s := range t.subjects {
			rate := s.median(n, perSecond)
			if i == 0 {
				fmt.Fprintf(w, " %.0f |", rate)
			} else {
				fmt.Fprintf(w, " %.0f (%.2f×) |", rate, first/rate)
			}
		}
	}
	fmt.Fprint(w, "\n\nWhat it costs, median.\n\n| | callers | CPU µs | allocations | commands | scripts | server µs |\n|---|--:|--:|--:|--:|--:|--:|\n")
	figures := []func(result) float64{
		func(r result) float64 { return r.CPUMicros },
		func(r result) float64 { return r.Allocs },
		func(r result) float64 { return r.Commands },
		func(r result) float64 { return r.Scripts },
		func(r result) float64 { return r.Micros },
	}
	for _, s := range t.subjects {
		for _, n := range callerCounts {
			fmt.Fprintf(w, "| %s | %d |", s.name, n)
			for _, figure := range figures {
				if v := s.median(n, figure); v == 0 {
					fmt.Fprint(w, " – |")
				} else {
					fmt.Fprintf(w, " %.1f |", v)
				}
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
}

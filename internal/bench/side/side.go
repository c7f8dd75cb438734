// Package side measures the sides of a comparison, each in a process of its own.
package side

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Result is what one side took.
type Result struct {
	PerSecond float64 `json:"perSecond"`
	CPUMicros float64 `json:"cpuMicros"`
	// Allocs are allocations for each message. Go only.
	Allocs float64 `json:"allocs"`
}

// Measure times a run of so many messages in this process.
func Measure(messages int, run func() error) (Result, error) {
	var first, last runtime.MemStats
	runtime.ReadMemStats(&first)
	start, before := time.Now(), CPU()
	if err := run(); err != nil {
		return Result{}, err
	}
	n := float64(messages)
	out := Result{PerSecond: n / time.Since(start).Seconds(), CPUMicros: float64(CPU()-before) / 1e3 / n}
	runtime.ReadMemStats(&last)
	out.Allocs = float64(last.Mallocs-first.Mallocs) / n
	return out, nil
}

// Run has a program measure itself and print its Result as JSON.
func Run(ctx context.Context, name string, args ...string) (Result, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	var out Result
	if err := json.Unmarshal(data, &out); err != nil {
		return Result{}, fmt.Errorf("%s: %w: %s", name, err, data)
	}
	return out, nil
}

// CPU is what this process has used of all cores, in nanoseconds. On a busy
// machine it says more than the time that has passed.
func CPU() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

package chaos

import (
	"time"

	"golang.org/x/sys/unix"
)

// epoch is what the wall clock showed when the machine's monotonic clock was
// zero. A bot gets it from the program that started it, so that all processes tell the same
// time, whatever becomes of the wall clock.
var epoch = time.Now().UnixNano() - monotonic()

// monotonic reads the clock that all processes of the machine share, in ns.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // every system with this clock reads it
	}
	return ts.Nano()
}

// now is the time by the monotonic clock, in ns since 1970.
func now() int64 { return epoch + monotonic() }

package memorystate

import (
	"math"
	"time"
)

// moment counts nanoseconds since the adapter was made, on the monotonic clock.
type moment int64

// never is the end of what does not expire.
const never moment = math.MaxInt64

// clock tells moments.
type clock struct{ epoch time.Time }

func (c clock) now() moment { return moment(time.Since(c.epoch)) }

func (c clock) moment(t time.Time) moment { return moment(t.Sub(c.epoch)) }

// plus returns the moment a positive duration later, never if that is too far
// away to be told.
func (m moment) plus(d time.Duration) moment {
	if moment(d) >= never-m {
		return never
	}
	return m + moment(d)
}

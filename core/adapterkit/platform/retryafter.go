package platform

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait is the longest time that RetryAfter returns. If a header asks for more, it was
// misread, or the call is hopeless.
const longestWait = 24 * time.Hour

// resetHeaders have the time when a rate limit is reset.
var resetHeaders = []string{
	"X-RateLimit-Reset-After",    // Discord: seconds from now
	"X-RateLimit-Reset",          // GitHub, Discord: seconds since 1970
	"X-RateLimit-Requests-Reset", // Linear: milliseconds since 1970
	"X-RateLimit-Endpoint-Requests-Reset",
	"X-RateLimit-Complexity-Reset",
	"X-Rate-Limit-Reset", // X: seconds since 1970
	"RateLimit-Reset",    // IETF draft-ietf-httpapi-ratelimit-headers-07: seconds from now
}

// RetryAfter returns how long an answer asks to wait, at most a day, or 0 if it names no
// time. It reads the first of these headers:
//
//   - Retry-After-Ms and X-Ms-Retry-After-Ms, in milliseconds
//   - Retry-After, in seconds, which may have a fraction, or as a date
//   - X-RateLimit-Reset-After, X-RateLimit-Reset, X-Rate-Limit-Reset, RateLimit-Reset, and
//     those of Linear's limits. Above 1e11 the number is in milliseconds since 1970, above
//     1e9 in seconds since 1970, and otherwise in seconds from now
//
// A reset header is ignored if the header "Remaining" of the same limit is above 0. A time
// in the past is a millisecond.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, ok := number(h.Get(name)); ok {
			return wait(ms / 1000)
		}
	}
	if after := h.Get("Retry-After"); after != "" {
		if seconds, ok := number(after); ok {
			return wait(seconds)
		}
		if at, err := http.ParseTime(after); err == nil {
			return wait(at.Sub(now).Seconds())
		}
	}
	for _, name := range resetHeaders {
		value, ok := number(h.Get(name))
		if !ok {
			continue
		}
		remaining := strings.TrimSuffix(strings.TrimSuffix(name, "-After"), "-Reset") + "-Remaining"
		if left, ok := number(h.Get(remaining)); ok && left > 0 {
			continue
		}
		since1970 := float64(now.UnixMilli()) / 1000
		switch {
		case value > 1e11: // milliseconds since 1970
			value = value/1000 - since1970
		case value > 1e9: // seconds since 1970
			value -= since1970
		}
		return wait(value)
	}
	return 0
}

// number reads a decimal number that is not negative.
func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return n, err == nil && n >= 0 && !math.IsInf(n, 1)
}

// wait returns seconds as a duration, rounded up to a millisecond. Zero and negative times
// are a millisecond, because 0 would mean that there is nothing to wait for.
func wait(seconds float64) time.Duration {
	if seconds >= longestWait.Seconds() {
		return longestWait
	}
	return max(time.Duration(math.Ceil(seconds*1000))*time.Millisecond, time.Millisecond)
}

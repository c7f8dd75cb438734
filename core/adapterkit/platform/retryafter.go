package platform

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds what RetryAfter returns: a platform that asks for more is
// misread, or the call is hopeless.
const longestWait = 24 * time.Hour

// resetHeaders say when a limit ends.
var resetHeaders = []string{
	"X-RateLimit-Reset-After",    // Discord: seconds from now
	"X-RateLimit-Reset",          // GitHub, Discord: seconds since 1970
	"X-RateLimit-Requests-Reset", // Linear: milliseconds since 1970
	"X-RateLimit-Endpoint-Requests-Reset",
	"X-RateLimit-Complexity-Reset",
	"X-Rate-Limit-Reset", // X: seconds since 1970
	"RateLimit-Reset",    // IETF draft-ietf-httpapi-ratelimit-headers-07: seconds from now
}

// RetryAfter returns how long an answer asks to wait, at most a day, or 0 if it
// does not say. It reads the headers that platforms have for it:
//
//   - Retry-After-Ms and X-Ms-Retry-After-Ms, in milliseconds
//   - Retry-After, in seconds, which may have a fraction, or as a date
//   - X-RateLimit-Reset and its kin, in seconds or milliseconds, counted from now
//     or from 1970: a number is taken for what makes sense of it
//
// Headers of a limit that is not used up, whose "Remaining" is more than 0, are
// left aside.
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

// number reads a decimal number that is no less than 0.
func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return n, err == nil && n >= 0 && !math.IsInf(n, 1)
}

// wait returns seconds as a duration, rounded up to a millisecond. What lies in
// the past, or is now, is a millisecond: there was something to wait for.
func wait(seconds float64) time.Duration {
	if seconds >= longestWait.Seconds() {
		return longestWait
	}
	return max(time.Duration(math.Ceil(seconds*1000))*time.Millisecond, time.Millisecond)
}

package discord

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// rateLimits remembers the rate limits in Discord's answers, so that calls which would be
// refused are not made. After too many refusals, Discord blocks the IP address. The zero
// value is ready. It is safe for concurrent use.
// https://docs.discord.com/developers/topics/rate-limits
type rateLimits struct {
	mu      sync.Mutex
	global  time.Time            // the end of the limit for all routes
	buckets map[string]string    // by operation, the bucket that it shares with others
	until   map[string]time.Time // by bucket and channel, the end of its limit
}

// maxBuckets is how many limits are remembered. If there are more, those that have ended
// are forgotten.
const maxBuckets = 10_000

// route has a limit of its own: an operation, with the channel, server or webhook in its
// path.
type route struct {
	op, major string
	// interaction says that the global limit does not apply.
	// https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
	interaction bool
}

func (l *rateLimits) key(r route) string {
	if bucket, ok := l.buckets[r.op]; ok {
		return bucket + " " + r.major
	}
	return r.op + " " + r.major
}

// refuse returns an error if a call to the route must not be made now.
func (l *rateLimits) refuse(r route, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.until[l.key(r)]
	if !r.interaction && l.global.After(until) {
		until = l.global
	}
	wait := until.Sub(now)
	if wait <= 0 {
		return nil
	}
	return &chat.PlatformError{Adapter: adapterName, Op: r.op, Code: chat.CodeRateLimited, RetryAfter: wait, Err: errors.New("the rate limit is used up, so the call was not made")}
}

// learn reads the limits from the headers of an answer and from its refusal.
func (l *rateLimits) learn(r route, h http.Header, refusal error, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.buckets, l.until = map[string]string{}, map[string]time.Time{}
	}
	if bucket := h.Get("X-RateLimit-Bucket"); bucket != "" && len(l.buckets) < maxBuckets {
		l.buckets[r.op] = bucket
	}
	var wait time.Duration
	if e, ok := errors.AsType[*chat.PlatformError](refusal); ok && e.Code == chat.CodeRateLimited {
		wait = e.RetryAfter
	} else if h.Get("X-RateLimit-Remaining") == "0" {
		wait = platform.RetryAfter(http.Header{"X-Ratelimit-Reset-After": h.Values("X-RateLimit-Reset-After")}, now)
	}
	if wait <= 0 {
		return
	}
	if global, _ := strconv.ParseBool(h.Get("X-RateLimit-Global")); global && !r.interaction {
		l.global = now.Add(wait)
		return
	}
	if len(l.until) >= maxBuckets {
		for key, until := range l.until {
			if until.Before(now) {
				delete(l.until, key)
			}
		}
	}
	if len(l.until) < maxBuckets {
		l.until[l.key(r)] = now.Add(wait)
	}
}

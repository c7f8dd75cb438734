package chaos

import (
	"context"
	"time"

	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// A machine with more work than it can do gives a process no time for seconds.
// What follows is what follows a pause, so it must be known.

const (
	// starvedLeast is how long a process must have had no time, or Redis no answer,
	// to count: a lock may then lapse, as it is renewed every third of its TTL.
	starvedLeast = lockTTL / 3
	watchEvery   = 100 * time.Millisecond
)

// watchStarving keeps records of the times in which this process did not run.
func watchStarving(ctx context.Context, j *journal) {
	for last := now(); sleep(ctx, watchEvery); last = now() {
		if at := now(); time.Duration(at-last) > starvedLeast {
			j.write(record{At: at, Since: last, Kind: kindStarved})
		}
	}
}

// starved returns the times in which bots did not run without having been paused.
func (h history) starved() []fault {
	var list []fault
	for bot, records := range h.journals {
		for _, r := range records {
			f := fault{Kind: faultStarved, Target: bot, From: r.Since, To: r.At}
			if r.Kind == kindStarved && !h.wasPaused(f) {
				list = append(list, f)
			}
		}
	}
	return list
}

func (h history) wasPaused(starved fault) bool {
	for _, f := range h.faults {
		if f.Kind == faultPause && f.Target == starved.Target && f.From <= starved.To && f.To >= starved.From {
			return true
		}
	}
	return false
}

// watchRedis notes the times in which Redis, or one master of a Cluster, does not
// answer soon.
func (s botSettings) watchRedis(ctx context.Context, faults *faultLog) {
	st, err := redisstate.New(redisstate.Config{URL: s.StateURL, KeyPrefix: s.KeyPrefix})
	if err != nil {
		return // no bot starts with this URL either
	}
	defer func() { _ = st.Close(context.WithoutCancel(ctx)) }()
	since := int64(0) // when it was first asked in vain or answered late; 0: all is well
	note := func(until int64) {
		if since != 0 {
			faults.add(fault{Kind: faultRedisSlow, Target: "redis", From: since, To: until})
			since = 0
		}
	}
	for sleep(ctx, watchEvery) {
		at := now()
		if err = st.Connect(ctx); err == nil {
			_, err = st.QueueDepth(ctx, "chaos:watch")
		}
		switch answered := now(); {
		case err == nil && time.Duration(answered-at) <= starvedLeast:
			note(answered)
		case since == 0:
			since = at
		}
	}
	note(now())
}

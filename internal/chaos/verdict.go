package chaos

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// history is everything that is known of a run.
type history struct {
	deliveries []delivery
	journals   map[string][]record // by bot
	faults     []fault
	dead       []string // ids of messages that are dead letters
	// waits reports whether a message that is not handled still waits to be. nil: none
	// does, as the run is over.
	waits func(d delivery) bool
}

func clock(at int64) string {
	if at == 0 {
		return "never"
	}
	return time.Unix(0, at).UTC().Format("04:05.000000")
}

// verdict is what a run has shown.
type verdict struct {
	sent       int
	accepted   int
	handled    int
	handledAt  map[string]int64 // when each message was first handled
	waiting    int              // accepted, and neither handled nor lost
	runs       int
	deadLetter int
	redelivers int // deliveries beyond the first of each message

	lost       []string // complaints, one for each
	overlaps   []string
	disordered []string

	again       map[string]bool // messages that handlers got more than once
	repeated    map[string]int  // repetitions, by reason
	unexplained []string

	// recovery is, for each kill or restart that left work, the longest time
	// until a handler ran again on a thread where it did.
	recovery []time.Duration
	slowest  string            // which of them was the longest
	struck   map[faultKind]int // faults of each kind
	hit      map[faultKind]int // those that struck a running handler
	told     map[string]int
}

// judge looks at a history.
func judge(h history) *verdict {
	found := newRuns()
	for bot, records := range h.journals {
		for _, r := range records {
			found.add(bot, r)
		}
	}
	return h.judge(found)
}

// judge looks at the runs that the journals have told of until now.
func (h history) judge(found *runs) *verdict {
	h.faults = append(slices.Clone(h.faults), found.starvedUnder(h.faults)...)
	v := &verdict{
		again: map[string]bool{}, repeated: map[string]int{}, struck: map[faultKind]int{}, hit: map[faultKind]int{}, told: found.told,
		handledAt: map[string]int64{}, runs: len(found.all), deadLetter: len(h.dead),
	}
	found.settle(h.faults)
	threads, all := found.byThread, found.all
	tries := map[string]int{}
	for _, r := range all {
		for _, m := range r.messages {
			if at, ok := v.handledAt[m]; r.handled() && (!ok || r.end < at) {
				v.handledAt[m] = r.end
			}
		}
	}
	v.handled = len(v.handledAt)
	for _, d := range h.deliveries {
		v.sent++
		tries[d.ID] = d.Tries
		v.redelivers += max(d.Tries-1, 0)
		if d.Accepted == 0 {
			continue
		}
		v.accepted++
		switch _, ok := v.handledAt[d.ID]; {
		case ok:
		case slices.Contains(h.dead, d.ID):
		case h.waits != nil && h.waits(d):
			v.waiting++
		default:
			v.lost = append(v.lost, fmt.Sprintf("%s, accepted %s", d.ID, clock(d.Accepted)))
		}
	}
	for _, runs := range threads {
		v.checkOrder(runs)
		v.checkOverlaps(runs)
		v.checkRepeats(runs, h.faults, tries)
	}
	v.measure(h, threads)
	return v
}

// checkOrder wants each message that is seen for the first time to be newer than
// all that were seen before.
func (v *verdict) checkOrder(runs []*run) {
	newest := -1
	seen := map[string]bool{}
	for _, r := range runs {
		for _, m := range r.messages {
			if seen[m] {
				continue
			}
			seen[m] = true
			if seqOf(m) < newest {
				v.disordered = append(v.disordered, fmt.Sprintf("%s after number %d, in %v", m, newest, r))
			}
			newest = max(newest, seqOf(m))
		}
	}
}

// checkOverlaps looks for a run that began while an earlier one was still to
// find its context alive.
func (v *verdict) checkOverlaps(runs []*run) {
	for i, first := range runs {
		for _, second := range runs[i+1:] {
			if second.begin > first.lastLive {
				break
			}
			if second.lastLive != 0 {
				v.overlaps = append(v.overlaps, fmt.Sprintf("%s: %v alive after the begin of %v", first.thread, first, second))
			}
		}
	}
}

// Reasons for a message to be handled again.
const (
	againKilled   = "its bot was killed"
	againLost     = "its handler lost the lock"
	againFailed   = "its handler failed as planned"
	againUnsaved  = "its bot was killed, paused or starved before its success was written down"
	againForgiven = "Redis failed before or after its success was written down"
	againTooLate  = "a handler was called whose context had ended"
	againTwice    = "the platform sent it again, and it was stored twice"
)

// checkRepeats finds the reason for every repetition.
func (v *verdict) checkRepeats(runs []*run, faults []fault, tries map[string]int) {
	last := map[string]*run{}
	for _, r := range runs {
		for _, m := range r.messages {
			before := last[m]
			last[m] = r
			if before == nil {
				continue
			}
			v.again[m] = true
			reason := whyAgain(before, r, m, faults, tries)
			if reason == "" {
				v.unexplained = append(v.unexplained, fmt.Sprintf("%s: %v, then %v", m, before, r))
				continue
			}
			v.repeated[reason]++
		}
	}
}

// slack is how long after its end a fault of Redis has effects.
const slack = int64(lockTTL)

func whyAgain(before, again *run, message string, faults []fault, tries map[string]int) string {
	if before == again {
		if tries[message] > 1 {
			return againTwice
		}
		return ""
	}
	if again.lastLive == 0 && again.end != 0 {
		return againTooLate // it could do nothing through the bot
	}
	killed, interrupted, redis := false, false, false
	// The bot tries to write the success down for as long as it has the lock, and
	// it renews that.
	saved := cmp.Or(before.saved[message], math.MaxInt64)
	for _, f := range faults {
		ofBot := f.Target == before.bot
		switch {
		case f.Kind.onServer():
			redis = redis || f.From <= again.begin && f.To >= before.begin-slack
		case f.Kind == faultKill && ofBot && before.end == 0:
			killed = killed || f.From <= again.begin
		case (f.Kind == faultPause || f.Kind == faultStarved) && ofBot && before.end == 0:
			// It was killed when it went on, before it could say that it was too late.
			interrupted = interrupted || f.From <= again.begin && f.To >= before.begin
		case (f.Kind == faultKill || f.Kind == faultPause || f.Kind == faultStarved) && ofBot:
			interrupted = interrupted || f.From <= min(again.begin, saved) && f.To >= before.end
		}
	}
	switch {
	case killed:
		return againKilled
	case before.err == errPlanned.Error():
		return againFailed
	case before.err != "" || before.end != 0 && !before.endLive || before.end > again.begin:
		return againLost
	case interrupted:
		return againUnsaved
	case redis:
		return againForgiven
	case tries[message] > 1:
		return againTwice
	}
	return ""
}

// measure counts faults and the recovery from those that ended a bot.
func (v *verdict) measure(h history, threads map[string][]*run) {
	accepted := map[string][]delivery{} // by thread
	for _, d := range h.deliveries {
		if d.Accepted != 0 {
			accepted[d.Thread] = append(accepted[d.Thread], d)
		}
	}
	for _, f := range h.faults {
		v.struck[f.Kind]++
		struck, left, wait, where := false, false, time.Duration(0), ""
		for thread, runs := range threads {
			i := slices.IndexFunc(runs, func(r *run) bool { return r.begin <= f.From && r.over >= f.From })
			running := i >= 0
			struck = struck || running && (runs[i].bot == f.Target || f.Kind.onServer())
			if running && runs[i].bot != f.Target {
				continue // another bot is at work there
			}
			since := f.From
			if running && runs[i].end != 0 {
				since = runs[i].end
			}
			// Something was left if it was accepted before, and is handled later.
			if !slices.ContainsFunc(accepted[thread], func(d delivery) bool {
				return d.Accepted <= f.From && v.handledAt[d.ID] > since && (running || d.Bot == f.Target)
			}) {
				continue
			}
			if next := slices.IndexFunc(runs, func(r *run) bool { return r.begin > since }); next >= 0 {
				left = true
				if d := time.Duration(runs[next].begin - since); d > wait {
					wait, where = d, fmt.Sprintf("%v, until %v", f, runs[next])
				}
			}
		}
		if struck {
			v.hit[f.Kind]++
		}
		if left && (f.Kind == faultKill || f.Kind == faultRestart) {
			if len(v.recovery) == 0 || wait > slices.Max(v.recovery) {
				v.slowest = where
			}
			v.recovery = append(v.recovery, wait)
		}
	}
	slices.Sort(v.recovery)
}

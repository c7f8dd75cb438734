package live

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// verdict is what became of the messages that a fleet got.
type verdict struct {
	messages int
	handled  map[sdk]int // by whom
	crossed  int         // handled by the other SDK than the only one that was told of it

	// lost are messages that nobody has handled: those that a bot of ours has answered
	// 2xx, and those that bots of the npm packages alone have.
	lost map[sdk][]string
	// taken are those of ours that a bot of the npm packages had when it ended.
	taken []string

	again        int      // handled once more because the bot was killed, or the handler failed
	twice        []string // for no such reason
	overlaps     []string // handlers of one thread at the same time
	unsubscribed []string // runs that did not know of the thread's subscription
}

// String says it in words.
func (v verdict) String() string {
	return fmt.Sprintf("%d messages: %d handled by Go, %d by TypeScript, %d of these by the other than was told of them; "+
		"lost of those that Go has answered 200: %d, taken by a TypeScript instance that then ended: %d; lost of TypeScript's own: %d; "+
		"repeated after a kill: %d, without a reason: %d; overlaps: %d; subscriptions not seen: %d",
		v.messages, v.handled[ours], v.handled[theirs], v.crossed, len(v.lost[ours]), len(v.taken), len(v.lost[theirs]), v.again, len(v.twice), len(v.overlaps), len(v.unsubscribed))
}

// judge looks at what a fleet has done. No bot of it runs any more.
func (f *fleet) judge() verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := verdict{messages: len(f.messages), handled: map[sdk]int{}, lost: map[sdk][]string{}}
	runs := slices.SortedFunc(maps.Values(f.runs), func(a, b *run) int { return cmp.Compare(a.begin, b.begin) })
	byThread, byMessage := map[string][]*run{}, map[string][]*run{}
	for _, r := range runs {
		byThread[r.thread] = append(byThread[r.thread], r)
		for _, id := range r.messages {
			byMessage[id] = append(byMessage[id], r)
		}
	}
	for id, d := range f.messages {
		f.judgeMessage(&v, d, byMessage[id])
	}
	for thread, runs := range byThread {
		judgeThread(&v, thread, runs)
	}
	return v
}

func (f *fleet) judgeMessage(v *verdict, d *delivery, runs []*run) {
	var handled *run
	taken := f.missing[d.id] && f.killed(theirs) || f.removed[d.id] && len(runs) == 0
	for i, r := range runs {
		if i > 0 {
			if f.mayRepeat(d.id, runs[i-1]) {
				v.again++
			} else {
				v.twice = append(v.twice, fmt.Sprintf("%s: %s, then %s", d.id, runs[i-1].member.name, r.member.name))
			}
		}
		if r.end != 0 && !r.failed {
			handled = r
		}
		taken = taken || r.member.sdk == theirs && r.end == 0
	}
	switch {
	case handled != nil:
		v.handled[handled.member.sdk]++
		if !d.accepted[handled.member.sdk] {
			v.crossed++
		}
	case d.accepted[ours] && taken:
		v.taken = append(v.taken, d.id)
	case d.accepted[ours]:
		v.lost[ours] = append(v.lost[ours], d.id)
	default:
		v.lost[theirs] = append(v.lost[theirs], d.id)
	}
}

// mayRepeat reports whether there is a reason to handle a message after this run.
func (f *fleet) mayRepeat(message string, r *run) bool {
	switch {
	case r.failed:
		return true
	case r.member.sdk == theirs:
		return r.end == 0
	}
	return r.member.killed && !f.settled[r.member.name][message]
}

// killed reports whether a bot of the SDK was killed.
func (f *fleet) killed(of sdk) bool {
	for _, m := range f.byName {
		if m.sdk == of && m.killed {
			return true
		}
	}
	return false
}

func judgeThread(v *verdict, thread string, runs []*run) {
	var subscribed int64 = math.MaxInt64 // since when
	var busy *run                        // that ends last
	for _, r := range runs {
		if busy != nil && r.begin < busy.ends() {
			v.overlaps = append(v.overlaps, fmt.Sprintf("%s: %s %s until %d, %s %s from %d", thread,
				busy.member.name, strings.Join(busy.messages, " "), busy.ends(), r.member.name, strings.Join(r.messages, " "), r.begin))
		}
		if busy == nil || r.ends() > busy.ends() {
			busy = r
		}
		if r.begin > subscribed && r.as != "subscribed" {
			v.unsubscribed = append(v.unsubscribed, fmt.Sprintf("%s: %s at %d", thread, r.member.name, r.begin))
		}
		if r.end != 0 && !r.failed {
			subscribed = min(subscribed, r.end)
		}
	}
}

// ends returns when the run was over: if its bot has ended before it, then.
func (r *run) ends() int64 {
	switch {
	case r.end != 0:
		return r.end
	case r.member.gone != 0:
		return r.member.gone
	}
	return math.MaxInt64
}

package chaos

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// run is one call of a handler.
type run struct {
	bot      string
	thread   string
	messages []string
	attempt  int
	begin    int64
	lastLive int64 // the last time at which its context was found alive; 0: never
	end      int64 // 0: it never returned
	endLive  bool
	err      string
	over     int64 // end, or when its bot was killed

	// saved is when its bot reported that the success was written down, by message.
	saved map[string]int64
}

// told notes a report of its bot about one of its messages.
func (r *run) told(rec record) {
	if r == nil || rec.Step != string(chat.StepHandled) && rec.Step != string(chat.StepSkipped) {
		return
	}
	for _, m := range rec.Messages {
		if slices.Contains(r.messages, m) {
			if r.saved == nil {
				r.saved = map[string]int64{}
			}
			r.saved[m] = rec.At
		}
	}
}

// handled reports whether its messages count as handled.
func (r *run) handled() bool { return r.end != 0 && r.err == "" }

// String names the run for a complaint.
func (r *run) String() string {
	return fmt.Sprintf("{%s %v attempt %d, begin %s, alive until %s, end %s %s}", r.bot, r.messages, r.attempt, clock(r.begin), clock(r.lastLive), clock(r.end), r.err)
}

// runs is what journals tell, put together as far as it has been read.
type runs struct {
	all      []*run
	byThread map[string][]*run
	told     map[string]int // reports of the bots, by step
	starved  []fault        // times in which bots did not run, paused ones among them

	byBot map[string]*botRuns
}

// botRuns is the runs of one bot.
type botRuns struct {
	byNumber map[int64]*run
	latest   map[string]*run // by thread
}

func newRuns() *runs {
	return &runs{byThread: map[string][]*run{}, told: map[string]int{}, byBot: map[string]*botRuns{}}
}

// add takes the next record of a bot.
func (s *runs) add(bot string, rec record) {
	of := s.byBot[bot]
	if of == nil {
		of = &botRuns{byNumber: map[int64]*run{}, latest: map[string]*run{}}
		s.byBot[bot] = of
	}
	r := of.byNumber[rec.Run]
	switch rec.Kind {
	case kindBegin:
		r = &run{bot: bot, thread: rec.Thread, messages: rec.Messages, attempt: rec.Attempt, begin: rec.At}
		of.byNumber[rec.Run] = r
		of.latest[rec.Thread] = r
		s.byThread[rec.Thread] = append(s.byThread[rec.Thread], r)
		s.all = append(s.all, r)
	case kindEnd:
		r.end, r.endLive, r.err = rec.At, rec.Live, rec.Err
	case kindTold:
		s.told[rec.Step]++
		of.latest[rec.Thread].told(rec)
		return
	case kindStarved:
		s.starved = append(s.starved, fault{Kind: faultStarved, Target: bot, From: rec.Since, To: rec.At})
		return
	}
	if rec.Live {
		r.lastLive = max(r.lastLive, rec.At)
	}
}

// settle sorts the runs by their begin, and finds when each was over under the
// faults.
func (s *runs) settle(faults []fault) {
	killed := map[string]int64{}
	for _, f := range faults {
		if f.Kind == faultKill {
			killed[f.Target] = f.To
		}
	}
	for _, r := range s.all {
		r.over = cmp.Or(r.end, killed[r.bot], math.MaxInt64)
	}
	byBegin := func(a, b *run) int { return cmp.Compare(a.begin, b.begin) }
	for _, of := range s.byThread {
		slices.SortFunc(of, byBegin)
	}
	slices.SortFunc(s.all, byBegin)
}

// starvedUnder returns the times in which bots did not run without having been
// paused.
func (s *runs) starvedUnder(faults []fault) []fault {
	var list []fault
	for _, f := range s.starved {
		if !slices.ContainsFunc(faults, func(p fault) bool {
			return p.Kind == faultPause && p.Target == f.Target && p.From <= f.To && p.To >= f.From
		}) {
			list = append(list, f)
		}
	}
	return list
}

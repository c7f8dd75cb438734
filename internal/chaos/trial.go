package chaos

import (
	"fmt"
	"slices"
	"time"
)

// lossTrial is what became of one thread, in times of now; 0: never.
type lossTrial struct {
	begin int64 // of the holder's handler
	live  int64 // when its context was last found alive, if it has ended
	end   int64 // when it saw its context end
	entry int64 // of the taker's handler
	cause string
	back  bool // the holder had lost the thread and got it back
}

// overlap is for how long both handlers worked, and at is when that is asked. A
// handler that waits for the processor while its context ends does not work.
func (x lossTrial) overlap(at int64) time.Duration {
	if x.entry == 0 || x.end != 0 && x.live < x.entry {
		return 0
	}
	if x.end != 0 {
		at = x.end
	}
	return time.Duration(at - x.entry)
}

// lossTrials finds, for each thread, the first handler of the taker and the last
// one of the holder that had begun before.
func lossTrials(threads int, holders, takers map[string][]record) []lossTrial {
	index := make(map[string]int, threads)
	for thread := range threads {
		index[string(threadID(thread))] = thread
	}
	trials := make([]lossTrial, threads)
	for _, records := range takers {
		for _, r := range records {
			if r.Kind != kindBegin {
				continue
			}
			if x := &trials[index[r.Thread]]; x.entry == 0 || r.At < x.entry {
				x.entry = r.At
			}
		}
	}
	for _, records := range holders {
		threadOf := map[int64]int{}
		for _, r := range records {
			switch r.Kind {
			case kindBegin:
				thread := index[r.Thread]
				threadOf[r.Run] = thread
				if x := &trials[thread]; x.entry == 0 || r.At < x.entry {
					*x = lossTrial{begin: r.At, entry: x.entry, back: x.begin != 0}
				} else {
					delete(threadOf, r.Run) // it has the thread back
				}
			case kindStep:
				if thread, ok := threadOf[r.Run]; ok {
					trials[thread].live = r.At
				}
			case kindEnd:
				if thread, ok := threadOf[r.Run]; ok {
					trials[thread].end, trials[thread].cause = r.At, r.Err
				}
			}
		}
	}
	return trials
}

// lossReport is a line about the trials of one fault.
type lossReport struct {
	trials, kept, back, stranded int
	gaps                         []time.Duration // from the end of the context to the entry, in order
	overlaps                     []time.Duration // in order
	late                         []time.Duration // ends that were seen after the entry, without an overlap; in order
	causes                       map[string]int
}

func newLossReport(trials []lossTrial, at int64) lossReport {
	r := lossReport{trials: len(trials), causes: map[string]int{}}
	for _, x := range trials {
		if x.end != 0 {
			r.causes[x.cause]++
		}
		switch d := x.overlap(at); {
		case d > 0:
			r.overlaps = append(r.overlaps, d)
		case x.entry != 0 && x.end > x.entry:
			r.late = append(r.late, time.Duration(x.end-x.entry))
		case x.entry != 0:
			r.gaps = append(r.gaps, time.Duration(x.entry-x.end))
		case x.end == 0 && x.back:
			r.back++
		case x.end == 0:
			r.kept++
		default:
			r.stranded++
		}
	}
	slices.Sort(r.gaps)
	slices.Sort(r.overlaps)
	slices.Sort(r.late)
	return r
}

// String is the line.
func (r lossReport) String() string {
	spread := func(ds []time.Duration) string {
		if len(ds) == 0 {
			return "none"
		}
		ms := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
		return fmt.Sprintf("%d (least %v, median %v, most %v)", len(ds), ms(ds[0]), ms(ds[len(ds)/2]), ms(ds[len(ds)-1]))
	}
	return fmt.Sprintf("%d trials; context ended before the other's entry: %s; overlaps: %s; ended before and seen after: %s; lock kept: %d, taken back: %d; no entry: %d; causes %v",
		r.trials, spread(r.gaps), spread(r.overlaps), spread(r.late), r.kept, r.back, r.stranded, r.causes)
}

package sim

import (
	"flag"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds = flag.Uint64("seeds", 1000, "how many seeds to play")
	from  = flag.Uint64("from", 1, "the first seed")
)

// maxFailures is after how many failed seeds the test gives up.
const maxFailures = 5

// TestEveryMessageIsAccountedFor plays random bots, as many at once as there are
// processors. A failing seed can be played alone with -from and -seeds=1.
func TestEveryMessageIsAccountedFor(t *testing.T) {
	start := time.Now()
	var mu sync.Mutex
	var next uint64
	var totals Totals
	failures := 0
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return *from + next - 1, next <= *seeds && failures < maxFailures
	}
	t.Run("plays", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(worker), func(t *testing.T) {
				t.Parallel()
				for seed, ok := take(); ok; seed, ok = take() {
					var played Totals
					var err error
					synctest.Test(t, func(*testing.T) { played, err = Play(seed) })
					mu.Lock()
					totals.Add(played)
					if err != nil {
						failures++
						t.Error(err)
					}
					mu.Unlock()
				}
			})
		}
	})
	took := time.Since(start)
	t.Logf("%d seeds in %v, %.0f a second\n%s", *seeds, took.Round(time.Millisecond), float64(*seeds)/took.Seconds(), &totals)
	if lost := totals.Outcomes[OutcomeUnaccounted]; lost > 0 {
		t.Errorf("%d messages are unaccounted for", lost)
	}
}

// TestSeedsThatFoundFaults plays what has found a fault of the bot before. A play
// is not the same each time, because the bots draw delays by themselves.
func TestSeedsThatFoundFaults(t *testing.T) {
	for seed, what := range map[uint64]string{
		1060903: "a message was in two queues when the rule changed after a lost reply",
		1033016: "the same, with more messages",
		56893:   "a message that was tried before it arrived here was taken for new",
		5024869: "whoever took a stolen lock looked for the handler only if its message was still in the queue",
	} {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			for range 50 {
				synctest.Test(t, func(t *testing.T) {
					if _, err := Play(seed); err != nil {
						t.Fatalf("%s: %v", what, err)
					}
				})
			}
		})
	}
}

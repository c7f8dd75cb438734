package sim

import (
	"flag"
	"testing"
	"testing/synctest"
)

var (
	seeds = flag.Uint64("seeds", 1000, "how many seeds to play")
	from  = flag.Uint64("from", 1, "the first seed")
)

// TestEveryMessageIsAccountedFor plays random bots. A failing seed can be played
// alone with -from and -seeds=1.
func TestEveryMessageIsAccountedFor(t *testing.T) {
	for seed := *from; seed < *from+*seeds; seed++ {
		synctest.Test(t, func(t *testing.T) {
			if err := Play(seed); err != nil {
				t.Error(err)
			}
		})
		if t.Failed() {
			return
		}
	}
}

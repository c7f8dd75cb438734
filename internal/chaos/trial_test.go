package chaos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// held returns the records of a handler that worked until its context ended;
// end 0: it has not.
func held(run, thread int, begin, end int64) []record {
	records := []record{{At: begin * ms, Kind: kindBegin, Run: int64(run), Thread: string(threadID(thread))}}
	if end != 0 {
		records = append(records, record{At: (end - 1) * ms, Kind: kindStep, Run: int64(run), Live: true}, record{At: end * ms, Kind: kindEnd, Run: int64(run), Err: "lost"})
	}
	return records
}

func TestLossTrials(t *testing.T) {
	var holder, taker []record
	holder = append(holder, held(1, 0, 10, 20)...) // then the other
	holder = append(holder, held(2, 1, 10, 30)...) // at the same time as the other
	holder = append(holder, held(3, 2, 10, 0)...)  // kept
	holder = append(holder, held(4, 3, 10, 20)...) // and nobody
	holder = append(holder, held(5, 4, 10, 15)...)
	holder = append(holder, held(6, 4, 16, 0)...)  // taken back, then at the same time as the other
	holder = append(holder, held(7, 0, 40, 50)...) // after the other
	holder = append(holder, held(8, 5, 10, 15)...)
	holder = append(holder, held(9, 5, 16, 0)...)   // taken back
	holder = append(holder, held(10, 6, 10, 25)...) // then the other, and looks up late
	holder[len(holder)-1].At = 26 * ms
	for thread, at := range map[int]int64{0: 25, 1: 25, 4: 25, 6: 25} {
		taker = append(taker, held(thread+1, thread, at, at+1)...)
		taker = append(taker, held(thread+10, thread, at+50, at+51)...)
	}
	trials := lossTrials(7, map[string][]record{"holder": holder}, map[string][]record{"taker": taker})
	require.Equal(t, []lossTrial{
		{begin: 10 * ms, live: 19 * ms, end: 20 * ms, entry: 25 * ms, cause: "lost"},
		{begin: 10 * ms, live: 29 * ms, end: 30 * ms, entry: 25 * ms, cause: "lost"},
		{begin: 10 * ms},
		{begin: 10 * ms, live: 19 * ms, end: 20 * ms, cause: "lost"},
		{begin: 16 * ms, entry: 25 * ms, back: true},
		{begin: 16 * ms, back: true},
		{begin: 10 * ms, live: 24 * ms, end: 26 * ms, entry: 25 * ms, cause: "lost"},
	}, trials)

	r := newLossReport(trials, 100*ms)
	require.Equal(t, 7, r.trials)
	require.Equal(t, []time.Duration{5 * time.Millisecond}, r.gaps)
	require.Equal(t, []time.Duration{5 * time.Millisecond, 75 * time.Millisecond}, r.overlaps)
	require.Equal(t, []time.Duration{time.Millisecond}, r.late)
	require.Equal(t, 1, r.kept)
	require.Equal(t, 1, r.back)
	require.Equal(t, 1, r.stranded)
	require.Equal(t, map[string]int{"lost": 4}, r.causes)
}

package chaos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// holding returns the records of a handler that worked until its context ended;
// end 0: it has not.
func holding(run, thread int, begin, end int64) []record {
	records := []record{{At: begin * ms, Kind: kindBegin, Run: int64(run), Thread: string(threadID(thread))}}
	if end != 0 {
		records = append(records, record{At: end * ms, Kind: kindEnd, Run: int64(run), Err: "lost"})
	}
	return records
}

func TestLossTrials(t *testing.T) {
	var holder, taker []record
	holder = append(holder, holding(1, 0, 10, 20)...) // then the other
	holder = append(holder, holding(2, 1, 10, 30)...) // beside the other
	holder = append(holder, holding(3, 2, 10, 0)...)  // kept
	holder = append(holder, holding(4, 3, 10, 20)...) // and nobody
	holder = append(holder, holding(5, 4, 10, 15)...)
	holder = append(holder, holding(6, 4, 16, 0)...)  // taken back, then beside the other
	holder = append(holder, holding(7, 0, 40, 50)...) // after the other
	holder = append(holder, holding(8, 5, 10, 15)...)
	holder = append(holder, holding(9, 5, 16, 0)...) // taken back
	for thread, at := range map[int]int64{0: 25, 1: 25, 4: 25} {
		taker = append(taker, holding(thread+1, thread, at, at+1)...)
		taker = append(taker, holding(thread+10, thread, at+50, at+51)...)
	}
	trials := lossTrials(6, map[string][]record{"holder": holder}, map[string][]record{"taker": taker})
	require.Equal(t, []lossTrial{
		{begin: 10 * ms, end: 20 * ms, entry: 25 * ms, cause: "lost"},
		{begin: 10 * ms, end: 30 * ms, entry: 25 * ms, cause: "lost"},
		{begin: 10 * ms},
		{begin: 10 * ms, end: 20 * ms, cause: "lost"},
		{begin: 16 * ms, entry: 25 * ms, back: true},
		{begin: 16 * ms, back: true},
	}, trials)

	r := newLossReport(trials, 100*ms)
	require.Equal(t, 6, r.trials)
	require.Equal(t, []time.Duration{5 * time.Millisecond}, r.gaps)
	require.Equal(t, []time.Duration{5 * time.Millisecond, 75 * time.Millisecond}, r.overlaps)
	require.Equal(t, 1, r.kept)
	require.Equal(t, 1, r.back)
	require.Equal(t, 1, r.stranded)
	require.Equal(t, map[string]int{"lost": 3}, r.causes)
}

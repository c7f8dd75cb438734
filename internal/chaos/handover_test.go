//go:build faults

package chaos

import (
	"flag"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

var handOvers = flag.Int("chaos.handovers", 900, "messages sent around the end of a handler")

const (
	handOverWork   = 25 * time.Millisecond
	handOverFirst  = -4 * time.Millisecond // before the end of the handler
	handOverLast   = 7 * time.Millisecond
	handOverStep   = 250 * time.Microsecond
	handOverAtOnce = 8
)

// A message that arrives while the holder of its thread is finishing is handled,
// whatever the moment: the second message of each thread comes to another
// process about when the handler of the first one ends. No sweep heals what is
// stranded, and none looks again after a refusal.
func TestNoMessageIsStrandedAtAHandOver(t *testing.T) {
	records := t.TempDir()
	f := &fleet{faults: &faultLog{}, settings: botSettings{
		Dir: records, StateURL: redistest.Standalone(t, redistest.Options{Volatile: true}).URL(),
		LockTTL: lockTTL, SweepInterval: 24 * time.Hour, Work: work{Usual: handOverWork, Exact: true},
	}}
	t.Cleanup(f.close)
	var bots [2]*proc
	for i := range bots {
		var err error
		bots[i], err = f.start()
		require.NoError(t, err)
	}

	pf := newPlatform(f)
	steps := int((handOverLast-handOverFirst)/handOverStep) + 1
	trials := make(chan int)
	var wg sync.WaitGroup
	for range handOverAtOnce {
		wg.Go(func() {
			for trial := range trials {
				offset := handOverFirst + time.Duration(trial%steps)*handOverStep
				assert.NoError(t, pf.sendTo(t.Context(), bots[0], trial, 0))
				sleep(t.Context(), handOverWork+offset)
				assert.NoError(t, pf.sendTo(t.Context(), bots[1], trial, 1))
			}
		})
	}
	for trial := range *handOvers {
		trials <- trial
	}
	close(trials)
	wg.Wait()

	waiting, _, err := f.settings.finish(t.Context(), 10*time.Second)
	require.NoError(t, err)
	f.terminate()
	journals, err := readJournals(records)
	require.NoError(t, err)
	v := judge(history{deliveries: pf.deliveries(), journals: journals})
	assert.Empty(t, waiting, "stranded")
	assert.Empty(t, v.lost)
	assert.Empty(t, v.overlaps)
	assert.Empty(t, v.disordered)
	assert.Empty(t, v.unexplained)
	assert.Equal(t, 2**handOvers, v.handled)
	t.Logf("%d hand-overs, %d stranded", *handOvers, len(waiting))
}

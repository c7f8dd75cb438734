//go:build faults

package chaos

import (
	"flag"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var restarts = flag.Int("chaos.restarts", 6, "rolling restarts")

// Bots are replaced one after the other under load: nothing is lost, nothing is
// handled twice, and the next instance goes on within a second.
func TestRollingRestarts(t *testing.T) {
	p := plan{Topology: "standalone", Dir: folder(t), Processes: 2, Threads: 40, Seed: *seed}
	srv := newServers(t, p.Topology, 0)
	f := &fleet{faults: &faultLog{}, settings: botSettings{
		Dir: p.Dir, StateURL: srv.url(), LockTTL: 30 * time.Second, SweepInterval: time.Second, Work: work{Usual: 60 * time.Millisecond},
	}}
	t.Cleanup(f.close)
	for range p.Processes {
		_, err := f.start()
		require.NoError(t, err)
	}
	pf := newPlatform(f)
	var enough atomic.Bool
	start, begun := time.Now(), now()
	over := make(chan struct{})
	go func() {
		defer close(over)
		pf.sendEach(t.Context(), p.Threads, *rate, p.Seed, func(int, int) bool { return !enough.Load() })
	}()
	r := rand.New(rand.NewPCG(p.Seed, 4))
	var took []time.Duration
	for range *restarts {
		bot := f.claim(r)
		require.NotNil(t, bot)
		d, err := f.restart(bot)
		require.NoError(t, err)
		took = append(took, d)
	}
	enough.Store(true)
	<-over
	traffic := time.Since(start)

	h := history{deliveries: pf.deliveries(), faults: f.faults.all()}
	waiting, dead, err := f.settings.finish(t.Context(), finishTimeout)
	require.NoError(t, err)
	f.terminate()
	h.dead = dead
	h.journals, err = readJournals(p.Dir)
	require.NoError(t, err)
	o := &outcome{verdict: judge(h), plan: p, traffic: traffic, disturbed: pf.rate(begun), waiting: waiting}
	slices.Sort(took)
	t.Logf("%v  a bot ended after %v at the median, %v at worst", o, took[len(took)/2], took[len(took)-1])
	assert.Empty(t, o.complaints())
	assert.Empty(t, o.repeated)
	assert.Zero(t, o.deadLetter)
	assert.Positive(t, o.hit[faultRestart], "no restart struck a running handler")
	if n := len(o.recovery); n > 0 {
		assert.Less(t, o.recovery[n-1], time.Second, "hand-over")
	}
}

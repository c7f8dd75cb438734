//go:build faults

package chaos

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	topologies   = flag.String("chaos.topologies", "standalone,sentinel", "what to run on: Redis as standalone, sentinel or cluster, and postgres")
	replicas     = flag.Int("chaos.replicas", 0, "replicas of each master; 0: as many as usual")
	processes    = flag.Int("chaos.processes", 3, "bot processes")
	threads      = flag.Int("chaos.threads", 60, "threads")
	messages     = flag.Int("chaos.messages", 1500, "messages on each topology")
	rate         = flag.Float64("chaos.rate", 100, "messages a second")
	killEvery    = flag.Duration("chaos.kill-every", 2*time.Second, "time between kills of a bot")
	pauseEvery   = flag.Duration("chaos.pause-every", 4*time.Second, "time between pauses of a bot")
	serverFaults = flag.Int("chaos.server-faults", 1, "faults of the server on each topology: killed, hung and cut off in turn")
	seed         = flag.Uint64("chaos.seed", 1, "seed of the plan")
	anyTraffic   = flag.Bool("chaos.any-traffic", false, "let a run pass in which little happened, as on a machine with other work")
	dir          = flag.String("chaos.dir", "", "folder that keeps the records (default: none is kept)")
)

func TestMain(m *testing.M) {
	if IsBot() {
		os.Exit(RunBot())
	}
	os.Exit(m.Run())
}

// folder returns where a run keeps its records.
func folder(t *testing.T) string {
	t.Helper()
	if *dir == "" {
		return t.TempDir()
	}
	path := filepath.Join(*dir, strings.ReplaceAll(t.Name(), "/", "-"))
	require.NoError(t, os.MkdirAll(path, 0o700))
	left, err := os.ReadDir(path)
	require.NoError(t, err)
	require.Empty(t, left, "the folder of -chaos.dir has records of another run")
	return path
}

// Nothing is lost, no two handlers run on one thread, and the order is kept,
// while bots are killed and paused and the server of their state fails.
func TestChaos(t *testing.T) {
	for topology := range strings.SplitSeq(*topologies, ",") {
		t.Run(topology, func(t *testing.T) {
			o := play(t, plan{
				Topology: topology, Replicas: *replicas, Dir: folder(t), Processes: *processes, Threads: *threads, Messages: *messages, Rate: *rate,
				KillEvery: *killEvery, PauseEvery: *pauseEvery, ServerFaults: *serverFaults, Seed: *seed,
			})
			t.Logf("%v", o)
			assert.Empty(t, o.complaints())
			assert.Zero(t, o.deadLetter)
			if *anyTraffic {
				assert.Positive(t, o.accepted)
				return
			}
			assert.Equal(t, o.sent, o.accepted, "messages that no bot took")
			assert.Empty(t, o.quiet(*rate/4))
		})
	}
}

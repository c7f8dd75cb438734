package chat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A shutdown can begin when a lane has been refused its lock and is about to end:
// what was stored here must not be left to the sweep.
func TestRefusedLaneSeesAShutdownThatBegins(t *testing.T) {
	for name, c := range map[string]struct {
		fresh   []*arrival
		refused bool
		stops   bool
		want    bool
	}{
		"stored here":         {[]*arrival{{}}, true, true, true},
		"no shutdown":         {[]*arrival{{}}, true, false, false},
		"nothing stored here": {nil, true, true, false},
		"the state fails":     {[]*arrival{{}}, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			ls := newLanes(&Chat{}, 1)
			ls.slots, ls.running = 0, 1
			l := ls.get("key")
			l.state, l.fresh = laneRunning, c.fresh
			if c.stops {
				ls.stop()
			}
			require.Equal(t, c.want, l.finish(l.begun(), c.refused))
			require.Equal(t, c.want, l.state == laneRunning)
		})
	}
}

package chaos

import (
	"context"
	"sync"
	"time"
)

// holding is the handlers of a bot that work until their contexts end. All are
// looked at together, so that there can be many.
type holding struct {
	mu  sync.Mutex
	all map[*heldRun]bool
}

type heldRun struct {
	ctx  context.Context
	live int64 // the last time at which ctx was found alive
}

// lookEvery is the time between two looks.
const lookEvery = 2 * time.Millisecond

// look looks at the contexts for as long as the process lives.
func (h *holding) look() {
	for range time.Tick(lookEvery) {
		h.mu.Lock()
		for r := range h.all {
			if at := now(); r.ctx.Err() == nil { // in this order: see the package comment
				r.live = at
			}
		}
		h.mu.Unlock()
	}
}

// hold is what such a handler does. In the end it writes down when it was last
// found alive, and when it saw its end.
func (h *holding) hold(ctx context.Context, j *journal, run int64) error {
	r := &heldRun{ctx: ctx}
	h.mu.Lock()
	h.all[r] = true
	h.mu.Unlock()

	<-ctx.Done()
	at := now()
	h.mu.Lock()
	delete(h.all, r)
	h.mu.Unlock()
	err := context.Cause(ctx)
	j.write(record{At: r.live, Kind: kindStep, Run: run, Live: true})
	j.write(record{At: at, Kind: kindEnd, Run: run, Err: err.Error()})
	return err
}

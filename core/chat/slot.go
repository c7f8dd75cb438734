package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// slot is one of the places of a bounded StrategyConcurrent.
type slot struct {
	lease   *lease
	refused bool
}

func (s slot) free(ctx context.Context) {
	if s.lease != nil {
		s.lease.end(ctx)
	}
}

// takeSlot takes one of the lock's places. If all are taken the lane asks again
// shortly.
func (d *drain) takeSlot(ctx context.Context, conc Concurrency, b *batch) (slot, error) {
	if conc.Strategy != StrategyConcurrent || conc.MaxConcurrent == 0 {
		return slot{}, nil
	}
	for _, i := range rand.Perm(conc.MaxConcurrent) {
		held, err := d.chat.leases.acquire(ctx, slotKey(d.lane.key, b.group, i))
		if errors.Is(err, state.ErrLocked) {
			continue
		}
		if err != nil {
			return slot{}, err
		}
		context.AfterFunc(held.ctx, func() {
			if cause := context.Cause(held.ctx); errors.Is(cause, ErrLockLost) {
				d.held.stop(cause)
			}
		})
		return slot{lease: held}, nil
	}
	d.retries.postpone(b, d.retries.attempt(b)-1, time.Now().Add(50*time.Millisecond+rand.N(100*time.Millisecond)))
	return slot{refused: true}, nil
}

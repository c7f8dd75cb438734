package redisstate

import (
	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// end is what an EndTurn sends.
type end struct {
	ride   ride
	depth  intCmd
	reused *reusedEnd     // nil if the commands are made for this end alone
	room   [4]redis.Cmder // of one message
	after  [1]redis.Cmder
}

// newEnd returns what the request sends.
func (a *Adapter) newEnd(req *state.EndTurn) *end {
	if e := a.reuseEnd(req); e != nil {
		return e
	}
	e, queue := &end{}, any(a.keys.queue+req.ThreadID)
	e.ride.before = e.room[:0]
	for _, key := range req.Marks {
		e.ride.before = append(e.ride.before, a.newSet(key, string(req.Mark), req.MarkTTL))
	}
	for _, receipt := range req.Receipts {
		e.ride.before = append(e.ride.before, newInt("lrem", queue, 1, string(receipt)))
	}
	e.depth = newInt("llen", queue)
	e.after[0] = e.depth
	e.ride.after = e.after[:]
	return e
}

package slack

import (
	"encoding/json"
	"hash/maphash"
	"sync"
)

const (
	laneCount  = 16
	laneLength = 64 // what waits in a lane before the connection is no longer read
)

// lanes run what comes over a connection beside each other, but what belongs to
// one channel in its order. The zero value is ready.
type lanes struct {
	once  sync.Once
	queue [laneCount]chan func()
	wait  sync.WaitGroup
}

var laneSeed = maphash.MakeSeed()

// laneOf returns what the envelope must keep its order with. Empty: nothing, as
// for what a user waits for.
func laneOf(f *frame) string {
	if f.Type != "events_api" {
		return ""
	}
	var payload struct {
		Event struct {
			Channel json.RawMessage `json:"channel"`
			Item    struct {
				Channel string `json:"channel"`
			} `json:"item"`
		} `json:"event"`
	}
	if json.Unmarshal(f.Payload, &payload) != nil {
		return ""
	}
	return firstOf(idIn(payload.Event.Channel), payload.Event.Item.Channel)
}

// do runs f in the lane, or beside all others without one. Only one goroutine
// may call it, and close after it.
func (l *lanes) do(lane string, f func()) {
	if lane == "" {
		l.wait.Go(f)
		return
	}
	l.once.Do(func() {
		for i := range l.queue {
			l.queue[i] = make(chan func(), laneLength)
			l.wait.Go(func() {
				for f := range l.queue[i] {
					f()
				}
			})
		}
	})
	l.queue[maphash.String(laneSeed, lane)%laneCount] <- f
}

// close waits for what was begun and for what waits.
func (l *lanes) close() {
	l.once.Do(func() {})
	for _, q := range l.queue {
		if q != nil {
			close(q)
		}
	}
	l.wait.Wait()
}

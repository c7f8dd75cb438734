package chat

import (
	"context"
	"time"
)

// When all handlers are busy, this process remembers a bounded number of locks
// that have work. What comes beyond waits in the state alone, and is looked up
// there when most of what is remembered has been handled.

// backlogFactor is how many lanes may wait for a handler, as a multiple of
// Config.Limits.MaxHandlers.
const backlogFactor = 16

// backlog says that more waits than this process remembers. Its fields are
// guarded by lanes.mu.
type backlog struct {
	limit   int // of lanes that wait; 0: no limit, as the state cannot list what waits
	beyond  bool
	reading bool
}

// remember reports whether one more lane may wait. The caller holds mu.
func (ls *lanes) remember() bool {
	if ls.backlog.limit == 0 || len(ls.queued) < ls.backlog.limit {
		return true
	}
	ls.backlog.beyond = true
	return false
}

// catchUp looks up what waits in the state if there is room again. The caller
// holds mu.
func (ls *lanes) catchUp() {
	b := &ls.backlog
	if !b.beyond || b.reading || ls.stopping || len(ls.queued) > b.limit/4 {
		return
	}
	b.reading = true
	// What comes while the state is asked sets it again.
	b.beyond = false
	go ls.readBacklog()
}

func (ls *lanes) readBacklog() {
	c := ls.chat
	_, err := c.wakeWaiting(context.Background(), time.Now(), 2*ls.backlog.limit, false)
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.backlog.reading = false
	if err == nil {
		ls.catchUp()
		return
	}
	c.log.Warn("backlog-failed", "error", err)
	ls.backlog.beyond = true
	time.AfterFunc(time.Second, func() {
		ls.mu.Lock()
		defer ls.mu.Unlock()
		ls.catchUp()
	})
}

package gchat

import (
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The limit of Chat for writes in a space, by all apps together.
// https://developers.google.com/workspace/chat/limits
const (
	maxWrites   = 60
	writeWindow = time.Minute
)

var errPace = errors.New("this process has made 60 writes in the space within a minute, and Chat allows no more")

// pacer counts the writes of this process in each space. It is safe for concurrent
// use.
type pacer struct {
	mu     sync.Mutex
	spaces *adapterkit.Cache[[]time.Time] // the last writes, oldest first
}

func newPacer() *pacer {
	return &pacer{spaces: adapterkit.NewCache[[]time.Time](maxRemembered, writeWindow)}
}

// take counts a write. If the space has had too many, it returns the same error as Chat
// would, with the time to wait.
func (p *pacer) take(op, space string, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, _ := p.spaces.Get(space)
	for len(last) > 0 && now.Sub(last[0]) >= writeWindow {
		last = last[1:]
	}
	if len(last) >= maxWrites {
		wait := last[0].Add(writeWindow).Sub(now)
		return &chat.PlatformError{Adapter: adapterName, Op: op, Code: chat.CodeRateLimited, RetryAfter: wait, Err: errPace}
	}
	p.spaces.Set(space, append(last, now))
	return nil
}

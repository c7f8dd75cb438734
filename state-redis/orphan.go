package redisstate

import (
	"context"
	"sync"
	"time"
)

// orphans are locks that a server may have given although the caller was told
// of a failure. For a moment the next call for the thread may have them, so that
// a caller who tries again gets the lock that was given to nobody else. Then
// they are released. Whoever removes an orphan from here, and nobody else, may
// use its token.
type orphans struct {
	mu      sync.Mutex
	threads map[string]orphan
	stopped bool
}

type orphan struct {
	token string
	timer *time.Timer
}

// orphanGrace is how long an orphan waits for its caller.
const orphanGrace = time.Second

// add keeps an orphan. An older one of the same thread, which the newer token
// shows to be gone or about to expire, makes room.
func (q *orphans) add(a *Adapter, threadID, token string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	if q.threads == nil {
		q.threads = map[string]orphan{}
	}
	if old, ok := q.threads[threadID]; ok {
		old.timer.Stop()
		go a.releaseOrphan(threadID, old.token)
	}
	q.threads[threadID] = orphan{token, time.AfterFunc(orphanGrace, func() {
		if q.remove(threadID, token) {
			a.releaseOrphan(threadID, token)
		}
	})}
}

// take removes and returns the orphan of the thread.
func (q *orphans) take(threadID string) (token string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.threads) == 0 {
		return "", false
	}
	o, ok := q.threads[threadID]
	if ok {
		o.timer.Stop()
		delete(q.threads, threadID)
	}
	return o.token, ok
}

func (q *orphans) remove(threadID, token string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.threads[threadID].token != token {
		return false
	}
	delete(q.threads, threadID)
	return true
}

// stop forgets all orphans: their locks end with their TTL.
func (q *orphans) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	for _, o := range q.threads {
		o.timer.Stop()
	}
	q.threads = nil
}

func (a *Adapter) releaseOrphan(threadID, token string) {
	o, err := a.begin(context.Background(), "release lock")
	if err != nil {
		return
	}
	defer o.end()
	_ = o.release(threadID, token, nil)
}

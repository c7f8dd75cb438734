package memorystate

import "maps"

// thread is what a shard has of a thread: its lock and its queue, so that one look finds
// both. It is in the shard while it has either.
type thread struct {
	name string
	slot int32 // place in the due heap, from 1; 0 if it is not there

	token   string // of the lock. Empty: there is none
	lockEnd moment // never without a lock

	queue    queue
	queueEnd moment // never of an empty queue
	mark     mark
}

// isLocked reports whether there is a lock that has not expired.
func (t *thread) isLocked(now moment) bool { return t.token != "" && now < t.lockEnd }

// holds reports whether the token is that of the lock.
func (t *thread) holds(token string, now moment) bool {
	return t != nil && t.isLocked(now) && t.token == token
}

// threadShard is one shard of the threads with their locks and queues.
//
// Methods other than lock, close and expire want the mutex held.
type threadShard struct {
	expiry[*thread]
	threads map[string]*thread
	// peak is the most threads since the map was made: maps never shrink, so one
	// that has become much too large is made anew.
	peak  int
	marks markList
	// number is of the last entry; shards count in different residue classes.
	number uint64
	fences map[string]int64
	// spare are threads that have left the shard, to be used again with the room of
	// their queues: most have one entry and a lock, and not for long.
	spare []*thread
}

const (
	spareThreads = 16 // kept by a shard
	spareEntries = 8  // room for entries that a kept thread may have
)

func (s *threadShard) init(c clock, shard uint64) {
	s.clock, s.number = c, shard
	s.threads, s.due.of = map[string]*thread{}, s
}

// open returns the thread of the name, which it may keep. A thread that was not there has
// neither a lock nor a queue: the caller gives it one of them.
func (s *threadShard) open(name string) *thread {
	t := s.threads[name]
	if t != nil {
		return t
	}
	if n := len(s.spare); n > 0 {
		t, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		t = &thread{lockEnd: never, queueEnd: never}
	}
	t.name = name
	s.threads[name] = t
	s.peak = max(s.peak, len(s.threads))
	return t
}

// forget takes out a thread that has no lock and no queue.
func (s *threadShard) forget(t *thread) {
	if t.token != "" || t.queue.depth() > 0 {
		return
	}
	delete(s.threads, t.name)
	if t.slot != 0 {
		s.due.remove(t)
	}
	if s.peak > smallTable && len(s.threads) < s.peak/4 {
		s.shrink()
	}
	if len(s.spare) < spareThreads && cap(t.queue.entries.items) <= spareEntries {
		t.name = ""
		s.spare = append(s.spare, t)
	}
}

func (s *threadShard) shrink() {
	threads := make(map[string]*thread, len(s.threads))
	maps.Copy(threads, s.threads)
	s.threads = threads
	s.peak = len(threads)
	s.due.shrink()
}

func (*threadShard) endOf(t *thread) moment  { return min(t.lockEnd, t.queueEnd) }
func (*threadShard) slotOf(t *thread) *int32 { return &t.slot }

// remove takes out what ends first: the lock, or the queue, or both.
func (s *threadShard) remove(t *thread) {
	end := s.endOf(t)
	if t.lockEnd == end {
		t.dropLock()
	}
	if t.queueEnd == end {
		s.dropQueue(t)
	}
	s.forget(t)
}

func (s *threadShard) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threads, s.fences, s.spare, s.marks = nil, nil, nil, markList{}
	s.end()
}

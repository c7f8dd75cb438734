package model

import (
	"fmt"
	"math/bits"
	"strings"
)

const (
	maxInstances = 3
	maxMessages  = 3
)

// set is a set of messages.
type set uint8

func (s set) has(m int) bool { return s&(1<<m) != 0 }

// The state of a worker: what it does next. They are those of dispatch.State, in its
// order, which a test compares. A worker of the model always gets a slot.
const (
	idle uint8 = iota
	opening
	queued
	acquire
	refused
	look
	await
	run
	running
	settle
	release
	depth
)

var workerNames = []string{"idle", "opening", "queued", "acquire", "refused", "look", "await", "run", "running", "settle", "release", "depth"}

// How far a worker has come in settle.
const (
	unmarked uint8 = iota
	marked
	settled
)

// The state of a delivery, named likewise.
const (
	notSent uint8 = iota
	claim
	lock
	store
	peek
	arrive
	leave
	answered
)

var deliveryNames = []string{"not sent", "claim", "lock", "store", "peek", "arrive", "leave", "answered"}

// The claim of a message id.
const (
	free uint8 = iota
	claimed
	done
)

type instance struct {
	up     bool
	worker uint8
	part   uint8 // of settle
	woken  bool
	peeked bool // a delivery has looked for it
	holds  bool // and may rely on it
	last   bool // the batch was all there was: its outcome and the release travel together
	deaf   bool // the reply to that was lost, so it is done again step by step
	batch  set
}

type delivery struct {
	state   uint8
	at      uint8 // instance
	asks    bool
	granted bool
	peeked  set
}

// world is one state. It is comparable.
type world struct {
	instances  [maxInstances]instance
	deliveries [maxMessages]delivery

	claims  [maxMessages]uint8
	queue   [maxMessages]uint8 // messages + 1, oldest first
	locked  uint8              // instance + 1
	beats   uint8              // whose heartbeat: instance + 1
	order   [maxMessages]uint8 // messages + 1 in the order of acceptance
	handled [maxMessages]uint8 // how often, up to 3

	crashes, lapses, losses, thefts uint8 // left
	faulty                          bool  // one has happened
}

func (w *world) waiting() (s set) {
	for _, m := range w.queue {
		if m > 0 {
			s |= 1 << (m - 1)
		}
	}
	return s
}

func (w *world) push(m int) {
	for i := range w.queue {
		if w.queue[i] == 0 {
			w.queue[i] = uint8(m + 1)
			break
		}
	}
	for i := range w.order {
		if w.order[i] == uint8(m+1) {
			return
		}
		if w.order[i] == 0 {
			w.order[i] = uint8(m + 1)
			return
		}
	}
}

func (w *world) remove(s set) {
	var left [maxMessages]uint8
	n := 0
	for _, m := range w.queue {
		if m > 0 && !s.has(int(m-1)) {
			left[n] = m
			n++
		}
	}
	w.queue = left
}

// endHeartbeat takes the instance's heartbeat away.
func (w *world) endHeartbeat(i int) {
	if w.beats == uint8(i+1) {
		w.beats = 0
	}
}

// coming reports whether the instance is storing a message.
func (w *world) coming(i int) bool {
	for _, d := range w.deliveries {
		if int(d.at) == i && d.state > notSent && d.state < answered {
			return true
		}
	}
	return false
}

// wrong says which promise is broken in this state.
func (w *world) wrong() string {
	handlers := 0
	for _, in := range w.instances {
		if in.up && in.worker == running && in.holds {
			handlers++
		}
	}
	if handlers > 1 {
		return "two handlers at once"
	}
	for m, n := range w.handled {
		if n > 1 && !w.faulty {
			return fmt.Sprintf("message %d was handled twice without a fault", m)
		}
	}
	for i := 1; i < maxMessages; i++ {
		if before, m := w.order[i-1], w.order[i]; m > 0 && w.handled[m-1] > 0 && w.handled[before-1] == 0 {
			return "a message was handled before an older one"
		}
	}
	return ""
}

// ended reports whether all is done: what was answered is handled, nothing waits,
// and no lock and no heartbeat is left.
func (w *world) ended(messages int) bool {
	for m := range messages {
		if w.deliveries[m].state != answered || w.handled[m] == 0 {
			return false
		}
	}
	return w.waiting() == 0 && w.locked == 0 && w.beats == 0
}

func (w *world) String() string {
	var b strings.Builder
	for i, in := range w.instances {
		if in.up {
			fmt.Fprintf(&b, "%d:%s", i, workerNames[in.worker])
			if in.holds {
				b.WriteString("+lock")
			}
			if in.woken {
				b.WriteString("+woken")
			}
			fmt.Fprintf(&b, "[%0*b] ", maxMessages, in.batch)
		}
	}
	for m, d := range w.deliveries {
		if d.state != notSent {
			fmt.Fprintf(&b, "m%d@%d:%s ", m, d.at, deliveryNames[d.state])
		}
	}
	fmt.Fprintf(&b, "queue %v locked %d heartbeat %d claims %v handled %v (%d waiting)", w.queue, w.locked, w.beats, w.claims, w.handled, bits.OnesCount8(uint8(w.waiting())))
	return b.String()
}

package history

import (
	"fmt"
	"strings"
	"time"
)

// Kind is which method was called.
type Kind string

// The recorded methods.
const (
	Acquire      Kind = "acquire"
	Extend       Kind = "extend"
	Release      Kind = "release"
	ForceRelease Kind = "force release"
	Enqueue      Kind = "enqueue"
	Dequeue      Kind = "dequeue"
	Depth        Kind = "depth"
	Accept       Kind = "accept"
	Waiting      Kind = "waiting"
	Settle       Kind = "settle"

	Get            Kind = "get"
	Set            Kind = "set"
	SetIfNotExists Kind = "set if not exists"
	Delete         Kind = "delete"
	Swap           Kind = "swap"
)

// Event is one call with its answer. It took effect, if it did, at a moment from
// Call to Return.
type Event struct {
	// Client is the caller. One client makes one call at a time.
	Client int
	// Kind is the method.
	Kind Kind
	// Thread is the thread, or the key, that the call is about.
	Thread string
	// Call and Return are when the call was made and when it returned, since the
	// recorder was made, on the monotonic clock.
	Call, Return time.Duration
	// Token is that of the lock that was given or named.
	Token string
	// TTL is what a lock was asked for, or a value set for.
	TTL time.Duration
	// MaxSize is the bound that an entry was queued with.
	MaxSize int
	// Messages are the messages queued, taken, seen or settled. Of a receipt that
	// the recorder never saw the message is unknown, and left out.
	Messages []string
	// Depth is the depth that was returned.
	Depth int
	// Value is the value of a key that was got, or was to be set.
	Value string
	// Old is the value that a swap expects, unless Absent says that it expects none.
	Old    string
	Absent bool
	// Done is what SetIfNotExists or CompareAndSwap returned.
	Done bool
	// Err is the error that was returned.
	Err error
}

// String tells the event in one line, with tokens cut short.
func (e Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(%s", e.Kind, e.Thread)
	if e.Kind != Acquire && e.Token != "" {
		fmt.Fprintf(&b, ", %s", short(e.Token))
	}
	if e.Kind == Swap && e.Absent {
		b.WriteString(", absent")
	} else if e.Kind == Swap {
		fmt.Fprintf(&b, ", %s", e.Old)
	}
	if e.Kind == Set || e.Kind == SetIfNotExists || e.Kind == Swap {
		fmt.Fprintf(&b, ", %s", e.Value)
	}
	if e.TTL != 0 {
		fmt.Fprintf(&b, ", %v", e.TTL)
	}
	if e.sends() && len(e.Messages) > 0 {
		fmt.Fprintf(&b, ", %s", strings.Join(e.Messages, " "))
	}
	if e.MaxSize != 0 {
		fmt.Fprintf(&b, ", max %d", e.MaxSize)
	}
	b.WriteString(")")
	switch {
	case e.Err != nil:
		fmt.Fprintf(&b, " → %v", e.Err)
	case e.Kind == Acquire:
		fmt.Fprintf(&b, " → %s", short(e.Token))
	case e.Kind == Dequeue || e.Kind == Waiting:
		fmt.Fprintf(&b, " → %s", strings.Join(e.Messages, " "))
	case e.Kind == Enqueue || e.Kind == Accept || e.Kind == Depth || e.Kind == Settle:
		fmt.Fprintf(&b, " → %d", e.Depth)
	case e.Kind == Get:
		fmt.Fprintf(&b, " → %s", e.Value)
	case e.Kind == SetIfNotExists || e.Kind == Swap:
		fmt.Fprintf(&b, " → %t", e.Done)
	default:
		b.WriteString(" → ok")
	}
	return b.String()
}

// sends reports whether the messages are what the caller gave.
func (e Event) sends() bool { return e.Kind == Enqueue || e.Kind == Accept || e.Kind == Settle }

func short(token string) string { return token[:min(len(token), 6)] }

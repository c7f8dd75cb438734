// Package botrig has what the tests of platform adapters share: a bot that hands over what
// it handles, a log that can be read while the bot writes to it, a state for several bots,
// waiting for what a bot handles, and what platforms have really sent.
package botrig

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Log keeps what is written to it, also at the same time as it is read.
type Log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write adds to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

// String returns the whole log.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// Patience is the time after which a test gives up what it waits for. A test that passes
// does not wait so long, and a busy machine needs more than a few seconds now and then.
const Patience = time.Minute

// Next waits for what is handled next, which must be a T.
func Next[T chat.Inbound](t *testing.T, handled <-chan chat.Inbound, log fmt.Stringer) T {
	t.Helper()
	select {
	case in := <-handled:
		got, ok := in.(T)
		require.True(t, ok, "a %T was handled", in)
		return got
	case <-time.After(Patience):
		require.Fail(t, "nothing was handled", log)
	}
	panic("not reached")
}

// Quiet checks that nothing else has been handled so far.
func Quiet(t *testing.T, handled <-chan chat.Inbound) {
	t.Helper()
	for _, in := range Rest(handled) {
		require.Failf(t, "handled too much", "%T %+v", in, in)
	}
}

// Rest takes what has been handled so far. That is all when the bot has shut down.
func Rest(handled <-chan chat.Inbound) (all []chat.Inbound) {
	for {
		select {
		case in := <-handled:
			all = append(all, in)
		default:
			return all
		}
	}
}

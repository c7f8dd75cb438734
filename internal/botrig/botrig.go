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

// Next waits for what is handled next, which must be a T, as long as patience lasts.
func Next[T chat.Inbound](t *testing.T, handled <-chan chat.Inbound, patience time.Duration, log fmt.Stringer) T {
	t.Helper()
	select {
	case in := <-handled:
		got, ok := in.(T)
		require.True(t, ok, "a %T was handled", in)
		return got
	case <-time.After(patience):
		require.Fail(t, "nothing was handled", log)
	}
	panic("not reached")
}

// Quiet checks that nothing else has been handled so far.
func Quiet(t *testing.T, handled <-chan chat.Inbound) {
	t.Helper()
	select {
	case in := <-handled:
		require.Failf(t, "handled too much", "%T %+v", in, in)
	default:
	}
}

// Drain takes what has been handled, until nothing more comes for a while.
func Drain(handled <-chan chat.Inbound) {
	for {
		select {
		case <-handled:
		case <-time.After(5 * time.Millisecond):
			return
		}
	}
}

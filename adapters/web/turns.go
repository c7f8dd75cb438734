package web

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/chat-adapter/chat-go/core/chat"
)

// turns are the messages of users that this instance takes and whose handlers are
// not done. It is safe for concurrent use.
type turns struct {
	mu      sync.Mutex
	running map[chat.ThreadID][]*turn // oldest first
}

// turn is the work on one message.
type turn struct {
	of     *turns
	thread chat.ThreadID
	done   chan struct{} // closed when the handlers are done
	err    error         // what they returned; written before done is closed

	stopped atomic.Bool // the user has told the bot to stop
}

// begin notes a message before it is delivered, as its handlers may begin before that
// returns. follow or end must be called.
func (s *turns) begin(thread chat.ThreadID) *turn {
	t := &turn{of: s, thread: thread, done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		s.running = map[chat.ThreadID][]*turn{}
	}
	s.running[thread] = append(s.running[thread], t)
	return t
}

// follow ends the turn when the message is handled. It waits for that also when the
// reader, whose context ctx is, has left; then until closing is closed.
func (t *turn) follow(ctx context.Context, receipt *chat.Receipt, closing <-chan struct{}) {
	waiting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	staying := context.AfterFunc(ctx, func() {
		select {
		case <-closing:
			cancel()
		case <-t.done:
		}
	})
	go func() {
		defer cancel()
		defer staying()
		t.end(receipt.Wait(waiting))
	}()
}

// end notes what the handlers returned.
func (t *turn) end(err error) {
	t.err = err
	close(t.done)
	s := t.of
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[t.thread] = slices.DeleteFunc(s.running[t.thread], func(each *turn) bool { return each == t })
	if len(s.running[t.thread]) == 0 {
		delete(s.running, t.thread)
	}
}

// in returns the turns that run in the conversation, oldest first.
func (s *turns) in(thread chat.ThreadID) []*turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.running[thread])
}

// wait waits until the handlers are done and returns nil, whatever became of them,
// or the error of ctx.
func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package conformance

import (
	"errors"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// queueModel explains the history of one queue, whose messages all differ. Its
// state is the messages, oldest first.
func queueModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return []string(nil) },
		Step: func(s, in, _ any) (bool, any) {
			ok, next := queueStep(s.([]string), in.(history.Event))
			return ok, next
		},
		Equal:             func(a, b any) bool { return slices.Equal(a.([]string), b.([]string)) },
		DescribeOperation: func(in, _ any) string { return in.(history.Event).String() },
		DescribeState:     func(s any) string { return "[" + strings.Join(s.([]string), " ") + "]" },
	}
}

func queueStep(queue []string, e history.Event) (bool, []string) {
	if e.Err != nil && !errors.Is(e.Err, state.ErrQueueEmpty) {
		return false, queue
	}
	switch e.Kind {
	case history.Enqueue, history.Accept:
		next := append(slices.Clone(queue), e.Messages...)
		if e.MaxSize > 0 && len(next) > e.MaxSize {
			next = next[len(next)-e.MaxSize:]
		}
		return e.Depth == len(next), next
	case history.Dequeue:
		if e.Err != nil {
			return len(queue) == 0, queue
		}
		return len(queue) > 0 && queue[0] == e.Messages[0], queue[min(1, len(queue)):]
	case history.Depth:
		return e.Depth == len(queue), queue
	case history.Waiting:
		return slices.Equal(queue, e.Messages), queue
	case history.Settle:
		next := slices.DeleteFunc(slices.Clone(queue), func(m string) bool { return slices.Contains(e.Messages, m) })
		return e.Depth == len(next), next
	}
	return false, queue
}

package linearizability

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
	return model(nil, queueStep, slices.Equal[[]string], func(queue []string) string { return "[" + strings.Join(queue, " ") + "]" })
}

func queueStep(queue []string, e history.Event) [][]string {
	next, depth, ok := queueAfter(queue, e)
	switch {
	case isUncertain(e.Err):
		return [][]string{queue, next}
	case e.Err != nil && !(e.Kind == history.Dequeue && errors.Is(e.Err, state.ErrQueueEmpty)):
		return nil
	case !ok || depth >= 0 && depth != e.Depth:
		return nil
	}
	return [][]string{next}
}

// queueAfter returns the queue after the event, the depth that is returned with it, or
// -1, and whether the rest of its answer is right.
func queueAfter(queue []string, e history.Event) (next []string, depth int, ok bool) {
	switch e.Kind {
	case history.Enqueue, history.Accept:
		next = append(slices.Clone(queue), e.Messages...)
		if e.MaxSize > 0 && len(next) > e.MaxSize {
			next = next[len(next)-e.MaxSize:]
		}
		return next, len(next), true
	case history.Dequeue:
		next = queue[min(1, len(queue)):]
		if e.Err != nil {
			return next, -1, len(queue) == 0
		}
		return next, -1, len(queue) > 0 && queue[0] == e.Messages[0]
	case history.Depth:
		return queue, len(queue), true
	case history.Waiting:
		return queue, -1, slices.Equal(queue, e.Messages)
	case history.Settle:
		next = slices.DeleteFunc(slices.Clone(queue), func(m string) bool { return slices.Contains(e.Messages, m) })
		return next, len(next), true
	}
	return queue, -1, false
}

package linearizability

import (
	"errors"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// value is what a key of the cache has.
type value struct {
	there bool
	text  string
}

// valueModel explains the history of one key, whose values never expire.
func valueModel() porcupine.Model {
	return model(value{}, valueStep, func(a, b value) bool { return a == b }, func(v value) string {
		if !v.there {
			return "absent"
		}
		return v.text
	})
}

func valueStep(v value, e history.Event) []value {
	next, done := valueAfter(v, e)
	switch {
	case isUncertain(e.Err):
		return []value{v, next}
	case e.Kind == history.Get && errors.Is(e.Err, state.ErrNotFound):
		if v.there {
			return nil
		}
		return []value{v}
	case e.Err != nil:
		return nil
	case e.Kind == history.Get && (!v.there || v.text != e.Value):
		return nil
	case (e.Kind == history.SetIfNotExists || e.Kind == history.Swap) && done != e.Done:
		return nil
	}
	return []value{next}
}

// valueAfter returns the value after the event, and what SetIfNotExists or
// CompareAndSwap returns.
func valueAfter(v value, e history.Event) (next value, done bool) {
	given := value{true, e.Value}
	// A claim that is in place was set by the caller that asks again.
	own := v == given && state.IsClaim([]byte(e.Value))
	switch e.Kind {
	case history.Set:
		return given, true
	case history.Delete:
		return value{}, true
	case history.SetIfNotExists:
		if own || !v.there {
			return given, true
		}
	case history.Swap:
		if own || v.there != e.Absent && (!v.there || v.text == e.Old) {
			return given, true
		}
	}
	return v, false
}

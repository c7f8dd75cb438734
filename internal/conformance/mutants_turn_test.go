package conformance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

func (v *view) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	return state.Stepwise{Adapter: v}.StartTurn(ctx, req)
}

func (v *view) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	return state.Stepwise{Adapter: v}.AcceptTurn(ctx, req)
}

func (v *view) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	return state.Stepwise{Adapter: v}.EndTurn(ctx, req)
}

// turnMutant replaces the methods that are set.
type turnMutant struct {
	*view
	start  func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error)
	accept func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error)
	end    func(ctx context.Context, req state.EndTurn) (int, error)
}

func (m *turnMutant) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	if m.start != nil {
		return m.start(ctx, req)
	}
	return m.view.StartTurn(ctx, req)
}

func (m *turnMutant) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	if m.accept != nil {
		return m.accept(ctx, req)
	}
	return m.view.AcceptTurn(ctx, req)
}

func (m *turnMutant) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	if m.end != nil {
		return m.end(ctx, req)
	}
	return m.view.EndTurn(ctx, req)
}

// starting, accepting and ending plant a change to a request, and to its answer.

func starting(change func(req *state.StartTurn), after func(v *view, out *state.TurnStarted)) func(v *view) adapter {
	return func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			change(&req)
			out, err := v.StartTurn(ctx, req)
			after(v, &out)
			return out, err
		}}
	}
}

func accepting(change func(req *state.AcceptTurn), after func(v *view, out *state.TurnAccepted)) func(v *view) adapter {
	return func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
			change(&req)
			out, err := v.AcceptTurn(ctx, req)
			after(v, &out)
			return out, err
		}}
	}
}

func ending(change func(req *state.EndTurn)) func(v *view) adapter {
	return func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			change(&req)
			return v.EndTurn(ctx, req)
		}}
	}
}

func unchanged[T any](*T) {}

func asItIs[T any](*view, *T) {}

var turnMutants = []mutant{
	{"a turn starts without its lock", "Turns/Start", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			out.Set, err = v.SetIfNotExists(ctx, req.Key, req.Value, req.TTL)
			return out, err
		}}
	}},
	{"a turn starts with a value for ever", "Turns/StartExpires", starting(func(req *state.StartTurn) { req.TTL = 0 }, asItIs)},
	{"a turn starts with a lock that lasts too long", "Turns/StartExpires", starting(func(req *state.StartTurn) { req.LockTTL *= 10 }, asItIs)},
	{"a lock is taken and not returned when the key is taken", "Turns/StartTaken", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			out.Set, err = v.SetIfNotExists(ctx, req.Key, req.Value, req.TTL)
			if lock, lockErr := v.AcquireLock(ctx, req.ThreadID, req.LockTTL); out.Set && lockErr == nil {
				out.Lock = lock
			}
			return out, err
		}}
	}},
	{"a taken key counts as set", "Turns/StartTaken", starting(unchanged, func(_ *view, out *state.TurnStarted) { out.Set = true })},
	{"a turn starts without telling what is there", "Turns/StartFinds", starting(unchanged, func(_ *view, out *state.TurnStarted) { out.Found = nil })},
	{"a turn starts with a lock that nobody asked for", "Turns/StartWithoutLock", starting(unchanged, func(v *view, out *state.TurnStarted) {
		if out.Lock == nil {
			out.Lock, _ = v.AcquireLock(context.Background(), "unasked", time.Minute)
		}
	})},
	{"a locked thread keeps the key from being set", "Turns/StartLocked", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			if out.Lock, err = v.AcquireLock(ctx, req.ThreadID, req.LockTTL); err == nil {
				out.Set, err = v.SetIfNotExists(ctx, req.Key, req.Value, req.TTL)
			}
			return out, err
		}}
	}},
	{"a turn starts and accepts nothing", "Turns/StartAccepts", starting(func(req *state.StartTurn) { req.Accept.ThreadID = "" }, asItIs)},
	{"a turn starts and looks at nothing", "Turns/StartAccepts", starting(unchanged, func(_ *view, out *state.TurnStarted) { out.Accepted.Looked = false })},
	{"a turn starts and finds its own entry only", "Turns/StartAccepts", starting(unchanged, func(_ *view, out *state.TurnStarted) {
		if n := len(out.Accepted.Waiting); n > 1 {
			out.Accepted.Waiting = out.Accepted.Waiting[n-1:]
		}
	})},
	{"a turn starts and stores without a mark", "Turns/StartAccepts", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			accept := req.Accept
			req.Accept.ThreadID = ""
			out, err := v.StartTurn(ctx, req)
			if err != nil || !out.Set || accept.ThreadID == "" {
				return out, err
			}
			if out.Accepted.Depth, err = v.Enqueue(ctx, accept.ThreadID, accept.Entry, accept.MaxSize); err == nil && out.Lock != nil {
				out.Accepted.Waiting, err = v.Waiting(ctx, accept.ThreadID)
				out.Accepted.Looked, out.Accepted.Subscribed, out.Accepted.Found = true, true, []string{"there"}
			}
			return out, err
		}}
	}},
	{"a turn accepts a message whose key is taken", "Turns/StartAcceptsOnce", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			out, err := v.StartTurn(ctx, req)
			if err == nil && !out.Set && req.Accept.ThreadID != "" {
				_, err = v.Accept(ctx, req.Accept.ThreadID, req.Accept.Entry, req.Accept.MaxSize)
			}
			return out, err
		}}
	}},
	{"a turn accepts only with the lock", "Turns/StartAcceptsWithoutLock", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			accept := req.Accept
			req.Accept.ThreadID = ""
			out, err := v.StartTurn(ctx, req)
			if err == nil && out.Lock != nil && accept.ThreadID != "" {
				out.Accepted, err = v.AcceptTurn(ctx, accept)
			}
			return out, err
		}}
	}},
	{"a turn starts and stores without a bound", "Turns/StartAcceptBound", starting(func(req *state.StartTurn) { req.Accept.MaxSize = 0 }, asItIs)},
	{"a turn starts by a look and a set", "Turns/OneStarter", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			_, err = v.Get(ctx, req.Key)
			pause()
			if out.Set = errors.Is(err, state.ErrNotFound); out.Set {
				err = v.Set(ctx, req.Key, req.Value, req.TTL)
			}
			if lock, lockErr := v.AcquireLock(ctx, req.ThreadID, req.LockTTL); lockErr == nil {
				out.Lock = lock
			}
			return out, err
		}}
	}},
	{"a turn looks before it stores", "Turns/Accept", func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
			before, lookErr := v.Waiting(ctx, req.ThreadID)
			out, err := v.AcceptTurn(ctx, req)
			if lookErr == nil {
				out.Waiting = before
			}
			return out, err
		}}
	}},
	{"a turn asks for the wrong subscription", "Turns/AcceptUnsubscribed", accepting(func(req *state.AcceptTurn) { req.Subscription = req.ThreadID }, asItIs)},
	{"a turn mixes its keys up", "Turns/AcceptLooks", accepting(unchanged, func(_ *view, out *state.TurnAccepted) { slices.Reverse(out.Found) })},
	{"a turn looks for two keys at most", "Turns/AcceptLooks", accepting(func(req *state.AcceptTurn) { req.Keys = req.Keys[:min(2, len(req.Keys))] }, asItIs)},
	{"a turn takes an absent key for a failure", "Turns/AcceptLooks", func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
			out, err := v.AcceptTurn(ctx, req)
			if len(req.Keys) > 0 && out.Looked {
				_, lookErr := v.Get(ctx, req.Keys[len(req.Keys)-1])
				out.Looked = lookErr == nil
			}
			return out, err
		}}
	}},
	{"a turn stores without a mark", "Turns/AcceptMarks", func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (out state.TurnAccepted, err error) {
			if out.Depth, err = v.Enqueue(ctx, req.ThreadID, req.Entry, req.MaxSize); err == nil {
				out.Waiting, err = v.Waiting(ctx, req.ThreadID)
			}
			out.Looked = err == nil
			return out, err
		}}
	}},
	{"a turn stores without a bound", "Turns/AcceptBound", accepting(func(req *state.AcceptTurn) { req.MaxSize = 0 }, asItIs)},
	{"a turn ends with one mark only", "Turns/End", ending(func(req *state.EndTurn) { req.Marks = req.Marks[:min(1, len(req.Marks))] })},
	{"a turn ends with one entry settled", "Turns/End", ending(func(req *state.EndTurn) { req.Receipts = req.Receipts[:min(1, len(req.Receipts))] })},
	{"a turn ends with the lock held", "Turns/End", ending(func(req *state.EndTurn) { req.Lock = &state.Lock{ThreadID: req.ThreadID, Token: "none"} })},
	{"a turn ends with marks for ever", "Turns/EndMarksExpire", ending(func(req *state.EndTurn) { req.MarkTTL = 0 })},
	{"a turn releases whoever holds the lock", "Turns/EndLost", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			depth, err := v.EndTurn(ctx, req)
			if err == nil {
				err = v.ForceReleaseLock(ctx, req.ThreadID)
			}
			return depth, err
		}}
	}},
	{"a lock that is lost fails the end of its turn", "Turns/EndLost", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			released := v.ReleaseLock(ctx, req.Lock)
			depth, err := v.EndTurn(ctx, req)
			return depth, errors.Join(err, released)
		}}
	}},
	{"a turn ends with the oldest entry settled", "Turns/EndGone", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			all, err := v.Waiting(ctx, req.ThreadID)
			if err == nil && len(all) > 0 && len(req.Receipts) == 1 {
				req.Receipts[0] = all[0].Receipt
			}
			return v.EndTurn(ctx, req)
		}}
	}},
}

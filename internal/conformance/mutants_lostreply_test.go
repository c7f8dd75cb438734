package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// repeating has a call repeated blindly when its reply was lost.
func repeating(call string) func(v *view) adapter {
	return func(v *view) adapter {
		v.repeats = func(c string) bool { return c == call || repeatsAsItShould(c) }
		return v
	}
}

var lostReplyMutants = []mutant{
	{"an append is sent again when its reply is lost", "LostReplies/AppendToList", repeating("AppendToList")},
	{"Enqueue is sent again when its reply is lost", "LostReplies/Enqueue", repeating("Enqueue")},
	{"Accept is sent again when its reply is lost", "LostReplies/Accept", repeating("Accept")},
	{"Dequeue is sent again when its reply is lost", "LostReplies/Dequeue", repeating("Dequeue")},
	{"an append without reply is only unavailable", "LostReplies/AppendToList", func(v *view) adapter {
		return &listMutant{view: v, push: func(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
			err := v.AppendToList(ctx, key, value, opts)
			if errors.Is(err, state.ErrUnknownOutcome) {
				return state.ErrUnavailable
			}
			return err
		}}
	}},
	{"the second try to set finds the value of the first", "LostReplies/SetIfNotExists", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, err := v.SetIfNotExists(ctx, key, value, ttl)
			if errors.Is(err, state.ErrUnknownOutcome) {
				return false, nil
			}
			return set, err
		}}
	}},
	{"what is found after a lost reply counts as set", "LostReplies/Claim", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, lost, err := askOften(ctx, v, "SetIfNotExists", func(b *backend) (bool, error) { return b.SetIfNotExists(ctx, key, value, ttl) })
			return set || lost, err
		}}
	}},
	{"a claim whose reply was lost is not known again", "LostReplies/Claim", func(v *view) adapter {
		return &cacheMutant{view: v, setNew: func(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
			set, lost, err := askOften(ctx, v, "SetIfNotExists", func(b *backend) (bool, error) { return b.SetIfNotExists(ctx, key, value, ttl) })
			return set && !lost, err
		}}
	}},
	{"the second try to swap finds the value of the first", "LostReplies/CompareAndSwap", func(v *view) adapter {
		return &swapMutant{view: v, swap: func(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
			swapped, err := v.CompareAndSwap(ctx, key, old, value, ttl)
			if errors.Is(err, state.ErrUnknownOutcome) {
				return false, nil
			}
			return swapped, err
		}}
	}},
	{"a lock is asked for with another token the second time", "LostReplies/AcquireLock", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			return ask(ctx, v, "AcquireLock", func(b *backend) (*state.Lock, error) { return b.AcquireLock(ctx, threadID, ttl) })
		}}
	}},
	{"the entry that is now the first is settled the second time", "LostReplies/Settle", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			return ask(ctx, v, "Settle", func(b *backend) (int, error) {
				left, err := b.Settle(ctx, threadID, receipts...)
				all, lookErr := b.Waiting(ctx, threadID)
				if err == nil && lookErr == nil && len(all) > 0 {
					receipts = []state.Receipt{all[0].Receipt}
				}
				return left, err
			})
		}}
	}},
	{"a write whose reply is lost is the client's own error", "LostReplies/Repeatable", func(v *view) adapter {
		v.repeats = func(call string) bool { return call != "Set" && repeatsAsItShould(call) }
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			err := v.Set(ctx, key, value, ttl)
			if errors.Is(err, errLost) {
				return errors.New("unexpected EOF")
			}
			return err
		}}
	}},
	{"a release that nobody confirmed is taken back", "LostReplies/ReleaseLock", func(v *view) adapter {
		return &lockMutant{view: v, release: func(ctx context.Context, lock *state.Lock) error {
			_, lost, err := askOften(ctx, v, "ReleaseLock", func(b *backend) (bool, error) { return false, b.ReleaseLock(ctx, lock) })
			if lost {
				_, err = v.AcquireLock(ctx, lock.ThreadID, time.Hour)
			}
			return err
		}}
	}},
	{"a value whose reply is lost is not found", "LostReplies/Reads", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, lost, err := askOften(ctx, v, "Get", func(b *backend) ([]byte, error) { return b.Get(ctx, key) })
			if lost {
				return nil, state.ErrNotFound
			}
			return value, err
		}}
	}},
	{"a start does not know its claim again", "LostReplies/StartTurn", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			var lost bool
			out.Set, lost, err = askOften(ctx, v, "SetIfNotExists", func(b *backend) (bool, error) { return b.SetIfNotExists(ctx, req.Key, req.Value, req.TTL) })
			if lost {
				return state.TurnStarted{Found: req.Value}, err
			}
			return v.StartTurn(ctx, req)
		}}
	}},
	{"a start takes any value that it finds for its own", "LostReplies/StartTurnTaken", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
			set, lost, err := askOften(ctx, v, "SetIfNotExists", func(b *backend) (bool, error) { return b.SetIfNotExists(ctx, req.Key, req.Value, req.TTL) })
			if err != nil || !lost {
				out.Set = set
				return out, err
			}
			return state.TurnStarted{Set: true}, nil
		}}
	}},
	{"a start sends its entry again when its reply is lost", "LostReplies/StartTurnAccepts", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			v.repeats = func(string) bool { return true }
			return v.StartTurn(ctx, req)
		}}
	}},
	{"a start that may have stored its entry is only unavailable", "LostReplies/StartTurnAccepts", func(v *view) adapter {
		return &turnMutant{view: v, start: func(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
			out, err := v.StartTurn(ctx, req)
			if errors.Is(err, state.ErrUnknownOutcome) {
				err = state.ErrUnavailable
			}
			return out, err
		}}
	}},
	{"a turn sends its entry again when its reply is lost", "LostReplies/AcceptTurn", func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
			v.repeats = func(string) bool { return true }
			return v.AcceptTurn(ctx, req)
		}}
	}},
	{"a turn that could not look says that it has", "LostReplies/AcceptTurn", func(v *view) adapter {
		return &turnMutant{view: v, accept: func(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
			v.repeats = func(call string) bool { return call != "Waiting" && repeatsAsItShould(call) }
			out, err := v.AcceptTurn(ctx, req)
			out.Looked = err == nil
			return out, err
		}}
	}},
	{"a turn settles another entry when its reply is lost", "LostReplies/EndTurn", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			if _, lost, err := askOften(ctx, v, "Settle", func(b *backend) (int, error) { return b.Settle(ctx, req.ThreadID, req.Receipts...) }); err != nil || lost {
				_, err = v.Dequeue(ctx, req.ThreadID)
				if err != nil {
					return 0, err
				}
			}
			return v.EndTurn(ctx, req)
		}}
	}},
	{"a release without reply fails the end of a turn", "LostReplies/EndTurn", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			if _, _, err := askOften(ctx, v, "ReleaseLock", func(b *backend) (bool, error) { return false, b.ReleaseLock(ctx, req.Lock) }); err != nil {
				return 0, err
			}
			return v.EndTurn(ctx, req)
		}}
	}},
	{"the marks of a turn are left out when a reply is lost", "LostReplies/EndTurn", func(v *view) adapter {
		return &turnMutant{view: v, end: func(ctx context.Context, req state.EndTurn) (int, error) {
			for i, key := range req.Marks {
				if _, lost, err := askOften(ctx, v, "Set", func(b *backend) (bool, error) { return true, b.Set(ctx, key, req.Mark, req.MarkTTL) }); err != nil || lost {
					req.Marks = req.Marks[:i]
					break
				}
			}
			return v.EndTurn(ctx, req)
		}}
	}},
	{"a list whose reply is lost is empty", "LostReplies/WaitingThreads", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			all, lost, err := askOften(ctx, v, "WaitingThreads", func(b *backend) ([]string, error) { return b.WaitingThreads(ctx, before, limit) })
			if lost {
				return nil, err
			}
			return all, err
		}}
	}},
}

package linearizability

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

// Run judges adapters in a parallel subtest for each kind. open returns a new adapter
// that is not connected, on data that no other adapter sees; Run connects and closes
// it. Of a history without explanation a picture is left among the artifacts of the
// test (go test -artifacts).
func Run(t *testing.T, open func(t *testing.T) state.Adapter, cfg Config) {
	t.Helper()
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range cfg.Kinds {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			a := open(t)
			t.Cleanup(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				_ = a.Close(ctx)
			})
			if err := a.Connect(t.Context()); err != nil {
				t.Fatalf("Connect: %v", err)
			}
			one := cfg
			one.Kinds = []Kind{k}
			err := Judge(t.Context(), a, one)
			if v, ok := errors.AsType[*Violation](err); ok {
				path := filepath.Join(t.ArtifactDir(), "history.html")
				if err := v.WritePicture(path); err != nil {
					t.Errorf("the picture of the history: %v", err)
				} else {
					t.Logf("a picture of the history: %s", path)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// Judge has callers use a connected adapter at random, and returns nil if every answer
// has an explanation. Otherwise it returns a *[Violation]. It returns
// [state.ErrInvalidConfig] for a Config that can never work, and the context's error if
// that has ended meanwhile.
func Judge(ctx context.Context, a state.Adapter, cfg Config) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	for _, k := range cfg.Kinds {
		threads := play(ctx, a, k, cfg)
		if err := ctx.Err(); err != nil {
			return err
		}
		if k == Locks && cfg.SplitVotes {
			threads = withForceTwice(threads)
		}
		for thread, events := range threads {
			if v := judge(k, cfg, events); v != nil {
				v.Thread, v.Seed = thread, cfg.Seed
				return v
			}
		}
	}
	return nil
}

// JudgeEvents judges what a program has recorded itself, of one kind: the events of one
// thread or key. Messages of one queue must all differ. It returns nil if every
// answer has an explanation, and otherwise a *[Violation].
func JudgeEvents(k Kind, cfg Config, events []history.Event) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	if k == Locks && cfg.SplitVotes {
		events = withForceTwice(map[string][]history.Event{"": events})[""]
	}
	if v := judge(k, cfg, events); v != nil {
		v.Seed = cfg.Seed
		if len(events) > 0 {
			v.Thread = events[0].Thread
		}
		return v
	}
	return nil
}

// judgeTimeout is how long an explanation of one history is looked for.
const judgeTimeout = time.Minute

func judge(k Kind, cfg Config, events []history.Event) *Violation {
	model := modelOf(k, cfg)
	ops := make([]porcupine.Operation, len(events))
	var end time.Duration
	for _, e := range events {
		end = max(end, e.Return)
	}
	for i, e := range events {
		until := e.Return
		if k != Locks && isUncertain(e.Err) {
			until = end // what was given up may still take effect
		}
		ops[i] = porcupine.Operation{ClientId: e.Client, Input: e, Call: int64(e.Call), Return: int64(until)}
	}
	result, info := porcupine.CheckOperationsVerbose(model, ops, judgeTimeout)
	if result == porcupine.Ok {
		return nil
	}
	return &Violation{Kind: k, Events: events, Undecided: result == porcupine.Unknown, model: model, info: info}
}

func modelOf(k Kind, cfg Config) porcupine.Model {
	switch k {
	case Locks:
		return lockModel(cfg.Slack, cfg.SplitVotes)
	case Queues:
		return queueModel()
	default:
		return valueModel()
	}
}

// isUncertain reports an answer that tells nothing about what was done, such as one
// that came when a lock's TTL was over.
func isUncertain(err error) bool {
	return errors.Is(err, state.ErrUnavailable) || errors.Is(err, state.ErrUnknownOutcome)
}

// model makes a model of what may follow from each event.
func model[S any](start S, step func(s S, e history.Event) []S, equal func(a, b S) bool, describe func(s S) string) porcupine.Model {
	return (&porcupine.NondeterministicModel{
		Init: func() []any { return []any{start} },
		Step: func(s, in, _ any) []any {
			next := step(s.(S), in.(history.Event))
			all := make([]any, len(next))
			for i, n := range next {
				all[i] = n
			}
			return all
		},
		Equal:             func(a, b any) bool { return equal(a.(S), b.(S)) },
		DescribeOperation: func(in, _ any) string { return in.(history.Event).String() },
		DescribeState:     func(s any) string { return describe(s.(S)) },
	}).ToModel()
}

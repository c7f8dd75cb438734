package conformance

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

func (v *view) Check(ctx context.Context) error {
	_, err := v.QueueDepth(ctx, "check")
	return err
}

// checkerMutant has another Check.
type checkerMutant struct {
	*view
	check func(ctx context.Context, v *view) error
}

func (m *checkerMutant) Check(ctx context.Context) error { return m.check(ctx, m.view) }

var checkerMutants = []mutant{
	{"Check refuses a backend that takes writes", "Checker/Ready", func(v *view) adapter {
		return &checkerMutant{v, func(ctx context.Context, v *view) error {
			if err := v.Check(ctx); err != nil {
				return err
			}
			return state.ErrUnavailable
		}}
	}},
	{"Check takes from a queue", "Checker/Ready", func(v *view) adapter {
		return &checkerMutant{v, func(ctx context.Context, v *view) error {
			if _, err := v.Dequeue(ctx, "thread"); err == nil {
				return nil
			}
			return v.Check(ctx)
		}}
	}},
}

package webhook

import "context"

// InTime calls f in a goroutine, and returns its results. If ctx ends first, it returns
// ctx's error, and later results of f are lost. It is for webhooks whose answer depends on a
// handler: a handler that ignores its context must not delay the answer.
func InTime[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := f()
		done <- outcome{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

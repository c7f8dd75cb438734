package webhook

import "context"

// InTime returns what f returns, or ctx's error when it ends first, for webhooks
// whose answer a platform waits for: a handler that ignores its context must not
// hold it up. What f returns later is lost.
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

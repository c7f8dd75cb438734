package chat

// pending is what was asked for and may still be on its way.
type pending[T any] struct {
	coming chan pending[T] // nil once it has come
	value  T
	err    error
}

// ask asks for something while the caller does something else.
func ask[T any](question func() (T, error)) pending[T] {
	coming := make(chan pending[T], 1)
	go func() { coming <- here(question()) }()
	return pending[T]{coming: coming}
}

// here is an answer that has come.
func here[T any](value T, err error) pending[T] {
	return pending[T]{value: value, err: err}
}

// get waits for the answer. It is called once.
func (p pending[T]) get() (T, error) {
	if p.coming != nil {
		p = <-p.coming
	}
	return p.value, p.err
}

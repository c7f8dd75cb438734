package dispatch

// answer is what was asked for and may still be on its way.
type answer[T any] struct {
	coming chan answer[T] // nil once it has come
	value  T
	err    error
}

// ask asks for something while the caller does something else.
func ask[T any](question func() (T, error)) answer[T] {
	coming := make(chan answer[T], 1)
	go func() { coming <- known(question()) }()
	return answer[T]{coming: coming}
}

// known is an answer that has come.
func known[T any](value T, err error) answer[T] {
	return answer[T]{value: value, err: err}
}

// get waits for the answer. It is called once.
func (p answer[T]) get() (T, error) {
	if p.coming != nil {
		p = <-p.coming
	}
	return p.value, p.err
}

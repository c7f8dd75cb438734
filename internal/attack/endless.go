package attack

import "context"

// Endless is JSON that goes on until its context ends.
type Endless struct{ Context context.Context }

// Read returns more of it.
func (e Endless) Read(p []byte) (int, error) {
	if err := e.Context.Err(); err != nil {
		return 0, err
	}
	n := 0
	for n < len(p) {
		n += copy(p[n:], `{"data":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`)
	}
	return n, nil
}

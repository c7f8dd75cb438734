package adaptertest

import (
	"errors"
	"fmt"
	"sync"
)

// must ends the case if a call that has to succeed did not.
func must(t TB, call string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: unexpected error\n    seen: %v\n    want: no error", call, err)
		t.FailNow()
	}
}

// equal reports a value that differs.
func equal[T comparable](t TB, what string, seen, want T) {
	t.Helper()
	if seen != want {
		t.Errorf("%s\n    seen: %s\n    want: %s", what, show(seen), show(want))
	}
}

// isError reports an error that is not the wanted one.
func isError(t TB, call string, seen, want error) {
	t.Helper()
	if !errors.Is(seen, want) {
		t.Errorf("%s\n    seen: %v\n    want: %v", call, seen, want)
	}
}

// show prints a value, cut to a readable length.
func show(v any) string {
	s := fmt.Sprintf("%+v", v)
	if _, ok := v.(string); ok {
		s = fmt.Sprintf("%q", v)
	}
	const most = 400
	if len(s) > most {
		s = fmt.Sprintf("%s… (%d bytes)", s[:most], len(s))
	}
	return s
}

// together calls the function n times at once, with 0 to n-1, and returns when
// all have returned.
func together(n int, call func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	all.Wait()
}

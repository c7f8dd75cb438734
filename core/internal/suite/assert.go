package suite

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Must ends the case if a call that has to succeed did not.
func Must(t TB, call string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: unexpected error\n    seen: %v\n    want: no error", call, err)
		t.FailNow()
	}
}

// Equal reports a value that differs.
func Equal[T comparable](t TB, what string, seen, want T) {
	t.Helper()
	if seen != want {
		t.Errorf("%s\n    seen: %s\n    want: %s", what, Show(seen), Show(want))
	}
}

// IsError reports an error that is not the wanted one.
func IsError(t TB, call string, seen, want error) {
	t.Helper()
	if !errors.Is(seen, want) {
		t.Errorf("%s\n    seen: %v\n    want: %v", call, seen, want)
	}
}

// Show prints a value, cut to a readable length: text in quotes, numbers as
// numbers.
func Show(v any) string {
	format := "%+v"
	switch t := reflect.TypeOf(v); {
	case t == nil:
	case t.Kind() == reflect.String,
		t.Kind() == reflect.Slice && (t.Elem().Kind() == reflect.String || t.Elem().Kind() == reflect.Uint8):
		format = "%q"
	}
	const most = 400
	s := fmt.Sprintf(format, v)
	if len(s) > most {
		s = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
	}
	return s
}

// Together calls the function n times at once, with 0 to n-1, and returns when
// all have returned.
func Together(n int, call func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			call(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

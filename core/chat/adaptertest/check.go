package adaptertest

import "github.com/chat-adapter/chat-go/core/internal/suite"

func must(t TB, call string, err error) {
	t.Helper()
	suite.Must(t, call, err)
}

func equal[T comparable](t TB, what string, seen, want T) {
	t.Helper()
	suite.Equal(t, what, seen, want)
}

func isError(t TB, call string, seen, want error) {
	t.Helper()
	suite.IsError(t, call, seen, want)
}

func show(v any) string { return suite.Show(v) }

func together(n int, call func(i int)) { suite.Together(n, call) }

package program_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	"github.com/chat-adapter/chat-go/internal/program"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

var (
	_ redistest.TB = (*program.TB)(nil)
	_ pgtest.TB    = (*program.TB)(nil)
)

func TestAFailureEndsTheCallAlone(t *testing.T) {
	tb := program.New(t.Context(), "name")
	require.NoError(t, tb.Do(func() {}))
	require.False(t, tb.Failed())
	err := tb.Do(func() {
		tb.Fatalf("no %s", "server")
		t.Error("went on")
	})
	require.EqualError(t, err, "no server")
	require.True(t, tb.Failed())
	require.PanicsWithValue(t, "a fault of the program", func() {
		_ = tb.Do(func() { panic("a fault of the program") })
	})
}

func TestFinishCleansUp(t *testing.T) {
	tb := program.New(t.Context(), "name")
	var order []int
	tb.Cleanup(func() { order = append(order, 1) })
	tb.Cleanup(func() { order = append(order, 2) })
	dir := tb.TempDir()
	require.DirExists(t, dir)
	tb.Finish()
	tb.Finish()
	require.Equal(t, []int{2, 1}, order)
	_, err := os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
}

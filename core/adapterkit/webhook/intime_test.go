package webhook

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		value, err := InTime(ctx, func() (string, error) { return "answer", io.EOF })
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, "answer", value)
		begun := time.Now()
		value, err = InTime(ctx, func() (string, error) {
			time.Sleep(time.Minute) // it ignores its context
			return "late", nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, value)
		require.Equal(t, time.Second, time.Since(begun))
		time.Sleep(time.Minute) // a test in virtual time leaves nothing running
	})
}

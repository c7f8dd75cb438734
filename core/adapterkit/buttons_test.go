package adapterkit_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

func newButtons(tb testing.TB, host chat.Host, format adapterkit.ButtonFormat) *adapterkit.Buttons {
	tb.Helper()
	b, err := adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: "pager", Limit: 64, Format: format})
	require.NoError(tb, err)
	return b
}

func TestButtons(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 40)
	for _, test := range []struct {
		id, value string
		line      string // empty: it does not fit
		json      string
	}{
		{"approve", "", "approve", `chat:{"a":"approve"}`},
		{"approve", "order 7 <&>", "approve\norder 7 <&>", `chat:{"a":"approve","v":"order 7 <&>"}`},
		{"approve", "two\nlines", "approve\ntwo\nlines", `chat:{"a":"approve","v":"two\nlines"}`},
		{"two\nlines", "x", "", `chat:{"a":"two\nlines","v":"x"}`},
		{"~tilde", "x", "", `chat:{"a":"~tilde","v":"x"}`},
		{"approve", long, "", ""},
		{long, "", "", ""},
		{strings.Repeat("i", 64), "", strings.Repeat("i", 64), ""},
		{strings.Repeat("i", 65), "", "", ""},
		{"", "value alone", "\nvalue alone", ""},
	} {
		for format, want := range map[adapterkit.ButtonFormat]string{adapterkit.LineButtons: test.line, adapterkit.JSONButtons: test.json} {
			host := kittest.NewHost()
			b := newButtons(t, host, format)
			data, err := b.Pack(t.Context(), test.id, test.value)
			require.NoError(t, err)
			require.LessOrEqual(t, len(data), 64)
			if want != "" {
				require.Equal(t, want, data)
				require.Empty(t, host.Memory.Keys(), "what fits is not stored")
			} else {
				require.Len(t, host.Memory.Keys(), 1)
				again, err := b.Pack(t.Context(), test.id, test.value)
				require.NoError(t, err)
				require.Equal(t, data, again, "posting it again stores nothing new")
				require.Len(t, host.Memory.Keys(), 1)
			}
			id, value, err := newButtons(t, host, format).Unpack(t.Context(), data)
			require.NoError(t, err)
			require.Equal(t, test.id, id)
			require.Equal(t, test.value, value)
		}
	}
}

func TestButtonsOfOthers(t *testing.T) {
	t.Parallel()
	b := newButtons(t, kittest.NewHost(), adapterkit.JSONButtons)
	for _, data := range []string{"", "other", `chat:{`, `chat:{"v":"x"}`, `chat:[]`, "~", "~x", "~" + strings.Repeat("x", 500)} {
		id, value, err := b.Unpack(t.Context(), data)
		require.NoError(t, err)
		require.Equal(t, data, id)
		require.Empty(t, value)
	}
	_, _, err := b.Unpack(t.Context(), "~"+strings.Repeat("x", 31))
	require.ErrorIs(t, err, chat.ErrNotFound)
}

func TestButtonsAndTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := kittest.NewHost()
		b := newButtons(t, host, adapterkit.LineButtons)
		long := strings.Repeat("x", 100)
		broken := errors.New("the state is gone")
		host.Memory.Fail(broken)
		_, err := b.Pack(t.Context(), "id", long)
		require.ErrorIs(t, err, broken)
		_, err = b.Pack(t.Context(), "id", "short")
		require.NoError(t, err, "it needs no state")
		host.Memory.Fail(nil)

		data, err := b.Pack(t.Context(), "id", long)
		require.NoError(t, err)
		time.Sleep(20 * 24 * time.Hour)
		_, err = b.Pack(t.Context(), "id", long) // an edit
		require.NoError(t, err)
		time.Sleep(20 * 24 * time.Hour)
		_, value, err := b.Unpack(t.Context(), data)
		require.NoError(t, err)
		require.Equal(t, long, value)
		time.Sleep(10 * 24 * time.Hour)
		_, _, err = b.Unpack(t.Context(), data)
		require.ErrorIs(t, err, chat.ErrNotFound)
		host.Memory.Fail(broken)
		_, _, err = b.Unpack(t.Context(), data)
		require.ErrorIs(t, err, broken)
	})
	for field, cfg := range map[string]adapterkit.ButtonsConfig{
		"Adapter is empty": {Limit: 64}, "Limit is 31": {Adapter: "pager", Limit: 31},
	} {
		_, err := adapterkit.NewButtons(kittest.NewHost(), cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
	}
}

func FuzzButtons(f *testing.F) {
	f.Add("approve", "7", "~x")
	f.Add("\n", "\n", "chat:{\"a\":\"\\ud800\"}")
	f.Add("\xff", "\xff", "\xff")
	f.Fuzz(func(t *testing.T, id, value, data string) {
		for _, format := range []adapterkit.ButtonFormat{adapterkit.LineButtons, adapterkit.JSONButtons} {
			b := newButtons(t, kittest.NewHost(), format)
			packed, err := b.Pack(t.Context(), id, value)
			require.NoError(t, err)
			require.LessOrEqual(t, len(packed), 64)
			gotID, gotValue, err := b.Unpack(t.Context(), packed)
			require.NoError(t, err)
			if utf8.ValidString(id) && utf8.ValidString(value) {
				require.Equal(t, id, gotID)
				require.Equal(t, value, gotValue)
			}
			_, _, err = b.Unpack(t.Context(), data)
			if err != nil {
				require.ErrorIs(t, err, chat.ErrNotFound)
			}
		}
	})
}

package suite

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

type name string

func TestShow(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "<nil>"},
		{50, "50"},
		{int64(2), "2"},
		{uint8('2'), "50"},
		{'2', "50"},
		{1.5, "1.5"},
		{true, "true"},
		{3 * time.Second, "3s"},
		{"2", `"2"`},
		{name("a b"), `"a b"`},
		{[]string{"a", "b c"}, `["a" "b c"]`},
		{[]name{"a"}, `["a"]`},
		{[]byte("a\x00"), `"a\x00"`},
		{struct{ N int }{7}, "{N:7}"},
		{strings.Repeat("é", 300), `"` + strings.Repeat("é", 199) + "… (602 bytes)"},
	} {
		if got := Show(c.v); got != c.want {
			t.Errorf("Show(%#v)\n    seen: %s\n    want: %s", c.v, got, c.want)
		}
	}
}

func TestAssertionsSayWhatWasSeen(t *testing.T) {
	r := &recorder{}
	Equal(r, "the same", 1, 1)
	IsError(r, "Read", fmt.Errorf("wrapped: %w", io.EOF), io.EOF)
	Must(r, "Close", nil)
	if len(r.failures) != 0 || r.fatal {
		t.Errorf("what holds is reported: %q", r.failures)
	}
	Equal(r, "QueueDepth", 50, 2)
	IsError(r, "Read", nil, io.EOF)
	Must(r, "Close", errors.New("broken"))
	want := []string{
		"QueueDepth\n    seen: 50\n    want: 2",
		"Read\n    seen: <nil>\n    want: EOF",
		"Close: unexpected error\n    seen: broken\n    want: no error",
	}
	if strings.Join(r.failures, "|") != strings.Join(want, "|") || !r.fatal {
		t.Errorf("seen: %q, fatal: %v\nwant: %q, fatal", r.failures, r.fatal, want)
	}
}

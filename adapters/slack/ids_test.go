package slack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestThreadIDs(t *testing.T) {
	t.Parallel()
	a := &Adapter{}
	for id, want := range map[chat.ThreadID]chat.ThreadRef{
		"slack:C0ONE:1700000000.000100": {Channel: "C0ONE", Thread: "1700000000.000100"},
		"slack:D0ONE:":                  {Channel: "D0ONE", DM: true},
		"slack:D0ONE:1700000000.000100": {Channel: "D0ONE", Thread: "1700000000.000100", DM: true},
		"slack:C0ONE:":                  {Channel: "C0ONE"},
	} {
		ref, err := a.DecodeThreadID(id)
		require.NoError(t, err)
		require.Equal(t, want, ref)
		again, err := a.EncodeThreadID(ref)
		require.NoError(t, err)
		require.Equal(t, id, again)
	}
	for _, id := range []chat.ThreadID{
		"", "slack", "slack:C0ONE", "slack::1.2", "slack:C0ONE:x", "slack:C0ONE:1.2:3", "slack:C0-ONE:1.2", "web:C0ONE:1.2", "slack:C0ONE:1", "slack:C0ONE:1.", "slack:C0ONE:.1",
		chat.ThreadID("slack:" + strings.Repeat("C", 65) + ":"), "slack:Cé:", " slack:C0ONE:",
	} {
		_, err := a.DecodeThreadID(id)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, id)
	}
	for _, ref := range []chat.ThreadRef{{}, {Channel: "C0ONE", DM: true}, {Channel: "D0ONE"}, {Channel: "C0:ONE"}, {Channel: "C0ONE", Thread: "x"}} {
		_, err := a.EncodeThreadID(ref)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, ref)
	}
}

func TestMessageIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []chat.MessageID{"C0ONE:1700000000.000100", "1700000000.000100"} {
		ts, err := messageTS("op", "C0ONE", id)
		require.NoError(t, err)
		require.Equal(t, "1700000000.000100", ts)
	}
	for _, id := range []chat.MessageID{"", "C0TWO:1700000000.000100", "C0ONE:", "x"} {
		_, err := messageTS("op", "C0ONE", id)
		require.ErrorIs(t, err, chat.ErrNotFound, id)
	}
}

func TestEphemeralIDs(t *testing.T) {
	t.Parallel()
	id := ephemeralID("C0ONE", "1700000000.000100", "https://hooks.slack.com/actions/1", "U0ADA")
	ts, ref, ok := splitEphemeralID(id)
	require.True(t, ok)
	require.Equal(t, "1700000000.000100", ts)
	require.Equal(t, ephemeralRef{"https://hooks.slack.com/actions/1", "U0ADA"}, ref)
	for _, address := range []string{"", "http://hooks.slack.com/x", "https://hooks.slack.com.evil/x", "https://a@hooks.slack.com/x", "https://hooks.slack.com:444/x", "::"} {
		require.Equal(t, chat.MessageID("C0ONE:1700000000.000100"), ephemeralID("C0ONE", "1700000000.000100", address, "U0ADA"), address)
	}
	for _, id := range []chat.MessageID{
		"1700000000.000100", "ephemeral:", "ephemeral:1.2:x", "ephemeral:1.2:e30=",
		"ephemeral:1.2:eyJyZXNwb25zZVVybCI6Imh0dHBzOi8vZXZpbC5leGFtcGxlL3giLCJ1c2VySWQiOiJVMEFEQSJ9", // https://evil.example/x
	} {
		_, _, ok := splitEphemeralID(id)
		require.False(t, ok, id)
	}
}

func TestTriggerIDs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1.2.a", triggerID(origin{}, "1.2.a"))
	require.Equal(t, "T0ONE:1.2.a", triggerID(origin{Installation: "T0ONE"}, "1.2.a"))
	require.Empty(t, triggerID(origin{Installation: "T0ONE"}, ""))
}

func TestTimeOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2023-11-14T22:13:20.0001Z", timeOf("1700000000.000100").Format("2006-01-02T15:04:05.999999999Z07:00"))
	require.Equal(t, int64(1700000000500000), timeOf("1700000000.5").UnixMicro())
	require.Equal(t, int64(1700000000000000), timeOf("1700000000").UnixMicro())
	for _, ts := range []string{"", "x", "-1.0", "0.0", "99999999999999999999.1"} {
		require.True(t, timeOf(ts).IsZero(), ts)
	}
}

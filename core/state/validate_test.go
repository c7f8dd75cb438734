package state

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestChecks(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string // "" means no error
	}{
		{"a name", CheckName("threadID", "a"), ""},
		{"a long name with emoji", CheckName("threadID", strings.Repeat(" :😀", 200)), ""},
		{"no name", CheckName("threadID", ""), "threadID is empty"},
		{"bytes", CheckName("key", "a\xff"), "key is not valid UTF-8"},
		{"ttl 0", CheckTTL("ttl", 0), ""},
		{"ttl 1", CheckTTL("ttl", 1), ""},
		{"ttl -1", CheckTTL("ttl", -1), "ttl is -1ns, want 0 (no expiry) or more"},
		{"lock ttl 1", CheckLockTTL("ttl", 1), ""},
		{"lock ttl 0", CheckLockTTL("ttl", 0), "ttl is 0s, want more than 0"},
		{"lock ttl -1", CheckLockTTL("ttl", -time.Second), "ttl is -1s, want more than 0"},
		{"size 0", CheckSize("maxSize", 0), ""},
		{"size -1", CheckSize("maxSize", -1), "maxSize is -1, want 0 (no bound) or more"},
		{"a lock", CheckLock(&Lock{ThreadID: "a", Token: "b"}), ""},
		{"nil lock", CheckLock(nil), "lock is nil"},
		{"lock without token", CheckLock(&Lock{ThreadID: "a"}), "lock.Token is empty"},
		{"lock without thread", CheckLock(&Lock{Token: "b"}), "lock.ThreadID is empty"},
		{"an entry", CheckEntry("entry", QueueEntry{Message: []byte("{}")}), ""},
		{"entry without message", CheckEntry("entry", QueueEntry{}), "entry.Message is not one JSON value"},
	} {
		switch {
		case c.want == "":
			if c.err != nil {
				t.Errorf("%s: %v, want no error", c.name, c.err)
			}
		case !errors.Is(c.err, ErrInvalidArgument):
			t.Errorf("%s: %v, want ErrInvalidArgument", c.name, c.err)
		case !strings.HasSuffix(c.err.Error(), c.want):
			t.Errorf("%s: %q, want it to end with %q", c.name, c.err, c.want)
		}
	}
}

func TestCheckLockShowsNoToken(t *testing.T) {
	if err := CheckLock(&Lock{Token: "secret"}); strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the token: %v", err)
	}
}

func TestCeilMillis(t *testing.T) {
	const longest = time.Duration(math.MaxInt64)
	for in, want := range map[time.Duration]time.Duration{
		0:                             0,
		1:                             time.Millisecond,
		time.Millisecond - 1:          time.Millisecond,
		time.Millisecond:              time.Millisecond,
		time.Millisecond + 1:          2 * time.Millisecond,
		1500*time.Millisecond + 1:     1501 * time.Millisecond,
		-time.Microsecond:             -time.Microsecond,
		longest:                       longest.Truncate(time.Millisecond),
		longest - time.Millisecond:    longest.Truncate(time.Millisecond),
		longest - 2*time.Millisecond:  longest.Truncate(time.Millisecond) - time.Millisecond,
		longest.Truncate(time.Second): longest.Truncate(time.Second),
	} {
		if got := CeilMillis(in); got != want {
			t.Errorf("CeilMillis(%d) = %d, want %d", in, got, want)
		}
	}
}

package redisstate

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	oldMaster = "127.0.0.1:1001"
	newMaster = "127.0.0.1:1002"
)

// fakeSentinel is a server that answers to the subcommands of SENTINEL, and to
// SUBSCRIBE with what a client waits for.
func fakeSentinel(t *testing.T, answer func(subcommand string) string) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		for {
			var n, size int
			if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
				return
			}
			words := make([]string, n)
			for i := range words {
				if _, err := fmt.Fscanf(in, "$%d\r\n%s\r\n", &size, &words[i]); err != nil {
					return
				}
			}
			reply := "-ERR unknown command\r\n"
			if strings.EqualFold(words[0], "sentinel") {
				reply = answer(words[1])
			}
			if _, err := conn.Write([]byte(reply)); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l.Addr().String()
}

// bulks is an array of strings.
func bulks(fields ...string) string {
	reply := fmt.Sprintf("*%d\r\n", len(fields))
	for _, f := range fields {
		reply += fmt.Sprintf("$%d\r\n%s\r\n", len(f), f)
	}
	return reply
}

// sentinelThatSwitches is a Sentinel that learns, after the given number of
// answers, that a failover is complete.
func sentinelThatSwitches(t *testing.T, after int) (addr string) {
	var answers atomic.Int32
	return fakeSentinel(t, func(subcommand string) string {
		port, epoch := "1001", "0"
		if int(answers.Add(1)) > after {
			port, epoch = "1002", "1"
		}
		switch subcommand {
		case "get-master-addr-by-name":
			return bulks("127.0.0.1", port)
		case "master":
			return bulks("name", "mymaster", "ip", "127.0.0.1", "port", port, "flags", "master", "config-epoch", epoch)
		}
		return bulks()
	})
}

// A failover between two questions to one Sentinel does not make the old master the
// newest configuration: nothing would break the connections to it any more.
func TestFailoverBetweenQuestions(t *testing.T) {
	t.Parallel()
	for after := range 4 {
		u, err := parseURL("redis+sentinel://" + sentinelThatSwitches(t, after) + "/mymaster")
		require.NoError(t, err)
		cfg, err := Config{URL: "redis://"}.withDefaults()
		require.NoError(t, err)
		s := newSentinels(u, &cfg, newDialer(&Config{DialTimeout: time.Second}))
		t.Cleanup(s.close)
		// The leader of the failover has named the new master before.
		require.Equal(t, newMaster, s.settle(view{master: oldMaster, promoted: newMaster}))
		for range 3 {
			_, err = s.resolve(t.Context())
			require.NoError(t, err)
			assert.Equal(t, newMaster, s.target, "after %d answers", after)
		}
	}
}

// A Sentinel that is named and gone is dialed ever less often, and forgotten when no
// other one names it any more.
func TestSentinelThatIsGone(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer gone.Close()
	var dials atomic.Int32
	go func() {
		for {
			conn, err := gone.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			_ = conn.Close()
		}
	}()
	var forgotten atomic.Bool
	_, port, err := net.SplitHostPort(gone.Addr().String())
	require.NoError(t, err)
	addr := fakeSentinel(t, func(subcommand string) string {
		switch subcommand {
		case "get-master-addr-by-name":
			return bulks("127.0.0.1", "1001")
		case "master":
			return bulks("name", "mymaster", "ip", "127.0.0.1", "port", "1001", "flags", "master", "config-epoch", "0")
		case "sentinels":
			if !forgotten.Load() {
				return "*1\r\n" + bulks("ip", "127.0.0.1", "port", port)
			}
		}
		return bulks()
	})
	u, err := parseURL("redis+sentinel://" + addr + "/mymaster")
	require.NoError(t, err)
	cfg, err := Config{URL: "redis://"}.withDefaults()
	require.NoError(t, err)
	s := newSentinels(u, &cfg, newDialer(&cfg))
	t.Cleanup(s.close)
	_, err = s.resolve(t.Context())
	require.NoError(t, err)
	require.Len(t, s.known, 2)
	s.start(func() {})
	// 100, 200, 400, 800 and 1,600 ms after each other, where go-redis alone dials every
	// 100 ms: the sixth comes after three seconds.
	start := time.Now()
	require.Eventually(t, func() bool { return dials.Load() >= 6 }, 30*time.Second, time.Millisecond)
	require.Greater(t, time.Since(start), 2*time.Second)

	forgotten.Store(true)
	_, err = s.resolve(t.Context())
	require.NoError(t, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(t, s.known, 1)
	require.NotNil(t, s.known[addr], "the URL names it")
}

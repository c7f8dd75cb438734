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

// sentinelThatSwitches is a Sentinel that learns, after the given number of
// answers, that a failover is complete.
func sentinelThatSwitches(t *testing.T, after int) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	var answers atomic.Int32
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
			if !strings.EqualFold(words[0], "sentinel") {
				_, _ = conn.Write([]byte("-ERR unknown command\r\n"))
				continue
			}
			port, epoch := "1001", "0"
			if int(answers.Add(1)) > after {
				port, epoch = "1002", "1"
			}
			fields := []string{"name", "mymaster", "ip", "127.0.0.1", "port", port, "flags", "master", "config-epoch", epoch}
			switch words[1] {
			case "get-master-addr-by-name":
				fields = []string{"127.0.0.1", port}
			case "master":
			default:
				fields = nil
			}
			reply := fmt.Sprintf("*%d\r\n", len(fields))
			for _, f := range fields {
				reply += fmt.Sprintf("$%d\r\n%s\r\n", len(f), f)
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

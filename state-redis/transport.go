package redisstate

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"time"
)

// transport is what a port speaks.
type transport int

const (
	unknownTransport transport = iota
	plain
	encrypted
)

// transportPatience bounds finding out what a port speaks.
const transportPatience = time.Second

// otherTransport finds out whether the port speaks TLS when the adapter does not, or
// does not when it does. The client sees only that the connection ends or that no
// answer comes.
func (n *node) otherTransport(err error) transport {
	if n.dialer == nil || n.kind.socket || isReply(err) || errors.Is(err, syscall.ECONNREFUSED) {
		return unknownTransport
	}
	ctx, cancel := context.WithTimeout(background, transportPatience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", n.hosts[0])
	if err != nil {
		return unknownTransport
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(transportPatience))
	if n.dialer.tls == nil {
		// Nothing is sent but the greeting, and nothing is believed.
		greeting := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // see above
		err := greeting.HandshakeContext(ctx)
		if _, refused := errors.AsType[tls.AlertError](err); err == nil || refused {
			return encrypted
		}
		return unknownTransport
	}
	var first [1]byte
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return unknownTransport
	}
	if _, err := conn.Read(first[:]); err == nil && (first[0] == '+' || first[0] == '-') {
		return plain
	}
	return unknownTransport
}

// isSentinel reports whether the server is a Sentinel.
func (n *node) isSentinel() bool {
	ctx, cancel := context.WithTimeout(background, transportPatience)
	defer cancel()
	hello, err := n.client.Do(ctx, "hello").Result()
	if err != nil {
		return false
	}
	switch about := hello.(type) {
	case map[any]any:
		return about["mode"] == "sentinel"
	case []any:
		for i := 0; i+1 < len(about); i += 2 {
			if about[i] == "mode" {
				return about[i+1] == "sentinel"
			}
		}
	}
	return false
}

package barest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Client repeats recorded trips for other ids.
type Client struct {
	conns []*conn
	id    []byte // in the recorded trips
}

// conn is one connection with what it sends for some of the callers.
type conn struct {
	net.Conn
	replies *bufio.Reader
	request []byte
}

// connections is how many share the callers: with two, the server works on the one
// while the client reads from the other.
const connections = 2

// Dial opens connections to the server at host:port. The id is the one that was
// recorded: those that take its place must be as long.
func Dial(address, id string) (*Client, error) {
	c := &Client{id: []byte(id)}
	for range connections {
		nc, err := net.Dial("tcp", address)
		if err != nil {
			c.Close()
			return nil, err
		}
		c.conns = append(c.conns, &conn{Conn: nc, replies: bufio.NewReaderSize(nc, 1<<16)})
	}
	return c, nil
}

// Close closes the connections.
func (c *Client) Close() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

// Drive makes the call again and again for so many callers, until the time is over or
// so many calls are made, whichever is given, and returns the number of calls and how
// long they took. next returns the ids, one after the other.
func (c *Client) Drive(trips Trips, callers int, window time.Duration, calls int, next func(caller int) string) (made int, took time.Duration, err error) {
	parts := min(callers, len(c.conns))
	var wg sync.WaitGroup
	counts, errs := make([]int, parts), make([]error, parts)
	start := time.Now()
	for i := range parts {
		share := callers / parts
		if i < callers%parts {
			share++
		}
		first := i * (callers / parts)
		wg.Go(func() {
			ids := make([][]byte, share)
			for (calls == 0 || counts[i] < calls/parts) && (window == 0 || time.Since(start) < window) {
				for j := range ids {
					ids[j] = []byte(next(first + j))
				}
				if errs[i] = c.conns[i].round(trips, c.id, ids); errs[i] != nil {
					return
				}
				counts[i] += share
			}
		})
	}
	wg.Wait()
	for _, n := range counts {
		made += n
	}
	return made, time.Since(start), errors.Join(errs...)
}

// round makes one call for each id: the first trip of all of them in one write, then
// the next.
func (c *conn) round(trips Trips, recorded []byte, ids [][]byte) error {
	for _, trip := range trips {
		c.request = c.request[:0]
		for _, id := range ids {
			if len(id) != len(recorded) {
				return fmt.Errorf("barest: the id %q is not as long as %q", id, recorded)
			}
			from := len(c.request)
			c.request = append(c.request, trip.request...)
			for rest := c.request[from:]; ; {
				at := bytes.Index(rest, recorded)
				if at < 0 {
					break
				}
				copy(rest[at:], id)
				rest = rest[at+len(id):]
			}
		}
		if _, err := c.Write(c.request); err != nil {
			return err
		}
		for range trip.replies * len(ids) {
			if err := c.skip(); err != nil {
				return err
			}
		}
	}
	return nil
}

// skip reads one reply.
func (c *conn) skip() error {
	line, err := c.replies.ReadSlice('\n')
	if err != nil {
		return err
	}
	switch line[0] {
	case '-':
		return fmt.Errorf("barest: the server says %q", bytes.TrimSpace(line))
	case '$', '*':
	default:
		return nil
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	if err != nil || n < 0 {
		return err
	}
	if line[0] == '$' {
		_, err = c.replies.Discard(n + 2)
		return err
	}
	for range n {
		if err := c.skip(); err != nil {
			return err
		}
	}
	return nil
}

package statetest_test

import (
	"bufio"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state/statetest"
)

// echo is a server that returns each line, and hands over what it has heard.
func echo(t *testing.T) (addr string, heard chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard = make(chan string, 100)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer func() { _ = conn.Close() }()
				lines := bufio.NewScanner(conn)
				for lines.Scan() {
					heard <- lines.Text()
					_, _ = conn.Write(append(lines.Bytes(), '\n'))
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String(), heard
}

// line is one connection to a proxy.
type line struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, p *statetest.Proxy) *line {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &line{t, conn, bufio.NewReader(conn)}
}

// ask returns the answer to a line, or the error instead of one.
func (l *line) ask(text string, patience time.Duration) (string, error) {
	l.t.Helper()
	if _, err := l.Write([]byte(text + "\n")); err != nil {
		l.t.Fatal(err)
	}
	if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
		l.t.Fatal(err)
	}
	return l.in.ReadString('\n')
}

func (l *line) answers(text string) {
	l.t.Helper()
	if got, err := l.ask(text, 10*time.Second); err != nil || got != text+"\n" {
		l.t.Errorf("the answer to %q is %q, %v", text, got, err)
	}
}

func TestProxyLosesTheReplyThatIsMeant(t *testing.T) {
	addr, heard := echo(t)
	p := statetest.NewProxy(t, addr)
	l := dial(t, p)
	l.answers("before")
	lost := p.LoseReply(2)
	l.answers("first")
	l.answers("second")
	if got, err := l.ask("third", 10*time.Second); err == nil {
		t.Errorf("the lost reply came: %q", got)
	}
	if !lost() {
		t.Error("LoseReply does not say that a reply was lost")
	}
	for _, want := range []string{"before", "first", "second", "third"} {
		if got := <-heard; got != want {
			t.Errorf("the backend heard %q, want %q", got, want)
		}
	}
	l = dial(t, p)
	l.answers("after")
	lost = p.LoseReply(0)
	if lost() {
		t.Error("LoseReply says that a reply was lost although nothing was asked")
	}
	l.answers("no more is lost")
	if _, made := p.Connections(); made != 2 {
		t.Errorf("the proxy has counted %d connections, want 2", made)
	}
}

func TestProxyIsSilentAndSlow(t *testing.T) {
	addr, _ := echo(t)
	p := statetest.NewProxy(t, addr)
	l := dial(t, p)
	l.answers("before")
	p.Silence(true)
	if got, err := l.ask("silent", 50*time.Millisecond); err == nil {
		t.Errorf("the silent backend answered %q", got)
	}
	p.Silence(false)
	if got, err := l.ask("again", 10*time.Second); err != nil || got != "silent\n" {
		t.Errorf("after the silence came %q, %v", got, err)
	}
	l = dial(t, p)
	l.answers("before")
	p.Delay(100 * time.Millisecond)
	start := time.Now()
	l.answers("slow")
	if took := time.Since(start); took < 100*time.Millisecond {
		t.Errorf("the delayed reply took %v", took)
	}
	p.Delay(500 * time.Millisecond)
	start = time.Now()
	for range 10 {
		if _, err := l.Write([]byte("one of ten\n")); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		if got, err := l.in.ReadString('\n'); err != nil || got != "one of ten\n" {
			t.Fatalf("one of ten replies is %q, %v", got, err)
		}
	}
	if took := time.Since(start); took < 500*time.Millisecond || took > 3*time.Second {
		t.Errorf("ten delayed replies took %v, want 500ms or little more", took)
	}
}

package redistest

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// Two toxics work together to lose the reply of one request: the first watches
// what clients send and marks the connection, the second closes a marked
// connection when the server answers.
const (
	requestsToxic = "redistest_requests"
	repliesToxic  = "redistest_replies"
)

func init() {
	toxics.Register(requestsToxic, new(requestWatch))
	toxics.Register(repliesToxic, new(replyGate))
}

// replyLoss is what a proxy's two toxics share.
type replyLoss struct {
	mu       sync.Mutex
	planned  []plannedLoss
	lastConn *lossyConn // the connection being made
}

type plannedLoss struct {
	text []byte
	done chan struct{}
}

// lossyConn is the state of one connection, shared by its two directions.
type lossyConn struct{ losing atomic.Pointer[plannedLoss] }

// installReplyLoss adds the toxics to a proxy that has not started.
func installReplyLoss(p *toxiproxy.Proxy) (*replyLoss, error) {
	l := &replyLoss{}
	for name, direction := range map[string]string{requestsToxic: "upstream", repliesToxic: "downstream"} {
		if err := addToxic(p, name, name, direction, map[string]any{}); err != nil {
			return nil, err
		}
	}
	requests, ok1 := p.Toxics.GetToxic(requestsToxic).Toxic.(*requestWatch)
	replies, ok2 := p.Toxics.GetToxic(repliesToxic).Toxic.(*replyGate)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("toxiproxy does not keep its toxics by reference")
	}
	requests.loss, replies.loss = l, l
	return l, nil
}

func (l *replyLoss) plan(text string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	done := make(chan struct{})
	l.planned = append(l.planned, plannedLoss{text: []byte(text), done: done})
	return done
}

// take removes and returns the plan that these bytes of a request meet.
func (l *replyLoss) take(request []byte) *plannedLoss {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, p := range l.planned {
		if bytes.Contains(request, p.text) {
			l.planned = append(l.planned[:i:i], l.planned[i+1:]...)
			return &p
		}
	}
	return nil
}

// requestWatch is the toxic on what clients send.
type requestWatch struct{ loss *replyLoss }

// NewState is called for each new connection, by the goroutine that then calls
// it on the connection's replyGate.
func (w *requestWatch) NewState() any {
	w.loss.mu.Lock()
	defer w.loss.mu.Unlock()
	w.loss.lastConn = &lossyConn{}
	return w.loss.lastConn
}

// Pipe passes requests on and marks the connection of one whose reply is to be
// lost.
func (w *requestWatch) Pipe(stub *toxics.ToxicStub) {
	conn := stub.State.(*lossyConn)
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			if p := w.loss.take(chunk.Data); p != nil {
				conn.losing.Store(p)
			}
			stub.Output <- chunk
		}
	}
}

// replyGate is the toxic on what the server answers.
type replyGate struct{ loss *replyLoss }

// NewState returns the state that the connection's requestWatch just got.
func (g *replyGate) NewState() any {
	g.loss.mu.Lock()
	defer g.loss.mu.Unlock()
	return g.loss.lastConn
}

// Pipe passes replies on, or closes a marked connection at its next reply.
func (g *replyGate) Pipe(stub *toxics.ToxicStub) {
	conn := stub.State.(*lossyConn)
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			if p := conn.losing.Load(); p != nil {
				stub.Close()
				close(p.done)
				for range stub.Input { // until the server's end is closed too
				}
				return
			}
			stub.Output <- chunk
		}
	}
}

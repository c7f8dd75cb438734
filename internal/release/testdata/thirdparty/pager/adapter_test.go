package pager

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

const secret = "open sesame 4711"

func TestConformance(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		net := &network{}
		st, err := memorystate.New(memorystate.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return adaptertest.Harness{Adapter: New(net, secret), State: st, Posts: net.posts}
	}, adaptertest.Features{
		Sign:         func(r *http.Request, _ []byte, _ time.Time) { r.Header.Set("Pager-Secret", secret) },
		BodyUnsigned: true, NoOwnMessages: true, NoButtons: true, Secrets: []string{secret},
		Samples: []adaptertest.Sample{{Name: "page", Body: `{"id":"1","number":"110","text":"help"}`, Want: []chat.Inbound{
			&chat.Message{ID: "110-1", ThreadID: "pager:110:", Text: "help", Author: chat.Author{UserID: "110"}},
		}}},
		Twins: []adaptertest.Sample{
			{Name: "one", Body: `{"id":"7","number":"110","text":"a"}`},
			{Name: "other", Body: `{"id":"7","number":"112","text":"b"}`},
		},
	})
}

// network is the pagers' network.
type network struct {
	mu    sync.Mutex
	pages []chattest.Posted
}

func (n *network) Send(ctx context.Context, number, text string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id := strconv.Itoa(len(n.pages) + 1)
	n.pages = append(n.pages, chattest.Posted{ID: chat.MessageID(id), Thread: chat.ThreadID("pager:" + number + ":"), Text: text})
	if ctx.Err() != nil {
		n.pages = n.pages[:len(n.pages)-1]
	}
	return id, ctx.Err()
}

func (n *network) Change(ctx context.Context, number, id, text string) error {
	return n.find(ctx, id, func(p *chattest.Posted) { p.Text = text })
}

func (n *network) Withdraw(ctx context.Context, number, id string) error {
	return n.find(ctx, id, func(p *chattest.Posted) { p.Deleted = true })
}

func (n *network) find(ctx context.Context, id string, do func(*chattest.Posted)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.pages, func(p chattest.Posted) bool { return string(p.ID) == id && !p.Deleted })
	if i < 0 {
		return ErrGone
	}
	do(&n.pages[i])
	return nil
}

func (n *network) posts(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(n.pages), func(p chattest.Posted) bool { return p.Thread != thread }), nil
}

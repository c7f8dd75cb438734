package pager

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// network is a fake of the platform. It keeps the pages as the platform would, and
// refuses what the platform refuses.
type network struct {
	*httptest.Server

	mu     sync.Mutex
	pages  []chattest.Posted
	pass   int // changes until one is refused; none is while wait is 0
	wait   time.Duration
	broken bool
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pages", n.send)
	mux.HandleFunc("PUT /pages/{number}/{id}", n.change)
	mux.HandleFunc("DELETE /pages/{number}/{id}", n.change)
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if status := n.refusal(w.Header(), r); status != 0 {
			w.WriteHeader(status)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(n.Close)
	return n
}

// refusal returns the status of what is refused, or 0. A rate limit is seen by its
// number alone: 429 with Retry-After.
func (n *network) refusal(answer http.Header, r *http.Request) int {
	if r.Header.Get("Authorization") != "Bearer "+token {
		return http.StatusUnauthorized
	}
	if n.broken {
		return http.StatusInternalServerError
	}
	if n.wait == 0 {
		return 0
	}
	if n.pass > 0 {
		n.pass--
		return 0
	}
	answer.Set("Retry-After", strconv.Itoa(int((n.wait+time.Second-1)/time.Second)))
	n.wait = 0
	return http.StatusTooManyRequests
}

func (n *network) send(w http.ResponseWriter, r *http.Request) {
	p, ok := readPage(w, r.Body)
	if !ok {
		return
	}
	p.ID = strconv.Itoa(len(n.pages) + 1)
	n.pages = append(n.pages, chattest.Posted{
		ID: chat.MessageID(p.Number + ":" + p.ID), Thread: chat.ThreadID("pager:" + p.Number + ":"), Text: p.Text,
	})
	_ = json.NewEncoder(w).Encode(p)
}

func (n *network) change(w http.ResponseWriter, r *http.Request) {
	for i := range n.pages {
		p := &n.pages[i]
		if string(p.ID) != r.PathValue("number")+":"+r.PathValue("id") || p.Deleted {
			continue
		}
		if r.Method == http.MethodDelete {
			p.Deleted = true
			return
		}
		if changed, ok := readPage(w, r.Body); ok {
			p.Text = changed.Text
		}
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

// readPage reads a page that the platform would take.
func readPage(w http.ResponseWriter, body io.Reader) (p page, ok bool) {
	err := json.NewDecoder(body).Decode(&p)
	if err != nil || p.Text == "" || utf8.RuneCountInString(p.Text) > maxPage {
		http.Error(w, fmt.Sprintf("want a text of 1 to %d characters", maxPage), http.StatusBadRequest)
		return p, false
	}
	return p, true
}

// posts returns what a number's pager shows.
func (n *network) posts(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var shown []chattest.Posted
	for _, p := range n.pages {
		if p.Thread == thread {
			shown = append(shown, p)
		}
	}
	return shown, nil
}

// limit has the platform refuse one change, after others that pass.
func (n *network) limit(pass int, retryAfter time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pass, n.wait = pass, retryAfter
}

// breakDown has the platform fail from now on.
func (n *network) breakDown() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.broken = true
}

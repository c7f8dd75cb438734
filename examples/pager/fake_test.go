package pager

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// network is a fake of the platform: its wire format, in front of a store that keeps
// the pages. It refuses what the platform refuses.
type network struct {
	*httptest.Server
	*chattest.MessageStore

	sent   atomic.Int64
	broken atomic.Bool
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{MessageStore: chattest.NewMessageStore("pager")}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pages", n.send)
	mux.HandleFunc("PUT /pages/{number}/{id}", n.change)
	mux.HandleFunc("DELETE /pages/{number}/{id}", n.withdraw)
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
		case n.broken.Load():
			w.WriteHeader(http.StatusInternalServerError)
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(n.Close)
	return n
}

// refuse answers as the platform does where the store refuses: a rate limit is seen by
// its number alone, 429 with Retry-After.
func refuse(w http.ResponseWriter, err error) bool {
	refused, ok := errors.AsType[*chat.PlatformError](err)
	switch {
	case !ok:
		return false
	case refused.Code == chat.CodeRateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(int(refused.RetryAfter.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	return true
}

func (n *network) send(w http.ResponseWriter, r *http.Request) {
	p, ok := readPage(w, r.Body)
	if !ok {
		return
	}
	p.ID = strconv.FormatInt(n.sent.Add(1), 10)
	thread, id := named(p.Number, p.ID)
	if _, err := n.Post(chattest.Posted{ID: id, Thread: thread, Text: p.Text}); !refuse(w, err) {
		_ = json.NewEncoder(w).Encode(p)
	}
}

func (n *network) change(w http.ResponseWriter, r *http.Request) {
	if changed, ok := readPage(w, r.Body); ok {
		thread, id := named(r.PathValue("number"), r.PathValue("id"))
		refuse(w, n.Edit(thread, id, func(p *chattest.Posted) { p.Text = changed.Text }))
	}
}

func (n *network) withdraw(w http.ResponseWriter, r *http.Request) {
	thread, id := named(r.PathValue("number"), r.PathValue("id"))
	refuse(w, n.Delete(thread, id))
}

// named returns the ids of a page, as the adapter has them.
func named(number, id string) (chat.ThreadID, chat.MessageID) {
	return chat.ThreadID("pager:" + number), chat.MessageID(number + ":" + id)
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

// breakDown has the platform fail from now on.
func (n *network) breakDown() { n.broken.Store(true) }

package gchattest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// FuzzAuthorization sends a message with any header of that name: none but a token of
// Chat's lets it in.
func FuzzAuthorization(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "bearer " + fakegchat.ChatToken(), "Basic " + fakegchat.ChatToken(), "Bearer " + fakegchat.PushToken(), "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJjaGF0QHN5c3RlbS5nc2VydmljZWFjY291bnQuY29tIn0.", "Bearer a.b.c",
		"Bearer " + fakegchat.Sign(fakegchat.StrangerKey(), "chat-1", fakegchat.Claims()), "Bearer " + fakegchat.Sign(fakegchat.GoogleKey(), "google-1", fakegchat.IDClaims(endpoint, "x@y.example")),
	} {
		f.Add(seed)
	}
	s := newChat(f)
	adapter := newAdapter(f, s)
	st := botrig.Memory(f)
	if _, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st}); err != nil {
		f.Fatal(err)
	}
	if err := st.Connect(f.Context()); err != nil {
		f.Fatal(err)
	}
	good := map[string]bool{fakegchat.ChatToken(): true}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"type":"WIDGET_UPDATED"}`))
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		adapter.ServeHTTP(w, r)
		_, token, _ := strings.Cut(header, " ")
		if w.Code != http.StatusUnauthorized && !good[token] {
			t.Fatalf("%d for %q", w.Code, header)
		}
	})
}
